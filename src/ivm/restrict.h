#pragma once

#include <vector>

#include "algebra/plan.h"

namespace penstock::ivm {

// Only the rows of `node` for which the values of `expressions` are a row of `keys` (NULL equal to
// NULL), the restriction taken as far down as it goes, so that little is read. For an operator that
// treats groups of rows together the groups are whole.
algebra::NodePtr Restrict(const algebra::NodePtr& node,
                          const std::vector<algebra::ExpressionPtr>& expressions,
                          const algebra::NodePtr& keys);

// Partition expressions that all calls of the window have.
std::vector<algebra::ExpressionPtr> CommonPartition(const algebra::Window& window);

// Whether two expressions over the same input are the same.
bool IsSame(const algebra::ExpressionPtr& a, const algebra::ExpressionPtr& b);

}  // namespace penstock::ivm
