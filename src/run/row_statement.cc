#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "run/insert_values.h"
#include "run/statement_runners.h"
#include "sql/query/query.h"

namespace penstock::run {
namespace {

// A table that a statement may change, and the place of its name.
Result<NamedTable> OpenChangeable(Workspace& workspace, const StatementContext& context,
                                  const sql::TableReference& reference, std::string_view what) {
  ASSIGN_OR_RETURN(NamedTable table, OpenTable(workspace, context, reference));
  auto snapshot = table.table->Latest();
  if (!snapshot.ok()) return std::move(snapshot).error().At(reference.text.where);
  RETURN_IF_ERROR(CheckChangeable(table, **snapshot, reference.text.where, what));
  return table;
}

// The same result; an error without a place has that of the table's name.
template <typename T>
Result<T> At(Result<T> result, const sql::TableReference& reference) {
  if (result.ok()) return result;
  return std::move(result).error().At(reference.text.where);
}

std::vector<lake::Assignment> Translated(const std::vector<sql::ColumnAssignment>& assignments,
                                         const std::vector<size_t>& numbers,
                                         const StatementTexts& texts) {
  std::vector<lake::Assignment> translated;
  for (size_t i = 0; i < assignments.size(); ++i) {
    lake::Assignment assignment;
    assignment.column = assignments[i].column;
    assignment.is_default = assignments[i].is_default;
    assignment.value = assignment.is_default ? "DEFAULT" : texts.Expression(numbers[i]);
    translated.push_back(std::move(assignment));
  }
  return translated;
}

// `alias.column` and `column` are the same column of the target.
std::vector<sql::ColumnAssignment> Unqualified(std::vector<sql::ColumnAssignment> assignments,
                                               const std::string& alias,
                                               const delta::Snapshot& snapshot) {
  for (sql::ColumnAssignment& assignment : assignments) {
    if (assignment.column.size() < 2 || !EqualsIgnoreCase(assignment.column[0], alias)) continue;
    if (FindField(snapshot.metadata().schema, assignment.column[1]) == nullptr) continue;
    assignment.column.erase(assignment.column.begin());
  }
  return assignments;
}

std::vector<size_t> AddValues(const std::vector<sql::ColumnAssignment>& assignments,
                              TextScope scope, StatementTexts* texts) {
  std::vector<size_t> numbers;
  for (const sql::ColumnAssignment& assignment : assignments) {
    numbers.push_back(assignment.is_default ? 0 : texts->Add(assignment.value, scope));
  }
  return numbers;
}

// Where the settings say so, INSERT OVERWRITE replaces only the partitions that get rows.
bool OverwritesDynamically(const StatementContext& context) {
  const auto mode = context.configuration.find("spark.sql.sources.partitionOverwriteMode");
  return mode != context.configuration.end() && EqualsIgnoreCase(Trim(mode->second), "dynamic");
}
bool SettingIsTrue(const StatementContext& context, const char* key) {
  const auto found = context.configuration.find(key);
  return found != context.configuration.end() && EqualsIgnoreCase(Trim(found->second), "true");
}

// PARTITION (…) as it changes a write: constants join the query's columns, and what is replaced.
class PartitionClause {
 public:
  PartitionClause(Workspace& workspace, const sql::InsertRows& insert,
                  const delta::Metadata& metadata)
      : workspace_(workspace), insert_(insert), metadata_(metadata) {}

  Status Apply(bool dynamic, lake::WriteRequest* request) {
    RETURN_IF_ERROR(Read());
    if (insert_.overwrite) {
      const bool replaces = !dynamic && !constants_.empty();
      request->mode =
          replaces ? lake::WriteMode::kReplaceWhere : lake::WriteMode::kDynamicPartitions;
      if (replaces) request->replace_where = condition_;
    }
    if (constants_.empty()) return OkStatus();
    std::vector<std::string> columns = insert_.columns;
    if (columns.empty()) {
      for (const Field& field : metadata_.schema) {
        if (!IsConstant(field.name)) columns.push_back(field.name);
      }
    }
    std::string added;
    for (const auto& [name, value] : constants_) {
      columns.push_back(name);
      added += ", " + value + " AS " + QuoteIdentifier("__penstock_constant_" + name);
    }
    request->query = "SELECT *" + added + " FROM (" + request->query + "\n)";
    request->columns = std::move(columns);
    return OkStatus();
  }

 private:
  bool IsConstant(const std::string& name) const {
    return std::any_of(constants_.begin(), constants_.end(), [&](const auto& constant) {
      return EqualsIgnoreCase(constant.first, name);
    });
  }

