#include <algorithm>

#include "duck/files/planned_files.h"
#include "graph/selection.h"
#include "lake/lake_table.h"
#include "run/cdc_batch.h"
#include "run/context.h"
#include "run/flow_state.h"
#include "run/leaf_relation.h"
#include "run/past_run.h"
#include "run/pipeline.h"
#include "run/refresh_choice.h"
#include "run/target.h"
#include "source/delta_changes.h"
#include "source/file_batch.h"

namespace penstock::run {
namespace {

using graph::Treatment;
using model::DatasetKind;

// What reading would cost.
struct Cost {
  int64_t files = 0;
  int64_t files_present = 0;  // of the inputs
  int64_t bytes = 0;
  std::optional<int64_t> rows = 0;  // nothing when it is not known

  void Add(const Cost& other) {
    files += other.files;
    files_present += other.files_present;
    bytes += other.bytes;
    rows = rows && other.rows ? std::optional<int64_t>(*rows + *other.rows) : std::nullopt;
  }
};

Cost CostOf(const delta::Snapshot& snapshot) {
  return {snapshot.NumFiles(), snapshot.NumFiles(), snapshot.TotalBytes(), snapshot.NumRecords()};
}

Cost CostOf(const std::vector<delta::AddFile>& files) {
  Cost cost;
  for (const delta::AddFile& file : files) {
    cost.Add({1, 0, file.size, delta::NumRecords(file)});
  }
  return cost;
}

Cost CostOf(const std::vector<source::FileEntry>& files) {
  Cost cost{0, 0, 0, std::nullopt};
  for (const source::FileEntry& file : files) {
    ++cost.files;
    cost.bytes += file.size;
  }
  if (files.empty()) cost.rows = 0;
  return cost;
}

class Planner {
 public:
  Planner(Workspace& workspace, const Pipeline& pipeline, const std::vector<Treatment>& treatments)
      : workspace_(workspace),
        pipeline_(pipeline),
        treatments_(treatments),
        changes_(pipeline.graph.nodes.size(), false) {}

  Result<TablePlan> Plan(size_t i) {
    const graph::Node& node = pipeline_.graph.nodes[i];
    TablePlan plan;
    plan.table = node.dataset.name;
    plan.kind = model::ToString(node.dataset.kind);
    if (node.dataset.kind == DatasetKind::kView) return PlanView(i, std::move(plan));
    if (treatments_[i] == Treatment::kExcluded) {
      plan.mode = "excluded";
      plan.reason = "not selected";
      return plan;
    }
    ASSIGN_OR_RETURN(const Target target, OpenTarget(workspace_, node.dataset));
    ASSIGN_OR_RETURN(plan, node.dataset.kind == DatasetKind::kStreamingTable
                               ? PlanStreamingTable(i, target, std::move(plan))
                               : PlanMaterializedView(i, target, std::move(plan)));
    SetFullCost(i, &plan);
    SetWritten(target, &plan);
    return plan;
  }

 private:
  Result<TablePlan> PlanView(size_t i, TablePlan plan) {
    plan.mode = "view";
    plan.reason = "computed where it is read";
    for (const size_t input : pipeline_.graph.nodes[i].upstream)
      changes_[i] = changes_[i] || changes_[input];
    return plan;
  }

  // Of everything that the table is made of; nothing where an input is not there yet.
  void SetFullCost(size_t i, TablePlan* plan) {
    Cost cost;
    for (const BoundFlow& flow : pipeline_.bound[i].flows) {
      for (const BoundLeaf& leaf : flow.leaves) {
        const auto whole = WholeCost(leaf);
        if (!whole.ok()) return;
        cost.Add(*whole);
      }
    }
    plan->full_rows = cost.rows;
    plan->full_bytes = cost.bytes;
  }

  static void SetWritten(const Target& target, TablePlan* plan) {
    if (plan->mode == "unchanged") plan->rows_to_write = 0;
    if (plan->mode == "append" || plan->mode == "cdc" || plan->mode == "full refresh") {
      plan->rows_to_write = plan->rows;
    }
    if (plan->mode == "full recomputation" && target.snapshot != nullptr) {
      plan->rows_to_write = target.snapshot->NumRecords();
    }
    for (const TechniquePlan& technique : plan->techniques) {
      if (technique.chosen) plan->rows_to_write = technique.written_rows;
    }
  }

  // An input that this update will change, if there is one.
  std::optional<std::string> ChangingInput(size_t i) const {
    for (const size_t input : pipeline_.graph.nodes[i].upstream) {
      if (changes_[input]) return model::ToString(pipeline_.graph.nodes[input].dataset.name);
    }
    return std::nullopt;
  }

