#include <cmath>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/table_rows.h"
#include "cli/target.h"
#include "delta/properties.h"
#include "lake/table_operation.h"
#include "run/storage_lock.h"
#include "sql/query/query.h"

// The commands that maintain tables. OPTIMIZE, CLONE and CHECKPOINT hold beside a running update,
// by the rules of the log. What would take files or rows from under it (a restore, and a vacuum
// that is not to look at the retention) waits for its lock's end by being refused.
namespace penstock::cli {
namespace {

constexpr double kMsPerHour = 3600.0 * 1000;
constexpr double kMostHours = 1e9;

// A workspace, a table in it, and what operations work with.
struct Work {
  std::unique_ptr<run::Workspace> workspace;
  Target target;
  duck::Connection connection;

  lake::Lake lake() {
    lake::Lake lake;
    lake.engine = workspace->engine.get();
    lake.connection = &connection;
    lake.storage = workspace->storage;
    lake.clock = workspace->clock;
    return lake;
  }
};

enum class TargetKind { kExisting, kNew };

Result<Work> OpenWork(Session& session, const std::string& table,
                      TargetKind kind = TargetKind::kExisting) {
  ASSIGN_OR_RETURN(std::unique_ptr<run::Workspace> workspace, session.OpenAnywhere());
  ASSIGN_OR_RETURN(Target target, kind == TargetKind::kNew ? OpenNewTarget(*workspace, table)
                                                           : OpenTarget(*workspace, table));
  ASSIGN_OR_RETURN(duck::Connection connection, workspace->engine->Connect());
  return Work{std::move(workspace), std::move(target), std::move(connection)};
}

// The lock of the project's updates if the table is one of its own.
Result<std::unique_ptr<run::StorageLock>> LockUpdates(Work& work) {
  if (work.workspace->project.file.empty()) return std::unique_ptr<run::StorageLock>();
  const catalog::Layout& layout = work.workspace->catalog->layout();
  if (!work.target.name && !io::IsInside(layout.root, work.target.table->path())) {
    return std::unique_ptr<run::StorageLock>();
  }
  return run::StorageLock::Acquire(*work.workspace, /*wait=*/false);
}

Result<delta::TimeTravel> TimeOf(const std::optional<int64_t>& version,
                                 const std::string& timestamp) {
  delta::TimeTravel when;
  when.version = version;
  if (!timestamp.empty()) {
    ASSIGN_OR_RETURN(when.timestamp_ms, ParseTimestampMs(timestamp));
  }
  return when;
}

// One row: the path, the new version and the numbers.
ExitStatus PrintResult(Session& session, const Target& target,
                       const lake::OperationResult& result) {
  std::vector<OutputColumn> columns = {{"path"}, {"version", true}};
  std::vector<Json> row = {target.table->path(), result.version ? Json(*result.version) : Json()};
  for (const auto& [name, value] : result.metrics.items()) {
    columns.push_back({name, value.is_number()});
    row.push_back(value);
  }
  ReportRows rows(std::move(columns));
  rows.Add(std::move(row));
  return session.Print(rows);
}

Result<std::string> EngineCondition(const Work& work, const std::string& text) {
  if (text.empty()) return text;
  model::QueryText query;
  query.text = text;
  sql::QueryContext context;
  context.dialect = work.workspace->project.dialect;
  ASSIGN_OR_RETURN(const sql::Expression expression, sql::TranslateExpression(query, context));
  return expression.text;
}

Result<ExitStatus> Run(Session& session, const TableOptimizeCommand& command) {
  if (command.purge && (!command.zorder.empty() || command.full)) {
    return UserError("USAGE", "--purge does not go with --zorder or --full",
                     "Run penstock table optimize twice.");
  }
  ASSIGN_OR_RETURN(Work work, OpenWork(session, command.table));
  lake::OptimizeRequest request;
  ASSIGN_OR_RETURN(request.condition, EngineCondition(work, command.where));
  request.zorder_columns = command.zorder;
  request.full = command.full;
  request.purge_only = command.purge;
  const lake::Lake lake = work.lake();
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::Optimize(lake, *work.target.table, request));
  if (!result.version) PrintNote(work.target.label + ": nothing to do");
  return PrintResult(session, work.target, result);
}

Result<std::optional<int64_t>> RetentionOf(const TableVacuumCommand& command) {
  if (command.retain_hours) {
    if (!std::isfinite(*command.retain_hours) || std::fabs(*command.retain_hours) > kMostHours) {
      return UserError("INVALID_RETENTION", "--retain-hours is out of range", "Give some hours.");
    }
    return std::optional(static_cast<int64_t>(*command.retain_hours * kMsPerHour));
  }
  if (command.retain.empty()) return std::optional<int64_t>();
  const std::optional<int64_t> ms = delta::ParseIntervalMs(command.retain);
  if (ms) return ms;
  return UserError("INVALID_RETENTION", "'" + command.retain + "' is no length of time",
                   "Write for example: --retain \"7 days\" or --retain \"36 hours\".");
}

Result<ExitStatus> Run(Session& session, const TableVacuumCommand& command) {
  ASSIGN_OR_RETURN(Work work, OpenWork(session, command.table));
  lake::VacuumRequest request;
  ASSIGN_OR_RETURN(request.retention_ms, RetentionOf(command));
  request.retention_check = !command.no_retention_check;
  request.dry_run = command.dry_run;
  std::unique_ptr<run::StorageLock> lock;
  if (!request.retention_check && !request.dry_run) {
    ASSIGN_OR_RETURN(lock, LockUpdates(work));
  }
  const lake::Lake lake = work.lake();
  ASSIGN_OR_RETURN(const lake::VacuumResult result,
                   lake::Vacuum(lake, *work.target.table, request));
  PrintNote((command.dry_run ? "would delete " : "deleted ") + std::to_string(result.files.size()) +
            " files, " + std::to_string(result.bytes) + " bytes below " +
            work.target.table->path());
  ReportRows rows({{"path"}});
  for (const std::string& file : result.files) rows.Add({file});
  return session.Print(rows);
}

Result<ExitStatus> Run(Session& session, const TableRestoreCommand& command) {
  ASSIGN_OR_RETURN(Work work, OpenWork(session, command.table));
  lake::RestoreRequest request;
  ASSIGN_OR_RETURN(request.to, TimeOf(command.version, command.timestamp));
  ASSIGN_OR_RETURN(const std::unique_ptr<run::StorageLock> lock, LockUpdates(work));
  const lake::Lake lake = work.lake();
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::Restore(lake, *work.target.table, request));
  if (!result.version) PrintNote(work.target.label + ": nothing to do");
  return PrintResult(session, work.target, result);
}

