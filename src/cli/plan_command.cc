#include <utility>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/selection.h"

namespace penstock::cli {
namespace {

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

ExitStatus PrintErrors(const run::Errors& errors) {
  ExitStatus status = kDone;
  for (const Error& error : errors) {
    PrintError(error);
    status = std::max(status, StatusOf(error));
  }
  return status;
}

}  // namespace

ExitStatus Execute(Session& session, const DryRunCommand&) {
  Result<std::unique_ptr<run::Workspace>> workspace = session.Open();
  if (!workspace.ok()) return Fail(workspace.error());
  const run::DryRunOutcome outcome = run::DryRun(*workspace.value());
  ReportRows rows({{"dataset"}, {"kind"}, {"flows"}, {"inputs"}, {"columns"}, {"expectations"}});
  for (const run::DatasetSummary& dataset : outcome.report.datasets) {
    rows.Add({model::ToString(dataset.name), dataset.kind, dataset.flows, dataset.inputs,
              ToString(dataset.columns), dataset.expectations});
  }
  const ExitStatus printed = session.Print(rows);
  for (const std::string& warning : outcome.report.warnings) PrintWarning(warning);
  return std::max(printed, PrintErrors(outcome.errors));
}

ExitStatus Execute(Session& session, const PlanCommand& command) {
  Result<std::unique_ptr<run::Workspace>> workspace = session.Open();
  if (!workspace.ok()) return Fail(workspace.error());
  const run::PlanOutcome outcome = run::Plan(*workspace.value(), ToSelection(command.selection));
  ReportRows rows({{"table"},
                   {"kind"},
                   {"mode"},
                   {"reason"},
                   {"rows", true},
                   {"bytes", true},
                   {"files", true},
                   {"files_present", true},
                   {"seconds", true},
                   {"policy"}});
  for (const run::TablePlan& plan : outcome.tables) {
    rows.Add({model::ToString(plan.table), plan.kind, plan.mode, plan.reason, OrNull(plan.rows),
              OrNull(plan.bytes), OrNull(plan.files), OrNull(plan.files_present),
              OrNull(plan.seconds), plan.policy.empty() ? Json() : Json(plan.policy)});
  }
  const ExitStatus printed = session.Print(rows);
  return std::max(printed, PrintErrors(outcome.errors));
}

}  // namespace penstock::cli
