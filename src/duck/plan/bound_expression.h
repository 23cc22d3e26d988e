#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "algebra/plan.h"

namespace duckdb {
class Expression;
class BoundAggregateExpression;
class BoundWindowExpression;
struct BoundOrderByNode;
struct ColumnBinding;
}  // namespace duckdb

namespace penstock::duck {

// What of a bound query has no counterpart in the algebra. Inside this folder it is thrown, as the
// engine's own code does, and becomes an error at the door.
struct NoCounterpart {
  std::string what;  // "the operator SAMPLE", "the function random()"
  std::optional<size_t> offset;
};

// Turns bound expressions into those of the algebra. Holds what the bindings of an operator's
// inputs are called there.
class ExpressionReader {
 public:
  using ColumnIndex = std::function<std::optional<size_t>(const duckdb::ColumnBinding&)>;
  explicit ExpressionReader(ColumnIndex column) : column_(std::move(column)) {}

  algebra::ExpressionPtr Read(const duckdb::Expression& expression) const;
  algebra::AggregateCall ReadAggregate(const duckdb::Expression& expression) const;
  algebra::WindowCall ReadWindow(const duckdb::Expression& expression) const;
  algebra::SortKey ReadOrder(const duckdb::BoundOrderByNode& order) const;

 private:
  ColumnIndex column_;
  // Names of the parameters of the lambdas around, the nearest last, by position in their chunk.
  mutable std::vector<std::vector<algebra::ExpressionPtr>> lambda_inputs_;
  mutable size_t lambdas_ = 0;

  friend class ExpressionVisit;
};

}  // namespace penstock::duck
