#pragma once

#include <string>

#include "base/data_type.h"
#include "base/predicate.h"
#include "duck/engine.h"

namespace penstock::duck {

// What of a condition a Predicate can say. `condition` is the engine's SQL over the columns of one
// relation, bare or behind `alias`. What it cannot say, and a condition that cannot be bound (it
// names something else), is Anything. With `joined` (a relation and its alias as in FROM) the
// condition is over pairs of rows, and the predicate is what it says of those of the first
// relation. Binds and optimizes a query, runs none.
Predicate PredicateOfCondition(Connection& connection, const Schema& columns,
                               const std::string& alias, const std::string& condition,
                               const std::string& joined = "");

}  // namespace penstock::duck
