#pragma once

#include <string>

#include "run/flow_outcome.h"
#include "run/target.h"

namespace penstock::run {

// Whether a materialized view has to be recomputed, and why.
struct RefreshDecision {
  bool recompute = false;
  std::string reason;      // "source main.default.silver: version 3 → 4", "nothing changed" …
  Json sources;            // what a recomputation would reflect, by source id
  std::string definition;  // fingerprint of what it is made by
};
// `force`: a full refresh was asked for. Reads the log of the sources only.
Result<RefreshDecision> DecideRefresh(Workspace& workspace, const Pipeline& pipeline, size_t node,
                                      const Target& target, bool force);

// Recomputes the view if it has to be.
Result<FlowOutcome> RefreshView(UpdateContext& context, size_t node, bool force);

}  // namespace penstock::run
