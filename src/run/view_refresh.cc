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
#include "run/source_change.h"

namespace penstock::run {
namespace {

// Changes when a table must be computed anew although no source changed: the meaning of the query's
// functions.
constexpr int kEngineGeneration = 1;

// From here on rows are taken out of a view by deletion vectors; the files of a smaller one are
// rewritten, and older readers can read it.
constexpr int64_t kLargeTableBytes = int64_t{16} << 20;
constexpr char kVectorsKey[] = "delta.enableDeletionVectors";

std::string Value(const Target& target, const char* key) {
  if (target.snapshot == nullptr) return "";
  const auto& configuration = target.snapshot->metadata().configuration;
  const auto found = configuration.find(key);
  return found == configuration.end() ? "" : found->second;
}

// What decides the rows of a view besides its sources. Comments and properties do not.
std::string DefinitionOf(const Pipeline& pipeline, size_t node_index) {
  const graph::Node& node = pipeline.graph.nodes[node_index];
  const BoundNode& bound = pipeline.bound[node_index];
  const BoundFlow& flow = bound.flows[0];
  std::string text = std::to_string(kEngineGeneration) + '\0' + flow.query.text;
  for (const graph::ViewInstance& view : flow.query.views) {
    text += '\0' + view.placeholder + '=' + view.text;
    for (const quality::Rule& rule : pipeline.bound[view.dataset].rules) {
      text += '\0' + rule.condition + std::string(model::ToString(rule.declared.on_violation));
    }
  }
  for (const graph::LeafInput& leaf : flow.query.leaves) {
    text += '\0' + leaf.placeholder + '=' + leaf.source_id;
    if (const auto* files = std::get_if<sql::FilesInput>(&leaf.target)) {
      text += '\0' + files->format;
      for (const auto& [name, value] : files->options) text += '\0' + name + '=' + value;
    }
  }
  for (const quality::Rule& rule : bound.rules) {
    text += '\0' + rule.declared.name + rule.condition +
            std::string(model::ToString(rule.declared.on_violation));
  }
  text += '\0' + penstock::ToString(bound.columns);
  for (const std::string& column : node.dataset.partitioned_by) text += '\0' + column;
  return Fingerprint(text);
}

std::string ChangeOf(const std::string& source, const Json& before, const Json& now) {
  if (before.is_null()) return source + " is a new source";
  if (now.contains("version") && before.contains("version") &&
      before.value("table", "") == now.value("table", "")) {
    return source + " moved from version " + std::to_string(before["version"].get<int64_t>()) +
           " to " + std::to_string(now["version"].get<int64_t>());
  }
  if (now.contains("files")) return source + ": its files changed";
  return source + " was replaced";
}

std::string SourceChange(const Json& before, const Json& now) {
  for (const auto& [source, state] : now.items()) {
    const Json old = before.contains(source) ? before[source] : Json();
    if (old != state) return ChangeOf(source.substr(source.find(':') + 1), old, state);
  }
  return "a source is no longer read";
}

// Commits of others since our last refresh that changed rows.
Result<std::string> ForeignChange(const Target& target) {
  const std::string recorded = Value(target, kRefreshedVersionKey);
  const delta::Version ours = recorded.empty() ? -1 : std::stoll(recorded);
  const delta::Version newest = target.snapshot->version();
  if (ours >= newest || ours < 0) return std::string();
  ASSIGN_OR_RETURN(const auto commits, target.table->Commits(ours, newest));
  for (const delta::CommitEntry& commit : commits) {
    for (const delta::Action& action : commit.actions) {
      const auto* add = std::get_if<delta::AddFile>(&action);
      const auto* remove = std::get_if<delta::RemoveFile>(&action);
      if ((add != nullptr && add->data_change) || (remove != nullptr && remove->data_change)) {
        return "another writer changed it in version " + std::to_string(commit.version);
      }
    }
  }
  return std::string();
}

Result<Json> SourcesOf(Workspace& workspace, const BoundFlow& flow) {
  Json sources = Json::object();
  for (const BoundLeaf& leaf : flow.leaves) {
    ASSIGN_OR_RETURN(sources[leaf.input.source_id], StateOf(workspace, leaf));
  }
  return sources;
}

bool ReadsEmptyFolder(const Json& sources) {
  return std::any_of(sources.begin(), sources.end(),
                     [](const Json& state) { return state.value("count", 1) == 0; });
}

// Tables that expectations refer to are sources as well.
Status AddReferenced(Workspace& workspace, const BoundNode& bound, Json* sources) {
  for (const quality::Rule& rule : bound.rules) {
    const auto* key = std::get_if<model::ForeignKeyRule>(&rule.declared.rule);
    if (key == nullptr) continue;
    ASSIGN_OR_RETURN(const auto table, workspace.catalog->Open(key->references));
    ASSIGN_OR_RETURN(const bool exists, table->Exists());
    if (!exists) continue;
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
    (*sources)["reference:" + AsciiLower(model::ToString(key->references))] = {
        {"table", snapshot->metadata().id}, {"version", snapshot->version()}};
  }
  return OkStatus();
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
    ASSIGN_OR_RETURN(decision_,
                     DecideRefresh(workspace_, context_.pipeline, index_, target, force));
    outcome_.reason = decision_.reason;
    outcome_.empty_input = ReadsEmptyFolder(decision_.sources);
    if (outcome_.empty_input) outcome_.reason += "; empty input";
    if (!decision_.recompute) {
      outcome_.mode = "unchanged";
      RETURN_IF_ERROR(UpdateDefinition(target));
      return std::move(outcome_);
    }
    ASSIGN_OR_RETURN(const bool followed, FollowChanges(target));
    if (followed) return std::move(outcome_);
    outcome_.mode = "full recomputation";
    AddPlanningEvent("MAINTENANCE_TYPE_COMPLETE_RECOMPUTE", " is recomputed: ");
    RETURN_IF_ERROR(Recompute(target));
    return std::move(outcome_);
  }