  Result<TablePlan> PlanMaterializedView(size_t i, const Target& target, TablePlan plan) {
    plan.policy = model::ToString(pipeline_.graph.nodes[i].dataset.refresh);
    const auto changing = ChangingInput(i);
    Cost cost;
    bool known = true;
    for (const BoundLeaf& leaf : pipeline_.bound[i].flows[0].leaves) {
      auto whole = WholeCost(leaf);
      known &= whole.ok();
      if (whole.ok()) cost.Add(*whole);
    }
    if (!known) {
      plan.mode = "full recomputation";
      plan.reason = "new table";
      changes_[i] = true;
      return plan;
    }
    auto decision =
        DecideRefresh(workspace_, pipeline_, i, target, treatments_[i] == Treatment::kFullRefresh,
                      workspace_.clock->Now());
    if (!decision.ok()) return std::move(decision).error();
    changes_[i] = decision->recompute || changing;
    plan.mode = changes_[i] ? "full recomputation" : "unchanged";
    plan.reason = !decision->recompute && changing ? *changing + " will change" : decision->reason;
    const Cost nothing{0, cost.files_present, 0, 0};
    SetCost(nothing, &plan);
    if (!changes_[i]) return plan;
    ASSIGN_OR_RETURN(const bool followed, PlanChanges(i, target, *decision, &plan));
    if (followed) return plan;
    const auto narrowed = QueryCost(pipeline_.bound[i].flows[0]);
    if (narrowed.ok()) cost = *narrowed;
    // A table that the engine need not open at all is in no plan.
    cost.files_present = std::max(cost.files_present, nothing.files_present);
    SetCost(cost, &plan);
    return plan;
  }

  // Whether the reason and mode say it all: the view will follow the changes of its sources, or may
  // not be recomputed.
  Result<bool> PlanChanges(size_t i, const Target& target, const RefreshDecision& decision,
                           TablePlan* plan) {
    const bool measured = !ChangingInput(i) || (decision.recompute && !decision.only_sources);
    auto choice =
        measured ? ChooseRefresh(workspace_, pipeline_, i, target, decision) : ChooseUnmeasured(i);
    if (!choice.ok() && choice.error().code == "VIEW_NOT_INCREMENTAL") {
      plan->mode = "fails";
      const Error& error = choice.error();
      plan->reason +=
          "; " + error.message + " (" + penstock::ToString(error.where) + "). " + error.remedy;
      return true;
    }
    RETURN_IF_ERROR(choice);
    if (choice->changes) AddTechniques(*choice, plan);
    if (choice->unsuited) {
      if (!measured || decision.only_sources) {
        plan->reason += "; not incremental: " + ToString(*choice->unsuited);
      }
      return false;
    }
    plan->mode = "incremental";
    plan->rows.reset();
    plan->bytes.reset();
    plan->files.reset();
    if (!choice->changes) return true;
    const RefreshSizes& sizes = choice->changes->sizes;
    plan->rows = sizes.changes.rows;
    plan->bytes = sizes.changes.bytes;
    plan->reason += "; about " + std::to_string(sizes.changes.rows) + " of " +
                    std::to_string(sizes.query.rows) + " rows changed";
    return true;
  }

  // How much an input will change is not known yet: only whether the view can follow it.
  Result<RefreshChoice> ChooseUnmeasured(size_t i) {
    const model::Dataset& dataset = pipeline_.graph.nodes[i].dataset;
    RefreshChoice choice;
    if (dataset.refresh == model::RefreshPolicy::kFull) {
      choice.unsuited =
          Unsuited{"REJECTED_BY_POLICY", "its refresh policy is FULL", "", dataset.where};
      return choice;
    }
    ASSIGN_OR_RETURN(auto query, FollowedQuery(workspace_, pipeline_, i));
    auto* unsuited = std::get_if<Unsuited>(&query);
    if (unsuited == nullptr) return choice;
    if (dataset.refresh == model::RefreshPolicy::kStrict) return NotIncremental(dataset, *unsuited);
    choice.unsuited = std::move(*unsuited);
    return choice;
  }

