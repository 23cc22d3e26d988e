#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "delta/comparable_value.h"
#include "delta/file_set.h"
#include "lake/change_target.h"
#include "lake/read_rows.h"
#include "lake/row_change.h"
#include "lake/schema_evolution.h"
#include "lake/table_operation.h"
#include "lake/table_transaction.h"
#include "lake/write_columns.h"

namespace penstock::lake {
namespace {

// Whether these rows are in the table already.
Result<bool> IsCommitted(const delta::Snapshot& snapshot,
                         const std::vector<delta::SetTransaction>& transactions) {
  const auto known =
      std::count_if(transactions.begin(), transactions.end(), [&](const auto& transaction) {
        const auto version = snapshot.TransactionVersion(transaction.app_id);
        return version && *version >= transaction.version;
      });
  if (known == 0) return false;
  if (static_cast<size_t>(known) == transactions.size()) return true;
  return ExternalError(kTransactionsOverlap,
                       std::to_string(known) + " of the " + std::to_string(transactions.size()) +
                           " inputs to be written are in the table already",
                       "Nothing was changed. Run it again: only the others are taken then.");
}

// One partition, however its writer spelt the values: an empty text is null, instants and numbers
// have several forms.
std::string PartitionKey(const delta::AddFile& file, const ChangeTarget& target) {
  std::string key;
  for (const std::string& partition : target.metadata.partition_columns) {
    const delta::TableColumn* column = delta::FindColumn(target.columns, partition);
    if (column == nullptr) continue;
    for (const auto& [name, text] : file.partition_values) {
      if (!EqualsIgnoreCase(name, delta::PhysicalName(*column)) || !text || text->empty()) continue;
      const auto value = delta::ParseComparable(*text, column->type);
      key += value ? fmt::format("={}:{}:{}:", static_cast<int64_t>(value->number >> 64),
                                 static_cast<uint64_t>(value->number), value->real) +
                         value->text
                   : "?" + *text;
    }
    key += '\0';
  }
  return key;
}

class Write {
 public:
  Write(const Lake& lake, delta::Table& table, const WriteRequest& request)
      : lake_(lake), table_(table), request_(request) {}

  Result<OperationResult> Run() {
    ASSIGN_OR_RETURN(given_, lake_.connection->Describe(request_.query));
    return RunTransaction(
        lake_, table_,
        [this](const delta::SnapshotPtr& snapshot, std::vector<std::string>* written) {
          return Decided(snapshot, written);
        });
  }

 private:
  Result<std::optional<delta::Change>> Decided(const delta::SnapshotPtr& snapshot,
                                               std::vector<std::string>* written) {
    ASSIGN_OR_RETURN(const bool committed, IsCommitted(*snapshot, request_.transactions));
    if (committed) return std::optional<delta::Change>();
    delta::Change change = NewChange(*snapshot);
    if (request_.overwrite_schema && request_.mode == WriteMode::kOverwrite) {
      RETURN_IF_ERROR(ReplaceColumns(*snapshot, given_, &change));
    } else if (request_.merge_schema) {
      RETURN_IF_ERROR(AddColumns(*snapshot, given_, &change));
    }
    // Whether partitions are there that must go is known once the rows are.
    const bool takes_rows =
        request_.mode == WriteMode::kOverwrite || request_.mode == WriteMode::kReplaceWhere;
    ASSIGN_OR_RETURN(
        ChangeTarget target,
        OpenTarget(lake_, table_, snapshot,
                   takes_rows ? TargetUse::kTakesRows : TargetUse::kAppends, change.metadata));
    if (request_.mode == WriteMode::kReplaceWhere) AddReplaceRule(&target);
    RowChange rows;
    ASSIGN_OR_RETURN(rows.new_rows, WrittenRowsQuery(lake_, target, request_, given_));
    TempTable gone(lake_.connection);
    TempTable stored(lake_.connection);
    if (request_.mode == WriteMode::kReplaceWhere) {
      RETURN_IF_ERROR(SelectReplaced(target, gone, stored, &rows));
    }
    ASSIGN_OR_RETURN(RowChangeCounts counts, ApplyRowChange(lake_, target, rows, written, &change));
    if (request_.mode == WriteMode::kOverwrite) {
      Add(RemoveAllFiles(target, lake_.clock->Now() / 1000, &change), &counts);
    } else if (request_.mode == WriteMode::kDynamicPartitions) {
      RemovePartitions(target, &change, &counts);
    }
    const bool nothing = change.adds.empty() && change.removes.empty() &&
                         change.transactions.empty() && !change.metadata;
    if (nothing) return std::optional<delta::Change>();
    SetMetrics(counts, &change);
    return std::optional(std::move(change));
  }

