#pragma once

#include "run/flow_outcome.h"

namespace penstock::run {

// Brings the view up to date: by what changed in its sources where that is possible and less work,
// else by recomputing it. VIEW_NOT_INCREMENTAL when its refresh policy does not let it be
// recomputed.
Result<FlowOutcome> RefreshView(UpdateContext& context, size_t node, bool force);

}  // namespace penstock::run
