#include <algorithm>
#include <map>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "lake/change_target.h"
#include "lake/merge_plan.h"
#include "lake/read_rows.h"
#include "lake/row_change.h"
#include "lake/schema_evolution.h"
#include "lake/table_operation.h"
#include "lake/table_transaction.h"

namespace penstock::lake {
namespace {

using When = MergeClause::When;

Status CheckClauses(const MergeRequest& request) {
  if (request.clauses.empty()) {
    return UserError("MERGE_WITHOUT_CLAUSE", "the MERGE has no WHEN clause", "Add one.");
  }
  for (const MergeClause& clause : request.clauses) {
    if (IsInsert(clause) != (clause.when == When::kNotMatched)) {
      return UserError(
          "MERGE_CLAUSE_MISFIT",
          "WHEN NOT MATCHED inserts, and only that; the other clauses update or delete",
          "Move the action to the clause it fits.");
    }
    if (clause.when == When::kNotMatchedBySource &&
        clause.action == MergeClause::Action::kUpdateStar) {
      return UserError("MERGE_CLAUSE_MISFIT",
                       "WHEN NOT MATCHED BY SOURCE has no source row for UPDATE SET *",
                       "Name the columns to assign.");
    }
  }
  return OkStatus();
}

const char* ActionName(const MergeClause& clause) {
  return IsUpdate(clause) ? "update" : IsInsert(clause) ? "insert" : "delete";
}

std::string PredicatesOf(const MergeRequest& request, When when) {
  Json list = Json::array();
  for (const MergeClause& clause : request.clauses) {
    if (clause.when != when) continue;
    Json entry = {{"actionType", ActionName(clause)}};
    if (!clause.condition.empty()) entry["predicate"] = clause.condition;
    list.push_back(std::move(entry));
  }
  return DumpJson(list);
}

delta::Change NewChange(const MergeRequest& request) {
  delta::Change change;
  change.info.operation = "MERGE";
  change.info.operation_parameters = {
      {"predicate", DumpJson(Json::array({request.on}))},
      {"matchedPredicates", PredicatesOf(request, When::kMatched)},
      {"notMatchedPredicates", PredicatesOf(request, When::kNotMatched)},
      {"notMatchedBySourcePredicates", PredicatesOf(request, When::kNotMatchedBySource)}};
  return change;
}

// One MERGE; the source stays in its table from attempt to attempt.
class Merge {
 public:
  Merge(const Lake& lake, delta::Table& table, const MergeRequest& request)
      : lake_(lake), table_(table), request_(request), source_(lake.connection) {}

  Result<OperationResult> Run() {
    RETURN_IF_ERROR(CheckClauses(request_));
    ASSIGN_OR_RETURN(source_columns_, lake_.connection->Describe(request_.source));
    RETURN_IF_ERROR(source_.Fill("SELECT row_number() OVER () AS " +
                                 QuoteIdentifier(kSourceRowColumn) + ", * FROM (" +
                                 request_.source + ")"));
    return RunTransaction(
        lake_, table_,
        [this](const delta::SnapshotPtr& snapshot, std::vector<std::string>* written) {
          return Decided(snapshot, written);
        });
  }

 private:
  Result<std::optional<delta::Change>> Decided(const delta::SnapshotPtr& snapshot,
                                               std::vector<std::string>* written) {
    delta::Change change = NewChange(request_);
    change.read = ReadSetOf(lake_, Read(*snapshot));
    RETURN_IF_ERROR(Evolve(*snapshot, &change));
    const TargetUse use = NeedsPositions(request_) ? TargetUse::kTakesRows : TargetUse::kAppends;
    ASSIGN_OR_RETURN(const ChangeTarget target,
                     OpenTarget(lake_, table_, snapshot, use, change.metadata));
    RelationOptions options;
    options.with_row_position = NeedsPositions(request_);
    options.with_row_ids = options.with_row_position && target.tracks_rows();
    ASSIGN_OR_RETURN(const Relation relation, SnapshotRelation(target.path, *snapshot, options));
    TempTable matches(lake_.connection);
    const MergeInput input{&request_, source_columns_, source_.name(), relation.sql,
                           matches.name()};
    ASSIGN_OR_RETURN(const MergePlan plan, PlanMerge(lake_, target, input));
    RETURN_IF_ERROR(matches.Fill(plan.matches));
    if (!plan.may_match_several) RETURN_IF_ERROR(CheckSeveral(matches));
    if (!plan.unmatched_targets.empty()) {
      RETURN_IF_ERROR(lake_.connection->Execute("INSERT INTO " + matches.name() + " " +
                                                plan.unmatched_targets));
    }
    return Written(target, plan, matches, std::move(change), written);
  }

