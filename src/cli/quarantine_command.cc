#include <utility>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/table_rows.h"
#include "cli/target.h"

namespace penstock::cli {
namespace {

// The quarantine of a table, or nothing when no row was ever set aside.
Result<std::optional<Target>> OpenQuarantine(run::Workspace& workspace,
                                             const model::TableName& name) {
  const auto table = workspace.catalog->OpenPath(workspace.catalog->layout().QuarantinePath(name));
  ASSIGN_OR_RETURN(const bool exists, table->Exists());
  if (!exists) return std::optional<Target>();
  return std::optional<Target>(Target{"quarantine of " + model::ToString(name), name, table});
}

Result<ReportRows> ListRows(Session& session) {
  ASSIGN_OR_RETURN(const std::unique_ptr<run::Workspace> workspace, session.Open());
  // Views have a quarantine without being tables: the folders are asked, not the catalog.
  ASSIGN_OR_RETURN(const std::vector<model::TableName> names,
                   workspace->catalog->ListQuarantines());
  ReportRows rows({{"table"}, {"rows", true}, {"version", true}, {"path"}});
  for (const model::TableName& name : names) {
    ASSIGN_OR_RETURN(const std::optional<Target> quarantine, OpenQuarantine(*workspace, name));
    if (!quarantine) continue;
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, quarantine->table->Latest());
    const std::optional<int64_t> count = snapshot->NumRecords();
    rows.Add({model::ToString(name), count ? Json(*count) : Json(), snapshot->version(),
              quarantine->table->path()});
  }
  return rows;
}

Result<ExitStatus> ShowQuarantine(Session& session, const std::string& text) {
  ASSIGN_OR_RETURN(const std::unique_ptr<run::Workspace> workspace, session.Open());
  ASSIGN_OR_RETURN(const model::TableName name, ParseTableName(text, workspace->project));
  ASSIGN_OR_RETURN(const std::optional<Target> quarantine, OpenQuarantine(*workspace, name));
  if (!quarantine) {
    RETURN_IF_ERROR(OpenTarget(*workspace, text));
    PrintNote("no row of " + model::ToString(name) + " is in quarantine");
    return kDone;
  }
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, quarantine->table->Latest());
  ASSIGN_OR_RETURN(const lake::Relation relation, TableRelation(*quarantine, snapshot));
  ASSIGN_OR_RETURN(duck::Connection connection, workspace->engine->Connect());
  ASSIGN_OR_RETURN(duck::ResultSet result, connection.Query(relation.sql));
  EngineRows rows(std::move(result));
  return session.Print(rows);
}

}  // namespace

ExitStatus Execute(Session& session, const QuarantineListCommand&) {
  Result<ReportRows> rows = ListRows(session);
  return rows.ok() ? session.Print(rows.value()) : Fail(rows.error());
}

ExitStatus Execute(Session& session, const QuarantineShowCommand& command) {
  const Result<ExitStatus> status = ShowQuarantine(session, command.table);
  return status.ok() ? status.value() : Fail(status.error());
}

}  // namespace penstock::cli
