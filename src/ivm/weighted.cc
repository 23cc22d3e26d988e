#include "ivm/weighted.h"

#include <algorithm>

#include "ivm/program.h"

namespace penstock::ivm {

using algebra::ExpressionPtr;
using algebra::NodePtr;

size_t WidthOf(const algebra::Node& change) { return change.columns.size() - 1; }

NodePtr Weighted(const NodePtr& rows, int weight) {
  auto values = algebra::ColumnsOf(*rows);
  values.push_back(
      algebra::MakeLiteral("CAST(" + std::to_string(weight) + " AS BIGINT)", kWeightType));
  return algebra::MakeProject(rows, std::move(values));
}

NodePtr WithWeightLast(const NodePtr& rows, size_t place) {
  auto values = algebra::ColumnsOf(*rows);
  const auto weight = values.begin() + static_cast<int64_t>(place);
  std::rotate(weight, weight + 1, values.end());
  return algebra::MakeProject(rows, std::move(values));
}

NodePtr UnionOf(std::vector<NodePtr> changes) {
  std::erase(changes, nullptr);
  if (changes.empty()) return nullptr;
  return algebra::MakeUnionAll(std::move(changes));
}

NodePtr Consolidated(const NodePtr& change) {
  const size_t width = WidthOf(*change);
  algebra::Aggregate aggregate;
  aggregate.keys = algebra::ColumnsOf(*change);
  const ExpressionPtr weight = aggregate.keys.back();
  aggregate.keys.pop_back();
  aggregate.calls = {{"sum", {weight}, false, nullptr, {}, "HUGEINT"}};
  // The engine groups by what it can; without columns there is one group even of no rows.
  auto columns = change->columns;
  columns[width].type = aggregate.calls[0].type;
  const NodePtr grouped = algebra::MakeNode(std::move(aggregate), {change}, std::move(columns));
  auto values = algebra::ColumnsOf(*grouped);
  values[width] = algebra::MakeCast(values[width], kWeightType);
  const NodePtr summed = algebra::MakeProject(grouped, std::move(values));
  return algebra::MakeFilter(
      summed, algebra::MakeInfix(
                  "<>", {algebra::ColumnOf(*summed, width), algebra::MakeLiteral("0", kWeightType)},
                  "BOOLEAN"));
}

}  // namespace penstock::ivm
