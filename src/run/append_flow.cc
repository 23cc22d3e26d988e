#include "run/append_flow.h"

#include "base/text.h"
#include "run/bad_records.h"
#include "run/batch_planner.h"
#include "run/binder.h"
#include "run/cdc_batch.h"
#include "run/commit.h"
#include "run/execute.h"
#include "run/failing_row.h"
#include "run/flow_state.h"
#include "run/leaf_relation.h"
#include "run/publish.h"
#include "run/quarantine.h"

namespace penstock::run {
namespace {

class AppendFlow {
 public:
  AppendFlow(UpdateContext& context, size_t node, size_t flow)
      : context_(context),
        workspace_(context.workspace),
        node_(context.pipeline.graph.nodes[node]),
        bound_node_(context.pipeline.bound[node]),
        flow_(node_.flows[flow]),
        bound_(bound_node_.flows[flow]) {}

  Result<FlowOutcome> Run() {
    RETURN_IF_ERROR(RecoverQuarantine(workspace_, flow_.flow.name));
    ASSIGN_OR_RETURN(identity_.flow_id, OpenFlowId(workspace_, flow_.flow.name));
    ASSIGN_OR_RETURN(identity_.generation, ReadGeneration(workspace_, node_.dataset.name));
    ASSIGN_OR_RETURN(Target target, OpenTarget(workspace_, node_.dataset));
    const int64_t committed = CommittedBatch(target);
    source::OffsetLog offsets = OffsetsOf(workspace_, flow_.flow.name, identity_);
    ASSIGN_OR_RETURN(source::Progress progress, offsets.Load(committed));
    outcome_.mode = flow_.flow.cdc ? "cdc" : "append";
    if (flow_.flow.cdc && flow_.flow.cdc->from_snapshot) {
      RETURN_IF_ERROR(RunSnapshot(progress, &offsets));
    } else if (flow_.flow.once) {
      RETURN_IF_ERROR(RunOnce(progress, &offsets));
    } else {
      RETURN_IF_ERROR(RunBatches(&progress, &offsets));
    }
    return std::move(outcome_);
  }

 private:
  int64_t CommittedBatch(const Target& target) const {
    if (target.snapshot == nullptr) return -1;
    return target.snapshot->TransactionVersion(identity_.AppId()).value_or(-1);
  }

  Status RunOnce(const source::Progress& progress, source::OffsetLog* offsets) {
    if (progress.batch >= 0) {
      outcome_.mode = "unchanged";
      outcome_.reason = "runs once and did";
      return OkStatus();
    }
    outcome_.reason = "runs once";
    source::Batch batch;
    RETURN_IF_ERROR(offsets->Plan(batch, progress));
    return RunBatch(batch, /*whole=*/true, Json::object());
  }

  // Compares the table with all rows of the source, unless that is as it was.
  Status RunSnapshot(const source::Progress& progress, source::OffsetLog* offsets) {
    SnapshotMark mark(workspace_, flow_, identity_, progress.batch);
    ASSIGN_OR_RETURN(const Json sources, StatesOf(workspace_, bound_));
    ASSIGN_OR_RETURN(const bool seen, mark.Is(sources));
    if (seen) {
      outcome_.mode = "unchanged";
      outcome_.reason = "the snapshot is the one of the last update";
      return OkStatus();
    }
    source::Batch batch;
    batch.number = progress.batch + 1;
    RETURN_IF_ERROR(offsets->Plan(batch, progress));
    RETURN_IF_ERROR(mark.Plan(sources));
    outcome_.reason = "a new snapshot";
    return RunChanges(batch, /*whole=*/true, Json::object());
  }

  Status RunBatches(source::Progress* progress, source::OffsetLog* offsets) {
    BatchPlanner planner(context_, node_, flow_, bound_);
    ASSIGN_OR_RETURN(auto planned, offsets->Read(progress->batch + 1));
    while (true) {
      std::optional<source::Batch> batch;
      if (planned) {
        ASSIGN_OR_RETURN(batch, planner.Revive(*planned, *progress));
      } else {
        ASSIGN_OR_RETURN(batch, planner.Next(*progress));
      }
      if (!batch) break;
      if (context_.Stopping()) {
        outcome_.stopped = true;
        return OkStatus();
      }
      if (!planned) {
        RETURN_IF_ERROR(offsets->Plan(*batch, *progress));
      } else if (!(*planned == *batch)) {
        RETURN_IF_ERROR(offsets->Replace(*batch, *progress));
      }
      planned.reset();
      RETURN_IF_ERROR(Evolve(*batch));
      RETURN_IF_ERROR(RunBatch(*batch, /*whole=*/false,
                               {{"backlog_bytes", planner.backlog_bytes()},
                                {"backlog_files", planner.backlog_files()}}));
      source::Advance(*batch, progress);
    }
    outcome_.empty_input = planner.empty_input();
    if (outcome_.batches == 0) {
      outcome_.mode = "unchanged";
      outcome_.reason = outcome_.empty_input ? "empty input" : "nothing new";
    } else {
      outcome_.reason = outcome_.counts.rows_in > 0 ? "new rows" : "no rows in what is new";
    }
    return OkStatus();
  }

