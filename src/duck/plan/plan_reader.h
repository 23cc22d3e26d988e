#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "algebra/plan.h"
#include "duck/plan/bound_expression.h"
#include "duck/plan/mark_join.h"

namespace duckdb {
class LogicalOperator;
class LogicalAggregate;
class LogicalComparisonJoin;
class LogicalGet;
}  // namespace duckdb

namespace penstock::duck {

// Turns one bound plan into a plan of the algebra. An operator's node has the columns of the
// operator's bindings, in their order. Throws NoCounterpart.
class PlanReader {
 public:
  algebra::NodePtr ReadQuery(duckdb::LogicalOperator& root, const std::vector<std::string>& names);

 private:
  algebra::NodePtr Read(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadGet(duckdb::LogicalGet& get);
  algebra::NodePtr ReadListGet(duckdb::LogicalGet& get);
  algebra::NodePtr ReadValues(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadChunk(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadProjection(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadFilter(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadAggregate(duckdb::LogicalAggregate& op);
  algebra::NodePtr GroupingSets(duckdb::LogicalAggregate& op, const algebra::NodePtr& input,
                                const algebra::Aggregate& whole);
  algebra::NodePtr ReadDistinct(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadWindow(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadUnnest(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadLimit(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadSetOperation(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadUnconditionalJoin(duckdb::LogicalOperator& op);
  algebra::NodePtr ReadComparisonJoin(duckdb::LogicalComparisonJoin& op);
  algebra::NodePtr ReadMarkJoin(duckdb::LogicalComparisonJoin& op, const algebra::NodePtr& left,
                                const algebra::NodePtr& right, const algebra::NodePtr& outer,
                                std::vector<algebra::JoinKey> keys, algebra::ExpressionPtr others);
  algebra::NodePtr ReadAnyJoin(duckdb::LogicalOperator& op);
  // The correlated subquery of a join; `outer` is what it reads of the rows around it.
  algebra::NodePtr ReadSubquery(duckdb::LogicalOperator& op, const algebra::NodePtr& outer);
  // The columns that a subquery reads of `left`, each value once.
  static algebra::NodePtr OuterOf(duckdb::LogicalComparisonJoin& op, const algebra::NodePtr& left);

  // Where in the query's text the operator comes from, if known.
  static std::optional<size_t> OffsetOf(duckdb::LogicalOperator& op);
  [[noreturn]] static void Refuse(duckdb::LogicalOperator& op);
  // Over the columns of these operators, one behind the other.
  static ExpressionReader ReaderOf(const std::vector<duckdb::LogicalOperator*>& inputs);
  static algebra::NodePtr Make(algebra::Operator op, std::vector<algebra::NodePtr> inputs,
                               duckdb::LogicalOperator& bound);
  // The columns of the operator, without names.
  static std::vector<algebra::Column> ColumnsOfBound(duckdb::LogicalOperator& op);

  std::map<size_t, algebra::NodePtr> shared_;    // common table expressions by their index
  std::map<size_t, MarkUse> marks_;              // mark joins of which not all rows count
  std::vector<algebra::NodePtr> outer_columns_;  // of correlated subqueries, the nearest last
};

}  // namespace penstock::duck
