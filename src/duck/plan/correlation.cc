#include "duck/plan/correlation.h"

#include <algorithm>
#include <map>

#include "algebra/join_cluster.h"

namespace penstock::duck {
namespace {

using algebra::ExpressionPtr;
using algebra::JoinKey;
using algebra::NodePtr;

// An inner join with the outer values on its right.
const algebra::Join* JoinWith(const NodePtr& node, const NodePtr& outer) {
  const auto* join = std::get_if<algebra::Join>(&node->op);
  if (join == nullptr || join->kind != algebra::JoinKind::kInner || node->inputs[1] != outer) {
    return nullptr;
  }
  return join;
}

class Removal {
 public:
  explicit Removal(NodePtr outer) : outer_(std::move(outer)) {}

  NodePtr Of(const NodePtr& node) {
    if (node == outer_) return node;
    NodePtr& known = known_[node];
    if (known) return known;
    NodePtr result = node;
    if (const algebra::Join* join = JoinWith(node, outer_)) {
      result = OfJoin(node, *join);
    } else {
      std::vector<NodePtr> inputs;
      for (const NodePtr& input : node->inputs) inputs.push_back(Of(input));
      if (inputs != node->inputs) result = algebra::WithInputs(*node, std::move(inputs));
    }
    known_[node] = result;
    return result;
  }

 private:
  NodePtr OfJoin(const NodePtr& node, const algebra::Join& join) {
    const size_t width = outer_->columns.size();
    std::vector<ExpressionPtr> values(width);
    std::vector<ExpressionPtr> present;
    std::vector<ExpressionPtr> conditions;
    for (const JoinKey& key : join.keys) {
      const algebra::ColumnRef* column = algebra::AsColumn(key.right);
      if (column == nullptr) return node;
      if (!key.null_safe) present.push_back(algebra::MakeIsNotNull(key.left));
      if (values[column->index]) {
        conditions.push_back(algebra::Equality(values[column->index], key.left, key.null_safe));
      } else {
        values[column->index] = key.left;
      }
    }
    if (std::any_of(values.begin(), values.end(), [](const auto& value) { return !value; })) {
      return node;
    }
    const NodePtr rows = Of(node->inputs[0]);
    present.insert(present.end(), conditions.begin(), conditions.end());
    auto all = algebra::ColumnsOf(*rows);
    all.insert(all.end(), values.begin(), values.end());
    const NodePtr with_values =
        algebra::MakeProject(algebra::Filtered(rows, std::move(present)), std::move(all));
    if (!join.condition) return with_values;
    return algebra::MakeFilter(with_values, join.condition);
  }

  NodePtr outer_;
  std::map<NodePtr, NodePtr> known_;
};

}  // namespace

NodePtr WithoutOuter(const NodePtr& subquery, const NodePtr& outer) {
  return Removal(outer).Of(subquery);
}

NodePtr ExistsJoin(algebra::JoinKind kind, const NodePtr& left, const NodePtr& subquery,
                   const NodePtr& outer, const std::vector<JoinKey>& keys) {
  // What the result's keys and the filters are over the node that is looked at.
  std::vector<ExpressionPtr> results;
  std::vector<ExpressionPtr> conditions;
  for (const JoinKey& key : keys) results.push_back(key.right);
  NodePtr node = subquery;
  while (JoinWith(node, outer) == nullptr) {
    if (const auto* filter = std::get_if<algebra::Filter>(&node->op)) {
      conditions.push_back(filter->condition);
    } else if (const auto* project = std::get_if<algebra::Project>(&node->op)) {
      const auto below = [&](size_t column) { return project->values[column]; };
      for (auto& result : results) result = algebra::MapColumns(result, below);
      for (auto& condition : conditions) condition = algebra::MapColumns(condition, below);
    } else {
      return nullptr;
    }
    node = node->inputs[0];
  }
  const algebra::Join& join = *JoinWith(node, outer);
  const size_t width = node->inputs[0]->columns.size();
  std::vector<ExpressionPtr> around(outer->columns.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    const algebra::ColumnRef* column = algebra::AsColumn(results[i]);
    if (column == nullptr || column->index < width) return nullptr;
    around[column->index - width] = keys[i].left;
  }
  if (std::any_of(around.begin(), around.end(), [](const auto& value) { return !value; })) {
    return nullptr;
  }
  algebra::Join exists{kind, {}, nullptr};
  for (const JoinKey& key : join.keys) {
    const auto value = algebra::MapColumns(key.right, [&](size_t i) { return around[i]; });
    exists.keys.push_back({value, key.left, key.null_safe});
  }
  if (join.condition) conditions.push_back(join.condition);
  for (ExpressionPtr& condition : conditions) {
    condition = algebra::MapColumns(condition, [&](size_t i) {
      return i < width ? algebra::MakeColumn(left->columns.size() + i, node->columns[i].type)
                       : around[i - width];
    });
  }
  if (!conditions.empty()) exists.condition = algebra::Conjunction(std::move(conditions));
  return algebra::MakeJoin(left, node->inputs[0], std::move(exists));
}

}  // namespace penstock::duck
