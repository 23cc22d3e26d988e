#include "run/flow_outcome.h"

namespace penstock::run {
namespace {

// The state is as large as it was last.
void AddChanges(const quality::ChangeCounts& changes, std::optional<quality::ChangeCounts>* sum) {
  if (!*sum) sum->emplace();
  (*sum)->inserted += changes.inserted;
  (*sum)->updated += changes.updated;
  (*sum)->deleted += changes.deleted;
  (*sum)->late += changes.late;
  (*sum)->superseded += changes.superseded;
  (*sum)->conflicting += changes.conflicting;
  (*sum)->blocked += changes.blocked;
  (*sum)->state_rows = changes.state_rows;
  (*sum)->state_bytes = changes.state_bytes;
}

events::Origin OriginOf(const graph::Node& node, const graph::ResolvedFlow& flow,
                        const std::string& flow_id) {
  events::Origin origin;
  origin.dataset_name = model::ToString(node.dataset.name);
  origin.flow_name = model::ToString(flow.flow.name);
  origin.flow_id = flow_id;
  return origin;
}

}  // namespace

void Add(const quality::RowCounts& counts, quality::RowCounts* sum) {
  sum->rows_in += counts.rows_in;
  sum->rows_out += counts.rows_out;
  sum->dropped += counts.dropped;
  sum->quarantined += counts.quarantined;
  sum->malformed += counts.malformed;
  if (counts.changes) AddChanges(*counts.changes, &sum->changes);
  for (const quality::RuleCount& rule : counts.rules) {
    bool found = false;
    for (quality::RuleCount& known : sum->rules) {
      if (known.name != rule.name || known.dataset != rule.dataset) continue;
      known.passed += rule.passed;
      known.failed += rule.failed;
      found = true;
    }
    if (!found) sum->rules.push_back(rule);
  }
}

void ShowCounts(const FlowOutcome& outcome, FlowProgress* progress) {
  progress->mode = outcome.mode;
  progress->rows_in = outcome.counts.rows_in;
  progress->rows_out = outcome.counts.rows_out;
  progress->dropped = outcome.counts.dropped;
  progress->quarantined = outcome.counts.quarantined;
  progress->batches = outcome.batches;
  progress->changes = outcome.counts.changes;
}

events::Event FlowEvent(const graph::Node& node, const graph::ResolvedFlow& flow,
                        const std::string& flow_id, const std::string& status,
                        std::string message) {
  events::Event event;
  event.type = "flow_progress";
  event.message = std::move(message);
  event.origin = OriginOf(node, flow, flow_id);
  event.details = {{"flow_progress", {{"status", status}}}};
  return event;
}

events::Event BatchEvent(const graph::Node& node, const graph::ResolvedFlow& flow,
                         const std::string& flow_id, int64_t batch,
                         const quality::RowCounts& counts, Json extra_metrics) {
  events::Event event = FlowEvent(
      node, flow, flow_id, "RUNNING",
      "Flow " + model::ToString(flow.flow.name) + " wrote batch " + std::to_string(batch) + ": " +
          std::to_string(counts.rows_out) + (counts.changes ? " changes." : " rows."));
  event.level = events::Level::kMetrics;
  event.origin.batch_id = batch;
  Json details = quality::ToEventDetails(counts);
  for (const auto& [name, value] : extra_metrics.items()) details["metrics"][name] = value;
  event.details["flow_progress"].update(details);
  return event;
}

events::Event WarningEvent(const graph::Node& node, const graph::ResolvedFlow& flow,
                           std::string type, std::string message) {
  events::Event event;
  event.type = std::move(type);
  event.level = events::Level::kWarn;
  event.message = std::move(message);
  event.origin = OriginOf(node, flow, "");
  return event;
}

}  // namespace penstock::run
