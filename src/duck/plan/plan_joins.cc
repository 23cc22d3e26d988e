#include <algorithm>
#include <duckdb.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/operator/list.hpp>

#include "algebra/join_order.h"
#include "algebra/unique_key.h"
#include "duck/plan/correlation.h"
#include "duck/plan/lateral_unnest.h"
#include "duck/plan/mark_join.h"
#include "duck/plan/plan_reader.h"

// Joins of a bound query; subqueries are joins by then.
namespace penstock::duck {

using algebra::ExpressionPtr;
using algebra::NodePtr;
using duckdb::JoinType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

namespace {

bool IsEquality(duckdb::ExpressionType type) {
  return type == duckdb::ExpressionType::COMPARE_EQUAL ||
         type == duckdb::ExpressionType::COMPARE_NOT_DISTINCT_FROM;
}

const char* SymbolOf(duckdb::ExpressionType type) {
  switch (type) {
    case duckdb::ExpressionType::COMPARE_NOTEQUAL:
      return "<>";
    case duckdb::ExpressionType::COMPARE_LESSTHAN:
      return "<";
    case duckdb::ExpressionType::COMPARE_GREATERTHAN:
      return ">";
    case duckdb::ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return "<=";
    case duckdb::ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return ">=";
    case duckdb::ExpressionType::COMPARE_DISTINCT_FROM:
      return "IS DISTINCT FROM";
    default:
      throw NoCounterpart{"a join condition", std::nullopt};
  }
}

// Keys and the rest of a join's conditions.
struct Conditions {
  std::vector<algebra::JoinKey> keys;
  std::vector<ExpressionPtr> others;  // over both inputs
};

// The columns of a join whose inputs were swapped, back in place.
NodePtr Unswapped(const NodePtr& node, size_t left, size_t right) {
  std::vector<ExpressionPtr> values;
  for (size_t i = 0; i < left; ++i) values.push_back(algebra::ColumnOf(*node, right + i));
  for (size_t i = 0; i < right; ++i) values.push_back(algebra::ColumnOf(*node, i));
  return algebra::MakeProject(node, std::move(values));
}

NodePtr MakeOuter(NodePtr left, NodePtr right, JoinType type, Conditions conditions) {
  const size_t left_width = left->columns.size();
  const size_t right_width = right->columns.size();
  algebra::Join join;
  join.keys = std::move(conditions.keys);
  if (!conditions.others.empty()) join.condition = algebra::Conjunction(conditions.others);
  switch (type) {
    case JoinType::INNER:
      join.kind = algebra::JoinKind::kInner;
      break;
    case JoinType::LEFT:
      join.kind = algebra::JoinKind::kLeft;
      break;
    case JoinType::OUTER:
      join.kind = algebra::JoinKind::kFull;
      break;
    case JoinType::SEMI:
      join.kind = algebra::JoinKind::kSemi;
      break;
    case JoinType::ANTI:
      join.kind = algebra::JoinKind::kAnti;
      break;
    case JoinType::RIGHT: {
      join.kind = algebra::JoinKind::kLeft;
      for (algebra::JoinKey& key : join.keys) std::swap(key.left, key.right);
      if (join.condition) {
        join.condition = algebra::MapColumns(join.condition, [&](size_t index) {
          return index < left_width
                     ? algebra::MakeColumn(right_width + index, left->columns[index].type)
                     : algebra::MakeColumn(index - left_width,
                                           right->columns[index - left_width].type);
        });
      }
      return Unswapped(algebra::MakeJoin(std::move(right), std::move(left), std::move(join)),
                       left_width, right_width);
    }
    default:
      throw NoCounterpart{"the join " + duckdb::JoinTypeToString(type), std::nullopt};
  }
  return algebra::MakeJoin(std::move(left), std::move(right), std::move(join));
}

// At most one partner for each left row, else the engine fails; here that must be known beforehand.
NodePtr MakeSingle(NodePtr left, NodePtr right, Conditions conditions) {
  if (!algebra::IsUniqueBy(right, algebra::KeyColumns(conditions.keys, /*right=*/true))) {
    throw NoCounterpart{"a subquery that may give several rows for one", std::nullopt};
  }
  return MakeOuter(std::move(left), std::move(right), JoinType::LEFT, std::move(conditions));
}

}  // namespace

NodePtr PlanReader::ReadUnconditionalJoin(LogicalOperator& op) {
  return algebra::MakeJoin(Read(*op.children[0]), Read(*op.children[1]), algebra::Join{});
}

NodePtr PlanReader::OuterOf(duckdb::LogicalComparisonJoin& op, const NodePtr& left) {
  const ExpressionReader reader = ReaderOf({op.children[0].get()});
  std::vector<ExpressionPtr> columns;
  for (const auto& column : op.duplicate_eliminated_columns) {
    columns.push_back(reader.Read(*column));
  }
  return algebra::MakeDistinct(algebra::MakeProject(left, std::move(columns)));
}

NodePtr PlanReader::ReadSubquery(LogicalOperator& op, const NodePtr& outer) {
  outer_columns_.push_back(outer);
  const NodePtr subquery = Read(op);
  std::set<NodePtr> given(outer_columns_.begin(), outer_columns_.end());
  for (const auto& [index, node] : shared_) given.insert(node);
  outer_columns_.pop_back();
  return algebra::WithKeyedJoins(subquery, given);
}

NodePtr PlanReader::ReadMarkJoin(duckdb::LogicalComparisonJoin& op, const NodePtr& left,
                                 const NodePtr& right, const NodePtr& outer,
                                 std::vector<algebra::JoinKey> keys, ExpressionPtr others) {
  const auto known = marks_.find(op.mark_index);
  const MarkUse use = known == marks_.end() ? MarkUse::kValue : known->second;
  const bool exists = !others && std::all_of(keys.begin(), keys.end(),
                                             [](const auto& key) { return key.null_safe; });
  if (outer && exists && use != MarkUse::kValue) {
    const bool matches = use == MarkUse::kMatches;
    NodePtr joined = ExistsJoin(matches ? algebra::JoinKind::kSemi : algebra::JoinKind::kAnti, left,
                                right, outer, keys);
    if (joined) return WithMark(std::move(joined), matches);
  }
  return MarkJoin(left, right, std::move(keys), std::move(others), use);
}

NodePtr PlanReader::ReadComparisonJoin(duckdb::LogicalComparisonJoin& op) {
  LogicalOperator& left_op = *op.children[0];
  LogicalOperator& right_op = *op.children[1];
  const NodePtr left = Read(left_op);
  const bool correlated = op.type == LogicalOperatorType::LOGICAL_DELIM_JOIN;
  const NodePtr outer = correlated ? OuterOf(op, left) : nullptr;
  NodePtr right = correlated ? ReadSubquery(right_op, outer) : Read(right_op);
  if (correlated) {
    const bool plain =
        op.join_type == JoinType::INNER && op.conditions.size() == 1 && !op.predicate;
    const NodePtr unnested = plain ? LateralUnnest(left, right, outer) : nullptr;
    if (unnested) return unnested;
    right = WithoutOuter(right, outer);
  }

  const ExpressionReader of_left = ReaderOf({&left_op});
  const ExpressionReader of_right = ReaderOf({&right_op});
  Conditions conditions;
  for (const duckdb::JoinCondition& condition : op.conditions) {
    ExpressionPtr l = of_left.Read(*condition.left);
    ExpressionPtr r = of_right.Read(*condition.right);
    if (IsEquality(condition.comparison)) {
      const bool null_safe =
          condition.comparison == duckdb::ExpressionType::COMPARE_NOT_DISTINCT_FROM;
      conditions.keys.push_back({std::move(l), std::move(r), null_safe});
      continue;
    }
    conditions.others.push_back(algebra::MakeInfix(
        SymbolOf(condition.comparison),
        {std::move(l), algebra::ShiftColumns(r, 0, static_cast<int64_t>(left->columns.size()))},
        "BOOLEAN"));
  }
  if (op.predicate) {
    conditions.others.push_back(ReaderOf({&left_op, &right_op}).Read(*op.predicate));
  }
  if (op.type == LogicalOperatorType::LOGICAL_ASOF_JOIN) {
    const bool outer = op.join_type == JoinType::LEFT;
    if ((!outer && op.join_type != JoinType::INNER) || conditions.others.size() != 1) Refuse(op);
    return Make(algebra::AsofJoin{outer, std::move(conditions.keys), conditions.others[0]},
                {left, right}, op);
  }
  if (op.join_type == JoinType::MARK) {
    const ExpressionPtr others =
        conditions.others.empty() ? nullptr : algebra::Conjunction(conditions.others);
    return ReadMarkJoin(op, left, right, outer, std::move(conditions.keys), others);
  }
  if (op.join_type == JoinType::SINGLE) return MakeSingle(left, right, std::move(conditions));
  return MakeOuter(left, right, op.join_type, std::move(conditions));
}

NodePtr PlanReader::ReadAnyJoin(LogicalOperator& op) {
  const auto& join = op.Cast<duckdb::LogicalAnyJoin>();
  LogicalOperator& left_op = *op.children[0];
  LogicalOperator& right_op = *op.children[1];
  NodePtr left = Read(left_op);
  NodePtr right = Read(right_op);
  Conditions conditions;
  conditions.others.push_back(ReaderOf({&left_op, &right_op}).Read(*join.condition));
  return MakeOuter(std::move(left), std::move(right), join.join_type, std::move(conditions));
}

}  // namespace penstock::duck
