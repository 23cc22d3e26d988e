#include "run/view_refresh.h"

#include <algorithm>

#include "base/text.h"
#include "run/bad_records.h"
#include "run/change_refresh.h"
#include "run/commit.h"
#include "run/execute.h"
#include "run/failing_row.h"
#include "run/flow_state.h"
#include "run/leaf_relation.h"
#include "run/publish.h"
#include "run/quarantine.h"
#include "run/refresh_choice.h"

namespace penstock::run {
namespace {

// From here on rows are taken out of a view by deletion vectors; the files of a smaller one are
// rewritten, and older readers can read it.
constexpr int64_t kLargeTableBytes = int64_t{16} << 20;

bool ReadsEmptyFolder(const Json& sources) {
  return std::any_of(sources.begin(), sources.end(),
                     [](const Json& state) { return state.value("count", 1) == 0; });
}

class ViewRefresh {
 public:
  ViewRefresh(UpdateContext& context, size_t node)
      : context_(context),
        workspace_(context.workspace),
        index_(node),
        node_(context.pipeline.graph.nodes[node]),
        bound_node_(context.pipeline.bound[node]),
        flow_(node_.flows[0]) {}

  Result<FlowOutcome> Run(bool force) {
    RETURN_IF_ERROR(RecoverQuarantine(workspace_, flow_.flow.name));
    ASSIGN_OR_RETURN(Target target, OpenTarget(workspace_, node_.dataset));
    ASSIGN_OR_RETURN(decision_, DecideRefresh(workspace_, context_.pipeline, index_, target, force,
                                              context_.instant));
    outcome_.reason = decision_.reason;
    outcome_.empty_input = ReadsEmptyFolder(decision_.sources);
    if (outcome_.empty_input) outcome_.reason += "; empty input";
    if (!decision_.recompute) {
      outcome_.mode = "unchanged";
      RETURN_IF_ERROR(UpdateDefinition(target));
      return std::move(outcome_);
    }
    ASSIGN_OR_RETURN(choice_,
                     ChooseRefresh(workspace_, context_.pipeline, index_, target, decision_));
    ASSIGN_OR_RETURN(const bool followed, FollowChanges(target));
    if (followed) return std::move(outcome_);
    outcome_.mode = "full recomputation";
    if (decision_.only_sources && choice_.unsuited) {
      outcome_.reason += "; not incremental: " + ToString(*choice_.unsuited);
    }
    AddPlanningEvent(" is recomputed: ");
    RETURN_IF_ERROR(Recompute(target));
    return std::move(outcome_);
  }

 private:
  void AddPlanningEvent(const char* words) {
    events::Event event = FlowEvent(node_, flow_, "", "PLANNING", "");
    event.type = "planning_information";
    event.message = model::ToString(node_.dataset.name) + words + outcome_.reason;
    event.details = PlanningDetails(context_.pipeline, index_, choice_, outcome_.reason);
    context_.log.Add(std::move(event));
  }

  // Whether the view was brought up to date by what changed in its sources; if not, `choice_` says
  // why.
  Result<bool> FollowChanges(const Target& target) {
    if (!choice_.ByChanges()) return false;
    const StateOrigin origin{target.snapshot->metadata().id, decision_.definition,
                             DumpJson(decision_.sources)};
    const auto changed = RefreshByChanges(context_, index_, target, *choice_.changes, origin);
    if (!changed.ok() && changed.error().code == "NOT_INCREMENTAL") {
      choice_.unsuited = {"SOURCE_NOT_FOLLOWED", changed.error().message, changed.error().remedy,
                          node_.dataset.where};
      if (node_.dataset.refresh == model::RefreshPolicy::kStrict) {
        return NotIncremental(node_.dataset, *choice_.unsuited);
      }
      return false;
    }
    if (!changed.ok()) return changed.error();
    outcome_.mode = "incremental";
    outcome_.reason += "; " + std::to_string(changed->source_rows) +
                       (changed->source_rows == 1 ? " row changed, " : " rows changed, ") +
                       changed->technique;
    AddPlanningEvent(" is refreshed incrementally: ");
    RETURN_IF_ERROR(CommitChanges(target, *changed));
    if (changed->state) KeepState(changed->state.get());
    return true;
  }

  // The table is up to date with or without it.
  void KeepState(StateUpdate* state) {
    Status kept = state->Write();
    if (kept.ok()) return;
    context_.log.Add(
        WarningEvent(node_, flow_, "maintenance_progress",
                     "The state kept of " + model::ToString(node_.dataset.name) +
                         " was removed, because it could not be written: " + kept.error().message));
  }

  Status CommitChanges(const Target& target, const ChangedView& changed) {
    const int64_t now_ms = workspace_.clock->Now() / 1000;
    QueryOutcome outcome;
    outcome.written.files = changed.change.adds;
    outcome.written.rows = changed.added_rows;
    outcome.written.bytes = changed.added_bytes;
    outcome.counts = changed.counts;
    outcome.set_aside_files = changed.set_aside_files;
    ASSIGN_OR_RETURN(BatchCommit commit, NextCommit(target));
    commit.operation = "REFRESH";
    commit.changes_rows = true;
    commit.removes = changed.change.removes;
    commit.cdc_files = changed.change.cdc_files;
    ASSIGN_OR_RETURN(commit.metadata,
                     NextMetadata(node_.dataset, commit.columns, target, workspace_.project.name,
                                  OwnKeys(target, true), false, now_ms));
    Status published = Publish(context_, {node_, flow_, target}, std::move(commit), outcome,
                               {{"num_changed_source_rows", changed.source_rows},
                                {"num_removed_rows", changed.removed_rows}},
                               now_ms, &outcome_);
    // After any other failure the commit may have happened.
    if (!published.ok() && published.error().code == "COMMIT_CONFLICT") {
      for (const std::string& path : changed.written) (void)workspace_.storage->Delete(path);
    }
    return published;
  }

