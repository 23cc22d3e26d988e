#include <utility>

#include "base/sql_text.h"
#include "lake/change_target.h"
#include "lake/column_values.h"
#include "lake/read_rows.h"
#include "lake/row_change.h"
#include "lake/table_operation.h"
#include "lake/table_transaction.h"

namespace penstock::lake {
namespace {

delta::Change NewChange(const UpdateRequest& request) {
  delta::Change change;
  change.info.operation = "UPDATE";
  const Json predicate =
      request.condition.empty() ? Json::array() : Json::array({request.condition});
  change.info.operation_parameters = {{"predicate", DumpJson(predicate)}};
  return change;
}

RowsRead ReadBy(const UpdateRequest& request, const delta::Snapshot& snapshot) {
  RowsRead rows{snapshot.metadata().schema, request.alias, request.condition, {}, {}};
  for (const Assignment& assignment : request.assignments) rows.others.push_back(assignment.value);
  return rows;
}

// The rows to update: where they are, their new values "__n…", and for the change feed the old
// ones "__p…".
struct UpdatePlan {
  std::string query;
  ColumnValues values;  // over its rows
};

Result<UpdatePlan> Plan(const Lake& lake, const ChangeTarget& target, const UpdateRequest& request,
                        const Relation& relation) {
  const std::string from = "(" + relation.sql + ") AS " + QuoteIdentifier(request.alias);
  const auto old = OldValues(target, request.alias);
  ASSIGN_OR_RETURN(ColumnValues values,
                   AssignedValues(lake, target.columns, request.assignments, old, from));
  std::string list =
      QuoteIdentifier(kFileNumberColumn) + ", " + QuoteIdentifier(kRowPositionColumn);
  UpdatePlan plan;
  for (size_t i = 0; i < values.size(); ++i) {
    if (target.change_feed) list += ", " + old[i] + " AS " + NumberedColumn("__p", i);
    if (values[i]) {
      list += ", " + *values[i] + " AS " + NumberedColumn("__n", i);
      values[i] = NumberedColumn("__n", i);
    }
  }
  if (target.tracks_rows()) {
    list += std::string(", ") + kRowIdColumn;
    values.emplace_back(kRowIdColumn);
  }
  plan.values = std::move(values);
  plan.query = "SELECT " + list + " FROM " + from;
  if (!request.condition.empty()) plan.query += " WHERE (" + request.condition + ")";
  return plan;
}

std::string OldRows(const ChangeTarget& target, const TempTable& rows) {
  std::string list;
  for (size_t i = 0; i < target.columns.size(); ++i) list += NumberedColumn("__p", i) + ", ";
  return "SELECT " + list + "'update_preimage' FROM " + rows.name();
}

Result<std::optional<delta::Change>> Decided(const Lake& lake, delta::Table& table,
                                             const UpdateRequest& request,
                                             const delta::SnapshotPtr& snapshot,
                                             std::vector<std::string>* written) {
  ASSIGN_OR_RETURN(const ChangeTarget target,
                   OpenTarget(lake, table, snapshot, TargetUse::kTakesRows));
  RelationOptions options;
  options.with_row_position = true;
  options.with_row_ids = target.tracks_rows();
  ASSIGN_OR_RETURN(const Relation relation, SnapshotRelation(target.path, *snapshot, options));
  ASSIGN_OR_RETURN(const UpdatePlan plan, Plan(lake, target, request, relation));
  TempTable updated(lake.connection);
  RETURN_IF_ERROR(updated.Fill(plan.query));
  RowChange rows;
  rows.updates = true;
  rows.with_row_ids = target.tracks_rows();
  rows.removed = PositionsOf(updated.name());
  ASSIGN_OR_RETURN(const std::string query, RowsQuery(WrittenColumns(target, rows.with_row_ids),
                                                      plan.values, updated.name(), lake.translate));
  ASSIGN_OR_RETURN(const int64_t count,
                   QueryNumber(*lake.connection, "SELECT count(*) FROM " + updated.name()));
  if (count == 0) return std::optional<delta::Change>();
  rows.new_rows = query;
  TempTable stored(lake.connection);
  if (target.change_feed) {
    RETURN_IF_ERROR(StoreNewRows(target, query, rows.with_row_ids, &stored));
    rows.new_rows = "SELECT * FROM " + stored.name();
    rows.change_rows = OldRows(target, updated) + " UNION ALL SELECT " +
                       ColumnList(target.columns) + ", 'update_postimage' FROM " + stored.name();
  }
  delta::Change change = NewChange(request);
  change.read = ReadSetOf(lake, ReadBy(request, *snapshot));
  ASSIGN_OR_RETURN(const RowChangeCounts counts,
                   ApplyRowChange(lake, target, rows, written, &change));
  SetFileMetrics(counts, &change);
  SetMetric(&change, "numUpdatedRows", counts.removed_rows);
  return std::optional(std::move(change));
}

}  // namespace

Result<OperationResult> UpdateRows(const Lake& lake, delta::Table& table,
                                   const UpdateRequest& request) {
  return RunTransaction(lake, table,
                        [&](const delta::SnapshotPtr& snapshot, std::vector<std::string>* written) {
                          return Decided(lake, table, request, snapshot, written);
                        });
}

}  // namespace penstock::lake
