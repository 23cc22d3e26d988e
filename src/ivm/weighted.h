#pragma once

#include <string>
#include <vector>

#include "algebra/plan.h"

// Relations with weights.
namespace penstock::ivm {

// The rows, each with the weight.
algebra::NodePtr Weighted(const algebra::NodePtr& rows, int weight);
// Equal rows put together, those of weight 0 left out.
algebra::NodePtr Consolidated(const algebra::NodePtr& change);
// Columns of a change without its weight.
size_t WidthOf(const algebra::Node& change);
// A relation whose weight stands at `place`, with the weight behind all other columns.
algebra::NodePtr WithWeightLast(const algebra::NodePtr& rows, size_t place);
// The union of those that are not null; null if all are.
algebra::NodePtr UnionOf(std::vector<algebra::NodePtr> changes);

}  // namespace penstock::ivm
