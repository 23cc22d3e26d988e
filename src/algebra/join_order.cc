#include "algebra/join_order.h"

#include <algorithm>
#include <map>

#include "algebra/join_cluster.h"

namespace penstock::algebra {
namespace {

class Rewriting {
 public:
  Rewriting(const NodePtr& root, const std::set<NodePtr>& as_they_are) : given_(as_they_are) {
    ForEachNode(root, [&](const NodePtr& node) {
      for (const NodePtr& input : node->inputs) ++readers_[input.get()];
    });
  }

  // The rows of the node that pass all conditions.
  NodePtr Of(const NodePtr& node, Expressions conditions) {
    if (given_.contains(node)) return Filtered(node, std::move(conditions));
    if (readers_[node.get()] > 1 || conditions.empty()) {
      NodePtr& known = known_[node];
      if (!known) known = Push(node, {});
      return Filtered(known, std::move(conditions));
    }
    return Push(node, std::move(conditions));
  }

 private:
  NodePtr Push(const NodePtr& node, Expressions conditions) {
    if (const auto* filter = std::get_if<Filter>(&node->op)) {
      return PushFilter(*node, *filter, std::move(conditions));
    }
    if (const auto* project = std::get_if<Project>(&node->op)) {
      return PushProject(*node, *project, std::move(conditions));
    }
    if (const auto* join = std::get_if<Join>(&node->op)) {
      if (join->kind == JoinKind::kInner) return PushInner(node, std::move(conditions));
      if (join->kind != JoinKind::kFull) return PushLeft(*node, std::move(conditions));
    }
    if (std::holds_alternative<AsofJoin>(node->op)) return PushLeft(*node, std::move(conditions));
    return Filtered(Same(*node), std::move(conditions));
  }

  NodePtr Same(const Node& node) {
    std::vector<NodePtr> inputs;
    for (const NodePtr& input : node.inputs) inputs.push_back(Of(input, {}));
    return WithInputs(node, std::move(inputs));
  }

  NodePtr PushFilter(const Node& node, const Filter& filter, Expressions conditions) {
    if (!IsDeterministic(filter.condition)) return Filtered(Same(node), std::move(conditions));
    Expressions all;
    AddConjuncts(filter.condition, &all);
    for (ExpressionPtr& condition : conditions) AddConjuncts(condition, &all);
    return Of(node.inputs[0], std::move(all));
  }

  // Through columns that are passed on and constants; expressions would be computed twice.
  NodePtr PushProject(const Node& node, const Project& project, Expressions conditions) {
    Expressions below;
    Expressions above;
    for (ExpressionPtr& condition : conditions) {
      const auto columns = ColumnsOf(condition);
      const bool passes = std::all_of(columns.begin(), columns.end(), [&](size_t column) {
        const ExpressionPtr& value = project.values[column];
        return AsColumn(value) != nullptr || std::holds_alternative<Literal>(value->form);
      });
      if (!passes || !IsDeterministic(condition)) {
        above.push_back(std::move(condition));
        continue;
      }
      AddConjuncts(MapColumns(condition, [&](size_t column) { return project.values[column]; }),
                   &below);
    }
    return Filtered(WithInputs(node, {Of(node.inputs[0], std::move(below))}), std::move(above));
  }

  // What is about the left side alone.
  NodePtr PushLeft(const Node& node, Expressions conditions) {
    const size_t width = node.inputs[0]->columns.size();
    Expressions below;
    Expressions above;
    for (ExpressionPtr& condition : conditions) {
      const auto columns = ColumnsOf(condition);
      const bool left = columns.empty() || columns.back() < width;
      (left && IsDeterministic(condition) ? below : above).push_back(std::move(condition));
    }
    return Filtered(
        WithInputs(node, {Of(node.inputs[0], std::move(below)), Of(node.inputs[1], {})}),
        std::move(above));
  }

  NodePtr PushInner(const NodePtr& node, Expressions conditions) {
    JoinCluster cluster;
    cluster.conditions = std::move(conditions);
    GatherJoin(*node, 0, &cluster);
    for (size_t i = 0; i < cluster.inputs.size(); ++i) {
      if (given_.contains(cluster.inputs[i])) cluster.late.insert(i);
    }
    return JoinedInOrder(cluster, [&](const NodePtr& input, Expressions of_input) {
      return Of(input, std::move(of_input));
    });
  }

  // Inputs and conditions of the inner joins from here on, the columns of which begin at `first`.
  void Gather(const NodePtr& node, size_t first, JoinCluster* cluster) {
    const auto* join = std::get_if<Join>(&node->op);
    if (join == nullptr || join->kind != JoinKind::kInner || given_.contains(node) ||
        readers_[node.get()] > 1) {
      cluster->inputs.push_back(node);
    } else {
      GatherJoin(*node, first, cluster);
    }
  }

  void GatherJoin(const Node& node, size_t first, JoinCluster* cluster) {
    const auto& join = std::get<Join>(node.op);
    const auto moved = [](const ExpressionPtr& expression, size_t by) {
      return ShiftColumns(expression, 0, static_cast<int64_t>(by));
    };
    const size_t right = first + node.inputs[0]->columns.size();
    Gather(node.inputs[0], first, cluster);
    Gather(node.inputs[1], right, cluster);
    for (const JoinKey& key : join.keys) {
      cluster->conditions.push_back(
          Equality(moved(key.left, first), moved(key.right, right), key.null_safe));
    }
    if (join.condition) AddConjuncts(moved(join.condition, first), &cluster->conditions);
  }

  const std::set<NodePtr>& given_;
  std::map<const Node*, size_t> readers_;
  std::map<NodePtr, NodePtr> known_;
};

}  // namespace

NodePtr WithKeyedJoins(const NodePtr& plan, const std::set<NodePtr>& as_they_are) {
  return Rewriting(plan, as_they_are).Of(plan, {});
}

}  // namespace penstock::algebra