  Status Read() {
    for (const sql::PartitionEntry& entry : insert_.partition) {
      const auto& columns = metadata_.partition_columns;
      const auto column = std::find_if(
          columns.begin(), columns.end(),
          [&](const std::string& name) { return EqualsIgnoreCase(name, entry.column); });
      if (column == columns.end()) {
        return UserError("COLUMN_NOT_FOUND",
                         fmt::format("'{}' is no partition column of the table", entry.column),
                         columns.empty() ? "The table is not partitioned: leave PARTITION out."
                                         : "DESCRIBE shows the partition columns.")
            .At(insert_.table.text.where);
      }
      if (!entry.value) continue;
      ASSIGN_OR_RETURN(std::string value, TranslateConstant(workspace_, *entry.value));
      const Field* field = FindField(metadata_.schema, *column);
      if (field == nullptr) return InternalError("a partition column without a type");
      value = "CAST((" + value + ") AS " + EngineType(field->type) + ")";
      condition_ += (condition_.empty() ? "" : " AND ") + QuoteIdentifier(*column) +
                    " IS NOT DISTINCT FROM " + value;
      constants_.emplace_back(*column, std::move(value));
    }
    return OkStatus();
  }

  Workspace& workspace_;
  const sql::InsertRows& insert_;
  const delta::Metadata& metadata_;
  std::vector<std::pair<std::string, std::string>> constants_;
  std::string condition_;
};

lake::Lake LakeOf(Workspace& workspace, const StatementTexts& texts, const NamedTable& table) {
  lake::Lake lake = run::LakeOf(workspace, texts.connection());
  lake.reading = texts.ReadingOf(table.path);
  return lake;
}

}  // namespace

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::InsertRows& written) {
  ASSIGN_OR_RETURN(NamedTable table, OpenChangeable(workspace, context, written.table, "INSERT"));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.table->Latest());
  sql::InsertRows insert = written;
  if (!written.values.empty()) {
    ASSIGN_OR_RETURN(insert,
                     WithDefaults(written, snapshot->metadata(), workspace.project.dialect));
  }
  StatementTexts texts(workspace.project.dialect, insert.table.text,
                       insert.table.parts.empty() ? "" : insert.table.parts.back());
  texts.SetSource(insert.query, "", {});
  std::optional<size_t> replaced;
  if (insert.replace_where) replaced = texts.Add(*insert.replace_where);
  RETURN_IF_ERROR(texts.Bind(workspace, context));
  lake::WriteRequest request;
  request.query = texts.source();
  request.columns = insert.columns;
  request.by_name = insert.by_name;
  request.merge_schema = insert.schema_evolution ||
                         SettingIsTrue(context, "spark.databricks.delta.schema.autoMerge.enabled");
  if (replaced) {
    request.mode = lake::WriteMode::kReplaceWhere;
    request.replace_where = texts.Expression(*replaced);
  } else if (insert.overwrite) {
    request.mode = OverwritesDynamically(context) ? lake::WriteMode::kDynamicPartitions
                                                  : lake::WriteMode::kOverwrite;
  }
  if (!insert.partition.empty()) {
    PartitionClause clause(workspace, insert, snapshot->metadata());
    RETURN_IF_ERROR(clause.Apply(OverwritesDynamically(context), &request));
  }
  ASSIGN_OR_RETURN(
      const lake::OperationResult result,
      At(lake::WriteRows(LakeOf(workspace, texts, table), *table.table, request), insert.table));
  const int64_t rows = MetricOf(result.metrics, "numOutputRows");
  return StatementRows{{{"num_affected_rows", true}, {"num_inserted_rows", true}}, {{rows, rows}}};
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::DeleteRows& statement) {
  const char* what = statement.truncate ? "TRUNCATE TABLE" : "DELETE FROM";
  ASSIGN_OR_RETURN(NamedTable table, OpenChangeable(workspace, context, statement.table, what));
  StatementTexts texts(workspace.project.dialect, statement.table.text, statement.alias);
  lake::DeleteRequest request;
  request.alias = texts.alias();
  if (statement.condition) {
    const size_t condition = texts.Add(*statement.condition);
    RETURN_IF_ERROR(texts.Bind(workspace, context));
    request.condition = texts.Expression(condition);
  }
  ASSIGN_OR_RETURN(duck::Connection plain, workspace.engine->Connect());
  duck::Connection* connection = texts.connection() == nullptr ? &plain : texts.connection();
  lake::Lake lake = run::LakeOf(workspace, connection);
  lake.reading = texts.ReadingOf(table.path);
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   At(lake::DeleteRows(lake, *table.table, request), statement.table));
  if (statement.truncate) return StatementRows{};
  return StatementRows{{{"num_affected_rows", true}},
                       {{MetricOf(result.metrics, "numDeletedRows")}}};
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::UpdateRows& update) {
  ASSIGN_OR_RETURN(NamedTable table, OpenChangeable(workspace, context, update.table, "UPDATE"));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.table->Latest());
  StatementTexts texts(workspace.project.dialect, update.table.text, update.alias);
  const auto assignments = Unqualified(update.assignments, texts.alias(), *snapshot);
  const auto values = AddValues(assignments, {}, &texts);
  std::optional<size_t> condition;
  if (update.condition) condition = texts.Add(*update.condition);
  RETURN_IF_ERROR(texts.Bind(workspace, context));
  lake::UpdateRequest request;
  request.alias = texts.alias();
  request.assignments = Translated(assignments, values, texts);
  if (condition) request.condition = texts.Expression(*condition);
  ASSIGN_OR_RETURN(
      const lake::OperationResult result,
      At(lake::UpdateRows(LakeOf(workspace, texts, table), *table.table, request), update.table));
  return StatementRows{{{"num_affected_rows", true}},
                       {{MetricOf(result.metrics, "numUpdatedRows")}}};
}

