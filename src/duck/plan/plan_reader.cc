#include "duck/plan/plan_reader.h"

#include <duckdb.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/common/types/column/column_data_collection.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <optional>
#include <set>

#include "algebra/unique_key.h"
#include "base/sql_text.h"
#include "duck/plan/lateral_unnest.h"
#include "duck/plan/mark_join.h"

namespace penstock::duck {
namespace {

using algebra::ExpressionPtr;
using algebra::NodePtr;
using duckdb::JoinType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

std::optional<size_t> FirstOffset(LogicalOperator& op) {
  std::optional<size_t> first;
  for (const auto& expression : op.expressions) {
    if (expression->GetQueryLocation().IsValid() && !first) {
      first = expression->GetQueryLocation().GetIndex();
    }
  }
  return first;
}

[[noreturn]] void Refuse(LogicalOperator& op) {
  throw NoCounterpart{"the operator " + op.GetName(), FirstOffset(op)};
}

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

// A projection over one row, however deep, is one row.
bool IsOneRow(const NodePtr& node) {
  if (const auto* aggregate = std::get_if<algebra::Aggregate>(&node->op)) {
    return aggregate->keys.empty();
  }
  return std::holds_alternative<algebra::Project>(node->op) && IsOneRow(node->inputs[0]);
}

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

ExpressionReader PlanReader::ReaderOf(const std::vector<LogicalOperator*>& inputs) {
  std::map<std::pair<size_t, size_t>, size_t> places;
  size_t next = 0;
  for (LogicalOperator* input : inputs) {
    for (const duckdb::ColumnBinding& binding : input->GetColumnBindings()) {
      places.emplace(std::pair{binding.table_index, binding.column_index}, next++);
    }
  }
  return ExpressionReader(
      [places = std::move(places)](const duckdb::ColumnBinding& binding) -> std::optional<size_t> {
        const auto found = places.find({binding.table_index, binding.column_index});
        if (found == places.end()) return std::nullopt;
        return found->second;
      });
}

std::vector<algebra::Column> PlanReader::ColumnsOfBound(LogicalOperator& op) {
  std::vector<algebra::Column> columns;
  for (const duckdb::LogicalType& type : op.types) columns.push_back({"", type.ToString()});
  return columns;
}

NodePtr PlanReader::Make(algebra::Operator op, std::vector<NodePtr> inputs,
                         LogicalOperator& bound) {
  return std::make_shared<const algebra::Node>(
      algebra::Node{std::move(op), std::move(inputs), ColumnsOfBound(bound), FirstOffset(bound)});
}

NodePtr PlanReader::ReadQuery(LogicalOperator& root, const std::vector<std::string>& names) {
  root.ResolveOperatorTypes();
  const NodePtr node = Read(root);
  auto values = algebra::ColumnsOf(*node);
  values.resize(names.size());
  return algebra::MakeProject(node, std::move(values), names);
}

NodePtr PlanReader::Read(LogicalOperator& op) {
  if (op.HasProjectionMap() && op.type != LogicalOperatorType::LOGICAL_FILTER) Refuse(op);
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_GET:
      return ReadGet(op.Cast<duckdb::LogicalGet>());
    case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
      return Make(algebra::Values{{{algebra::MakeLiteral("(0)", "INTEGER")}}}, {}, op);
    case LogicalOperatorType::LOGICAL_EXPRESSION_GET:
      return ReadValues(op);
    case LogicalOperatorType::LOGICAL_CHUNK_GET:
      return ReadChunk(op);
    case LogicalOperatorType::LOGICAL_EMPTY_RESULT:
      return Make(algebra::Values{}, {}, op);
    case LogicalOperatorType::LOGICAL_PROJECTION:
      return ReadProjection(op);
    case LogicalOperatorType::LOGICAL_FILTER:
      return ReadFilter(op);
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      return ReadAggregate(op.Cast<duckdb::LogicalAggregate>());
    case LogicalOperatorType::LOGICAL_DISTINCT:
      return ReadDistinct(op);
    case LogicalOperatorType::LOGICAL_WINDOW:
      return ReadWindow(op);
    case LogicalOperatorType::LOGICAL_UNNEST:
      return ReadUnnest(op);
    case LogicalOperatorType::LOGICAL_ORDER_BY:
      return Read(*op.children[0]);  // tables have no order
    case LogicalOperatorType::LOGICAL_LIMIT:
      return ReadLimit(op);
    case LogicalOperatorType::LOGICAL_UNION:
    case LogicalOperatorType::LOGICAL_EXCEPT:
    case LogicalOperatorType::LOGICAL_INTERSECT:
      return ReadSetOperation(op);
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
      return ReadUnconditionalJoin(op);
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
    case LogicalOperatorType::LOGICAL_ASOF_JOIN:
      return ReadComparisonJoin(reinterpret_cast<duckdb::LogicalComparisonJoin&>(op));
    case LogicalOperatorType::LOGICAL_ANY_JOIN:
      return ReadAnyJoin(op);
    case LogicalOperatorType::LOGICAL_DELIM_GET: {
      if (outer_columns_.empty()) Refuse(op);
      return outer_columns_.back();
    }
    case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE: {
      auto& cte = op.Cast<duckdb::LogicalMaterializedCTE>();
      shared_[cte.table_index] = Read(*op.children[0]);
      return Read(*op.children[1]);
    }
    case LogicalOperatorType::LOGICAL_CTE_REF: {
      const auto found = shared_.find(op.Cast<duckdb::LogicalCTERef>().cte_index);
      if (found == shared_.end() || found->second->columns.size() != op.types.size()) Refuse(op);
      return found->second;
    }
    default:
      Refuse(op);
  }
}

// unnest(list) in FROM: its input has the list first, then the columns that go on.
NodePtr PlanReader::ReadListGet(duckdb::LogicalGet& get) {
  if (get.ordinality_idx.IsValid()) Refuse(get);
  const NodePtr input = Read(*get.children[0]);
  algebra::Unnest unnest;
  unnest.lists.push_back(algebra::ColumnOf(*input, 0));
  auto columns = input->columns;
  columns.push_back({"", get.types[0].ToString()});
  const NodePtr rows = std::make_shared<const algebra::Node>(
      algebra::Node{std::move(unnest), {input}, std::move(columns), FirstOffset(get)});
  std::vector<ExpressionPtr> values = {algebra::ColumnOf(*rows, rows->columns.size() - 1)};
  for (const auto passed : get.projected_input) values.push_back(algebra::ColumnOf(*rows, passed));
  return algebra::MakeProject(rows, std::move(values));
}

NodePtr PlanReader::ReadGet(duckdb::LogicalGet& get) {
  const auto table = get.GetTable();
  if (get.function.name == "unnest" && get.children.size() == 1) return ReadListGet(get);
  if (!table || !get.children.empty()) {
    throw NoCounterpart{"the table function " + get.function.name, FirstOffset(get)};
  }
  std::vector<algebra::Column> columns;
  const auto& used = get.GetColumnIds();
  for (const duckdb::ColumnIndex& column : used) {
    // Where no column is used the engine takes the number of the row.
    if (column.IsVirtualColumn() && used.size() == 1) break;
    if (column.IsVirtualColumn()) {
      throw NoCounterpart{"the column " + get.GetColumnName(column), FirstOffset(get)};
    }
    columns.push_back({get.GetColumnName(column), get.GetColumnType(column).ToString()});
  }
  if (columns.empty()) columns.push_back({get.names.at(0), get.returned_types.at(0).ToString()});
  return algebra::MakeScan(table->name, std::move(columns));
}

NodePtr PlanReader::ReadValues(LogicalOperator& op) {
  const auto& get = op.Cast<duckdb::LogicalExpressionGet>();
  const ExpressionReader reader = ReaderOf({});
  algebra::Values values;
  for (const auto& row : get.expressions) {
    auto& read = values.rows.emplace_back();
    for (const auto& expression : row) read.push_back(reader.Read(*expression));
  }
  return Make(std::move(values), {}, op);
}

NodePtr PlanReader::ReadChunk(LogicalOperator& op) {
  auto& get = op.Cast<duckdb::LogicalColumnDataGet>();
  constexpr size_t kMostRows = 10000;
  if (get.collection->Count() > kMostRows) Refuse(op);
  const ExpressionReader reader = ReaderOf({});
  algebra::Values values;
  for (auto& chunk : get.collection->Chunks()) {
    for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
      auto& read = values.rows.emplace_back();
      for (duckdb::idx_t column = 0; column < chunk.ColumnCount(); ++column) {
        const duckdb::BoundConstantExpression constant(chunk.GetValue(column, row));
        read.push_back(reader.Read(constant));
      }
    }
  }
  return Make(std::move(values), {}, op);
}

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
  return std::make_shared<const algebra::Node>(
      algebra::Node{std::move(project), {input}, std::move(columns), FirstOffset(op)});
}

