#include "ivm/derivation.h"
#include "ivm/restrict.h"
#include "ivm/weighted.h"

namespace penstock::ivm {

using algebra::ExpressionPtr;
using algebra::JoinKey;
using algebra::NodePtr;

namespace {

std::vector<ExpressionPtr> Sides(const std::vector<JoinKey>& keys, bool right) {
  std::vector<ExpressionPtr> sides;
  for (const JoinKey& key : keys) sides.push_back(right ? key.right : key.left);
  return sides;
}

const std::vector<JoinKey>& KeysOf(const algebra::Node& node) {
  if (const auto* join = std::get_if<algebra::Join>(&node.op)) return join->keys;
  return std::get<algebra::AsofJoin>(node.op).keys;
}

// The distinct values of the keys in a change, or null where the join has none.
NodePtr KeysIn(Derivation& derivation, const NodePtr& change, std::vector<ExpressionPtr> keys) {
  if (keys.empty()) return nullptr;
  return derivation.Store(algebra::MakeDistinct(algebra::MakeProject(change, std::move(keys))),
                          "keys that change");
}

NodePtr Restricted(const NodePtr& side, const std::vector<ExpressionPtr>& expressions,
                   const NodePtr& keys) {
  return keys ? Restrict(side, expressions, keys) : side;
}

// The operator over a left input that has one column more at its end (the weight).
algebra::Operator WithWeightOnTheLeft(const algebra::Node& node) {
  const size_t width = node.inputs[0]->columns.size();
  algebra::Operator op = node.op;
  if (auto* join = std::get_if<algebra::Join>(&op)) {
    if (join->condition) join->condition = algebra::ShiftColumns(join->condition, width, 1);
  } else {
    auto& asof = std::get<algebra::AsofJoin>(op);
    asof.nearest = algebra::ShiftColumns(asof.nearest, width, 1);
  }
  return op;
}

// The join of a change of the left side with the rows of the right; the weight comes last.
NodePtr JoinOfLeftChange(const algebra::Node& node, const NodePtr& change, const NodePtr& right) {
  const size_t width = WidthOf(*change);
  auto columns = change->columns;
  columns.insert(columns.end(), node.columns.begin() + static_cast<int64_t>(width),
                 node.columns.end());
  const NodePtr joined = algebra::MakeNode(WithWeightOnTheLeft(node), {change, right},
                                           std::move(columns), node.offset);
  return WithWeightLast(joined, width);
}

// change(A) op new(B), for the keys that change in A; null if none do.
NodePtr ChangeFromLeft(Derivation& derivation, const algebra::Node& node) {
  const NodePtr left = derivation.StoredChange(node.inputs[0]);
  if (!left) return nullptr;
  const NodePtr keys = KeysIn(derivation, left, Sides(KeysOf(node), false));
  return JoinOfLeftChange(
      node, left, Restricted(derivation.New(node.inputs[1]), Sides(KeysOf(node), true), keys));
}

// The change of the right side, and the rows that the left had with its keys.
struct RightChange {
  NodePtr change;
  NodePtr keys;  // null where the join has none
  NodePtr left;
};
std::optional<RightChange> RightChangeOf(Derivation& derivation, const algebra::Node& node) {
  const NodePtr change = derivation.StoredChange(node.inputs[1]);
  if (!change) return std::nullopt;
  const NodePtr keys = KeysIn(derivation, change, Sides(KeysOf(node), true));
  return RightChange{change, keys,
                     Restricted(derivation.Old(node.inputs[0]), Sides(KeysOf(node), false), keys)};
}

}  // namespace

// change(A ⋈ B) = change(A) ⋈ new(B) + old(A) ⋈ change(B)
NodePtr ChangeOfInnerJoin(Derivation& derivation, const algebra::Node& node) {
  const NodePtr from_left = ChangeFromLeft(derivation, node);
  const auto right = RightChangeOf(derivation, node);
  if (!right) return from_left;
  return UnionOf(
      {from_left, algebra::MakeJoin(right->left, right->change, std::get<algebra::Join>(node.op))});
}

// Linear in the left side: change = op(change(A), new(B)) + op(old(A), new(B)) - op(old(A),
// old(B)), the last two for the keys that change in B alone.
NodePtr ChangeOfLeftJoin(Derivation& derivation, const algebra::Node& node) {
  const NodePtr from_left = ChangeFromLeft(derivation, node);
  const auto right = RightChangeOf(derivation, node);
  if (!right) return from_left;
  const auto with = [&](const NodePtr& side) {
    return algebra::WithInputs(
        node, {right->left, Restricted(side, Sides(KeysOf(node), true), right->keys)});
  };
  const NodePtr difference = derivation.Difference(node, with(derivation.New(node.inputs[1])),
                                                   with(derivation.Old(node.inputs[1])));
  return UnionOf(
      {from_left, derivation.Store(difference, "change of " + algebra::NameOf(node.op))});
}

}  // namespace penstock::ivm
