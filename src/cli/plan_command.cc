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

// What each technique that could bring a view up to date would cost; null where none was compared.
Json TechniquesOf(const run::TablePlan& plan) {
  Json techniques = Json::array();
  for (const run::TechniquePlan& technique : plan.techniques) {
    techniques.push_back({{"technique", technique.technique},
                          {"chosen", technique.chosen},
                          {"read_rows", technique.read_rows},
                          {"read_bytes", technique.read_bytes},
                          {"written_rows", technique.written_rows},
                          {"written_bytes", technique.written_bytes},
                          {"seconds", technique.seconds},
                          {"why_not", technique.why_not}});
  }
  return techniques.empty() ? Json() : techniques;
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
                   {"rows_to_write", true},
                   {"seconds", true},
                   {"full_rows", true},
                   {"full_bytes", true},
                   {"full_seconds", true},
                   {"policy"},
                   {"techniques"}});
  for (const run::TablePlan& plan : outcome.tables) {
    rows.Add({model::ToString(plan.table), plan.kind, plan.mode, plan.reason, OrNull(plan.rows),
              OrNull(plan.bytes), OrNull(plan.files), OrNull(plan.files_present),
              OrNull(plan.rows_to_write), OrNull(plan.seconds), OrNull(plan.full_rows),
              OrNull(plan.full_bytes), OrNull(plan.full_seconds),
              plan.policy.empty() ? Json() : Json(plan.policy), TechniquesOf(plan)});
  }
  const ExitStatus printed = session.Print(rows);
  return std::max(printed, PrintErrors(outcome.errors));
}

}  // namespace penstock::cli
