#include <duckdb.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/operator/list.hpp>

#include "duck/plan/plan_reader.h"

// Operators of a bound query that put rows into groups.
namespace penstock::duck {

using algebra::ExpressionPtr;
using algebra::NodePtr;
using duckdb::LogicalOperator;

namespace {

// A projection over one row, however deep, is one row.
bool IsOneRow(const NodePtr& node) {
  if (const auto* aggregate = std::get_if<algebra::Aggregate>(&node->op)) {
    return aggregate->keys.empty();
  }
  return std::holds_alternative<algebra::Project>(node->op) && IsOneRow(node->inputs[0]);
}

}  // namespace

NodePtr PlanReader::ReadAggregate(duckdb::LogicalAggregate& op) {
  LogicalOperator& child = *op.children[0];
  NodePtr input = Read(child);
  const ExpressionReader reader = ReaderOf({&child});
  algebra::Aggregate aggregate;
  for (const auto& group : op.groups) aggregate.keys.push_back(reader.Read(*group));
  for (const auto& call : op.expressions) aggregate.calls.push_back(reader.ReadAggregate(*call));
  // A scalar subquery: the first of at most one row, and how many there were.
  if (aggregate.keys.empty() && aggregate.calls.size() == 2 && IsOneRow(input) &&
      aggregate.calls[0].function == "first" && aggregate.calls[1].function == "count_star") {
    return algebra::MakeProject(input, {aggregate.calls[0].arguments[0],
                                        algebra::MakeLiteral("CAST(1 AS BIGINT)", "BIGINT")});
  }
  // EXISTS: how many of at most one row there are.
  const auto* limit = std::get_if<algebra::Limit>(&input->op);
  if (aggregate.keys.empty() && aggregate.calls.size() == 1 && limit != nullptr &&
      limit->order.empty() && limit->count == 1 && limit->offset == 0 &&
      aggregate.calls[0].function == "count_star") {
    const NodePtr count = Make(std::move(aggregate), {input->inputs[0]}, op);
    return algebra::MakeProject(
        count, {algebra::MakeFunction("least",
                                      {algebra::ColumnOf(*count, 0),
                                       algebra::MakeLiteral("CAST(1 AS BIGINT)", "BIGINT")},
                                      "BIGINT")});
  }
  const bool simple =
      op.grouping_functions.empty() &&
      (op.grouping_sets.empty() ||
       (op.grouping_sets.size() == 1 && op.grouping_sets[0].size() == op.groups.size()));
  if (simple) return Make(std::move(aggregate), {input}, op);
  return GroupingSets(op, input, aggregate);
}

// One aggregate for each set, with NULL for the keys that it lacks.

NodePtr PlanReader::GroupingSets(duckdb::LogicalAggregate& op, const NodePtr& input,
                                 const algebra::Aggregate& whole) {
  const std::vector<algebra::Column> columns = ColumnsOfBound(op);
  std::vector<NodePtr> sets;
  for (const auto& set : op.grouping_sets) {
    algebra::Aggregate part;
    std::vector<algebra::Column> part_columns;
    std::vector<ExpressionPtr> values;
    for (size_t i = 0; i < whole.keys.size(); ++i) {
      if (set.count(i) == 0) {
        values.push_back(
            algebra::MakeLiteral("CAST(NULL AS " + columns[i].type + ")", columns[i].type));
        continue;
      }
      values.push_back(algebra::MakeColumn(part.keys.size(), columns[i].type));
      part.keys.push_back(whole.keys[i]);
      part_columns.push_back(columns[i]);
    }
    part.calls = whole.calls;
    for (const auto& call : part.calls) {
      values.push_back(algebra::MakeColumn(part_columns.size(), call.type));
      part_columns.push_back({"", call.type});
    }
    for (const auto& grouping : op.grouping_functions) {
      int64_t bits = 0;
      for (const duckdb::idx_t group : grouping) bits = bits * 2 + (set.count(group) == 0 ? 1 : 0);
      values.push_back(
          algebra::MakeLiteral("CAST(" + std::to_string(bits) + " AS BIGINT)", "BIGINT"));
    }
    sets.push_back(algebra::MakeProject(
        algebra::MakeNode(std::move(part), {input}, std::move(part_columns), OffsetOf(op)),
        std::move(values)));
  }
  return algebra::MakeUnionAll(std::move(sets));
}

NodePtr PlanReader::ReadDistinct(LogicalOperator& op) {
  auto& distinct = op.Cast<duckdb::LogicalDistinct>();
  LogicalOperator& child = *op.children[0];
  const NodePtr input = Read(child);
  if (distinct.distinct_type == duckdb::DistinctType::DISTINCT) {
    return Make(algebra::Distinct{}, {input}, op);
  }
  const ExpressionReader reader = ReaderOf({&child});
  algebra::DistinctOn on;
  for (const auto& target : distinct.distinct_targets) on.targets.push_back(reader.Read(*target));
  if (distinct.order_by) {
    for (const auto& order : distinct.order_by->orders) on.order.push_back(reader.ReadOrder(order));
  }
  return Make(std::move(on), {input}, op);
}

NodePtr PlanReader::ReadWindow(LogicalOperator& op) {
  LogicalOperator& child = *op.children[0];
  const NodePtr input = Read(child);
  const ExpressionReader reader = ReaderOf({&child});
  algebra::Window window;
  for (const auto& call : op.expressions) window.calls.push_back(reader.ReadWindow(*call));
  return Make(std::move(window), {input}, op);
}

}  // namespace penstock::duck
