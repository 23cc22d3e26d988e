#include "run/cdc_batch.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "cdc/batch.h"
#include "cdc/snapshot.h"
#include "lake/row_change.h"
#include "run/bad_records.h"
#include "run/cdc_state.h"
#include "run/commit.h"
#include "run/failing_row.h"
#include "run/leaf_relation.h"
#include "run/publish.h"
#include "run/relation_sql.h"
#include "run/stored_expression.h"

namespace penstock::run {
namespace {

constexpr char kRetentionKey[] = "pipelines.cdc.tombstoneGCThresholdInSeconds";
constexpr int64_t kRetentionSeconds = 2 * 24 * 60 * 60;
constexpr int64_t kMicrosPerSecond = 1'000'000;

// How long facts of deleted keys count.
Result<int64_t> RetentionSeconds(const Workspace& workspace, const model::Dataset& dataset) {
  for (const auto* settings : {&dataset.properties, &workspace.project.configuration}) {
    const auto found = settings->find(kRetentionKey);
    if (found == settings->end()) continue;
    int64_t seconds = -1;
    const std::string& text = found->second;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr int64_t kMost = int64_t{10} * 365 * 24 * 60 * 60;
    if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && seconds >= 0) {
      return std::min(seconds, kMost);
    }
    return UserError("BAD_PROPERTY",
                     std::string(kRetentionKey) + " is \"" + text + "\", not a number of seconds",
                     "Give a whole number, e.g. 172800 for two days.")
        .At(dataset.where);
  }
  return kRetentionSeconds;
}

// `said`: the condition in the user's words.
quality::Rule OwnRule(const graph::Node& node, const std::string& name, const std::string& said,
                      const std::string& condition) {
  quality::Rule rule;
  rule.declared.name = name;
  rule.declared.rule = model::RowRule{said};
  rule.declared.on_violation = model::OnViolation::kQuarantine;
  rule.declared.where = node.dataset.where;
  rule.condition = condition;
  return rule;
}

class CdcBatchRun {
 public:
  CdcBatchRun(UpdateContext& context, const CdcBatch& batch, FlowOutcome* outcome)
      : context_(context),
        workspace_(context.workspace),
        batch_(batch),
        cdc_(*batch.flow.flow.cdc),
        outcome_(outcome) {}

  Status Run(Json metrics) {
    RETURN_IF_ERROR(OpenTable());
    RETURN_IF_ERROR(FindShape());
    RETURN_IF_ERROR(CheckDefinition());
    RETURN_IF_ERROR(CreateTable());
    RETURN_IF_ERROR(OpenState());
    const BoundNode judged =
        JudgedChanges(batch_.node, batch_.bound_node, shape_, cdc_.from_snapshot);
    const bool with_position = WantsPosition(judged, batch_.bound);
    ASSIGN_OR_RETURN(const LeafRelations leaves,
                     RelationsOf(workspace_, batch_.bound, {batch_.batch, with_position}));
    QueryRun query{batch_.node, judged,          batch_.bound, leaves,
                   target_,     ChangeColumns(), replaces_,    with_position};
    query.store = [this](duck::Connection& connection, const std::string& changes) {
      return Store(connection, changes);
    };
    auto executed = ExecuteQuery(context_, query);
    if (!executed.ok()) {
      RemoveWritten();
      return NameFailingRow(context_, batch_.bound, batch_.batch, std::move(executed).error());
    }
    RETURN_IF_ERROR(WriteBadRecords(workspace_, leaves));
    WarnOfLostRecords(context_, batch_.node, batch_.flow, leaves);
    WarnOfConflicts();
    executed->counts.changes = counts_;
    return Commit(*executed, std::move(metrics));
  }

 private:
  Status OpenTable() {
    ASSIGN_OR_RETURN(target_, OpenTarget(workspace_, batch_.node.dataset));
    target_.generation = batch_.identity.generation;
    replaces_ = target_.Replaces();
    ASSIGN_OR_RETURN(columns_, NextColumns(batch_.node.dataset, batch_.given, target_, replaces_));
    return OkStatus();
  }

  Status FindShape() {
    auto flows = CdcFlows(batch_.node, batch_.bound_node);
    const cdc::BoundCdc mine{&cdc_, &batch_.bound.output};
    for (cdc::BoundCdc& flow : flows) {
      if (flow.cdc == mine.cdc) flow = mine;
    }
    ASSIGN_OR_RETURN(shape_, cdc::ShapeOf(mine, flows, columns_));
    definition_ = cdc::DefinitionOf(mine, shape_);
    return OkStatus();
  }

