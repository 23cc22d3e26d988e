#pragma once

#include <string>

#include "algebra/plan.h"

namespace penstock::ivm {

// The expression with now() and its like as the instant, a text of a timestamp with zone.
algebra::ExpressionPtr FixTime(const algebra::ExpressionPtr& expression,
                               const std::string& instant);

// The same of every expression of the plan.
algebra::NodePtr AtInstant(const algebra::NodePtr& plan, const std::string& instant);

}  // namespace penstock::ivm
