#pragma once

#include <vector>

#include "run/flow_state.h"
#include "run/target.h"
#include "source/offsets.h"

namespace penstock::run {

// What a flow has read into its table as that stands: its committed batches, in order. Writes
// nothing. OFFSETS_LOST when one of them is not there any more.
Result<std::vector<source::Batch>> ConsumedBy(Workspace& workspace, const graph::Node& node,
                                              const graph::ResolvedFlow& flow,
                                              const Target& target);

}  // namespace penstock::run
