#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "run/explain.h"

namespace penstock::cli {
namespace {

Json StepsOf(const run::ViewExplanation& view) {
  Json steps = Json::array();
  for (const run::ViewExplanation::Step& step : view.steps) {
    steps.push_back(
        {{"table", step.table}, {"purpose", step.purpose}, {"plan", step.plan}, {"sql", step.sql}});
  }
  return steps;
}

ExitStatus PrintText(const std::vector<run::ViewExplanation>& views) {
  std::string text;
  for (const run::ViewExplanation& view : views) {
    text += (text.empty() ? "" : "\n") + run::ToString(view);
  }
  std::fputs(text.c_str(), stdout);
  return kDone;
}

}  // namespace

ExitStatus Execute(Session& session, const ExplainCommand& command) {
  Result<std::unique_ptr<run::Workspace>> workspace = session.Open();
  if (!workspace.ok()) return Fail(workspace.error());
  const auto format = session.OutputFormat();
  if (!format.ok()) return Fail(format.error());
  const run::ExplainOutcome outcome = run::Explain(*workspace.value(), command.tables);
  ReportRows rows({{"table"}, {"where"}, {"query"}, {"refresh"}, {"steps"}});
  for (const run::ViewExplanation& view : outcome.views) {
    rows.Add({model::ToString(view.table), ToString(view.where),
              view.query.empty() ? Json() : Json(view.query), view.refresh, StepsOf(view)});
  }
  ExitStatus status = *format == Format::kTable ? PrintText(outcome.views) : session.Print(rows);
  for (const Error& error : outcome.errors) {
    PrintError(error);
    status = std::max(status, StatusOf(error));
  }
  return status;
}

}  // namespace penstock::cli
