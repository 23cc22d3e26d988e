#pragma once

#include <string>

#include "run/flow_outcome.h"
#include "run/target.h"

namespace penstock::run {

// Whether a materialized view has to be refreshed, and why.
struct RefreshDecision {
  bool recompute = false;
  bool only_sources = false;  // nothing else than rows of its sources changed
  std::string reason;         // "source main.default.silver: version 3 → 4", "nothing changed" …
  Json before;                // what the table reflects, by source id
  Json sources;               // what a recomputation would reflect
  std::string definition;     // fingerprint of what it is made by
};
// `force`: a full refresh was asked for. Reads the log of the sources only.
Result<RefreshDecision> DecideRefresh(Workspace& workspace, const Pipeline& pipeline, size_t node,
                                      const Target& target, bool force);

// Brings the view up to date: by what changed in its sources where that is possible and less work,
// else by recomputing it.
Result<FlowOutcome> RefreshView(UpdateContext& context, size_t node, bool force);

}  // namespace penstock::run