  static void AddTechniques(const RefreshChoice& choice, TablePlan* plan) {
    for (const TechniqueCost& cost : CostsOf(choice.changes->sizes)) {
      const bool recompute = cost.technique == Technique::kRecompute;
      TechniquePlan technique;
      technique.technique = ToString(cost.technique);
      technique.chosen = recompute == choice.unsuited.has_value();
      technique.read_rows = cost.read.rows;
      technique.read_bytes = cost.read.bytes;
      technique.written_rows = cost.written.rows;
      technique.written_bytes = cost.written.bytes;
      technique.seconds = cost.seconds;
      if (!recompute && choice.unsuited) technique.why_not = ToString(*choice.unsuited);
      plan->techniques.push_back(std::move(technique));
    }
  }

  Result<Cost> WholeCost(const BoundLeaf& leaf) {
    if (leaf.files) {
      ASSIGN_OR_RETURN(const auto files, AllFiles(workspace_, *leaf.files));
      Cost cost = CostOf(files);
      cost.files_present = cost.files;
      return cost;
    }
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, SnapshotOf(workspace_, leaf));
    return CostOf(*snapshot);
  }

  // What the flow's query would open: of tables only the files in which its conditions may hold.
  Result<Cost> QueryCost(const BoundFlow& flow) {
    ASSIGN_OR_RETURN(const LeafRelations leaves, RelationsOf(workspace_, flow, {}));
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    RETURN_IF_ERROR(CreateInputs(connection, flow, leaves));
    ASSIGN_OR_RETURN(const auto tables, duck::FilesOfQuery(connection, flow.query.text));
    Cost cost;
    for (const duck::PlannedFiles& table : tables) {
      cost.Add({table.files, table.files_present, table.bytes, table.rows});
    }
    for (const BoundLeaf& leaf : flow.leaves) {
      if (!leaf.files) continue;
      ASSIGN_OR_RETURN(const Cost files, WholeCost(leaf));
      cost.Add(files);
    }
    return cost;
  }

  Result<TablePlan> PlanStreamingTable(size_t i, const Target& target, TablePlan plan) {
    const bool full = treatments_[i] == Treatment::kFullRefresh || target.snapshot == nullptr;
    Cost cost;
    bool waits = false;
    std::string mode = "append";
    for (size_t f = 0; f < pipeline_.bound[i].flows.size(); ++f) {
      const auto& cdc = pipeline_.graph.nodes[i].flows[f].flow.cdc;
      if (cdc) mode = "cdc";
      ASSIGN_OR_RETURN(const source::Progress progress, ProgressOf(i, f, target, full));
      if (cdc && cdc->from_snapshot) {
        ASSIGN_OR_RETURN(const Cost whole, SnapshotCost(i, f, progress, &waits));
        cost.Add(whole);
        continue;
      }
      for (const BoundLeaf& leaf : pipeline_.bound[i].flows[f].leaves) {
        if (!leaf.input.streaming) continue;
        waits |= leaf.dataset && changes_[*leaf.dataset];
        ASSIGN_OR_RETURN(const Cost added, NewCost(leaf, progress));
        cost.Add(added);
      }
    }
    changes_[i] = cost.files > 0 || waits || full;
    plan.mode = full ? (target.snapshot == nullptr ? mode : "full refresh")
                     : (changes_[i] ? mode : "unchanged");
    plan.reason = target.snapshot == nullptr ? "new table"
                  : full                     ? "full refresh asked for"
                  : cost.files > 0           ? "new rows"
                  : waits                    ? *ChangingInput(i) + " will change"
                                             : "nothing new";
    SetCost(cost, &plan);
    return plan;
  }

  // Of comparing a table with a snapshot: nothing when that was done.
  Result<Cost> SnapshotCost(size_t i, size_t f, const source::Progress& progress, bool* waits) {
    const BoundFlow& flow = pipeline_.bound[i].flows[f];
    Cost cost;
    for (const BoundLeaf& leaf : flow.leaves) {
      *waits |= leaf.dataset && changes_[*leaf.dataset];
      auto whole = WholeCost(leaf);
      if (!whole.ok()) return Cost{};  // its source is still to be made
      cost.Add(*whole);
    }
    if (progress.batch < 0) return cost;
    const graph::ResolvedFlow& declared = pipeline_.graph.nodes[i].flows[f];
    FlowIdentity identity;
    ASSIGN_OR_RETURN(identity.generation,
                     ReadGeneration(workspace_, pipeline_.graph.nodes[i].dataset.name));
    ASSIGN_OR_RETURN(const Json sources, StatesOf(workspace_, flow));
    ASSIGN_OR_RETURN(const bool seen,
                     SnapshotMark(workspace_, declared, identity, progress.batch).Is(sources));
    return seen ? Cost{} : cost;
  }

