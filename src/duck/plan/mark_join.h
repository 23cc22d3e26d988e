#pragma once

#include "algebra/plan.h"

namespace penstock::duck {

// Whether a row of `left` has a partner in `right`, as a further BOOLEAN column behind those of
// `left`: what IN and EXISTS in a query become. NULL where SQL says so: `x IN (…)` with no partner,
// when x or one of the values is NULL. With `only_matches` the rows without a partner are left out.
// Throws NoCounterpart for what is not equality.
algebra::NodePtr MarkJoin(algebra::NodePtr left, algebra::NodePtr right,
                          std::vector<algebra::JoinKey> keys, algebra::ExpressionPtr condition,
                          bool only_matches);

}  // namespace penstock::duck
