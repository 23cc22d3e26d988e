#pragma once

#include <functional>
#include <set>
#include <vector>

#include "algebra/plan.h"

namespace penstock::algebra {

// Inner joins side by side: inputs whose columns stand one behind the other, and the conditions
// that hold of their rows, keys among them.
struct JoinCluster {
  std::vector<NodePtr> inputs;
  std::vector<ExpressionPtr> conditions;
  // Inputs that are joined as late as their keys allow.
  std::set<size_t> late = {};
};

// The rows of the cluster with its columns in their order. `filtered` gives an input with the
// conditions that are about it alone.
NodePtr JoinedInOrder(
    const JoinCluster& cluster,
    const std::function<NodePtr(const NodePtr&, std::vector<ExpressionPtr>)>& filtered);

// The node, or a filter over it if there are conditions.
NodePtr Filtered(NodePtr node, std::vector<ExpressionPtr> conditions);

}  // namespace penstock::algebra
