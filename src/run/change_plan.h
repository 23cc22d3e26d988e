#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "algebra/plan.h"
#include "base/json.h"
#include "delta/actions.h"
#include "run/pipeline.h"
#include "run/refresh_cost.h"
#include "run/target.h"
#include "run/view_state.h"

// Whether a materialized view can be brought forward by what changed in its sources, and what that
// takes.
namespace penstock::run {

// The versions of a source that a refresh lies between.
struct SourceVersions {
  size_t leaf = 0;  // in the flow's leaves
  delta::Version before = 0;
  delta::Version now = 0;
  Amount whole;    // as of now, as the log says
  Amount changes;  // rows that came and went, at least
};

// What a refresh by changes would do.
struct ChangePlan {
  algebra::NodePtr query;
  std::vector<SourceVersions> sources;
  // The instants of the last refresh and of this one, where the query depends on the time.
  std::string then;
  std::string now;
  RefreshSizes sizes;
  // What is kept of the view's groups, to be read, or made anew where it is not valid; nothing: the
  // view keeps no state.
  std::optional<ViewState> state;
};
// Why a view is to be recomputed instead.
struct Unsuited {
  // OPERATOR_NOT_SUPPORTED, PLAN_NOT_DETERMINISTIC, EXPECTATIONS_NOT_SUPPORTED,
  // INPUT_NOT_SUPPORTED, SOURCE_NOT_FOLLOWED, MADE_ANEW, REJECTED_BY_COST_MODEL,
  // REJECTED_BY_POLICY
  std::string issue;
  std::string reason;  // "it reads files", "a random value in the … cannot be refreshed …"
  std::string remedy;
  SourceLocation where;
};
// "reason (file:line)".
std::string ToString(const Unsuited& unsuited);

// The view's query as a plan whose changes can be derived, if its kind of query, sources and rules
// let it be refreshed so at all. Reads nothing.
Result<std::variant<algebra::NodePtr, Unsuited>> FollowedQuery(Workspace& workspace,
                                                               const Pipeline& pipeline,
                                                               size_t node);
// `before` and `now`: the sources as RefreshDecision has them. Reads logs only. Which technique is
// the cheaper one is not asked here.
Result<std::variant<ChangePlan, Unsuited>> PlanByChanges(Workspace& workspace,
                                                         const Pipeline& pipeline, size_t node,
                                                         const Target& target, const Json& before,
                                                         const Json& now);

}  // namespace penstock::run
