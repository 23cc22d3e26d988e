#include <duckdb.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <map>

#include "duck/plan/plan_reader.h"
#include "duck/plan/sorted_list.h"

// Operators of a bound query that take rows one by one, and those that put whole inputs together.
namespace penstock::duck {

using algebra::ExpressionPtr;
using algebra::NodePtr;
using duckdb::JoinType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
namespace {

// A condition that is a mark, or its negation: of its join only some rows count.
void AddMark(const duckdb::Expression& condition, std::map<size_t, MarkUse>* marks) {
  if (condition.GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF) {
    const auto& column = condition.Cast<duckdb::BoundColumnRefExpression>();
    marks->emplace(column.binding.table_index, MarkUse::kMatches);
  }
  if (condition.GetExpressionType() != duckdb::ExpressionType::OPERATOR_NOT) return;
  const auto& negation = condition.Cast<duckdb::BoundOperatorExpression>();
  const duckdb::Expression& negated = *negation.children[0];
  if (negated.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return;
  const auto& column = negated.Cast<duckdb::BoundColumnRefExpression>();
  marks->emplace(column.binding.table_index, MarkUse::kOthers);
}

}  // namespace

NodePtr PlanReader::ReadProjection(LogicalOperator& op) {
  LogicalOperator& child = *op.children[0];
  const NodePtr input = Read(child);
  const ExpressionReader reader = ReaderOf({&child});
  algebra::Project project;
  std::vector<algebra::Column> columns;
  for (const auto& expression : op.expressions) {
    project.values.push_back(reader.Read(*expression));
    columns.push_back({expression->GetName(), expression->return_type.ToString()});
  }
  NodePtr rows = WithSortedLists(input, project);
  return algebra::MakeNode(std::move(project), {std::move(rows)}, std::move(columns), OffsetOf(op));
}

NodePtr PlanReader::ReadFilter(LogicalOperator& op) {
  LogicalOperator& child = *op.children[0];
  duckdb::LogicalFilter::SplitPredicates(op.expressions);
  std::map<size_t, MarkUse> required;
  for (const auto& expression : op.expressions) AddMark(*expression, &required);
  // Joins that a row must pass in any case to come here.
  for (LogicalOperator* below = &child; !below->children.empty();
       below = below->children[0].get()) {
    if (below->type != LogicalOperatorType::LOGICAL_COMPARISON_JOIN &&
        below->type != LogicalOperatorType::LOGICAL_DELIM_JOIN &&
        below->type != LogicalOperatorType::LOGICAL_CROSS_PRODUCT) {
      break;
    }
    if (below->type == LogicalOperatorType::LOGICAL_CROSS_PRODUCT) continue;
    const auto& join = reinterpret_cast<duckdb::LogicalComparisonJoin&>(*below);
    const auto use = required.find(join.mark_index);
    if (join.join_type == JoinType::MARK && use != required.end()) marks_.insert(*use);
  }
  const NodePtr input = Read(child);
  const ExpressionReader reader = ReaderOf({&child});
  std::vector<ExpressionPtr> conditions;
  for (const auto& expression : op.expressions) conditions.push_back(reader.Read(*expression));
  const NodePtr filtered = algebra::MakeFilter(input, algebra::Conjunction(std::move(conditions)));
  const auto& kept = op.Cast<duckdb::LogicalFilter>().projection_map;
  if (kept.empty()) return filtered;
  std::vector<ExpressionPtr> values;
  for (const auto column : kept) values.push_back(algebra::ColumnOf(*filtered, column));
  return algebra::MakeProject(filtered, std::move(values));
}

NodePtr PlanReader::ReadUnnest(LogicalOperator& op) {
  LogicalOperator& child = *op.children[0];
  const NodePtr input = Read(child);
  const ExpressionReader reader = ReaderOf({&child});
  algebra::Unnest unnest;
  for (const auto& expression : op.expressions) {
    const auto& bound = expression->Cast<duckdb::BoundUnnestExpression>();
    if (bound.child->return_type.id() == duckdb::LogicalTypeId::STRUCT) Refuse(op);
    unnest.lists.push_back(reader.Read(*bound.child));
  }
  return Make(std::move(unnest), {input}, op);
}

NodePtr PlanReader::ReadLimit(LogicalOperator& op) {
  const auto& limit = op.Cast<duckdb::LogicalLimit>();
  LogicalOperator& child = *op.children[0];
  algebra::Limit read;
  const auto constant = [&](const duckdb::BoundLimitNode& value) -> std::optional<int64_t> {
    if (value.Type() == duckdb::LimitNodeType::UNSET) return std::nullopt;
    if (value.Type() != duckdb::LimitNodeType::CONSTANT_VALUE) Refuse(op);
    return static_cast<int64_t>(value.GetConstantValue());
  };
  read.count = constant(limit.limit_val);
  read.offset = constant(limit.offset_val).value_or(0);
  NodePtr input;
  if (child.type == LogicalOperatorType::LOGICAL_ORDER_BY) {
    input = Read(*child.children[0]);
    const ExpressionReader reader = ReaderOf({child.children[0].get()});
    for (const auto& order : child.Cast<duckdb::LogicalOrder>().orders) {
      read.order.push_back(reader.ReadOrder(order));
    }
  } else {
    input = Read(child);
  }
  return Make(std::move(read), {input}, op);
}

NodePtr PlanReader::ReadSetOperation(LogicalOperator& op) {
  const auto& set = op.Cast<duckdb::LogicalSetOperation>();
  std::vector<NodePtr> inputs;
  for (const auto& child : op.children) inputs.push_back(Read(*child));
  if (op.type == LogicalOperatorType::LOGICAL_UNION) {
    return Make(algebra::UnionAll{}, std::move(inputs), op);
  }
  if (inputs.size() != 2) Refuse(op);
  const auto kind = op.type == LogicalOperatorType::LOGICAL_EXCEPT ? algebra::SetKind::kExcept
                                                                   : algebra::SetKind::kIntersect;
  return Make(algebra::SetOperation{kind, set.setop_all}, std::move(inputs), op);
}

}  // namespace penstock::duck
