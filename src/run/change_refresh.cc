#include "run/change_refresh.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "delta/file_set.h"
#include "duck/plan/bound_plan.h"
#include "lake/change_feed.h"
#include "lake/row_change.h"
#include "run/program_run.h"
#include "run/relation_sql.h"
#include "run/stored_expression.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

// Beyond a third of the rows a recomputation reads less than a refresh that looks at each of them
// several times.
constexpr int64_t kMostOfSource = 3;
// So few rows are nothing either way.
constexpr int64_t kAlwaysFew = 1000;

std::optional<std::string> WhyUnsuited(const Pipeline& pipeline, size_t node) {
  const BoundNode& bound = pipeline.bound[node];
  const BoundFlow& flow = bound.flows[0];
  if (!bound.rules.empty()) return "it has expectations";
  for (const graph::ViewInstance& view : flow.query.views) {
    if (!pipeline.bound[view.dataset].rules.empty()) return "a view that it reads has expectations";
  }
  if (flow.query.time_dependent) return "the query depends on the current time";
  if (flow.query.nondeterministic) return "the query gives other rows each time";
  for (const BoundLeaf& leaf : flow.leaves) {
    if (leaf.files) return "it reads files, of which what changed is not known";
    if (leaf.changes) return "it reads the change feed of a table";
    if (leaf.input.uses_metadata) return "it reads _metadata";
  }
  return std::nullopt;
}

// Rows that came and went with the commits, as far as statistics say.
int64_t ChangedRows(const std::vector<delta::CommitEntry>& commits) {
  int64_t rows = 0;
  const auto live = [](const delta::AddFile& file) {
    const int64_t deleted = file.deletion_vector ? file.deletion_vector->cardinality : 0;
    return delta::NumRecords(file).value_or(0) - deleted;
  };
  for (const delta::CommitEntry& commit : commits) {
    std::map<std::string, int64_t> added;
    std::map<std::string, int64_t> cardinality;
    for (const delta::Action& action : commit.actions) {
      const auto* add = std::get_if<delta::AddFile>(&action);
      if (add == nullptr || !add->data_change) continue;
      added[add->path] = live(*add);
      cardinality[add->path] = add->deletion_vector ? add->deletion_vector->cardinality : 0;
    }
    for (const delta::Action& action : commit.actions) {
      const auto* remove = std::get_if<delta::RemoveFile>(&action);
      if (remove == nullptr || !remove->data_change) continue;
      const auto found = added.find(remove->path);
      if (found != added.end()) {  // only its vector changed
        const int64_t before = remove->deletion_vector ? remove->deletion_vector->cardinality : 0;
        const int64_t now = cardinality[remove->path];
        rows += std::abs(now - before);
        added.erase(found);
      }
    }
    for (const auto& [path, count] : added) rows += count;
  }
  return rows;
}

class Planning {
 public:
  Planning(Workspace& workspace, const Pipeline& pipeline, size_t node)
      : workspace_(workspace),
        pipeline_(pipeline),
        flow_(pipeline.bound[node].flows[0]),
        node_(node) {}

  Result<std::variant<ChangePlan, Unsuited>> Run(const Json& before, const Json& now) {
    if (auto reason = WhyUnsuited(pipeline_, node_)) return Of(*std::move(reason));
    ChangePlan plan;
    for (size_t i = 0; i < flow_.leaves.size(); ++i) {
      ASSIGN_OR_RETURN(const auto reason, AddSource(i, before, now, &plan));
      if (reason) return Of(*reason);
    }
    if (plan.changed_rows > kAlwaysFew && plan.changed_rows > plan.source_rows / kMostOfSource) {
      return Of(std::to_string(plan.changed_rows) + " rows of its sources changed, which have " +
                std::to_string(plan.source_rows));
    }
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    auto query = Bind(connection);
    if (!query.ok()) return Of(std::move(query).error().message);
    plan.query = *std::move(query);
    const auto program = ivm::Derive(plan.query, {});
    if (!program.ok()) return Of(program.error().message);
    return std::variant<ChangePlan, Unsuited>(std::move(plan));
  }

 private:
  static std::variant<ChangePlan, Unsuited> Of(std::string reason) {
    return Unsuited{std::move(reason)};
  }

