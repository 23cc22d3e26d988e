#pragma once

#include <optional>
#include <string>

#include "run/change_plan.h"
#include "run/refresh_decision.h"

namespace penstock::run {

// How a view that is to be refreshed will be, as its policy and the estimates say.
struct RefreshChoice {
  // A refresh by changes, where one could be planned.
  std::optional<ChangePlan> changes;
  // Why it is recomputed all the same, or could not be planned.
  std::optional<Unsuited> unsuited;
  bool ByChanges() const { return changes && !unsuited; }
};

// VIEW_NOT_INCREMENTAL when the view's policy does not let it be recomputed, or made anew. Reads
// logs only.
Result<RefreshChoice> ChooseRefresh(Workspace& workspace, const Pipeline& pipeline, size_t node,
                                    const Target& target, const RefreshDecision& decision);

// That a policy forbids to recompute the view.
Error NotIncremental(const model::Dataset& dataset, const Unsuited& unsuited);

// The details of a planning_information event (docs/event-log.md).
Json PlanningDetails(const Pipeline& pipeline, size_t node, const RefreshChoice& choice,
                     const std::string& reason);

}  // namespace penstock::run
