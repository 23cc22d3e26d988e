#include <cmath>

#include "run/statement_runners.h"

namespace penstock::run {
namespace {

constexpr double kMsPerHour = 3600.0 * 1000;

// What maintenance works on: a table and a connection of its own.
struct Opened {
  NamedTable table;
  duck::Connection connection;
};
Result<Opened> Open(Workspace& workspace, const StatementContext& context,
                    const sql::TableReference& reference) {
  ASSIGN_OR_RETURN(NamedTable table, OpenTable(workspace, context, reference));
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  return Opened{std::move(table), std::move(connection)};
}

template <typename T>
Result<T> At(Result<T> result, const sql::TableReference& reference) {
  if (result.ok()) return result;
  return std::move(result).error().At(reference.text.where);
}

}  // namespace

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::OptimizeTable& statement) {
  ASSIGN_OR_RETURN(Opened opened, Open(workspace, context, statement.table));
  lake::OptimizeRequest request;
  request.full = statement.full;
  request.purge_only = statement.purge;
  request.zorder_columns = statement.zorder_by;
  if (statement.condition) {
    ASSIGN_OR_RETURN(request.condition, TranslateConstant(workspace, *statement.condition));
  }
  ASSIGN_OR_RETURN(
      const lake::OperationResult result,
      At(lake::Optimize(LakeOf(workspace, &opened.connection), *opened.table.table, request),
         statement.table));
  return StatementRows{{{"path"}, {"metrics"}}, {{opened.table.path, result.metrics}}};
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::VacuumTable& statement) {
  ASSIGN_OR_RETURN(Opened opened, Open(workspace, context, statement.table));
  lake::VacuumRequest request;
  request.dry_run = statement.dry_run;
  if (statement.retain_hours) {
    constexpr double kLongest = 1e9;  // hours; more than any log lasts
    if (*statement.retain_hours < 0 || *statement.retain_hours > kLongest) {
      return UserError("BAD_RETENTION", "RETAIN takes a number of hours between 0 and 1000000000",
                       "For example RETAIN 168 HOURS.")
          .At(statement.table.text.where);
    }
    request.retention_ms = std::llround(*statement.retain_hours * kMsPerHour);
  }
  const auto check =
      context.configuration.find("spark.databricks.delta.retentionDurationCheck.enabled");
  request.retention_check = check == context.configuration.end() || check->second != "false";
  ASSIGN_OR_RETURN(
      const lake::VacuumResult result,
      At(lake::Vacuum(LakeOf(workspace, &opened.connection), *opened.table.table, request),
         statement.table));
  StatementRows rows{{{"path"}}, {}};
  if (!statement.dry_run) rows.rows.push_back({opened.table.path});
  if (statement.dry_run) {
    for (const std::string& file : result.files) rows.rows.push_back({file});
  }
  return rows;
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::RestoreTable& statement) {
  ASSIGN_OR_RETURN(Opened opened, Open(workspace, context, statement.table));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, opened.table.table->Latest());
  RETURN_IF_ERROR(
      CheckChangeable(opened.table, *snapshot, statement.table.text.where, "RESTORE TABLE"));
  lake::RestoreRequest request;
  ASSIGN_OR_RETURN(request.to, TravelOf(workspace, statement.to));
  ASSIGN_OR_RETURN(
      const lake::OperationResult result,
      At(lake::Restore(LakeOf(workspace, &opened.connection), *opened.table.table, request),
         statement.table));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr restored, opened.table.table->Latest());
  return StatementRows{
      {{"table_size_after_restore", true},
       {"num_of_files_after_restore", true},
       {"num_removed_files", true},
       {"num_restored_files", true},
       {"removed_files_size", true},
       {"restored_files_size", true}},
      {{restored->TotalBytes(), restored->NumFiles(), MetricOf(result.metrics, "numRemovedFiles"),
        MetricOf(result.metrics, "numRestoredFiles"), MetricOf(result.metrics, "removedFilesSize"),
        MetricOf(result.metrics, "restoredFilesSize")}}};
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ConvertTable& statement) {
  ASSIGN_OR_RETURN(NamedTable table, FindTable(workspace, context, statement.table));
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  lake::ConvertRequest request;
  request.partition_columns = statement.partition_columns;
  request.collect_statistics = statement.statistics;
  RETURN_IF_ERROR(
      At(lake::Convert(LakeOf(workspace, &connection), *table.table, request), statement.table));
  return StatementRows{};
}

}  // namespace penstock::run
