#include "ivm/replacement.h"

#include "ivm/restrict.h"

namespace penstock::ivm {
namespace {

using algebra::NodePtr;

bool IsKeyed(const NodePtr& node) {
  return std::holds_alternative<algebra::Aggregate>(node->op) ||
         std::holds_alternative<algebra::Window>(node->op) ||
         std::holds_alternative<algebra::DistinctOn>(node->op) ||
         std::holds_alternative<algebra::Distinct>(node->op) ||
         std::holds_alternative<algebra::Limit>(node->op);
}

// The columns of the operator's output that its keys are; nothing if one is none.
std::optional<std::vector<size_t>> KeyColumns(const NodePtr& node) {
  std::vector<size_t> columns;
  if (const auto* aggregate = std::get_if<algebra::Aggregate>(&node->op)) {
    for (size_t i = 0; i < aggregate->keys.size(); ++i) columns.push_back(i);
    return columns;
  }
  for (const algebra::ExpressionPtr& expression : GroupingOf(*node, 0)) {
    const algebra::ColumnRef* column = algebra::AsColumn(expression);
    if (column == nullptr) return std::nullopt;
    columns.push_back(column->index);
  }
  return columns;
}

// `plan` with `node`, which stands under projections and filters, replaced.
NodePtr WithNode(Derivation& derivation, const NodePtr& plan, const NodePtr& node,
                 const NodePtr& by) {
  if (plan == node) return by;
  const NodePtr input = WithNode(derivation, plan->inputs[0], node, by);
  if (const auto* filter = std::get_if<algebra::Filter>(&plan->op)) {
    return algebra::MakeFilter(input, derivation.Now(filter->condition));
  }
  return algebra::WithInputs(*plan, {input});
}

}  // namespace

std::optional<LastOperator> FindLastOperator(const NodePtr& plan) {
  NodePtr node = plan;
  // Which columns of the view a column of `node` is; identity at first.
  std::vector<std::optional<size_t>> places(plan->columns.size());
  for (size_t i = 0; i < places.size(); ++i) places[i] = i;
  while (!IsKeyed(node)) {
    if (const auto* project = std::get_if<algebra::Project>(&node->op)) {
      std::vector<std::optional<size_t>> below(node->inputs[0]->columns.size());
      for (size_t i = 0; i < project->values.size(); ++i) {
        const algebra::ColumnRef* column = algebra::AsColumn(project->values[i]);
        if (column != nullptr && places[i]) below[column->index] = places[i];
      }
      places = std::move(below);
    } else if (const auto* filter = std::get_if<algebra::Filter>(&node->op)) {
      if (algebra::DependsOnTime(filter->condition)) return std::nullopt;
    } else {
      return std::nullopt;
    }
    node = node->inputs[0];
  }
  const auto keys = KeyColumns(node);
  if (!keys) return std::nullopt;
  LastOperator last{node, {}};
  for (const size_t key : *keys) {
    if (!places[key]) return std::nullopt;
    last.columns.push_back(*places[key]);
  }
  return last;
}

NodePtr WithLast(Derivation& derivation, const NodePtr& plan, const LastOperator& last,
                 const NodePtr& by) {
  return WithNode(derivation, plan, last.node, by);
}

std::optional<Replacement> Replace(Derivation& derivation, const NodePtr& plan,
                                   const LastOperator& last) {
  const auto affected = AffectedKeys(derivation, *last.node);
  if (!affected) return std::nullopt;
  Replacement replacement;
  replacement.columns = last.columns;
  if (affected->keys) replacement.keys = std::get<algebra::Scan>(affected->keys->op).relation;
  const NodePtr now = RestrictedInputs(*last.node, affected->keys,
                                       [&](const NodePtr& input) { return derivation.New(input); });
  const NodePtr rows =
      derivation.Store(WithLast(derivation, plan, last, now), "rows with keys that change");
  replacement.rows = std::get<algebra::Scan>(rows->op).relation;
  return replacement;
}

}  // namespace penstock::ivm
