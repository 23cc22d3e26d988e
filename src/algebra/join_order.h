#pragma once

#include <set>

#include "algebra/plan.h"

namespace penstock::algebra {

// The same rows with filters taken down to the inputs that they are about, and joins in an order in
// which each has a key where the conditions above give one: `FROM a, b, c WHERE …` is no product.
// The nodes `as_they_are` are not looked into and stay the same nodes.
NodePtr WithKeyedJoins(const NodePtr& plan, const std::set<NodePtr>& as_they_are = {});

}  // namespace penstock::algebra
