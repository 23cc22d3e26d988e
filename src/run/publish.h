#pragma once

#include "run/commit.h"
#include "run/execute.h"
#include "run/flow_outcome.h"

namespace penstock::run {

// A flow and the table it writes.
struct FlowTarget {
  const graph::Node& node;
  const graph::ResolvedFlow& flow;
  const Target& target;
};

// Brings what a query wrote into the table, once: files, counts and metrics of `outcome` are added
// to `commit`, which says the rest. Event, commit and quarantine are in the order in which a crash
// between any two of them is made good by the next run. Adds the counts to `sum`.
Status Publish(UpdateContext& context, const FlowTarget& to, BatchCommit commit,
               const QueryOutcome& outcome, Json metrics, int64_t now_ms, FlowOutcome* sum);

}  // namespace penstock::run