  // New columns in the batch's files: the kept schema grows, and the query is bound again by the
  // next update; within this one the grown schema is used where the query takes all columns.
  Status Evolve(const source::Batch& batch) {
    for (BoundLeaf& leaf : bound_.leaves) {
      if (!leaf.files || !leaf.input.streaming) continue;
      const auto range = batch.ranges.find(leaf.input.source_id);
      if (range == batch.ranges.end()) continue;
      ASSIGN_OR_RETURN(
          const auto change,
          EvolveSchema(workspace_, *leaf.files, std::get<source::FilesRange>(range->second).files));
      if (change) {
        leaf.files->data_columns = change->columns;
        evolved_ = true;
        context_.log.Add(WarningEvent(node_, flow_, "operation_progress",
                                      "The files at " + leaf.files->path + " have new columns: " +
                                          penstock::ToString(change->added)));
      }
      RETURN_IF_ERROR(KeepSchema(workspace_, *leaf.files));
    }
    return evolved_ ? Rebind() : OkStatus();
  }

  // The output of the query over the grown columns.
  Status Rebind() {
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    ASSIGN_OR_RETURN(bound_.output, DescribeFlow(connection, bound_));
    ASSIGN_OR_RETURN(bound_.given, run::GivenColumns(flow_, bound_.output));
    evolved_ = false;
    return OkStatus();
  }

  Status RunBatch(const source::Batch& batch, bool whole, Json metrics) {
    if (flow_.flow.cdc) return RunChanges(batch, whole, std::move(metrics));
    ASSIGN_OR_RETURN(Target target, OpenTarget(workspace_, node_.dataset));
    target.generation = identity_.generation;
    const bool replaces = target.Replaces();
    Schema given = node_.dataset.columns ? bound_node_.columns : bound_.output;
    if (!node_.dataset.columns) {
      ASSIGN_OR_RETURN(given, GivenColumns());
    }
    ASSIGN_OR_RETURN(const Schema columns, NextColumns(node_.dataset, given, target, replaces));
    const bool with_position = WantsPosition(bound_node_, bound_);
    ASSIGN_OR_RETURN(const LeafRelations leaves,
                     RelationsOf(workspace_, bound_, {whole ? nullptr : &batch, with_position}));
    auto executed = ExecuteQuery(
        context_, {node_, bound_node_, bound_, leaves, target, columns, replaces, with_position});
    if (!executed.ok()) {
      return NameFailingRow(context_, bound_, whole ? nullptr : &batch,
                            std::move(executed).error());
    }
    const QueryOutcome outcome = *std::move(executed);
    RETURN_IF_ERROR(WriteBadRecords(workspace_, leaves));
    WarnOfLostRecords(context_, node_, flow_, leaves);
    return Commit(batch, target, columns, replaces, outcome, std::move(metrics));
  }

  Status RunChanges(const source::Batch& batch, bool whole, Json metrics) {
    Schema given = bound_node_.columns;
    if (!node_.dataset.columns) {
      ASSIGN_OR_RETURN(given, GivenColumns());
    }
    RETURN_IF_ERROR(RunCdcBatch(context_,
                                {node_, bound_node_, flow_, bound_, identity_,
                                 whole ? nullptr : &batch, batch.number, std::move(given)},
                                std::move(metrics), &outcome_));
    Report();
    return OkStatus();
  }

  // What all flows of the table give, this one as it is bound now.
  Result<Schema> GivenColumns() const {
    Schema given = bound_node_.columns;
    for (const Field& field : bound_.given) {
      if (FindField(given, field.name) == nullptr) given.push_back(field);
    }
    return given;
  }

