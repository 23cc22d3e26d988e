#pragma once

#include <string>
#include <vector>

#include "algebra/expression.h"

namespace penstock::ivm {

// Conditions without the time, no two of them true of a row, that together are true of the rows
// for which `condition` is true at the instant `at` and not at `other`. Where the condition
// compares columns with the time, they bound these columns from both sides, so that few rows need
// to be read.
std::vector<algebra::ExpressionPtr> TrueOnlyAt(const algebra::ExpressionPtr& condition,
                                               const std::string& at, const std::string& other);

}  // namespace penstock::ivm
