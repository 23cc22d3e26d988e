#include <atomic>
#include <csignal>
#include <cstdio>
#include <string>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/progress.h"
#include "cli/selection.h"
#include "cli/terminal.h"
#include "cli/update_summary.h"
#include "duck/engine.h"

namespace penstock::cli {
namespace {

// 0: go on, 1: stop between batches, 2: interrupt what runs.
std::atomic<int> stop_requests{0};
static_assert(std::atomic<int>::is_always_lock_free);

void OnSignal(int) {
  if (stop_requests.load() < 2) stop_requests.fetch_add(1);
}

// Installs the handlers for one update.
class StopOnSignals {
 public:
  StopOnSignals() {
    stop_requests = 0;
    struct sigaction action{};
    action.sa_handler = OnSignal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, &old_interrupt_);
    sigaction(SIGTERM, &action, &old_terminate_);
  }
  ~StopOnSignals() {
    sigaction(SIGINT, &old_interrupt_, nullptr);
    sigaction(SIGTERM, &old_terminate_, nullptr);
  }

 private:
  struct sigaction old_interrupt_{};
  struct sigaction old_terminate_{};
};

ExitStatus StatusOf(const run::UpdateOutcome& outcome) {
  switch (outcome.state) {
    case run::UpdateState::kCompleted:
      return kDone;
    case run::UpdateState::kFailed:
      return outcome.definition_errors ? kUsage : kFailed;
    case run::UpdateState::kCanceled:
      return kInterrupted;
  }
  return kFailed;
}

}  // namespace

run::Selection ToSelection(const SelectionOptions& options) {
  return {options.refresh, options.full_refresh, options.full_refresh_all, options.select};
}

ExitStatus Execute(Session& session, const RunCommand& command) {
  const Result<Format> format = session.OutputFormat();
  if (!format.ok()) return Fail(format.error());
  Result<std::unique_ptr<run::Workspace>> workspace = session.Open();
  if (!workspace.ok()) return Fail(workspace.error());
  const bool events_wanted = !session.options().format.empty() &&
                             (format.value() == Format::kJsonl || format.value() == Format::kJson);

  StopOnSignals signals;
  Progress progress;
  FailedRules rules;
  run::UpdateOptions options;
  options.selection = ToSelection(command.selection);
  options.stop = &stop_requests;
  options.observer.on_flow = [&](const run::FlowProgress& flow) { progress.Show(flow); };
  options.observer.on_event = [&](const Json& event) {
    rules.Take(event);
    if (event.value("level", "") == "WARN") progress.Warn(event.value("message", ""));
    if (!events_wanted) return;
    std::fputs((DumpJson(event) + "\n").c_str(), stdout);
    std::fflush(stdout);
  };
  const run::UpdateOutcome outcome = run::RunUpdate(*workspace.value(), options);
  progress.End();

  for (const Error& error : outcome.errors) PrintError(error);
  if (!outcome.definition_errors) PrintNote(SummaryText(outcome, rules, progress.seconds()));
  return StatusOf(outcome);
}

}  // namespace penstock::cli
