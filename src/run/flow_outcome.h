#pragma once

#include <string>

#include "quality/metrics.h"
#include "run/context.h"

namespace penstock::run {

// What a flow did, summed over its batches.
struct FlowOutcome {
  std::string mode;  // "append", "incremental", "full recomputation", "unchanged" …
  std::string reason;
  quality::RowCounts counts;
  int64_t batches = 0;
  bool empty_input = false;  // there was nothing to read and never had been
  bool stopped = false;      // the user asked to stop
};

void Add(const quality::RowCounts& counts, quality::RowCounts* sum);

// How it went and what it has counted so far.
void ShowCounts(const FlowOutcome& outcome, FlowProgress* progress);

// Events of a flow.
events::Event FlowEvent(const graph::Node& node, const graph::ResolvedFlow& flow,
                        const std::string& flow_id, const std::string& status, std::string message);
events::Event BatchEvent(const graph::Node& node, const graph::ResolvedFlow& flow,
                         const std::string& flow_id, int64_t batch,
                         const quality::RowCounts& counts, Json extra_metrics);
events::Event WarningEvent(const graph::Node& node, const graph::ResolvedFlow& flow,
                           std::string type, std::string message);

}  // namespace penstock::run