  delta::Change NewChange(const delta::Snapshot& snapshot) const {
    delta::Change change;
    change.info.operation = "WRITE";
    const bool appends = request_.mode == WriteMode::kAppend;
    change.info.operation_parameters = {
        {"mode", appends ? "Append" : "Overwrite"},
        {"partitionBy", DumpJson(Json(snapshot.metadata().partition_columns))}};
    if (request_.mode == WriteMode::kReplaceWhere) {
      change.info.operation_parameters["predicate"] = request_.replace_where;
    }
    if (request_.mode == WriteMode::kDynamicPartitions) {
      change.info.operation_parameters["isDynamicPartitionOverwrite"] = "true";
    }
    change.transactions = request_.transactions;
    for (delta::SetTransaction& transaction : change.transactions) {
      if (!transaction.last_updated_ms) {
        transaction.last_updated_ms = lake_.clock->Now() / 1000;
      }
    }
    if (request_.mode == WriteMode::kReplaceWhere) {
      change.read =
          ReadSetOf(lake_, {snapshot.metadata().schema, "target", request_.replace_where, {}, {}});
    } else {
      change.read.whole_table = !appends;
    }
    return change;
  }

  void AddReplaceRule(ChangeTarget* target) const {
    target->rules.push_back(
        {"REPLACE_WHERE_MISMATCH", "replaceWhere", request_.replace_where,
         "NOT coalesce(CAST((" + request_.replace_where + ") AS BOOLEAN), false)"});
  }

  Status SelectReplaced(const ChangeTarget& target, TempTable& gone, TempTable& stored,
                        RowChange* rows) const {
    RelationOptions options;
    options.with_row_position = true;
    ASSIGN_OR_RETURN(const Relation relation,
                     SnapshotRelation(target.path, *target.snapshot, options));
    std::string old, list;
    const auto values = OldValues(target, "target");
    for (size_t i = 0; target.change_feed && i < values.size(); ++i) {
      list += ", " + values[i] + " AS " + NumberedColumn("__p", i);
      old += NumberedColumn("__p", i) + ", ";
    }
    RETURN_IF_ERROR(gone.Fill("SELECT " + QuoteIdentifier(kFileNumberColumn) + ", " +
                              QuoteIdentifier(kRowPositionColumn) + list + " FROM (" +
                              relation.sql + ") AS target WHERE (" + request_.replace_where + ")"));
    rows->removed = PositionsOf(gone.name());
    if (!target.change_feed) return OkStatus();
    RETURN_IF_ERROR(StoreNewRows(target, rows->new_rows, false, &stored));
    rows->new_rows = "SELECT * FROM " + stored.name();
    rows->change_rows = "SELECT " + old + "'delete' FROM " + gone.name() +
                        " UNION ALL SELECT *, 'insert' FROM " + stored.name();
    return OkStatus();
  }

  // The partitions of the new files lose what they had.
  void RemovePartitions(const ChangeTarget& target, delta::Change* change,
                        RowChangeCounts* counts) const {
    std::set<std::string> partitions;
    for (const delta::AddFile& add : change->adds) partitions.insert(PartitionKey(add, target));
    target.snapshot->ForEachFile([&](const delta::AddFile& file) {
      if (!partitions.contains(PartitionKey(file, target))) return;
      change->removes.push_back(delta::RemovalOf(file, lake_.clock->Now() / 1000));
      ++counts->removed_files;
      counts->removed_bytes += file.size;
    });
  }

  static void Add(const RowChangeCounts& removed, RowChangeCounts* counts) {
    counts->removed_files += removed.removed_files;
    counts->removed_bytes += removed.removed_bytes;
    counts->removed_rows += removed.removed_rows;
  }

  void SetMetrics(const RowChangeCounts& counts, delta::Change* change) const {
    SetMetric(change, "numFiles", counts.added_files);
    SetMetric(change, "numOutputRows", counts.new_rows);
    SetMetric(change, "numOutputBytes", counts.added_bytes);
    if (request_.mode == WriteMode::kAppend) return;
    SetMetric(change, "numRemovedFiles", counts.removed_files);
    SetMetric(change, "numRemovedBytes", counts.removed_bytes);
    if (request_.mode != WriteMode::kReplaceWhere) return;
    SetMetric(change, "numDeletedRows", counts.removed_rows);
    SetMetric(change, "numCopiedRows", counts.copied_rows);
    SetMetric(change, "numAddedChangeFiles", counts.change_files);
  }

  const Lake& lake_;
  delta::Table& table_;
  const WriteRequest& request_;
  Schema given_;
};

}  // namespace

Result<OperationResult> WriteRows(const Lake& lake, delta::Table& table,
                                  const WriteRequest& request) {
  if (request.mode == WriteMode::kReplaceWhere && request.replace_where.empty()) {
    return UserError("REPLACE_WHERE_EMPTY", "replaceWhere has no condition",
                     "Give one, or overwrite the whole table.");
  }
  return Write(lake, table, request).Run();
}

}  // namespace penstock::lake
