#pragma once

#include <string>
#include <variant>
#include <vector>

#include "algebra/plan.h"
#include "base/json.h"
#include "delta/actions.h"
#include "run/pipeline.h"

// Whether a materialized view can be brought forward by what changed in its sources, and what that
// takes.
namespace penstock::run {

// The versions of a source that a refresh lies between.
struct SourceVersions {
  size_t leaf = 0;  // in the flow's leaves
  delta::Version before = 0;
  delta::Version now = 0;
};

// What a refresh by changes would do.
struct ChangePlan {
  algebra::NodePtr query;
  std::vector<SourceVersions> sources;
  // Rows that came and went in the sources, and those they have, as the log says; at least.
  int64_t changed_rows = 0;
  int64_t source_rows = 0;
};
// Why a view is to be recomputed instead: "it has expectations", "x cannot be refreshed …".
struct Unsuited {
  std::string reason;
};
// Whether a view's kind of query and sources lets it be refreshed so at all.
bool FollowsChanges(const Pipeline& pipeline, size_t node);
// `before` and `now`: the sources as RefreshDecision has them. Reads logs only.
Result<std::variant<ChangePlan, Unsuited>> PlanByChanges(Workspace& workspace,
                                                         const Pipeline& pipeline, size_t node,
                                                         const Json& before, const Json& now);

}  // namespace penstock::run
