#pragma once

#include <duckdb.hpp>
#include <duckdb/planner/expression.hpp>
#include <duckdb/planner/table_filter.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/predicate.h"

// Bound conditions of the engine as Predicates; not for other rooms.
namespace penstock::duck {

// The path of the column that an expression is, or nothing.
using ColumnOf = std::function<std::vector<std::string>(const duckdb::Expression&)>;

// What of the condition a Predicate can say; Anything for the rest. `column_of` is asked for
// references to columns.
Predicate PredicateOf(const duckdb::Expression& condition, const ColumnOf& column_of);

// The same of a filter on the column of that path.
Predicate PredicateOf(const duckdb::TableFilter& filter, const std::vector<std::string>& column);

}  // namespace penstock::duck