  // Target rows that no source row can match are of concern to WHEN NOT MATCHED BY SOURCE alone.
  RowsRead Read(const delta::Snapshot& snapshot) const {
    RowsRead rows{snapshot.metadata().schema, request_.alias, request_.on, {}, {}};
    rows.joined = "(SELECT * EXCLUDE (" + QuoteIdentifier(kSourceRowColumn) + ") FROM " +
                  source_.name() + ") AS " + QuoteIdentifier(request_.source_alias);
    for (const MergeClause& clause : request_.clauses) {
      if (clause.when == When::kNotMatchedBySource) rows.condition.clear();
      rows.others.push_back(clause.condition);
      for (const Assignment& assignment : clause.assignments) {
        rows.others.push_back(assignment.value);
      }
    }
    return rows;
  }

  // Only clauses with a star bring the source's columns.
  Status Evolve(const delta::Snapshot& snapshot, delta::Change* change) {
    const bool stars =
        std::any_of(request_.clauses.begin(), request_.clauses.end(), [](const auto& clause) {
          return clause.action == MergeClause::Action::kUpdateStar ||
                 clause.action == MergeClause::Action::kInsertStar;
        });
    if (!request_.schema_evolution || !stars) return OkStatus();
    return AddColumns(snapshot, source_columns_, change);
  }

  // A target row that two source rows would change has no one new value.
  Status CheckSeveral(const TempTable& matches) {
    if (!NeedsPositions(request_)) return OkStatus();
    const std::string positions =
        QuoteIdentifier(kFileNumberColumn) + ", " + QuoteIdentifier(kRowPositionColumn);
    const std::string number = QuoteIdentifier(kSourceRowColumn);
    ASSIGN_OR_RETURN(duck::ResultSet rows,
                     lake_.connection->Query(
                         "SELECT n, total, (SELECT CAST(s AS VARCHAR) FROM (SELECT * EXCLUDE (" +
                         number + ") FROM " + source_.name() + " WHERE " + number +
                         " = first) AS s) FROM (SELECT n, "
                         "first, count(*) OVER () AS total FROM (SELECT count(*) AS n, min(" +
                         number + ") AS first FROM " + matches.name() + " WHERE " +
                         QuoteIdentifier(kClauseColumn) + " IS NOT NULL GROUP BY " + positions +
                         " HAVING count(*) > 1) ORDER BY first LIMIT 1)"));
    ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
    if (!any) return OkStatus();
    const std::string source = rows.IsNull(0, 2) ? "" : rows.Text(0, 2);
    return DataError("MERGE_SEVERAL_SOURCE_ROWS",
                     Grouped(rows.Int64(0, 0)) +
                         " rows of the source would change the same row of " + table_.path() +
                         " (" + request_.on + "); the first is " + source + "; " +
                         Grouped(rows.Int64(0, 1)) + " rows of the table are concerned",
                     "Nothing was changed. Leave one source row a key (for instance with QUALIFY "
                     "row_number() OVER (PARTITION BY key ORDER BY …) = 1), or tell them apart by "
                     "the conditions of the clauses.");
  }

  Result<std::optional<delta::Change>> Written(const ChangeTarget& target, const MergePlan& plan,
                                               const TempTable& matches, delta::Change change,
                                               std::vector<std::string>* written) {
    ASSIGN_OR_RETURN(const auto by_clause, RowsByClause(matches));
    RowChange rows;
    if (!by_clause.empty()) {
      rows.removed =
          PositionsOf(matches.name()) + " WHERE " + QuoteIdentifier(kClauseColumn) + " IS NOT NULL";
    }
    const int64_t updated = CountOf(by_clause, true);
    rows.updates = updated > 0;
    rows.with_row_ids = plan.with_row_ids;
    TempTable updates(lake_.connection);
    TempTable inserts(lake_.connection);
    if (target.change_feed && !by_clause.empty()) {
      RETURN_IF_ERROR(StoreForFeed(target, plan, matches, updates, inserts, &rows));
    } else {
      rows.new_rows = updated > 0 ? plan.update_rows : "";
      if (!plan.insert_rows.empty()) {
        rows.new_rows += (rows.new_rows.empty() ? "" : " UNION ALL ") + plan.insert_rows;
      }
    }
    ASSIGN_OR_RETURN(const RowChangeCounts counts,
                     ApplyRowChange(lake_, target, rows, written, &change));
    if (change.adds.empty() && change.removes.empty()) return std::optional<delta::Change>();
    RETURN_IF_ERROR(SetMetrics(counts, by_clause, &change));
    return std::optional(std::move(change));
  }

