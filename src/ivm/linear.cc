#include "ivm/derivation.h"
#include "ivm/instant.h"
#include "ivm/weighted.h"

// Operators that treat each row by itself: the change goes through them as rows do.
namespace penstock::ivm {

using algebra::ExpressionPtr;
using algebra::NodePtr;

namespace {

ExpressionPtr Not(const ExpressionPtr& condition) {
  return std::make_shared<const algebra::Expression>(algebra::Expression{
      algebra::Call{algebra::Call::Syntax::kPostfix, "IS NOT TRUE", {condition}}, "BOOLEAN"});
}

// Rows that stayed but pass the condition now and did not then, or the other way round.
NodePtr PassedByTime(Derivation& derivation, const algebra::Node& node,
                     const ExpressionPtr& condition) {
  const NodePtr rows = derivation.Old(node.inputs[0]);
  const ExpressionPtr now = derivation.Now(condition);
  const ExpressionPtr then = derivation.Then(condition);
  return UnionOf({Weighted(algebra::MakeFilter(rows, algebra::Conjunction({now, Not(then)})), 1),
                  Weighted(algebra::MakeFilter(rows, algebra::Conjunction({then, Not(now)})), -1)});
}

}  // namespace

NodePtr ChangeOfScan(const DeriveOptions& options, const algebra::Node& node) {
  const auto& scan = std::get<algebra::Scan>(node.op);
  if (!options.changed.contains(scan.relation)) return nullptr;
  auto columns = node.columns;
  columns.push_back({kWeightColumn, kWeightType});
  return algebra::MakeScan(ChangeRelation(scan.relation), std::move(columns));
}

NodePtr ChangeOfFilter(Derivation& derivation, const algebra::Node& node) {
  const auto& filter = std::get<algebra::Filter>(node.op);
  const NodePtr change = derivation.Change(node.inputs[0]);
  const NodePtr passed =
      change ? algebra::MakeFilter(change, derivation.Now(filter.condition)) : nullptr;
  if (!algebra::DependsOnTime(filter.condition)) return passed;
  return UnionOf({passed, PassedByTime(derivation, node, filter.condition)});
}

NodePtr ChangeOfProject(Derivation& derivation, const algebra::Node& node) {
  const NodePtr change = derivation.Change(node.inputs[0]);
  if (!change) return nullptr;
  auto values = std::get<algebra::Project>(node.op).values;
  values.push_back(algebra::ColumnOf(*change, WidthOf(*change)));
  return algebra::MakeProject(change, std::move(values));
}

NodePtr ChangeOfUnionAll(Derivation& derivation, const algebra::Node& node) {
  std::vector<NodePtr> changes;
  for (const NodePtr& input : node.inputs) changes.push_back(derivation.Change(input));
  return UnionOf(std::move(changes));
}

NodePtr ChangeOfUnnest(Derivation& derivation, const algebra::Node& node) {
  const NodePtr change = derivation.Change(node.inputs[0]);
  if (!change) return nullptr;
  const size_t width = WidthOf(*change);
  auto columns = change->columns;
  columns.insert(columns.end(), node.columns.begin() + static_cast<int64_t>(width),
                 node.columns.end());
  const NodePtr rows = std::make_shared<const algebra::Node>(
      algebra::Node{node.op, {change}, std::move(columns), node.offset});
  return WithWeightLast(rows, width);
}

}  // namespace penstock::ivm
