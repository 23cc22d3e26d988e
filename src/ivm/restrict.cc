#include "ivm/restrict.h"

#include <algorithm>
#include <optional>

#include "algebra/render.h"

namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::Expressions;
using algebra::JoinKind;
using algebra::Node;
using algebra::NodePtr;

std::string TextOf(const ExpressionPtr& expression) {
  return algebra::RenderExpression(expression,
                                   [](size_t index) { return "#" + std::to_string(index); });
}

// Which of the expressions use only columns of [first, first + count), shifted to begin with 0.
struct Part {
  Expressions expressions;
  std::vector<size_t> positions;
};
Part PartOf(const Expressions& expressions, size_t first, size_t count) {
  Part part;
  for (size_t i = 0; i < expressions.size(); ++i) {
    const auto columns = algebra::ColumnsOf(expressions[i]);
    const bool inside = std::all_of(columns.begin(), columns.end(), [&](size_t column) {
      return column >= first && column < first + count;
    });
    if (!inside) continue;
    part.positions.push_back(i);
    part.expressions.push_back(
        algebra::ShiftColumns(expressions[i], 0, -static_cast<int64_t>(first)));
  }
  return part;
}

NodePtr KeysOf(const NodePtr& keys, const std::vector<size_t>& positions) {
  if (positions.size() == keys->columns.size()) return keys;
  Expressions values;
  for (const size_t position : positions) values.push_back(algebra::ColumnOf(*keys, position));
  return algebra::MakeDistinct(algebra::MakeProject(keys, std::move(values)));
}

// The expressions in terms of the other side of the join, if each is a key of it.
std::optional<Expressions> Mirrored(const Expressions& expressions,
                                    const std::vector<algebra::JoinKey>& keys, bool to_right) {
  Expressions mirrored;
  for (const ExpressionPtr& expression : expressions) {
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const algebra::JoinKey& candidate) {
      return IsSame(expression, to_right ? candidate.left : candidate.right);
    });
    if (key == keys.end()) return std::nullopt;
    mirrored.push_back(to_right ? key->right : key->left);
  }
  return mirrored;
}

class Restriction {
 public:
  Restriction(const Expressions& expressions, const NodePtr& keys)
      : expressions_(expressions), keys_(keys) {}

  NodePtr Of(const NodePtr& node) const {
    const NodePtr pushed = std::visit([&](const auto& op) { return Push(op, *node); }, node->op);
    return pushed ? pushed : algebra::MakeSemiJoin(node, expressions_, keys_);
  }

 private:
  static NodePtr Same(const Node& node, std::vector<NodePtr> inputs) {
    return algebra::WithInputs(node, std::move(inputs));
  }

  // Null where the restriction stays above the operator.
  template <typename Op>
  NodePtr Push(const Op&, const Node&) const {
    return nullptr;
  }

  NodePtr Push(const algebra::Filter&, const Node& node) const {
    return Same(node, {Of(node.inputs[0])});
  }

  NodePtr Push(const algebra::Project& project, const Node& node) const {
    Expressions below;
    for (const ExpressionPtr& expression : expressions_) {
      below.push_back(
          algebra::MapColumns(expression, [&](size_t column) { return project.values[column]; }));
    }
    return Same(node, {Restrict(node.inputs[0], below, keys_)});
  }

  NodePtr Push(const algebra::UnionAll&, const Node& node) const {
    std::vector<NodePtr> inputs;
    for (const NodePtr& input : node.inputs) inputs.push_back(Of(input));
    return Same(node, std::move(inputs));
  }

  NodePtr Push(const algebra::SetOperation&, const Node& node) const {
    return Same(node, {Of(node.inputs[0]), Of(node.inputs[1])});
  }

  NodePtr Push(const algebra::Distinct&, const Node& node) const {
    return Same(node, {Of(node.inputs[0])});
  }

  NodePtr Push(const algebra::DistinctOn& distinct, const Node& node) const {
    if (!AreAmong(distinct.targets)) return nullptr;
    return Same(node, {Of(node.inputs[0])});
  }

  NodePtr Push(const algebra::Window& window, const Node& node) const {
    if (!AreAmong(CommonPartition(window))) return nullptr;
    return Same(node, {Of(node.inputs[0])});
  }