  Result<BatchCommit> NextCommit(const Target& target) {
    ASSIGN_OR_RETURN(const std::string flow_id, OpenFlowId(workspace_, flow_.flow.name));
    BatchCommit commit;
    commit.app_id = flow_id + "/view";
    if (target.snapshot != nullptr) {
      commit.batch = target.snapshot->TransactionVersion(commit.app_id).value_or(-1) + 1;
    }
    commit.columns = bound_node_.columns;
    return commit;
  }

  delta::Configuration OwnKeys(const Target& target, bool refreshed) const {
    delta::Configuration own;
    if (node_.dataset.refresh != model::RefreshPolicy::kAuto) {
      own[kRefreshPolicyKey] = model::ToString(node_.dataset.refresh);
    }
    if (!refreshed) {
      for (const char* key : {kDefinitionKey, kSourcesKey, kRefreshedVersionKey}) {
        own[key] = RecordedValue(target, key);
      }
      return own;
    }
    const delta::Version next = target.snapshot == nullptr ? 0 : target.snapshot->version() + 1;
    own[kDefinitionKey] = decision_.definition;
    own[kSourcesKey] = DumpJson(decision_.sources);
    own[kRefreshedVersionKey] = std::to_string(next);
    return own;
  }

  // A comment or property that changed is written without recomputing anything.
  Status UpdateDefinition(const Target& target) {
    const int64_t now_ms = workspace_.clock->Now() / 1000;
    BatchCommit commit;
    commit.columns = bound_node_.columns;
    ASSIGN_OR_RETURN(commit.metadata,
                     NextMetadata(node_.dataset, commit.columns, target, workspace_.project.name,
                                  OwnKeys(target, false), false, now_ms));
    if (!commit.metadata) return OkStatus();
    commit.operation = "SET TBLPROPERTIES";
    auto version = CommitBatch(target, commit, now_ms);
    return version.ok() ? OkStatus() : Status(std::move(version).error());
  }

  Status Recompute(const Target& target) {
    const BoundFlow& bound = bound_node_.flows[0];
    for (const BoundLeaf& leaf : bound.leaves) {
      if (leaf.files) RETURN_IF_ERROR(KeepSchema(workspace_, *leaf.files));
    }
    const bool with_position = WantsPosition(bound_node_, bound);
    source::Batch versions = PinnedVersions(bound);
    ASSIGN_OR_RETURN(const LeafRelations leaves,
                     RelationsOf(workspace_, bound, {&versions, with_position}));
    auto executed = ExecuteQuery(context_, {node_,
                                            bound_node_,
                                            bound,
                                            leaves,
                                            target,
                                            bound_node_.columns,
                                            true,
                                            with_position,
                                            {},
                                            InstantOf(bound)});
    if (!executed.ok()) {
      return NameFailingRow(context_, bound, &versions, std::move(executed).error());
    }
    const QueryOutcome outcome = *std::move(executed);
    RETURN_IF_ERROR(WriteBadRecords(workspace_, leaves));
    WarnOfLostRecords(context_, node_, flow_, leaves);
    return Commit(target, outcome);
  }

  // The rows are those of the versions that are recorded.
  source::Batch PinnedVersions(const BoundFlow& bound) const {
    source::Batch versions;
    for (const BoundLeaf& leaf : bound.leaves) {
      const Json& state = decision_.sources.at(leaf.input.source_id);
      if (state.contains("version")) {
        versions.statics[leaf.input.source_id] = state["version"].get<int64_t>();
      }
    }
    return versions;
  }

  // And of the instant that is recorded.
  std::optional<TimestampMicros> InstantOf(const BoundFlow& bound) const {
    if (!bound.query.time_dependent) return std::nullopt;
    return context_.instant;
  }

  Status Commit(const Target& target, const QueryOutcome& outcome) {
    const int64_t now_ms = workspace_.clock->Now() / 1000;
    ASSIGN_OR_RETURN(BatchCommit commit, NextCommit(target));
    commit.operation = "WRITE";
    commit.operation_parameters = {{"mode", "\"Overwrite\""}};
    commit.replaces = true;
    delta::Configuration own = OwnKeys(target, true);
    if (outcome.written.bytes >= kLargeTableBytes &&
        !node_.dataset.properties.contains(kVectorsKey)) {
      ASSIGN_OR_RETURN(const auto query, FollowedQuery(workspace_, context_.pipeline, index_));
      if (std::holds_alternative<algebra::NodePtr>(query)) own[kVectorsKey] = "true";
    }
    ASSIGN_OR_RETURN(commit.metadata, NextMetadata(node_.dataset, commit.columns, target,
                                                   workspace_.project.name, own, true, now_ms));
    return Publish(context_, {node_, flow_, target}, std::move(commit), outcome, Json::object(),
                   now_ms, &outcome_);
  }

  UpdateContext& context_;
  Workspace& workspace_;
  size_t index_;
  const graph::Node& node_;
  const BoundNode& bound_node_;
  const graph::ResolvedFlow& flow_;
  RefreshDecision decision_;
  RefreshChoice choice_;
  FlowOutcome outcome_;
};

}  // namespace

Result<FlowOutcome> RefreshView(UpdateContext& context, size_t node, bool force) {
  return ViewRefresh(context, node).Run(force);
}

}  // namespace penstock::run