  Status CheckDefinition() const {
    if (target_.snapshot == nullptr || replaces_ || target_.IsEmpty()) return OkStatus();
    const std::string before = ValueOf(target_.snapshot->metadata().configuration, kCdcKey);
    if (before == definition_) return OkStatus();
    const std::string name = model::ToString(batch_.node.dataset.name);
    const std::string what = before.empty()
                                 ? name + " holds rows that were not made by AUTO CDC"
                                 : cdc::DifferenceOf(before, definition_) + " of the changes of " +
                                       name + " differs from what its rows were made with";
    return UserError("CDC_DEFINITION_CHANGED", what,
                     "Build it anew with --full-refresh " + batch_.node.dataset.name.table +
                         ", or undo the change.")
        .At(batch_.flow.flow.where);
  }

  Result<std::optional<delta::Metadata>> Metadata(int64_t now_ms) const {
    delta::Configuration own{{kGenerationKey, batch_.identity.generation}, {kCdcKey, definition_}};
    if (!batch_.node.dataset.properties.contains(kVectorsKey)) own[kVectorsKey] = "true";
    return NextMetadata(batch_.node.dataset, columns_, target_, workspace_.project.name, own,
                        replaces_, now_ms);
  }

  // Rows are changed in a table that is there.
  Status CreateTable() {
    if (target_.snapshot != nullptr) return OkStatus();
    BatchCommit commit;
    commit.operation = "CREATE TABLE";
    commit.columns = columns_;
    const int64_t now_ms = workspace_.clock->Now() / 1000;
    ASSIGN_OR_RETURN(commit.metadata, Metadata(now_ms));
    auto version = CommitBatch(target_, commit, now_ms);
    if (!version.ok()) return std::move(version).error();
    return OpenTable();
  }

  Status OpenState() {
    now_ = workspace_.clock->Now();
    ASSIGN_OR_RETURN(const int64_t seconds, RetentionSeconds(workspace_, batch_.node.dataset));
    horizon_ = now_ - seconds * kMicrosPerSecond;
    if (cdc_.from_snapshot) return OkStatus();
    auto state = CdcState::Open(workspace_, batch_.node.dataset.name, target_, shape_, replaces_);
    if (!state.ok()) return std::move(state).error().At(batch_.node.dataset.where);
    state_.emplace(*std::move(state));
    return OkStatus();
  }

  Schema ChangeColumns() const {
    Schema columns = shape_.columns;
    if (cdc_.from_snapshot) return columns;
    columns.push_back({model::kCdcChangeColumn, DataType::Of(TypeId::kInteger)});
    columns.push_back({model::kCdcSequenceColumn, shape_.sequence});
    return columns;
  }

  // Decides on the rows and writes files and state; nothing of it counts before the commit.
  Result<lake::WriteResult> Store(duck::Connection& connection, const std::string& query) {
    lake::TempTable changes(&connection);
    RETURN_IF_ERROR(changes.Fill(query));
    lake::Lake lake;
    lake.engine = workspace_.engine.get();
    lake.connection = &connection;
    lake.storage = workspace_.storage;
    lake.clock = workspace_.clock;
    lake.translate = TranslateStored;
    ASSIGN_OR_RETURN(metadata_, Metadata(now_ / 1000));
    ASSIGN_OR_RETURN(const lake::ChangeTarget table,
                     lake::OpenTarget(lake, *target_.table, target_.snapshot,
                                      lake::TargetUse::kTakesRows, metadata_));
    ASSIGN_OR_RETURN(const std::string relation, TargetRelation(table));
    cdc::BatchInput input{shape_, changes.name(), relation, "", "__cdc_" + NewUuid(),
                          0,      now_,           horizon_};
    if (state_) {
      input.facts = state_->relation();
      input.order = state_->order();
    }
    const cdc::BatchPlan plan =
        cdc_.from_snapshot ? cdc::PlanSnapshot(input) : cdc::PlanBatch(input);
    Result<lake::WriteResult> written = Apply(lake, table, plan, changes.name());
    for (const std::string& name : plan.tables) {
      (void)connection.Execute("DROP TABLE IF EXISTS temp.main." + name);
    }
    return written;
  }

