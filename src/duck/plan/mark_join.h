#pragma once

#include "algebra/plan.h"

namespace penstock::duck {

// Which rows count after all: those of either answer, those with a partner, those without.
enum class MarkUse { kValue, kMatches, kOthers };

// Whether a row of `left` has a partner in `right`, as a further BOOLEAN column behind those of
// `left`: what IN and EXISTS in a query become. NULL where SQL says so: `x IN (…)` with no partner,
// when x or one of the values is NULL. Rows that do not count may be left out.
// Throws NoCounterpart for what is not equality.
algebra::NodePtr MarkJoin(algebra::NodePtr left, algebra::NodePtr right,
                          std::vector<algebra::JoinKey> keys, algebra::ExpressionPtr condition,
                          MarkUse use);

// The rows with the answer as a further column.
algebra::NodePtr WithMark(algebra::NodePtr rows, bool mark);

}  // namespace penstock::duck
