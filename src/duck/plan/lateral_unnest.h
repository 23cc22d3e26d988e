#pragma once

#include "algebra/plan.h"

namespace penstock::duck {

// `left` with the elements that `right` unnests for each of its rows, where `right` is projections,
// filters and unnests of single rows over `outer`, the distinct rows that the engine numbers and
// hands to the subquery: then neither numbers nor a join are needed. The columns are those of the
// join. Null where `right` is something else.
algebra::NodePtr LateralUnnest(const algebra::NodePtr& left, const algebra::NodePtr& right,
                               const algebra::NodePtr& outer);

}  // namespace penstock::duck
