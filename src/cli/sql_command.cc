#include <iostream>
#include <iterator>
#include <string>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/inspect.h"

namespace penstock::cli {

ExitStatus Execute(Session& session, const SqlCommand& command) {
  std::string query = command.query;
  if (query == "-") query.assign(std::istreambuf_iterator<char>(std::cin), {});
  Result<std::unique_ptr<run::Workspace>> workspace = session.OpenAnywhere();
  if (!workspace.ok()) return Fail(workspace.error());
  Result<Inspected> inspected = Inspect(*workspace.value(), query);
  if (!inspected.ok()) return Fail(inspected.error());
  if (auto* rows = std::get_if<ReportRows>(&*inspected)) return session.Print(*rows);
  Result<run::SqlResult> result =
      run::RunSql(*workspace.value(), std::get<std::string>(*inspected));
  if (!result.ok()) return Fail(result.error());
  if (!result->rows) return kDone;
  EngineRows rows(std::move(*result->rows));
  return session.Print(rows);
}

}  // namespace penstock::cli
