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
// After the flows: an empty table where nothing made one yet. When all of them `ended` (none failed
// or was stopped) also what changes without a batch: metadata, and a full refresh without input.
Status FinishStreamingTable(UpdateContext& context, size_t node, bool ended);

}  // namespace penstock::run
