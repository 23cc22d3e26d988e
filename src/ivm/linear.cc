#include "ivm/derivation.h"
#include "ivm/weighted.h"

// Operators that treat each row by itself: the change goes through them as rows do.
namespace penstock::ivm {

using algebra::ExpressionPtr;
using algebra::NodePtr;

namespace {

// Rows that stayed but pass the condition now and did not then, or the other way round.
std::vector<NodePtr> PassedByTime(Derivation& derivation, const algebra::Node& node,
                                  const ExpressionPtr& condition) {
  const NodePtr rows = derivation.Old(node.inputs[0]);
  std::vector<NodePtr> passed;
  for (const ExpressionPtr& came : derivation.TrueOnlyNow(condition)) {
    passed.push_back(Weighted(algebra::MakeFilter(rows, came), 1));
  }
  for (const ExpressionPtr& went : derivation.TrueOnlyThen(condition)) {
    passed.push_back(Weighted(algebra::MakeFilter(rows, went), -1));
  }
  return passed;
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
  std::vector<NodePtr> changes = PassedByTime(derivation, node, filter.condition);
  changes.push_back(passed);
  return UnionOf(std::move(changes));
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
  const NodePtr rows = algebra::MakeNode(node.op, {change}, std::move(columns), node.offset);
  return WithWeightLast(rows, width);
}

}  // namespace penstock::ivm