  // New rows are needed twice, for the data and for the feed.
  Status StoreForFeed(const ChangeTarget& target, const MergePlan& plan, const TempTable& matches,
                      TempTable& updates, TempTable& inserts, RowChange* rows) {
    std::string old;
    for (size_t i = 0; i < target.columns.size(); ++i) old += NumberedColumn("__p", i) + ", ";
    std::string updating;
    for (size_t i = 0; i < request_.clauses.size(); ++i) {
      if (IsUpdate(request_.clauses[i]))
        updating += (updating.empty() ? "" : ", ") + std::to_string(i);
    }
    const std::string clause = QuoteIdentifier(kClauseColumn);
    const std::string kind = updating.empty() ? "'delete'"
                                              : "CASE WHEN " + clause + " IN (" + updating +
                                                    ") THEN 'update_preimage' ELSE 'delete' END";
    // A row that several source rows delete is deleted once.
    const std::string once = "DISTINCT ON (" + QuoteIdentifier(kFileNumberColumn) + ", " +
                             QuoteIdentifier(kRowPositionColumn) + ") ";
    rows->change_rows = "(SELECT " + (plan.may_match_several ? once : "") + old + kind + " FROM " +
                        matches.name() + " WHERE " + clause + " IS NOT NULL)";
    const auto add = [&](const std::string& query, const char* what, TempTable& table) -> Status {
      if (query.empty()) return OkStatus();
      RETURN_IF_ERROR(StoreNewRows(target, query, plan.with_row_ids, &table));
      rows->new_rows +=
          (rows->new_rows.empty() ? "" : " UNION ALL ") + ("SELECT * FROM " + table.name());
      rows->change_rows += " UNION ALL (SELECT " + ColumnList(target.columns) + ", '" +
                           std::string(what) + "' FROM " + table.name() + ")";
      return OkStatus();
    };
    RETURN_IF_ERROR(add(plan.update_rows, "update_postimage", updates));
    return add(plan.insert_rows, "insert", inserts);
  }

  // How many pairs each clause decided.
  Result<std::map<size_t, int64_t>> RowsByClause(const TempTable& matches) {
    std::map<size_t, int64_t> counts;
    if (!NeedsPositions(request_)) return counts;
    const std::string clause = QuoteIdentifier(kClauseColumn);
    ASSIGN_OR_RETURN(
        duck::ResultSet rows,
        lake_.connection->Query("SELECT " + clause + ", count(*) FROM " + matches.name() +
                                " WHERE " + clause + " IS NOT NULL GROUP BY 1"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
      if (!more) return counts;
      for (size_t row = 0; row < rows.RowCount(); ++row) {
        counts[static_cast<size_t>(rows.Int64(row, 0))] = rows.Int64(row, 1);
      }
    }
  }

  int64_t CountOf(const std::map<size_t, int64_t>& by_clause, bool updates,
                  std::optional<When> when = {}) const {
    int64_t count = 0;
    for (const auto& [index, rows] : by_clause) {
      const MergeClause& clause = request_.clauses[index];
      if (IsUpdate(clause) == updates && (!when || clause.when == *when)) count += rows;
    }
    return count;
  }

  Status SetMetrics(const RowChangeCounts& counts, const std::map<size_t, int64_t>& by_clause,
                    delta::Change* change) {
    ASSIGN_OR_RETURN(const int64_t source_rows,
                     QueryNumber(*lake_.connection, "SELECT count(*) FROM " + source_.name()));
    const int64_t updated = CountOf(by_clause, true);
    const int64_t deleted = counts.removed_rows - updated;
    const int64_t by_source_deleted = CountOf(by_clause, false, When::kNotMatchedBySource);
    const std::pair<const char*, int64_t> numbers[] = {
        {"numSourceRows", source_rows},
        {"numTargetRowsInserted", counts.new_rows - updated},
        {"numTargetRowsUpdated", updated},
        {"numTargetRowsDeleted", deleted},
        {"numTargetRowsCopied", counts.copied_rows},
        {"numTargetRowsMatchedUpdated", CountOf(by_clause, true, When::kMatched)},
        {"numTargetRowsMatchedDeleted", deleted - by_source_deleted},
        {"numTargetRowsNotMatchedBySourceUpdated",
         CountOf(by_clause, true, When::kNotMatchedBySource)},
        {"numTargetRowsNotMatchedBySourceDeleted", by_source_deleted},
        {"numOutputRows", counts.new_rows + counts.copied_rows},
        {"numTargetFilesAdded", counts.added_files},
        {"numTargetFilesRemoved", counts.removed_files},
        {"numTargetBytesAdded", counts.added_bytes},
        {"numTargetBytesRemoved", counts.removed_bytes},
        {"numTargetDeletionVectorsAdded", counts.vectors_added},
        {"numTargetDeletionVectorsUpdated", counts.vectors_updated},
        {"numTargetDeletionVectorsRemoved", counts.vectors_removed},
        {"numTargetChangeFilesAdded", counts.change_files}};
    for (const auto& [name, number] : numbers) SetMetric(change, name, number);
    return OkStatus();
  }

  const Lake& lake_;
  delta::Table& table_;
  const MergeRequest& request_;
  TempTable source_;
  Schema source_columns_;
};

}  // namespace

Result<OperationResult> MergeRows(const Lake& lake, delta::Table& table,
                                  const MergeRequest& request) {
  return Merge(lake, table, request).Run();
}

}  // namespace penstock::lake
