#include <iostream>
#include <iterator>
#include <string>

#include "cli/commands.h"
#include "cli/diagnostics.h"

namespace penstock::cli {

ExitStatus Execute(Session& session, const SqlCommand& command) {
  std::string query = command.query;
  if (query == "-") query.assign(std::istreambuf_iterator<char>(std::cin), {});
  Result<std::unique_ptr<run::Workspace>> workspace = session.OpenAnywhere();
  if (!workspace.ok()) return Fail(workspace.error());
  Result<run::SqlResult> result = run::RunSql(*workspace.value(), query);
  if (!result.ok()) return Fail(result.error());
  if (!result->rows) return kDone;
  EngineRows rows(std::move(*result->rows));
  return session.Print(rows);
}

}  // namespace penstock::cli