  Status Commit(const source::Batch& batch, const Target& target, const Schema& columns,
                bool replaces, const QueryOutcome& outcome, Json metrics) {
    const int64_t now_ms = workspace_.clock->Now() / 1000;
    BatchCommit commit;
    commit.operation = "STREAMING UPDATE";
    commit.operation_parameters = {{"outputMode", replaces ? "\"Complete\"" : "\"Append\""},
                                   {"queryId", "\"" + identity_.flow_id + "\""},
                                   {"epochId", "\"" + std::to_string(batch.number) + "\""}};
    commit.app_id = identity_.AppId();
    commit.batch = batch.number;
    commit.columns = columns;
    commit.replaces = replaces;
    ASSIGN_OR_RETURN(commit.metadata,
                     NextMetadata(node_.dataset, columns, target, workspace_.project.name,
                                  {{kGenerationKey, identity_.generation}}, replaces, now_ms));
    RETURN_IF_ERROR(Publish(context_, {node_, flow_, target}, std::move(commit), outcome,
                            std::move(metrics), now_ms, &outcome_));
    Report();
    return OkStatus();
  }

  void Report() {
    FlowProgress progress;
    progress.dataset = model::ToString(node_.dataset.name);
    progress.flow = model::ToString(flow_.flow.name);
    progress.status = "RUNNING";
    ShowCounts(outcome_, &progress);
    context_.report(progress);
  }

  UpdateContext& context_;
  Workspace& workspace_;
  const graph::Node& node_;
  const BoundNode& bound_node_;
  const graph::ResolvedFlow& flow_;
  BoundFlow bound_;  // a copy: inferred columns may grow between batches
  FlowIdentity identity_;
  FlowOutcome outcome_;
  bool evolved_ = false;
};

std::string GenerationOf(const Target& target) {
  return ValueOf(target.snapshot->metadata().configuration, kGenerationKey);
}

}  // namespace

Result<FlowOutcome> RunAppendFlow(UpdateContext& context, size_t node, size_t flow) {
  return AppendFlow(context, node, flow).Run();
}

Status PrepareStreamingTable(UpdateContext& context, size_t node_index, bool full_refresh) {
  const graph::Node& node = context.pipeline.graph.nodes[node_index];
  ASSIGN_OR_RETURN(const Target target, OpenTarget(context.workspace, node.dataset));
  if (target.snapshot == nullptr || full_refresh) {
    return [&]() -> Status {
      auto generation = NewGeneration(context.workspace, node.dataset.name);
      return generation.ok() ? OkStatus() : Status(std::move(generation).error());
    }();
  }
  ASSIGN_OR_RETURN(std::string generation, ReadGeneration(context.workspace, node.dataset.name));
  if (!generation.empty()) return OkStatus();
  // Penstock's own data is gone, or the table was adopted: what is in it stays.
  generation = GenerationOf(target);
  if (generation.empty()) generation = NewUuid();
  return WriteGeneration(context.workspace, node.dataset.name, generation);
}

Status FinishStreamingTable(UpdateContext& context, size_t node_index, bool ended) {
  Workspace& workspace = context.workspace;
  const graph::Node& node = context.pipeline.graph.nodes[node_index];
  ASSIGN_OR_RETURN(Target target, OpenTarget(workspace, node.dataset));
  if (!ended && target.snapshot != nullptr) return OkStatus();
  ASSIGN_OR_RETURN(target.generation, ReadGeneration(workspace, node.dataset.name));
  const bool replaces = target.Replaces();
  const Schema& given = context.pipeline.bound[node_index].columns;
  ASSIGN_OR_RETURN(const Schema columns, NextColumns(node.dataset, given, target, replaces));
  const int64_t now_ms = workspace.clock->Now() / 1000;
  BatchCommit commit;
  ASSIGN_OR_RETURN(delta::Configuration own,
                   OwnProperties(context.pipeline, node_index, columns, target));
  ASSIGN_OR_RETURN(commit.metadata, NextMetadata(node.dataset, columns, target,
                                                 workspace.project.name, own, replaces, now_ms));
  if (!commit.metadata) return OkStatus();
  commit.operation = target.snapshot == nullptr ? "CREATE TABLE" : "SET TBLPROPERTIES";
  commit.columns = columns;
  commit.replaces = replaces;
  auto version = CommitBatch(target, commit, now_ms);
  return version.ok() ? OkStatus() : Status(std::move(version).error());
}

}  // namespace penstock::run