  // The reason why it cannot be followed, if so.
  Result<std::optional<std::string>> AddSource(size_t i, const Json& before, const Json& now,
                                               ChangePlan* plan) {
    const BoundLeaf& leaf = flow_.leaves[i];
    const std::string& id = leaf.input.source_id;
    const std::string name = leaf.table_name.empty() ? id : leaf.table_name;
    if (!before.contains(id)) return std::optional<std::string>(name + " is a new source");
    const Json& old = before[id];
    const Json& state = now.at(id);
    if (old.value("table", "") != state.value("table", "")) {
      return std::optional<std::string>(name + " was replaced by another table");
    }
    const SourceVersions versions{i, old.at("version").get<int64_t>(),
                                  state.at("version").get<int64_t>()};
    if (versions.before > versions.now) {
      return std::optional<std::string>(name + " went back to an older version");
    }
    const auto table = workspace_.catalog->OpenPath(leaf.table_path);
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->At({versions.now, std::nullopt}));
    plan->source_rows += snapshot->NumRecords().value_or(0);
    if (versions.before < versions.now) {
      const auto commits = table->Commits(versions.before, versions.now);
      if (!commits.ok()) return std::optional<std::string>(commits.error().message);
      plan->changed_rows += ChangedRows(*commits);
    }
    plan->sources.push_back(versions);
    return std::optional<std::string>();
  }

  Result<algebra::NodePtr> Bind(duck::Connection& connection) {
    for (const BoundLeaf& leaf : flow_.leaves) {
      RETURN_IF_ERROR(connection.Execute("CREATE OR REPLACE TEMP TABLE " +
                                         QuoteIdentifier(leaf.input.placeholder) + " AS " +
                                         EmptyRelation(leaf.columns)));
    }
    for (const graph::ViewInstance& view : flow_.query.views) {
      RETURN_IF_ERROR(CreateView(connection, view.placeholder, view.text));
    }
    return duck::PlanOf(connection, flow_.query.text);
  }

  Workspace& workspace_;
  const Pipeline& pipeline_;
  const BoundFlow& flow_;
  size_t node_;
};

class Refreshing {
 public:
  Refreshing(UpdateContext& context, size_t node, const Target& target, const ChangePlan& plan,
             duck::Connection connection)
      : context_(context),
        workspace_(context.workspace),
        flow_(context.pipeline.bound[node].flows[0]),
        target_(target),
        plan_(plan),
        connection_(std::move(connection)),
        scope_(context.queries,
               {&connection_, model::ToString(context.pipeline.graph.nodes[node].dataset.name),
                [] { return int64_t{0}; }}) {}

  Result<std::variant<ChangedView, Unsuited>> Run() {
    for (const SourceVersions& source : plan_.sources) {
      Status opened = OpenSource(source);
      if (!opened.ok()) return Of(std::move(opened).error().message);
    }
    ASSIGN_OR_RETURN(const ivm::Program program, ivm::Derive(plan_.query, options_));
    ChangedView changed;
    changed.source_rows = source_rows_;
    if (program.change.empty() && !program.replacement) {
      return std::variant<ChangedView, Unsuited>(std::move(changed));
    }
    Status ran = RunProgram(connection_, program);
    // A recomputation says where in the query it is, if it fails as well.
    if (!ran.ok() && ran.error().code != "INTERRUPTED") return Of(std::move(ran).error().message);
    RETURN_IF_ERROR(ran);
    return Apply(program, std::move(changed));
  }

 private:
  static std::variant<ChangedView, Unsuited> Of(std::string reason) {
    return Unsuited{std::move(reason)};
  }

