#pragma once

#include "cdc/batch.h"

namespace penstock::cdc {

// All rows of a source as they are, instead of changes: `input.changes` has the shape's columns
// alone; facts, order and horizon are not used. Keys that it lacks are deleted; of several rows of
// one key the one with the greatest values is taken, and counted as conflicting. In type 2 the time
// `input.now` is the sequence, or a microsecond after the latest one in the table.
BatchPlan PlanSnapshot(const BatchInput& input);

}  // namespace penstock::cdc