namespace {

TextScope ScopeOf(sql::MergeClause::When when) {
  if (when == sql::MergeClause::When::kNotMatched) return {false, true};
  return {true, when == sql::MergeClause::When::kMatched};
}

// The clauses of a MERGE on their way to the engine.
class MergeClauses {
 public:
  MergeClauses(const sql::MergeRows& merge, const delta::Snapshot& snapshot, StatementTexts* texts)
      : merge_(merge), texts_(texts) {
    for (const sql::MergeClause& clause : merge.clauses) {
      const TextScope scope = ScopeOf(clause.when);
      Numbers numbers;
      numbers.assignments = Unqualified(clause.assignments, texts->alias(), snapshot);
      if (clause.condition) numbers.condition = texts->Add(*clause.condition, scope);
      numbers.values = AddValues(numbers.assignments, scope, texts);
      numbers_.push_back(std::move(numbers));
    }
  }

  std::vector<lake::MergeClause> Translated() const {
    std::vector<lake::MergeClause> translated;
    for (size_t i = 0; i < numbers_.size(); ++i) {
      const sql::MergeClause& clause = merge_.clauses[i];
      lake::MergeClause made;
      made.when = static_cast<lake::MergeClause::When>(clause.when);
      made.action = static_cast<lake::MergeClause::Action>(clause.action);
      if (numbers_[i].condition) made.condition = texts_->Expression(*numbers_[i].condition);
      made.assignments = run::Translated(numbers_[i].assignments, numbers_[i].values, *texts_);
      translated.push_back(std::move(made));
    }
    return translated;
  }

 private:
  struct Numbers {
    std::optional<size_t> condition;
    std::vector<sql::ColumnAssignment> assignments;
    std::vector<size_t> values;
  };
  const sql::MergeRows& merge_;
  StatementTexts* texts_;
  std::vector<Numbers> numbers_;
};

// A condition is asked more than once of a row: for the clause that fits and for its values.
Status CheckDeterministic(const Workspace& workspace, const model::QueryText& condition) {
  sql::QueryContext context;
  context.dialect = workspace.project.dialect;
  model::QueryText query = condition;
  query.text = "SELECT (" + condition.text + "\n)";
  const auto translated = sql::TranslateQuery(query, context);
  if (!translated.ok() || !translated->nondeterministic) return OkStatus();
  return UserError("NONDETERMINISTIC_CONDITION",
                   "a condition of MERGE gives another answer each time: " + condition.text,
                   "Compute random values in the source: USING (SELECT *, rand() AS r FROM …).")
      .At(condition.where);
}

Status CheckConditions(const Workspace& workspace, const sql::MergeRows& merge) {
  RETURN_IF_ERROR(CheckDeterministic(workspace, merge.on));
  for (const sql::MergeClause& clause : merge.clauses) {
    if (clause.condition) RETURN_IF_ERROR(CheckDeterministic(workspace, *clause.condition));
  }
  return OkStatus();
}

}  // namespace

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::MergeRows& merge) {
  RETURN_IF_ERROR(CheckConditions(workspace, merge));
  ASSIGN_OR_RETURN(NamedTable table, OpenChangeable(workspace, context, merge.table, "MERGE INTO"));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.table->Latest());
  StatementTexts texts(workspace.project.dialect, merge.table.text, merge.alias);
  texts.SetSource(merge.source, merge.source_alias, merge.source_columns);
  const size_t on = texts.Add(merge.on, {true, true});
  const MergeClauses clauses(merge, *snapshot, &texts);
  RETURN_IF_ERROR(texts.Bind(workspace, context));
  lake::MergeRequest request;
  request.source = texts.source();
  request.source_alias = texts.source_alias();
  request.alias = texts.alias();
  request.on = texts.Expression(on);
  request.clauses = clauses.Translated();
  request.schema_evolution =
      merge.schema_evolution ||
      SettingIsTrue(context, "spark.databricks.delta.schema.autoMerge.enabled");
  ASSIGN_OR_RETURN(
      const lake::OperationResult result,
      At(lake::MergeRows(LakeOf(workspace, texts, table), *table.table, request), merge.table));
  const int64_t updated = MetricOf(result.metrics, "numTargetRowsUpdated");
  const int64_t deleted = MetricOf(result.metrics, "numTargetRowsDeleted");
  const int64_t inserted = MetricOf(result.metrics, "numTargetRowsInserted");
  return StatementRows{{{"num_affected_rows", true},
                        {"num_updated_rows", true},
                        {"num_deleted_rows", true},
                        {"num_inserted_rows", true}},
                       {{updated + deleted + inserted, updated, deleted, inserted}}};
}

}  // namespace penstock::run