NodePtr PlanReader::ReadFilter(LogicalOperator& op) {
  LogicalOperator& child = *op.children[0];
  duckdb::LogicalFilter::SplitPredicates(op.expressions);
  std::set<size_t> required;
  for (const auto& expression : op.expressions) {
    if (expression->GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) continue;
    required.insert(expression->Cast<duckdb::BoundColumnRefExpression>().binding.table_index);
  }
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
    if (join.join_type == JoinType::MARK && required.contains(join.mark_index)) {
      required_marks_.insert(join.mark_index);
    }
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
        count, {std::make_shared<const algebra::Expression>(algebra::Expression{
                   algebra::Call{algebra::Call::Syntax::kFunction,
                                 "least",
                                 {algebra::ColumnOf(*count, 0),
                                  algebra::MakeLiteral("CAST(1 AS BIGINT)", "BIGINT")}},
                   "BIGINT"})});
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
        std::make_shared<const algebra::Node>(
            algebra::Node{std::move(part), {input}, std::move(part_columns), FirstOffset(op)}),
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

NodePtr PlanReader::ReadUnconditionalJoin(LogicalOperator& op) {
  return algebra::MakeJoin(Read(*op.children[0]), Read(*op.children[1]), algebra::Join{});
}

NodePtr PlanReader::ReadComparisonJoin(duckdb::LogicalComparisonJoin& op) {
  LogicalOperator& left_op = *op.children[0];
  LogicalOperator& right_op = *op.children[1];
  const NodePtr left = Read(left_op);
  const bool correlated = op.type == LogicalOperatorType::LOGICAL_DELIM_JOIN;
  if (correlated) {
    const ExpressionReader reader = ReaderOf({&left_op});
    std::vector<ExpressionPtr> columns;
    for (const auto& column : op.duplicate_eliminated_columns) {
      columns.push_back(reader.Read(*column));
    }
    outer_columns_.push_back(algebra::MakeDistinct(algebra::MakeProject(left, std::move(columns))));
  }
  const NodePtr right = Read(right_op);
  if (correlated) {
    const NodePtr outer = outer_columns_.back();
    outer_columns_.pop_back();
    const bool plain =
        op.join_type == JoinType::INNER && op.conditions.size() == 1 && !op.predicate;
    const NodePtr unnested = plain ? LateralUnnest(left, right, outer) : nullptr;
    if (unnested) return unnested;
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
    conditions.others.push_back(std::make_shared<const algebra::Expression>(algebra::Expression{
        algebra::Call{algebra::Call::Syntax::kInfix,
                      SymbolOf(condition.comparison),
                      {std::move(l),
                       algebra::ShiftColumns(r, 0, static_cast<int64_t>(left->columns.size()))}},
        "BOOLEAN"}));
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
    return MarkJoin(left, right, std::move(conditions.keys), others,
                    required_marks_.contains(op.mark_index));
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