  NodePtr Push(const algebra::Unnest&, const Node& node) const {
    const Part part = PartOf(expressions_, 0, node.inputs[0]->columns.size());
    if (part.positions.size() != expressions_.size()) return nullptr;
    return Same(node, {Of(node.inputs[0])});
  }

  NodePtr Push(const algebra::Aggregate& aggregate, const Node& node) const {
    const Part part = PartOf(expressions_, 0, aggregate.keys.size());
    if (part.positions.size() != expressions_.size() || aggregate.keys.empty()) return nullptr;
    Expressions below;
    for (const ExpressionPtr& expression : expressions_) {
      below.push_back(
          algebra::MapColumns(expression, [&](size_t column) { return aggregate.keys[column]; }));
    }
    return Same(node, {Restrict(node.inputs[0], below, keys_)});
  }

  NodePtr Push(const algebra::Join& join, const Node& node) const {
    const size_t width = node.inputs[0]->columns.size();
    const Part left = PartOf(expressions_, 0, width);
    const bool all_left = left.positions.size() == expressions_.size();
    if (join.kind != JoinKind::kInner) {
      if (!all_left || join.kind == JoinKind::kFull) return nullptr;
      return Same(node, {Restrict(node.inputs[0], left.expressions, keys_),
                         Partners(node.inputs[1], left.expressions, join.keys, true)});
    }
    if (all_left) {
      return Same(node, {Restrict(node.inputs[0], left.expressions, keys_),
                         Partners(node.inputs[1], left.expressions, join.keys, true)});
    }
    const Part right = PartOf(expressions_, width, node.inputs[1]->columns.size());
    if (right.positions.size() == expressions_.size()) {
      return Same(node, {Partners(node.inputs[0], right.expressions, join.keys, false),
                         Restrict(node.inputs[1], right.expressions, keys_)});
    }
    // Each side by its own part of the keys, which lets through too much, and then exactly.
    std::vector<NodePtr> inputs = node.inputs;
    if (!left.positions.empty()) {
      inputs[0] = Restrict(inputs[0], left.expressions, KeysOf(keys_, left.positions));
    }
    if (!right.positions.empty()) {
      inputs[1] = Restrict(inputs[1], right.expressions, KeysOf(keys_, right.positions));
    }
    return algebra::MakeSemiJoin(Same(node, std::move(inputs)), expressions_, keys_);
  }

  NodePtr Push(const algebra::AsofJoin& join, const Node& node) const {
    const Part left = PartOf(expressions_, 0, node.inputs[0]->columns.size());
    if (left.positions.size() != expressions_.size()) return nullptr;
    return Same(node, {Restrict(node.inputs[0], left.expressions, keys_),
                       Partners(node.inputs[1], left.expressions, join.keys, true)});
  }

  // The other side of a join, restricted as well where the expressions are its keys.
  NodePtr Partners(const NodePtr& side, const Expressions& expressions,
                   const std::vector<algebra::JoinKey>& keys, bool to_right) const {
    const auto mirrored = Mirrored(expressions, keys, to_right);
    return mirrored ? Restrict(side, *mirrored, keys_) : side;
  }

  bool AreAmong(const Expressions& group) const {
    return !group.empty() &&
           std::all_of(expressions_.begin(), expressions_.end(), [&](const ExpressionPtr& one) {
             return std::any_of(group.begin(), group.end(),
                                [&](const ExpressionPtr& other) { return IsSame(one, other); });
           });
  }

  const Expressions& expressions_;
  const NodePtr& keys_;
};

}  // namespace

bool IsSame(const ExpressionPtr& a, const ExpressionPtr& b) {
  return a == b || (a->type == b->type && TextOf(a) == TextOf(b));
}

Expressions CommonPartition(const algebra::Window& window) {
  Expressions common = window.calls.at(0).partition;
  for (const algebra::WindowCall& call : window.calls) {
    std::erase_if(common, [&](const ExpressionPtr& one) {
      return std::none_of(call.partition.begin(), call.partition.end(),
                          [&](const ExpressionPtr& other) { return IsSame(one, other); });
    });
  }
  return common;
}

NodePtr Restrict(const NodePtr& node, const Expressions& expressions, const NodePtr& keys) {
  return Restriction(expressions, keys).Of(node);
}

}  // namespace penstock::ivm
