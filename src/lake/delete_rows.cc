#include <utility>

#include "base/sql_text.h"
#include "lake/change_target.h"
#include "lake/read_rows.h"
#include "lake/row_change.h"
#include "lake/table_operation.h"
#include "lake/table_transaction.h"

namespace penstock::lake {
namespace {

delta::Change NewChange(const DeleteRequest& request) {
  delta::Change change;
  change.info.operation = "DELETE";
  const Json predicate =
      request.condition.empty() ? Json::array() : Json::array({request.condition});
  change.info.operation_parameters = {{"predicate", DumpJson(predicate)}};
  return change;
}

// What the change feed needs is taken in the same pass as the positions.
std::string RemovedQuery(const ChangeTarget& target, const DeleteRequest& request,
                         const Relation& relation) {
  std::string list =
      QuoteIdentifier(kFileNumberColumn) + ", " + QuoteIdentifier(kRowPositionColumn);
  if (target.change_feed) {
    const auto old = OldValues(target, request.alias);
    for (size_t i = 0; i < old.size(); ++i)
      list += ", " + old[i] + " AS " + NumberedColumn("__p", i);
  }
  return "SELECT " + list + " FROM (" + relation.sql + ") AS " + QuoteIdentifier(request.alias) +
         " WHERE (" + request.condition + ")";
}

std::string OldRows(const ChangeTarget& target, const TempTable& rows) {
  std::string list;
  for (size_t i = 0; i < target.columns.size(); ++i) list += NumberedColumn("__p", i) + ", ";
  return "SELECT " + list + "'delete' FROM " + rows.name();
}

Result<std::optional<delta::Change>> Decided(const Lake& lake, delta::Table& table,
                                             const DeleteRequest& request,
                                             const delta::SnapshotPtr& snapshot,
                                             std::vector<std::string>* written) {
  ASSIGN_OR_RETURN(const ChangeTarget target,
                   OpenTarget(lake, table, snapshot, TargetUse::kTakesRows));
  delta::Change change = NewChange(request);
  change.read =
      ReadSetOf(lake, {snapshot->metadata().schema, request.alias, request.condition, {}, {}});
  RowChangeCounts counts;
  if (request.condition.empty()) {
    counts = RemoveAllFiles(target, lake.clock->Now() / 1000, &change);
  } else {
    RelationOptions options;
    options.with_row_position = true;
    ASSIGN_OR_RETURN(const Relation relation, SnapshotRelation(target.path, *snapshot, options));
    TempTable gone(lake.connection);
    RETURN_IF_ERROR(gone.Fill(RemovedQuery(target, request, relation)));
    RowChange rows;
    rows.removed = PositionsOf(gone.name());
    rows.change_rows = OldRows(target, gone);
    ASSIGN_OR_RETURN(counts, ApplyRowChange(lake, target, rows, written, &change));
  }
  if (change.removes.empty()) return std::optional<delta::Change>();
  SetFileMetrics(counts, &change);
  SetMetric(&change, "numDeletedRows", counts.removed_rows);
  return std::optional(std::move(change));
}

}  // namespace

Result<OperationResult> DeleteRows(const Lake& lake, delta::Table& table,
                                   const DeleteRequest& request) {
  return RunTransaction(lake, table,
                        [&](const delta::SnapshotPtr& snapshot, std::vector<std::string>* written) {
                          return Decided(lake, table, request, snapshot, written);
                        });
}

}  // namespace penstock::lake