  Result<source::Progress> ProgressOf(size_t i, size_t f, const Target& target, bool full) {
    if (full) return source::Progress{};
    const graph::ResolvedFlow& flow = pipeline_.graph.nodes[i].flows[f];
    FlowIdentity identity;
    const std::string folder = workspace_.catalog->layout().FlowPath(flow.flow.name);
    ASSIGN_OR_RETURN(const auto known, workspace_.storage->Stat(io::JoinPath(folder, "flow.json")));
    if (!known) return source::Progress{};
    ASSIGN_OR_RETURN(identity.flow_id, OpenFlowId(workspace_, flow.flow.name));
    ASSIGN_OR_RETURN(identity.generation,
                     ReadGeneration(workspace_, pipeline_.graph.nodes[i].dataset.name));
    const int64_t committed = target.snapshot->TransactionVersion(identity.AppId()).value_or(-1);
    return OffsetsOf(workspace_, flow.flow.name, identity).Load(committed);
  }

  Result<Cost> NewCost(const BoundLeaf& leaf, const source::Progress& progress) {
    if (leaf.files) {
      ASSIGN_OR_RETURN(
          const source::FileListing listing,
          source::ListFiles(*workspace_.storage, leaf.files->path, leaf.files->options));
      const auto seen = progress.files.find(leaf.input.source_id);
      const bool first = seen == progress.files.end();
      static const std::map<std::string, TimestampMicros> kNone;
      source::FileBatchOptions options;
      options.max_files = INT64_MAX;
      options.include_existing = leaf.files->options.include_existing_files;
      options.allow_overwrites = leaf.files->options.allow_overwrites;
      Cost cost =
          CostOf(source::PlanFileBatch(listing.files, first ? kNone : seen->second, first, options)
                     .range.files);
      cost.files_present = static_cast<int64_t>(listing.files.size());
      return cost;
    }
    const auto table = workspace_.catalog->OpenPath(leaf.table_path);
    ASSIGN_OR_RETURN(const bool exists, table->Exists());
    if (!exists) return Cost{};
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
    const auto last = progress.tables.find(leaf.input.source_id);
    ASSIGN_OR_RETURN(const auto range,
                     source::NextRange(*snapshot,
                                       last == progress.tables.end()
                                           ? std::nullopt
                                           : std::optional<source::DeltaRange>(last->second),
                                       leaf.table_name));
    if (!range) return Cost{0, snapshot->NumFiles(), 0, 0};
    ASSIGN_OR_RETURN(
        const auto files,
        source::FilesOfRange(*table, *range, {leaf.skip_change_commits}, leaf.table_name));
    Cost cost = CostOf(files);
    cost.files_present = snapshot->NumFiles();
    return cost;
  }

  static void SetCost(const Cost& cost, TablePlan* plan) {
    plan->files = cost.files;
    plan->files_present = cost.files_present;
    plan->bytes = cost.bytes;
    plan->rows = cost.rows;
  }

  Workspace& workspace_;
  const Pipeline& pipeline_;
  const std::vector<Treatment>& treatments_;
  std::vector<bool> changes_;
};

void AddSeconds(const PastRuns& past, TablePlan* plan) {
  const std::string table = model::ToString(plan->table);
  plan->full_seconds = past.FullSeconds(table);
  if (plan->mode == "unchanged" || plan->mode == "view" || plan->mode == "excluded") return;
  plan->seconds = past.Seconds(table, plan->mode);
  if (!plan->seconds) plan->seconds = past.Seconds(table);
}

}  // namespace

PlanOutcome Plan(Workspace& workspace, const Selection& selection) {
  PlanOutcome outcome;
  PipelineOutcome loaded = LoadPipeline(workspace);
  outcome.errors = std::move(loaded.errors);
  if (!loaded.pipeline) return outcome;
  const Pipeline& pipeline = *loaded.pipeline;
  auto treatments = graph::Select(
      pipeline.graph, workspace.project,
      {selection.refresh, selection.full_refresh, selection.full_refresh_all, selection.select});
  if (!treatments.ok()) {
    outcome.errors.push_back(std::move(treatments).error());
    return outcome;
  }
  const PastRuns past(workspace);
  Planner planner(workspace, pipeline, *treatments);
  for (size_t i = 0; i < pipeline.graph.nodes.size(); ++i) {
    auto plan = planner.Plan(i);
    if (!plan.ok()) {
      outcome.errors.push_back(std::move(plan).error());
      continue;
    }
    AddSeconds(past, &*plan);
    outcome.tables.push_back(*std::move(plan));
  }
  return outcome;
}

}  // namespace penstock::run
