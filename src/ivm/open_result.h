#pragma once

#include <optional>
#include <string>

#include "algebra/plan.h"

namespace penstock::ivm {

// What of the operator's result is not determined by the rows of its inputs: which of equal rows
// comes first, the last digits of a sum of floating-point numbers. Nothing: it is determined.
std::optional<std::string> OpenResult(const algebra::Node& node);

}  // namespace penstock::ivm