  Status OpenVersion(const BoundLeaf& leaf, delta::Table& table, delta::Version version,
                     const std::string& name) {
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.At({version, std::nullopt}));
    ASSIGN_OR_RETURN(lake::Relation relation, lake::SnapshotRelation(leaf.table_path, *snapshot));
    scans_.push_back(std::move(relation.scan));
    return CreateView(connection_, name,
                      AlignColumns(relation.sql, snapshot->metadata().schema, leaf.columns, false));
  }

  Status OpenSource(const SourceVersions& source) {
    const BoundLeaf& leaf = flow_.leaves[source.leaf];
    const auto table = workspace_.catalog->OpenPath(leaf.table_path);
    const std::string& name = leaf.input.placeholder;
    RETURN_IF_ERROR(OpenVersion(leaf, *table, source.now, name));
    if (source.before == source.now) return OkStatus();
    RETURN_IF_ERROR(OpenVersion(leaf, *table, source.before, ivm::OldRelation(name)));
    ASSIGN_OR_RETURN(const int64_t rows, StoreChange(leaf, *table, source));
    source_rows_ += rows;
    if (rows > 0) options_.changed.insert(name);
    return OkStatus();
  }

  // The rows that came and went, with their weights; how many there are.
  Result<int64_t> StoreChange(const BoundLeaf& leaf, delta::Table& table,
                              const SourceVersions& source) {
    lake::ChangeRange range;
    range.from_version = source.before + 1;
    range.to_version = source.now;
    ASSIGN_OR_RETURN(lake::Relation feed, lake::ChangeFeedRelation(table, range));
    std::string columns;
    for (const Field& field : leaf.columns) {
      const std::string name = QuoteIdentifier(field.name);
      columns += "CAST(" + name + " AS " + duck::EngineType(field.type) + ") AS " + name + ", ";
    }
    const std::string change = QuoteIdentifier(ivm::ChangeRelation(leaf.input.placeholder));
    const std::string weight = QuoteIdentifier(ivm::kWeightColumn);
    RETURN_IF_ERROR(connection_.Execute(
        "CREATE OR REPLACE TEMP TABLE " + change + " AS SELECT * EXCLUDE (" + weight +
        "), CAST(sum(" + weight + ") AS BIGINT) AS " + weight + " FROM (SELECT " + columns +
        "CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 ELSE -1 END AS " + weight +
        " FROM (" + feed.sql + ")) GROUP BY ALL HAVING sum(" + weight + ") <> 0"));
    return lake::QueryNumber(connection_, "SELECT sum(abs(" + weight + "))::BIGINT FROM " + change);
  }

  // Which column of the query each of the table's is; false when their names are not the same.
  bool FindPlaces(const Schema& schema) {
    const std::vector<algebra::Column>& columns = plan_.query->columns;
    for (const Field& field : schema) {
      const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
        return EqualsIgnoreCase(column.name, field.name);
      });
      if (found == columns.end()) return false;
      places_.push_back(static_cast<size_t>(found - columns.begin()));
    }
    return places_.size() == columns.size();
  }

  // "CAST(c0 AS BIGINT) AS "id", …": a step's columns as those of the table.
  std::string AsTableColumns(const lake::ChangeTarget& target) const {
    std::string columns;
    for (size_t i = 0; i < places_.size(); ++i) {
      const Field& field = target.schema[i];
      columns += (columns.empty() ? "CAST(c" : ", CAST(c") + std::to_string(places_[i]) + " AS " +
                 duck::EngineType(field.type) + ") AS " + QuoteIdentifier(field.name);
    }
    return columns;
  }

  Result<std::variant<ChangedView, Unsuited>> Apply(const ivm::Program& program,
                                                    ChangedView changed) {
    lake::Lake lake{workspace_.engine.get(), &connection_,    workspace_.storage,
                    workspace_.clock,        TranslateStored, {}};
    ASSIGN_OR_RETURN(
        const lake::ChangeTarget target,
        lake::OpenTarget(lake, *target_.table, target_.snapshot, lake::TargetUse::kTakesRows));
    if (!FindPlaces(target.schema)) return Of("its columns are not those of the query");
    lake::TempTable removed(&connection_);  // the rows, and where they stand
    lake::TempTable added(&connection_);
    ASSIGN_OR_RETURN(auto unsuited, program.replacement
                                        ? Replaced(*program.replacement, target, &removed, &added)
                                        : Differing(program, target, &removed, &added));
    DropSteps(connection_, program);
    if (unsuited) return Of(*std::move(unsuited));
    ASSIGN_OR_RETURN(changed.removed_rows, RowsOf(removed.name()));
    ASSIGN_OR_RETURN(changed.added_rows, RowsOf(added.name()));
    const std::string names = lake::ColumnList(target.columns);
    lake::RowChange rows;
    if (changed.removed_rows > 0) rows.removed = lake::PositionsOf(removed.name());
    if (changed.added_rows > 0) rows.new_rows = "SELECT " + names + " FROM " + added.name();
    rows.change_rows = "SELECT " + names + ", 'insert' AS _change_type FROM " + added.name() +
                       " UNION ALL SELECT " + names + ", 'delete' FROM " + removed.name();
    if (changed.removed_rows > 0 || changed.added_rows > 0) {
      ASSIGN_OR_RETURN(const lake::RowChangeCounts counts,
                       lake::ApplyRowChange(lake, target, rows, &changed.written, &changed.change));
      changed.added_bytes = counts.added_bytes;
    }
    return std::variant<ChangedView, Unsuited>(std::move(changed));
  }

  Result<int64_t> RowsOf(const std::string& relation, const std::string& where = "true") {
    return lake::QueryNumber(connection_, "SELECT count(*) FROM " + relation + " WHERE " + where);
  }

  // The table's rows with their places, behind the alias t.
  Result<std::string> KeptRows() {
    lake::RelationOptions options;
    options.with_row_position = true;
    ASSIGN_OR_RETURN(lake::Relation relation,
                     lake::SnapshotRelation(target_.path, *target_.snapshot, options));
    scans_.push_back(std::move(relation.scan));
    return "(" + relation.sql + ") AS t";
  }

  // Equality of the table's column `left` with a column of `relation`; null-safe only where that
  // one has NULLs, since equality lets a scan pass over files.
  Result<std::string> Equal(const std::string& left, const std::string& right,
                            const std::string& relation, const std::string& column,
                            const std::string& where = "true") {
    ASSIGN_OR_RETURN(const int64_t nulls, RowsOf(relation, column + " IS NULL AND " + where));
    return left + (nulls > 0 ? " IS NOT DISTINCT FROM " : " = ") + right;
  }

  // Rows with the keys that are not the same any more, and those that they have now.
  Result<std::optional<std::string>> Replaced(const ivm::Replacement& replacement,
                                              const lake::ChangeTarget& target,
                                              lake::TempTable* removed, lake::TempTable* added) {
    ASSIGN_OR_RETURN(std::string kept, KeptRows());
    const std::string names = lake::ColumnList(target.columns);
    std::string from = "SELECT * FROM " + kept;
    if (!replacement.keys.empty()) {
      const std::string keys = QuoteIdentifier(replacement.keys);
      std::string matches;
      for (size_t i = 0; i < replacement.columns.size(); ++i) {
        const Field& field = FieldOf(target.schema, replacement.columns[i]);
        const std::string& type = plan_.query->columns[replacement.columns[i]].type;
        if (!KeepsValues(type, duck::EngineType(field.type))) {
          return std::optional<std::string>("its key " + field.name + " is stored as " +
                                            duck::EngineType(field.type) + ", not as " + type);
        }
        const std::string column = "c" + std::to_string(i);
        ASSIGN_OR_RETURN(const std::string match,
                         Equal("t." + QuoteIdentifier(field.name), "k." + column, keys, column));
        matches += (matches.empty() ? "" : " AND ") + match;
      }
      from += " SEMI JOIN " + keys + " AS k ON " + matches;
    }
    lake::TempTable old_rows(&connection_);
    lake::TempTable new_rows(&connection_);
    const std::string numbered = "row_number() OVER (PARTITION BY " + names + ") AS __penstock_n";
    RETURN_IF_ERROR(old_rows.Fill("SELECT *, " + numbered + " FROM (" + from + ")"));
    RETURN_IF_ERROR(new_rows.Fill("SELECT *, " + numbered + " FROM (SELECT " +
                                  AsTableColumns(target) + " FROM " +
                                  QuoteIdentifier(replacement.rows) + ")"));
    std::string same = "a.__penstock_n = b.__penstock_n";
    for (const Field& field : target.schema) {
      const std::string name = QuoteIdentifier(field.name);
      same += " AND a." + name + " IS NOT DISTINCT FROM b." + name;
    }
    const auto without = [&](const lake::TempTable& a, const lake::TempTable& b) {
      return "SELECT * EXCLUDE (__penstock_n) FROM (SELECT a.* FROM " + a.name() +
             " AS a ANTI JOIN " + b.name() + " AS b ON " + same + ")";
    };
    RETURN_IF_ERROR(removed->Fill(without(old_rows, new_rows)));
    RETURN_IF_ERROR(added->Fill(without(new_rows, old_rows)));
    return std::optional<std::string>();
  }

  // The table's column that a column of the query is.
  const Field& FieldOf(const Schema& schema, size_t place) const {
    return schema[std::find(places_.begin(), places_.end(), place) - places_.begin()];
  }

  // Whether different values of the one type are different in the other, or refused.
  static bool KeepsValues(const std::string& from, const std::string& to) {
    static const std::set<std::string> kWhole = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT",
                                                 "HUGEINT"};
    return from == to || (kWhole.contains(from) && kWhole.contains(to));
  }

  // Rows by the weights of the change: those that go are looked for by the view's key, else by all
  // their values, each as often as it goes.
  Result<std::optional<std::string>> Differing(const ivm::Program& program,
                                               const lake::ChangeTarget& target,
                                               lake::TempTable* removed, lake::TempTable* added) {
    lake::TempTable change(&connection_);
    const std::string weight = "c" + std::to_string(plan_.query->columns.size());
    RETURN_IF_ERROR(
        change.Fill("SELECT * EXCLUDE (w), CAST(sum(w) AS BIGINT) AS __penstock_w FROM "
                    "(SELECT " +
                    AsTableColumns(target) + ", " + weight + " AS w FROM " +
                    QuoteIdentifier(program.change) + ") GROUP BY ALL HAVING sum(w) <> 0"));
    const std::string names = lake::ColumnList(target.columns);
    RETURN_IF_ERROR(added->Fill("SELECT " + names +
                                " FROM (SELECT *, unnest(range(__penstock_w)) FROM " +
                                change.name() + " WHERE __penstock_w > 0)"));
    ASSIGN_OR_RETURN(const int64_t expected,
                     lake::QueryNumber(connection_, "SELECT -sum(__penstock_w)::BIGINT FROM " +
                                                        change.name() + " WHERE __penstock_w < 0"));
    RETURN_IF_ERROR(FindRemoved(program, target, change.name(), removed));
    ASSIGN_OR_RETURN(const int64_t found, RowsOf(removed->name()));
    if (found == expected) return std::optional<std::string>();
    return std::optional<std::string>("of " + std::to_string(expected) + " rows to remove " +
                                      std::to_string(found) + " were found in the table");
  }

  Status FindRemoved(const ivm::Program& program, const lake::ChangeTarget& target,
                     const std::string& change, lake::TempTable* removed) {
    ASSIGN_OR_RETURN(const std::string kept, KeptRows());
    std::string matches;
    std::string partition;
    for (size_t i = 0; i < places_.size(); ++i) {
      if (program.key &&
          std::find(program.key->begin(), program.key->end(), places_[i]) == program.key->end()) {
        continue;
      }
      const std::string name = QuoteIdentifier(target.schema[i].name);
      ASSIGN_OR_RETURN(const std::string match,
                       Equal("t." + name, "g." + name, change, name, "__penstock_w < 0"));
      matches += (matches.empty() ? "" : " AND ") + match;
      partition += (partition.empty() ? "t." : ", t.") + name;
    }
    const std::string gone = "(SELECT * FROM " + change + " WHERE __penstock_w < 0) AS g ON ";
    if (program.key) {
      return removed->Fill("SELECT t.* FROM " + kept + " SEMI JOIN " + gone +
                           (matches.empty() ? "true" : matches));
    }
    return removed->Fill("SELECT t.* FROM " + kept + " JOIN " + gone + matches +
                         " QUALIFY row_number() OVER (PARTITION BY " + partition +
                         ") <= -g.__penstock_w");
  }

  UpdateContext& context_;
  Workspace& workspace_;
  const BoundFlow& flow_;
  const Target& target_;
  const ChangePlan& plan_;
  duck::Connection connection_;
  QueryScope scope_;
  ivm::DeriveOptions options_;
  int64_t source_rows_ = 0;
  std::vector<size_t> places_;  // by the table's columns
  std::vector<std::shared_ptr<const void>> scans_;
};

}  // namespace

bool FollowsChanges(const Pipeline& pipeline, size_t node) {
  return !WhyUnsuited(pipeline, node).has_value();
}

Result<std::variant<ChangePlan, Unsuited>> PlanByChanges(Workspace& workspace,
                                                         const Pipeline& pipeline, size_t node,
                                                         const Json& before, const Json& now) {
  return Planning(workspace, pipeline, node).Run(before, now);
}

Result<std::variant<ChangedView, Unsuited>> RefreshByChanges(UpdateContext& context, size_t node,
                                                             const Target& target,
                                                             const ChangePlan& plan) {
  ASSIGN_OR_RETURN(duck::Connection connection, context.workspace.engine->Connect());
  return Refreshing(context, node, target, plan, std::move(connection)).Run();
}

}  // namespace penstock::run
