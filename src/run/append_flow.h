#pragma once

#include "run/flow_outcome.h"
#include "run/target.h"

namespace penstock::run {

// Brings a streaming table's flow up to date: batch after batch, each input exactly once. `target`
// was prepared.
Result<FlowOutcome> RunAppendFlow(UpdateContext& context, size_t node, size_t flow);

// Makes the table ready for its flows: owner checked, a new generation for a full refresh or a new
// table, the definition's comment and properties written when nothing else will be.
Status PrepareStreamingTable(UpdateContext& context, size_t node, bool full_refresh);
// After the flows: metadata that changed without a batch; an empty table where no flow had input
// yet.
Status FinishStreamingTable(UpdateContext& context, size_t node);

}  // namespace penstock::run
