#pragma once

#include "cdc/batch.h"

namespace penstock::cdc {

// Type 2: the table has a row for each time in which the tracked columns of a key kept their
// values.
BatchPlan PlanTypeTwo(const BatchInput& input);

// The rows that changes make, one change for each key and sequence: a query of keys, values,
// __START_AT, __END_AT, and how many changes made the row (n), over `events` with the columns of
// BatchInput::changes.
std::string HistoryRows(const Shape& shape, const std::string& events);
// The changes with what each leaves in every column, and the kind of change before (before) and
// the sequence after it (next).
std::string EffectiveChanges(const Shape& shape, const std::string& events);

}  // namespace penstock::cdc
