#include "ivm/plain_keys.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::JoinKind;
using algebra::Node;
using algebra::NodePtr;

// Whether reading the rows twice is no more than two scans.
bool IsScan(const Node& node) {
  if (std::holds_alternative<algebra::Filter>(node.op) ||
      std::holds_alternative<algebra::Project>(node.op)) {
    return IsScan(*node.inputs[0]);
  }
  return std::holds_alternative<algebra::Scan>(node.op);
}

class PlainKeys {
 public:
  explicit PlainKeys(const NullableColumns& known) : known_(known) {}

  NodePtr Of(const NodePtr& node) {
    const auto found = done_.find(node.get());
    if (found != done_.end()) return found->second;
    std::vector<NodePtr> inputs;
    bool changed = false;
    for (const NodePtr& input : node->inputs) {
      inputs.push_back(Of(input));
      changed |= inputs.back() != input;
    }
    NodePtr result = changed ? algebra::WithInputs(*node, std::move(inputs)) : node;
    if (const auto* join = std::get_if<algebra::Join>(&node->op)) result = Joined(result, *join);
    done_.emplace(node.get(), result);
    return result;
  }

 private:
  // `node` is the join over inputs that are done.
  NodePtr Joined(const NodePtr& node, algebra::Join join) const {
    bool changed = false;
    std::vector<size_t> null_safe;
    for (size_t i = 0; i < join.keys.size(); ++i) {
      algebra::JoinKey& key = join.keys[i];
      if (!key.null_safe) continue;
      if (HasNone(*node->inputs[0], key.left) || HasNone(*node->inputs[1], key.right)) {
        key.null_safe = false;
        changed = true;
      } else {
        null_safe.push_back(i);
      }
    }
    if (null_safe.size() == 1 && CanSplit(*node, join, join.keys[null_safe[0]])) {
      return Split(*node, std::move(join), null_safe[0]);
    }
    if (!changed) return node;
    return algebra::MakeNode(std::move(join), node->inputs, node->columns, node->offset);
  }

  bool CanSplit(const Node& node, const algebra::Join& join, const algebra::JoinKey& key) const {
    const auto* keys = std::get_if<algebra::Scan>(&node.inputs[1]->op);
    return join.kind == JoinKind::kSemi && !join.condition && keys != nullptr &&
           known_.contains(keys->relation) && algebra::AsColumn(key.right) != nullptr &&
           IsScan(*node.inputs[0]) && algebra::IsDeterministic(key.left);
  }

  static NodePtr Split(const Node& node, algebra::Join join, size_t nullable) {
    const algebra::JoinKey key = join.keys[nullable];
    algebra::Join others = join;
    others.keys.erase(others.keys.begin() + static_cast<std::ptrdiff_t>(nullable));
    join.keys[nullable].null_safe = false;
    const NodePtr& rows = node.inputs[0];
    const NodePtr& keys = node.inputs[1];
    const NodePtr plain = algebra::MakeJoin(rows, keys, std::move(join));
    NodePtr nulls = algebra::MakeFilter(rows, algebra::MakeIsNull(key.left));
    // The relation has a NULL there: without other keys every row of them is wanted.
    if (!others.keys.empty()) {
      nulls = algebra::MakeJoin(nulls, algebra::MakeFilter(keys, algebra::MakeIsNull(key.right)),
                                std::move(others));
    }
    return algebra::MakeUnionAll({plain, nulls});
  }

  bool HasNone(const Node& node, const ExpressionPtr& value) const {
    const algebra::ColumnRef* column = algebra::AsColumn(value);
    return column != nullptr && HasNone(node, column->index);
  }

  bool HasNone(const Node& node, size_t column) const {
    return std::visit([&](const auto& op) { return HasNone(op, node, column); }, node.op);
  }
  template <typename Op>
  bool HasNone(const Op&, const Node&, size_t) const {
    return false;
  }
  bool HasNone(const algebra::Scan& scan, const Node& node, size_t column) const {
    const auto nullable = known_.find(scan.relation);
    return nullable != known_.end() && !nullable->second.contains(node.columns[column].name);
  }
  bool HasNone(const algebra::Filter&, const Node& node, size_t column) const {
    return HasNone(*node.inputs[0], column);
  }
  bool HasNone(const algebra::Distinct&, const Node& node, size_t column) const {
    return HasNone(*node.inputs[0], column);
  }
  bool HasNone(const algebra::Project& project, const Node& node, size_t column) const {
    return HasNone(*node.inputs[0], project.values[column]);
  }
  bool HasNone(const algebra::UnionAll&, const Node& node, size_t column) const {
    return std::all_of(node.inputs.begin(), node.inputs.end(),
                       [&](const NodePtr& input) { return HasNone(*input, column); });
  }
  bool HasNone(const algebra::Join& join, const Node& node, size_t column) const {
    const size_t width = node.inputs[0]->columns.size();
    if (column < width) {
      return join.kind != JoinKind::kFull && HasNone(*node.inputs[0], column);
    }
    return join.kind == JoinKind::kInner && HasNone(*node.inputs[1], column - width);
  }

  const NullableColumns& known_;
  std::map<const Node*, NodePtr> done_;
};

}  // namespace

NodePtr WithPlainKeys(const NodePtr& plan, const NullableColumns& known) {
  return PlainKeys(known).Of(plan);
}

}  // namespace penstock::ivm
