#pragma once

#include "cdc/batch.h"

namespace penstock::cdc {

// Type 1: the table has the latest row of each key.
BatchPlan PlanTypeOne(const BatchInput& input);
// The same where NULL leaves some columns as they were: each of those has a sequence of its own.
BatchPlan PlanMergedColumns(const BatchInput& input);

}  // namespace penstock::cdc
