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
  algebra::Aggregate aggregate;
  const size_t width = WidthOf(*change);
  for (size_t i = 0; i < width; ++i) aggregate.keys.push_back(algebra::ColumnOf(*change, i));
  algebra::AggregateCall sum;
  sum.function = "sum";
  sum.arguments = {algebra::ColumnOf(*change, width)};
  sum.type = "HUGEINT";
  aggregate.calls = {sum};
  auto columns = change->columns;
  columns[width].type = sum.type;
  // The engine groups by what it can; without columns there is one group even of no rows.
  NodePtr grouped =
      std::make_shared<const algebra::Node>(algebra::Node{std::move(aggregate), {change}, columns});
  auto values = algebra::ColumnsOf(*grouped);
  values[width] = std::make_shared<const algebra::Expression>(
      algebra::Expression{algebra::Cast{values[width]}, kWeightType});
  const NodePtr summed = algebra::MakeProject(grouped, std::move(values));
  return algebra::MakeFilter(
      summed, std::make_shared<const algebra::Expression>(algebra::Expression{
                  algebra::Call{
                      algebra::Call::Syntax::kInfix,
                      "<>",
                      {algebra::ColumnOf(*summed, width), algebra::MakeLiteral("0", kWeightType)}},
                  "BOOLEAN"}));
}

}  // namespace penstock::ivm