 private:
  void AddPlanningEvent(const char* technique, const char* words) {
    events::Event event = FlowEvent(node_, flow_, "", "PLANNING", "");
    event.type = "planning_information";
    event.message = model::ToString(node_.dataset.name) + words + outcome_.reason;
    event.details = {
        {"planning_information",
         {{"technique_information", {{{"maintenance_type", technique}, {"is_chosen", true}}}},
          {"reason", outcome_.reason}}}};
    context_.log.Add(std::move(event));
  }

  // Whether the view was brought up to date by what changed in its sources; if not, the reason says
  // why.
  Result<bool> FollowChanges(const Target& target) {
    if (!decision_.only_sources) return false;
    ASSIGN_OR_RETURN(const auto plan, PlanByChanges(workspace_, context_.pipeline, index_,
                                                    decision_.before, decision_.sources));
    if (const auto* unsuited = std::get_if<Unsuited>(&plan)) {
      outcome_.reason += "; not incremental: " + unsuited->reason;
      return false;
    }
    const auto changed = RefreshByChanges(context_, index_, target, std::get<ChangePlan>(plan));
    if (!changed.ok() && changed.error().code == "NOT_INCREMENTAL") {
      outcome_.reason += "; not incremental: " + changed.error().message;
      return false;
    }
    if (!changed.ok()) return changed.error();
    outcome_.mode = "incremental";
    outcome_.reason += "; " + std::to_string(changed->source_rows) +
                       (changed->source_rows == 1 ? " row changed" : " rows changed");
    AddPlanningEvent("MAINTENANCE_TYPE_ROW_BASED", " is refreshed incrementally: ");
    RETURN_IF_ERROR(CommitChanges(target, *changed));
    return true;
  }

