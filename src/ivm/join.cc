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
  const auto shift = [&](const ExpressionPtr& condition) {
    return algebra::MapColumns(condition, [&](size_t column) {
      const std::string& type = column < width ? node.inputs[0]->columns[column].type
                                               : node.inputs[1]->columns[column - width].type;
      return algebra::MakeColumn(column < width ? column : column + 1, type);
    });
  };
  algebra::Operator op = node.op;
  if (auto* join = std::get_if<algebra::Join>(&op)) {
    if (join->condition) join->condition = shift(join->condition);
  } else {
    auto& asof = std::get<algebra::AsofJoin>(op);
    asof.nearest = shift(asof.nearest);
  }
  return op;
}

// The join of a change of the left side with the rows of the right; the weight comes last.
NodePtr JoinOfLeftChange(const algebra::Node& node, const NodePtr& change, const NodePtr& right) {
  const size_t width = WidthOf(*change);
  const size_t right_columns = node.columns.size() - width;
  auto columns = change->columns;
  columns.insert(columns.end(), node.columns.begin() + static_cast<int64_t>(width),
                 node.columns.end());
  const NodePtr joined = std::make_shared<const algebra::Node>(
      algebra::Node{WithWeightOnTheLeft(node), {change, right}, std::move(columns), node.offset});
  if (right_columns == 0) return joined;
  auto values = algebra::ColumnsOf(*joined);
  std::rotate(values.begin() + static_cast<int64_t>(width),
              values.begin() + static_cast<int64_t>(width) + 1, values.end());
  return algebra::MakeProject(joined, std::move(values));
}

}  // namespace

// change(A ⋈ B) = change(A) ⋈ new(B) + old(A) ⋈ change(B)
NodePtr ChangeOfInnerJoin(Derivation& derivation, const algebra::Node& node) {
  const auto left_keys = Sides(KeysOf(node), false);
  const auto right_keys = Sides(KeysOf(node), true);
  const NodePtr left = derivation.StoredChange(node.inputs[0]);
  const NodePtr right = derivation.StoredChange(node.inputs[1]);
  NodePtr from_left;
  if (left) {
    const NodePtr keys = KeysIn(derivation, left, left_keys);
    from_left =
        JoinOfLeftChange(node, left, Restricted(derivation.New(node.inputs[1]), right_keys, keys));
  }
  NodePtr from_right;
  if (right) {
    const NodePtr keys = KeysIn(derivation, right, right_keys);
    from_right = algebra::MakeJoin(Restricted(derivation.Old(node.inputs[0]), left_keys, keys),
                                   right, std::get<algebra::Join>(node.op));
  }
  return UnionOf({from_left, from_right});
}

// Linear in the left side: change = op(change(A), new(B)) + op(old(A), new(B)) - op(old(A),
// old(B)), the last two for the keys that change in B alone.
NodePtr ChangeOfLeftJoin(Derivation& derivation, const algebra::Node& node) {
  const auto left_keys = Sides(KeysOf(node), false);
  const auto right_keys = Sides(KeysOf(node), true);
  const NodePtr left = derivation.StoredChange(node.inputs[0]);
  const NodePtr right = derivation.StoredChange(node.inputs[1]);
  NodePtr from_left;
  if (left) {
    const NodePtr keys = KeysIn(derivation, left, left_keys);
    from_left =
        JoinOfLeftChange(node, left, Restricted(derivation.New(node.inputs[1]), right_keys, keys));
  }
  NodePtr from_right;
  if (right) {
    const NodePtr keys = KeysIn(derivation, right, right_keys);
    const NodePtr rows = Restricted(derivation.Old(node.inputs[0]), left_keys, keys);
    const auto with = [&](const NodePtr& side) {
      return algebra::WithInputs(node, {rows, Restricted(side, right_keys, keys)});
    };
    from_right = derivation.Store(
        Difference(with(derivation.New(node.inputs[1])), with(derivation.Old(node.inputs[1]))),
        "change of " + algebra::NameOf(node.op));
  }
  return UnionOf({from_left, from_right});
}

}  // namespace penstock::ivm
