#pragma once

#include <string>

#include "algebra/plan.h"
#include "base/result.h"
#include "duck/engine.h"

namespace penstock::duck {

// The query as the engine binds it, before any optimisation, as a plan of our algebra: names and
// types resolved, stars expanded, correlated subqueries as joins. Relations that are tables of the
// engine (temporary ones too) become scans by that name; views are expanded.
// UNSUPPORTED_PLAN names what has no counterpart (recursion, samples, functions that read files …),
// and the connection's LastErrorOffset where it stands, if known;
// errors of the query itself are the engine's.
Result<algebra::NodePtr> PlanOf(Connection& connection, const std::string& query);

}  // namespace penstock::duck
