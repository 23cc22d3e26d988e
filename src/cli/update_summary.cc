#include "cli/update_summary.h"

#include <fmt/format.h>

#include "base/text.h"

namespace penstock::cli {
namespace {

// The list of expectations of a flow_progress event, or null.
const Json* Expectations(const Json& event) {
  const Json* at = &event;
  for (const char* key : {"details", "flow_progress", "data_quality", "expectations"}) {
    if (!at->is_object() || !at->contains(key)) return nullptr;
    at = &(*at)[key];
  }
  return at->is_array() ? at : nullptr;
}

const char* StateWord(run::UpdateState state) {
  switch (state) {
    case run::UpdateState::kCompleted:
      return "completed";
    case run::UpdateState::kFailed:
      return "failed";
    case run::UpdateState::kCanceled:
      return "interrupted";
  }
  return "ended";
}

}  // namespace

void FailedRules::Take(const Json& event) {
  const Json* expectations = Expectations(event);
  if (expectations == nullptr) return;
  for (const Json& rule : *expectations) {
    if (!rule.is_object()) continue;
    Counts& counts = rules_[{rule.value("dataset", ""), rule.value("name", "")}];
    counts.passed += rule.value("passed_records", int64_t{0});
    counts.failed += rule.value("failed_records", int64_t{0});
  }
}

std::string FailedRules::Text() const {
  std::string text;
  for (const auto& [rule, counts] : rules_) {
    if (counts.failed == 0) continue;
    text += fmt::format("\n  {}: {} failed on {} of {} rows", rule.first, rule.second,
                        Grouped(counts.failed), Grouped(counts.passed + counts.failed));
  }
  return text;
}

std::string SummaryText(const run::UpdateOutcome& outcome, const FailedRules& rules,
                        double seconds) {
  run::FlowProgress sum;
  std::map<std::string, size_t> by_status;
  for (const run::FlowProgress& flow : outcome.flows) {
    ++by_status[flow.status];
    sum.rows_in += flow.rows_in;
    sum.rows_out += flow.rows_out;
    sum.dropped += flow.dropped;
    sum.quarantined += flow.quarantined;
  }
  const size_t excluded = by_status.contains("EXCLUDED") ? by_status["EXCLUDED"] : 0;
  const size_t taken = outcome.flows.size() - excluded;
  std::string text =
      fmt::format("Update {} {} in {:.1f} s: {} {}", outcome.update_id, StateWord(outcome.state),
                  seconds, taken, taken == 1 ? "flow" : "flows");
  for (const auto& [status, word] :
       {std::pair{"FAILED", "failed"}, {"SKIPPED", "skipped"}, {"STOPPED", "stopped"}}) {
    const auto count = by_status.find(status);
    if (count != by_status.end()) text += fmt::format(", {} {}", count->second, word);
  }
  text += fmt::format("; rows in {}, out {}, dropped {}, quarantined {}", Grouped(sum.rows_in),
                      Grouped(sum.rows_out), Grouped(sum.dropped), Grouped(sum.quarantined));
  if (outcome.state == run::UpdateState::kCanceled) {
    text += "; finished batches are kept, the next run goes on";
  }
  return text + rules.Text();
}

}  // namespace penstock::cli