  Status CommitChanges(const Target& target, const ChangedView& changed) {
    const int64_t now_ms = workspace_.clock->Now() / 1000;
    QueryOutcome outcome;
    outcome.written.files = changed.change.adds;
    outcome.written.rows = changed.added_rows;
    outcome.written.bytes = changed.added_bytes;
    outcome.counts.rows_in = changed.added_rows;
    outcome.counts.rows_out = changed.added_rows;
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

  delta::Configuration OwnKeys(const Target& target, bool recomputed) const {
    if (!recomputed) {
      return {{kDefinitionKey, Value(target, kDefinitionKey)},
              {kSourcesKey, Value(target, kSourcesKey)},
              {kRefreshedVersionKey, Value(target, kRefreshedVersionKey)}};
    }
    const delta::Version next = target.snapshot == nullptr ? 0 : target.snapshot->version() + 1;
    return {{kDefinitionKey, decision_.definition},
            {kSourcesKey, DumpJson(decision_.sources)},
            {kRefreshedVersionKey, std::to_string(next)}};
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
    auto executed = ExecuteQuery(context_, {node_, bound_node_, bound, leaves, target,
                                            bound_node_.columns, true, with_position});
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

  Status Commit(const Target& target, const QueryOutcome& outcome) {
    const int64_t now_ms = workspace_.clock->Now() / 1000;
    ASSIGN_OR_RETURN(BatchCommit commit, NextCommit(target));
    commit.operation = "WRITE";
    commit.operation_parameters = {{"mode", "\"Overwrite\""}};
    commit.replaces = true;
    delta::Configuration own = OwnKeys(target, true);
    if (outcome.written.bytes >= kLargeTableBytes && FollowsChanges(context_.pipeline, index_) &&
        !node_.dataset.properties.contains(kVectorsKey)) {
      own[kVectorsKey] = "true";
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
  FlowOutcome outcome_;
};

}  // namespace

Result<RefreshDecision> DecideRefresh(Workspace& workspace, const Pipeline& pipeline, size_t node,
                                      const Target& target, bool force) {
  const BoundNode& bound = pipeline.bound[node];
  const graph::FlowQuery& query = bound.flows[0].query;
  RefreshDecision decision;
  decision.recompute = true;
  decision.definition = DefinitionOf(pipeline, node);
  ASSIGN_OR_RETURN(decision.sources, SourcesOf(workspace, bound.flows[0]));
  RETURN_IF_ERROR(AddReferenced(workspace, bound, &decision.sources));
  if (target.snapshot == nullptr) {
    decision.reason = "new table";
    return decision;
  }
  const std::string recorded = Value(target, kSourcesKey);
  const auto before = ParseJson(recorded.empty() ? "{}" : recorded, kSourcesKey);
  ASSIGN_OR_RETURN(const std::string foreign, ForeignChange(target));
  // Only for comparing: a refresh reads the newest versions, whose files are sure to be there.
  const Json sources = before.ok() ? WithoutRewrites(workspace, *before, decision.sources) : Json();
  if (force) {
    decision.reason = "full refresh asked for";
  } else if (Value(target, kDefinitionKey) != decision.definition) {
    decision.reason = "the definition changed";
  } else if (!before.ok() || *before != sources) {
    decision.reason = before.ok() ? SourceChange(*before, sources) : "unknown sources";
    decision.only_sources = before.ok() && foreign.empty();
    if (before.ok()) decision.before = *before;
  } else if (!foreign.empty()) {
    decision.reason = foreign;
  } else if (query.time_dependent) {
    decision.reason = "the query depends on the current time";
  } else if (query.nondeterministic) {
    decision.reason = "the query gives other rows each time (random(), uuid() …)";
  } else {
    decision.recompute = false;
    decision.reason = "nothing changed";
  }
  return decision;
}

Result<FlowOutcome> RefreshView(UpdateContext& context, size_t node, bool force) {
  return ViewRefresh(context, node).Run(force);
}

}  // namespace penstock::run
