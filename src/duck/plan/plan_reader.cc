#include "duck/plan/plan_reader.h"

#include <duckdb.hpp>
#include <duckdb/planner/operator/list.hpp>

namespace penstock::duck {

using algebra::ExpressionPtr;
using algebra::NodePtr;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

std::optional<size_t> PlanReader::OffsetOf(LogicalOperator& op) {
  std::optional<size_t> first;
  for (const auto& expression : op.expressions) {
    if (expression->GetQueryLocation().IsValid() && !first) {
      first = expression->GetQueryLocation().GetIndex();
    }
  }
  return first;
}

void PlanReader::Refuse(LogicalOperator& op) {
  throw NoCounterpart{"the operator " + op.GetName(), OffsetOf(op)};
}

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
  return algebra::MakeNode(std::move(op), std::move(inputs), ColumnsOfBound(bound),
                           OffsetOf(bound));
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

}  // namespace penstock::duck
