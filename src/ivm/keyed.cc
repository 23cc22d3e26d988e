#include "ivm/derivation.h"
#include "ivm/restrict.h"
#include "ivm/weighted.h"

// Operators of which rows with equal keys decide together: the keys in the change of the inputs are
// the only ones whose rows can differ, so the operator is run for them, as of now and as of then.
namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::Expressions;
using algebra::Node;
using algebra::NodePtr;

}  // namespace

Expressions GroupingOf(const Node& node, size_t input) {
  if (const auto* aggregate = std::get_if<algebra::Aggregate>(&node.op)) return aggregate->keys;
  if (const auto* distinct = std::get_if<algebra::DistinctOn>(&node.op)) return distinct->targets;
  if (const auto* window = std::get_if<algebra::Window>(&node.op)) return CommonPartition(*window);
  if (const auto* join = std::get_if<algebra::Join>(&node.op)) {
    Expressions sides;
    for (const algebra::JoinKey& key : join->keys) {
      sides.push_back(input == 0 ? key.left : key.right);
    }
    return sides;
  }
  if (std::holds_alternative<algebra::Distinct>(node.op) ||
      std::holds_alternative<algebra::SetOperation>(node.op)) {
    return algebra::ColumnsOf(*node.inputs[input]);
  }
  return {};
}

std::optional<Affected> AffectedKeys(Derivation& derivation, const Node& node) {
  std::vector<NodePtr> keys;
  bool changes = false;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const NodePtr change = derivation.StoredChange(node.inputs[i]);
    changes |= change != nullptr;
    Expressions grouping = GroupingOf(node, i);
    if (change && !grouping.empty()) {
      keys.push_back(algebra::MakeProject(change, std::move(grouping)));
    }
  }
  if (!changes) return std::nullopt;
  if (keys.empty()) return Affected{nullptr};
  return Affected{derivation.Store(algebra::MakeDistinct(UnionOf(std::move(keys))),
                                   "keys that change in " + algebra::NameOf(node.op))};
}

NodePtr RestrictedInputs(const Node& node, const NodePtr& keys,
                         const std::function<NodePtr(const NodePtr&)>& version) {
  std::vector<NodePtr> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const NodePtr rows = version(node.inputs[i]);
    inputs.push_back(keys ? Restrict(rows, GroupingOf(node, i), keys) : rows);
  }
  return algebra::WithInputs(node, std::move(inputs));
}

NodePtr ChangeOfKeyed(Derivation& derivation, const Node& node) {
  const auto affected = AffectedKeys(derivation, node);
  if (!affected) return nullptr;
  const NodePtr now = RestrictedInputs(node, affected->keys,
                                       [&](const NodePtr& input) { return derivation.New(input); });
  const NodePtr then = RestrictedInputs(
      node, affected->keys, [&](const NodePtr& input) { return derivation.Old(input); });
  return derivation.Store(derivation.Difference(node, now, then),
                          "change of " + algebra::NameOf(node.op));
}

}  // namespace penstock::ivm
