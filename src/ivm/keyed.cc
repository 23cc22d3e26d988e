#include "ivm/derivation.h"
#include "ivm/restrict.h"
#include "ivm/weighted.h"

// Operators of which rows with equal keys decide together: the keys in the change of the inputs are
// the only ones whose rows can differ, so the operator is run for them, as of now and as of then.
namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::Node;
using algebra::NodePtr;
using Expressions = std::vector<ExpressionPtr>;

// By which expressions over the input's columns rows belong together; none: all of them do.
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

}  // namespace

NodePtr ChangeOfKeyed(Derivation& derivation, const Node& node) {
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
  if (!changes) return nullptr;
  NodePtr stored;
  if (!keys.empty()) {
    stored = derivation.Store(algebra::MakeDistinct(UnionOf(std::move(keys))),
                              "keys that change in " + algebra::NameOf(node.op));
  }
  const auto over = [&](auto version) {
    std::vector<NodePtr> inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const NodePtr rows = version(node.inputs[i]);
      inputs.push_back(stored ? Restrict(rows, GroupingOf(node, i), stored) : rows);
    }
    return algebra::WithInputs(node, std::move(inputs));
  };
  return derivation.Store(
      Difference(over([&](const NodePtr& input) { return derivation.New(input); }),
                 over([&](const NodePtr& input) { return derivation.Old(input); })),
      "change of " + algebra::NameOf(node.op));
}

}  // namespace penstock::ivm