  // The table's rows with their positions, or none.
  Result<std::string> TargetRelation(const lake::ChangeTarget& table) {
    if (replaces_ || target_.IsEmpty()) {
      Schema columns = table.schema;
      columns.push_back({lake::kFileNumberColumn, DataType::Of(TypeId::kLong)});
      columns.push_back({lake::kRowPositionColumn, DataType::Of(TypeId::kLong)});
      return EmptyRelation(columns);
    }
    lake::RelationOptions options;
    options.with_row_position = true;
    ASSIGN_OR_RETURN(target_rows_,
                     lake::SnapshotRelation(target_.path, *target_.snapshot, options));
    std::string columns;
    const auto values = lake::OldValues(table, "t");
    for (size_t i = 0; i < values.size(); ++i) {
      columns += values[i] + " AS " + QuoteIdentifier(table.schema[i].name) + ", ";
    }
    return "SELECT " + columns + "t." + QuoteIdentifier(lake::kFileNumberColumn) + ", t." +
           QuoteIdentifier(lake::kRowPositionColumn) + " FROM (" + target_rows_.sql + ") AS t";
  }

  Result<lake::WriteResult> Apply(const lake::Lake& lake, const lake::ChangeTarget& table,
                                  const cdc::BatchPlan& plan, const std::string& changes) {
    for (const std::string& step : plan.steps) {
      RETURN_IF_ERROR(lake.connection->Execute(step));
    }
    RETURN_IF_ERROR(ReadCounts(*lake.connection, plan.counts));
    lake::RowChange rows{plan.removed, plan.new_rows, plan.change_rows, counts_.updated > 0};
    if (replaces_ || target_.IsEmpty()) rows.removed.clear();
    change_.emplace();
    ASSIGN_OR_RETURN(const lake::RowChangeCounts counts,
                     lake::ApplyRowChange(lake, table, rows, &written_, &*change_));
    change_->read.whole_table = true;
    SetMetrics(counts);
    if (state_) {
      ASSIGN_OR_RETURN(const auto binding,
                       state_->Append(*lake.connection, plan.facts, now_ / 1000, horizon_));
      if (binding) change_->transactions.push_back(*binding);
      counts_.state_rows = state_->rows();
      counts_.state_bytes = state_->bytes();
    }
    lake::WriteResult result;
    ASSIGN_OR_RETURN(result.rows,
                     lake::QueryNumber(*lake.connection, "SELECT count(*) FROM " + changes));
    result.bytes = counts.added_bytes;
    return result;
  }

  Status ReadCounts(duck::Connection& connection, const std::string& query) {
    ASSIGN_OR_RETURN(duck::ResultSet rows, connection.Query(query));
    ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
    if (!any || rows.ColumnCount() != cdc::kCountColumns) {
      return InternalError("the counts of a batch of changes are not there");
    }
    int64_t* const numbers[cdc::kCountColumns] = {
        &counts_.inserted,   &counts_.updated,     &counts_.deleted, &counts_.late,
        &counts_.superseded, &counts_.conflicting, &counts_.blocked};
    for (size_t i = 0; i < cdc::kCountColumns; ++i) *numbers[i] = rows.Int64(0, i);
    return OkStatus();
  }

  void SetMetrics(const lake::RowChangeCounts& counts) {
    Json& metrics = change_->info.operation_metrics;
    const std::pair<const char*, int64_t> numbers[] = {
        {"numTargetRowsInserted", counts_.inserted},
        {"numTargetRowsUpdated", counts_.updated},
        {"numTargetRowsDeleted", counts_.deleted},
        {"numTargetRowsCopied", counts.copied_rows},
        {"numTargetFilesAdded", counts.added_files},
        {"numTargetFilesRemoved", counts.removed_files},
        {"numTargetBytesAdded", counts.added_bytes},
        {"numTargetDeletionVectorsAdded", counts.vectors_added},
        {"numTargetDeletionVectorsUpdated", counts.vectors_updated},
        {"numTargetChangeFilesAdded", counts.change_files}};
    metrics = Json::object();
    for (const auto& [name, number] : numbers) metrics[name] = std::to_string(number);
  }

  void WarnOfConflicts() {
    if (counts_.conflicting == 0) return;
    const std::string what = cdc_.from_snapshot
                                 ? " keys have several rows in the snapshot; the greatest values "
                                   "were taken"
                                 : " keys have different changes of one sequence; a delete was "
                                   "taken first, then the greatest values";
    context_.log.Add(
        WarningEvent(batch_.node, batch_.flow, "operation_progress",
                     "Flow " + model::ToString(batch_.flow.flow.name) + ": " +
                         Grouped(counts_.conflicting) + what +
                         (cdc_.from_snapshot ? "."
                                             : ". Add a column to SEQUENCE BY STRUCT(…) that tells "
                                               "them apart.")));
  }

