#include <algorithm>

#include "cli/commands.h"
#include "cli/diagnostics.h"

namespace penstock::cli {

ExitStatus Execute(Session& session, const VerifyCommand& command) {
  Result<std::unique_ptr<run::Workspace>> workspace = session.Open();
  if (!workspace.ok()) return Fail(workspace.error());
  const run::VerifyOutcome outcome = run::Verify(*workspace.value(), command.tables);
  ReportRows rows(
      {{"table"}, {"result"}, {"rows", true}, {"missing", true}, {"extra", true}, {"reason"}});
  ExitStatus status = kDone;
  for (const run::TableVerification& table : outcome.tables) {
    rows.Add({model::ToString(table.table), table.result, table.rows, table.missing, table.extra,
              table.reason.empty() ? Json() : Json(table.reason)});
    if (table.result == "different") status = kFailed;
  }
  status = std::max(status, session.Print(rows));
  for (const run::TableVerification& table : outcome.tables) {
    for (const std::string& example : table.examples) {
      PrintNote(model::ToString(table.table) + " " + example);
    }
  }
  for (const Error& error : outcome.errors) {
    PrintError(error);
    status = std::max(status, StatusOf(error));
  }
  return status;
}

}  // namespace penstock::cli
