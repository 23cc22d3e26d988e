#include "run/refresh_choice.h"

namespace penstock::run {
namespace {

using model::RefreshPolicy;

std::string Name(const model::Dataset& dataset) { return model::ToString(dataset.name); }

Unsuited TooDear(const RefreshSizes& sizes, const model::Dataset& dataset) {
  return {"REJECTED_BY_COST_MODEL",
          std::to_string(sizes.changes.rows) + " rows of its sources changed, which have " +
              std::to_string(sizes.query.rows) + ": recomputing costs less",
          "REFRESH POLICY INCREMENTAL refreshes it incrementally all the same.", dataset.where};
}

// A table that is made anew must be one that could be followed from then on.
Status CheckCanFollow(Workspace& workspace, const Pipeline& pipeline, size_t node) {
  ASSIGN_OR_RETURN(const auto query, FollowedQuery(workspace, pipeline, node));
  const auto* unsuited = std::get_if<Unsuited>(&query);
  if (unsuited == nullptr) return OkStatus();
  return NotIncremental(pipeline.graph.nodes[node].dataset, *unsuited);
}

const char* MaintenanceType(Technique technique) {
  switch (technique) {
    case Technique::kRecompute:
      return "MAINTENANCE_TYPE_COMPLETE_RECOMPUTE";
    case Technique::kChange:
    case Technique::kKeys:
      return "MAINTENANCE_TYPE_ROW_BASED";
    case Technique::kState:
      return "MAINTENANCE_TYPE_GROUP_AGGREGATE";
  }
  return "";
}

Json Estimate(const TechniqueCost& cost) {
  return {{"maintenance_type", MaintenanceType(cost.technique)},
          {"technique", ToString(cost.technique)},
          {"cost", cost.seconds},
          {"read_rows", cost.read.rows},
          {"read_bytes", cost.read.bytes},
          {"written_rows", cost.written.rows},
          {"written_bytes", cost.written.bytes}};
}

Json Issue(const Unsuited& unsuited) {
  return {{"issue_type", unsuited.issue},
          {"prevent_incrementalization", true},
          {"message", unsuited.reason},
          {"remedy", unsuited.remedy},
          {"where", ToString(unsuited.where)}};
}

// One entry for recomputing, one for following the changes.
Json Techniques(const RefreshChoice& choice) {
  Json recompute = {{"maintenance_type", MaintenanceType(Technique::kRecompute)},
                    {"technique", ToString(Technique::kRecompute)}};
  Json follow = {{"maintenance_type", MaintenanceType(Technique::kChange)}};
  if (choice.changes) {
    const auto costs = CostsOf(choice.changes->sizes);
    recompute = Estimate(costs[0]);
    if (costs.size() > 1) follow = Estimate(costs[1]);
  }
  recompute["is_chosen"] = !choice.ByChanges();
  recompute["is_applicable"] = true;
  follow["is_chosen"] = choice.ByChanges();
  follow["is_applicable"] = choice.changes.has_value();
  if (choice.unsuited) follow["incrementalization_issues"] = {Issue(*choice.unsuited)};
  return Json::array({std::move(recompute), std::move(follow)});
}

Json Sources(const Pipeline& pipeline, size_t node, const ChangePlan& plan) {
  Json sources = Json::array();
  for (const SourceVersions& source : plan.sources) {
    sources.push_back({{"table_name", pipeline.bound[node].flows[0].leaves[source.leaf].table_name},
                       {"full_rows", source.whole.rows},
                       {"full_size", source.whole.bytes},
                       {"change_rows", source.changes.rows},
                       {"change_size", source.changes.bytes}});
  }
  return sources;
}

}  // namespace

Result<RefreshChoice> ChooseRefresh(Workspace& workspace, const Pipeline& pipeline, size_t node,
                                    const Target& target, const RefreshDecision& decision) {
  const model::Dataset& dataset = pipeline.graph.nodes[node].dataset;
  const RefreshPolicy policy = dataset.refresh;
  const bool strict = policy == RefreshPolicy::kStrict;
  RefreshChoice choice;
  if (policy == RefreshPolicy::kFull) {
    choice.unsuited = {"REJECTED_BY_POLICY", "its refresh policy is FULL",
                       "Leave REFRESH POLICY FULL out.", dataset.where};
    return choice;
  }
  if (!decision.only_sources) {
    if (decision.anew && (strict || policy == RefreshPolicy::kIncremental)) {
      RETURN_IF_ERROR(CheckCanFollow(workspace, pipeline, node));
    }
    if (decision.anew) {
      choice.unsuited = {"MADE_ANEW", decision.reason, "", dataset.where};
      return choice;
    }
    choice.unsuited = {"SOURCE_NOT_FOLLOWED", decision.reason,
                       "Recompute it once: penstock run --full-refresh " + Name(dataset) + ".",
                       dataset.where};
    if (strict) return NotIncremental(dataset, *choice.unsuited);
    return choice;
  }
  ASSIGN_OR_RETURN(auto plan, PlanByChanges(workspace, pipeline, node, target, decision.before,
                                            decision.sources));
  if (auto* unsuited = std::get_if<Unsuited>(&plan)) {
    if (strict) return NotIncremental(dataset, *unsuited);
    choice.unsuited = std::move(*unsuited);
    return choice;
  }
  choice.changes = std::get<ChangePlan>(std::move(plan));
  if (policy == RefreshPolicy::kAuto && RecomputingIsCheaper(choice.changes->sizes)) {
    choice.unsuited = TooDear(choice.changes->sizes, dataset);
  }
  return choice;
}

Error NotIncremental(const model::Dataset& dataset, const Unsuited& unsuited) {
  const bool known = unsuited.where.line > 0;
  return UserError("VIEW_NOT_INCREMENTAL",
                   Name(dataset) + " is not refreshed incrementally, as its REFRESH POLICY " +
                       std::string(model::ToString(dataset.refresh)) +
                       " demands: " + unsuited.reason,
                   unsuited.remedy + " Or choose another REFRESH POLICY: AUTO recomputes it.")
      .At(known ? unsuited.where : dataset.where);
}

Json PlanningDetails(const Pipeline& pipeline, size_t node, const RefreshChoice& choice,
                     const std::string& reason) {
  const model::Dataset& dataset = pipeline.graph.nodes[node].dataset;
  Json details = {{"technique_information", Techniques(choice)},
                  {"refresh_policy", model::ToString(dataset.refresh)},
                  {"reason", reason}};
  if (choice.changes) {
    details["source_table_information"] = Sources(pipeline, node, *choice.changes);
    details["target_table_information"] = {{"table_name", Name(dataset)},
                                           {"full_rows", choice.changes->sizes.view.rows},
                                           {"full_size", choice.changes->sizes.view.bytes}};
  }
  return {{"planning_information", std::move(details)}};
}

}  // namespace penstock::run