  Status Commit(const QueryOutcome& executed, Json metrics) {
    BatchCommit commit;
    commit.operation = "MERGE";
    commit.operation_parameters = {{"predicate", "[]"},
                                   {"queryId", "\"" + batch_.identity.flow_id + "\""},
                                   {"epochId", "\"" + std::to_string(batch_.number) + "\""}};
    commit.app_id = batch_.identity.AppId();
    commit.batch = batch_.number;
    commit.columns = columns_;
    commit.replaces = replaces_;
    commit.metadata = metadata_;
    commit.change = std::move(change_);
    RETURN_IF_ERROR(Publish(context_, {batch_.node, batch_.flow, target_}, std::move(commit),
                            executed, std::move(metrics), now_ / 1000, outcome_));
    if (state_) state_->RemoveOlder();
    return OkStatus();
  }

  void RemoveWritten() {
    // Nothing refers to the files; what cannot be removed only takes space.
    for (const std::string& path : written_) (void)workspace_.storage->Delete(path);
  }

  UpdateContext& context_;
  Workspace& workspace_;
  const CdcBatch& batch_;
  const model::AutoCdc& cdc_;
  FlowOutcome* outcome_;
  Target target_;
  bool replaces_ = false;
  Schema columns_;
  cdc::Shape shape_;
  std::string definition_;
  std::optional<CdcState> state_;
  TimestampMicros now_ = 0;
  TimestampMicros horizon_ = 0;
  std::optional<delta::Metadata> metadata_;
  lake::Relation target_rows_;
  std::optional<delta::Change> change_;
  std::vector<std::string> written_;
  quality::ChangeCounts counts_;
};

}  // namespace

std::vector<cdc::BoundCdc> CdcFlows(const graph::Node& node, const BoundNode& bound) {
  std::vector<cdc::BoundCdc> flows;
  for (size_t i = 0; i < node.flows.size() && i < bound.flows.size(); ++i) {
    if (node.flows[i].flow.cdc) {
      flows.push_back({&*node.flows[i].flow.cdc, &bound.flows[i].output});
    }
  }
  return flows;
}

BoundNode JudgedChanges(const graph::Node& node, const BoundNode& bound, const cdc::Shape& shape,
                        bool snapshot) {
  BoundNode judged;
  judged.columns = bound.columns;
  const std::string change = QuoteIdentifier(model::kCdcChangeColumn);
  const std::string whole = snapshot ? "" : change + " = 2 OR ";
  std::string keys, said;
  for (const std::string& key : shape.keys) {
    keys += (keys.empty() ? "" : " AND ") + QuoteIdentifier(key) + " IS NOT NULL";
    said += (said.empty() ? "" : " AND ") + key + " IS NOT NULL";
  }
  const std::string condition = whole + (whole.empty() ? keys : "(" + keys + ")");
  judged.rules.push_back(OwnRule(node, "cdc_keys", said, condition));
  if (!snapshot) {
    const std::string sequence = QuoteIdentifier(model::kCdcSequenceColumn);
    std::string known = sequence + " IS NOT NULL";
    for (const Field& field : shape.sequence.fields) {
      if (shape.sequence.id != TypeId::kStruct) break;
      known += " AND " + sequence + "." + QuoteIdentifier(field.name) + " IS NOT NULL";
    }
    judged.rules.push_back(OwnRule(node, "cdc_sequence", "SEQUENCE BY IS NOT NULL", known));
  }
  for (quality::Rule rule : bound.rules) {
    if (!snapshot && std::holds_alternative<model::RowRule>(rule.declared.rule)) {
      rule.condition = "(" + change + " <> 0 OR (" + rule.condition + "))";
    }
    judged.rules.push_back(std::move(rule));
  }
  return judged;
}

Status RunCdcBatch(UpdateContext& context, const CdcBatch& batch, Json metrics,
                   FlowOutcome* outcome) {
  return CdcBatchRun(context, batch, outcome).Run(std::move(metrics));
}

Result<delta::Configuration> OwnProperties(const Pipeline& pipeline, size_t node,
                                           const Schema& columns, const Target& target) {
  delta::Configuration own{{kGenerationKey, target.generation}};
  const graph::Node& declared = pipeline.graph.nodes[node];
  const auto flows = CdcFlows(declared, pipeline.bound[node]);
  if (flows.empty()) return own;
  ASSIGN_OR_RETURN(const cdc::Shape shape, cdc::ShapeOf(flows[0], flows, columns));
  own[kCdcKey] = cdc::DefinitionOf(flows[0], shape);
  if (target.snapshot != nullptr && !target.Replaces() && !target.IsEmpty()) {
    // Rows are what they were made with.
    const std::string before = ValueOf(target.snapshot->metadata().configuration, kCdcKey);
    if (!before.empty()) own[kCdcKey] = before;
  }
  if (!declared.dataset.properties.contains(kVectorsKey)) own[kVectorsKey] = "true";
  return own;
}

}  // namespace penstock::run
