#pragma once

#include <optional>
#include <vector>

#include "algebra/plan.h"

// What a correlated subquery reads of the rows around it: the engine hands it their distinct
// values, `outer`, and joins its result with the rows by these values.
namespace penstock::duck {

// The subquery without `outer` where equality with columns of its own gives all the values: there
// are rows for other values too, which find no partner in the end.
algebra::NodePtr WithoutOuter(const algebra::NodePtr& subquery, const algebra::NodePtr& outer);

// The join of the rows around with what a subquery reads, where it is no more than conditions on
// that: `kind` is semi or anti, `keys` are those with the subquery's result. Null where it is more.
algebra::NodePtr ExistsJoin(algebra::JoinKind kind, const algebra::NodePtr& left,
                            const algebra::NodePtr& subquery, const algebra::NodePtr& outer,
                            const std::vector<algebra::JoinKey>& keys);

}  // namespace penstock::duck
