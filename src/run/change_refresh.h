#pragma once

#include <string>
#include <variant>
#include <vector>

#include "delta/change.h"
#include "ivm/program.h"
#include "run/context.h"
#include "run/target.h"

// A materialized view brought forward by what changed in its sources instead of being recomputed.
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

// Files that a refresh wrote and takes out; nothing of it is committed.
struct ChangedView {
  delta::Change change;
  int64_t source_rows = 0;  // that changed
  int64_t added_rows = 0;
  int64_t removed_rows = 0;
  int64_t added_bytes = 0;
  std::vector<std::string> written;  // paths, to be removed if the commit fails
};
// Unsuited when it turned out to be so on the way, e.g. rows to remove were not found.
Result<std::variant<ChangedView, Unsuited>> RefreshByChanges(UpdateContext& context, size_t node,
                                                             const Target& target,
                                                             const ChangePlan& plan);

}  // namespace penstock::run