Result<ExitStatus> Run(Session& session, const TableCloneCommand& command) {
  ASSIGN_OR_RETURN(Work work, OpenWork(session, command.source));
  ASSIGN_OR_RETURN(const Target target, OpenNewTarget(*work.workspace, command.target));
  lake::CloneRequest request;
  ASSIGN_OR_RETURN(request.of, TimeOf(command.version, command.timestamp));
  request.replace = command.replace;
  const lake::Lake lake = work.lake();
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::Clone(lake, *work.target.table, *target.table, request));
  return PrintResult(session, target, result);
}

Result<ExitStatus> Run(Session& session, const TableCheckpointCommand& command) {
  ASSIGN_OR_RETURN(Work work, OpenWork(session, command.table));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, work.target.table->Latest());
  RETURN_IF_ERROR(work.target.table->WriteCheckpoint(snapshot));
  PrintNote("wrote the checkpoint of version " + std::to_string(snapshot->version()) + " of " +
            work.target.label);
  return kDone;
}

Result<ExitStatus> Run(Session& session, const TableConvertCommand& command) {
  ASSIGN_OR_RETURN(Work work, OpenWork(session, command.path, TargetKind::kNew));
  lake::ConvertRequest request;
  if (!command.partitioned_by.empty()) {
    ASSIGN_OR_RETURN(request.partition_columns, ParseSchema(command.partitioned_by));
  }
  request.collect_statistics = !command.no_statistics;
  const lake::Lake lake = work.lake();
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::Convert(lake, *work.target.table, request));
  return PrintResult(session, work.target, result);
}

template <typename CommandType>
ExitStatus RunOrFail(Session& session, const CommandType& command) {
  const Result<ExitStatus> status = Run(session, command);
  return status.ok() ? status.value() : Fail(status.error());
}

}  // namespace

ExitStatus Execute(Session& session, const TableOptimizeCommand& command) {
  return RunOrFail(session, command);
}
ExitStatus Execute(Session& session, const TableVacuumCommand& command) {
  return RunOrFail(session, command);
}
ExitStatus Execute(Session& session, const TableRestoreCommand& command) {
  return RunOrFail(session, command);
}
ExitStatus Execute(Session& session, const TableCloneCommand& command) {
  return RunOrFail(session, command);
}
ExitStatus Execute(Session& session, const TableCheckpointCommand& command) {
  return RunOrFail(session, command);
}
ExitStatus Execute(Session& session, const TableConvertCommand& command) {
  return RunOrFail(session, command);
}

}  // namespace penstock::cli
