#include "run/replay.h"

#include "cdc/batch.h"
#include "run/cdc_batch.h"
#include "run/consumed_input.h"
#include "run/leaf_relation.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

constexpr char kChangesTable[] = "replayed_changes";

using Reason = std::optional<std::string>;

std::string ColumnNames(const Schema& columns) {
  std::string names;
  for (const Field& field : columns) {
    names += (names.empty() ? "" : ", ") + QuoteIdentifier(field.name);
  }
  return names;
}

class Replaying {
 public:
  Replaying(Workspace& workspace, const Pipeline& pipeline, size_t node, const Target& target,
            duck::Connection& connection)
      : workspace_(workspace),
        pipeline_(pipeline),
        node_(pipeline.graph.nodes[node]),
        bound_(pipeline.bound[node]),
        target_(target),
        columns_(target.snapshot->metadata().schema),
        connection_(connection) {}

  Result<Replayed> Run() {
    const auto flows = CdcFlows(node_, bound_);
    if (flows.empty()) return RunAppends();
    if (flows.size() != node_.flows.size()) {
      return Refused("rows come from AUTO CDC and from other flows");
    }
    ASSIGN_OR_RETURN(shape_, cdc::ShapeOf(flows[0], flows, columns_));
    return flows[0].cdc->from_snapshot ? RunSnapshot() : RunChanges();
  }

 private:
  static Replayed Refused(std::string reason) { return {std::move(reason), "true", ""}; }

  static std::string NameOf(const graph::ResolvedFlow& flow) {
    return "flow " + model::ToString(flow.flow.name);
  }

  Status CreateEmpty(const std::string& table, const Schema& columns) {
    return connection_.Execute("CREATE OR REPLACE TEMP TABLE " + QuoteIdentifier(table) + " AS " +
                               EmptyRelation(columns));
  }

  Result<Replayed> RunAppends() {
    RETURN_IF_ERROR(CreateEmpty("computed", columns_));
    ASSIGN_OR_RETURN(Reason reason, InsertAll("computed", columns_, bound_.rules));
    return Refused(std::move(reason).value_or(""));
  }

  // All that the flows have read, through their queries, into the table.
  Result<Reason> InsertAll(const std::string& table, const Schema& columns,
                           const std::vector<quality::Rule>& rules) {
    for (size_t f = 0; f < node_.flows.size(); ++f) {
      const graph::ResolvedFlow& flow = node_.flows[f];
      auto batches = ConsumedBy(workspace_, node_, flow, target_);
      if (!batches.ok()) return Reason(std::move(batches).error().message);
      if (batches->empty()) continue;
      if (flow.flow.once) {
        return Reason(NameOf(flow) + " ran once, and what its source was then is not recorded");
      }
      if (bound_.flows[f].query.nondeterministic) {
        return Reason("the query of " + NameOf(flow) + " gives other rows each time");
      }
      if (bound_.flows[f].query.time_dependent) {
        return Reason("the query of " + NameOf(flow) + " depends on the current time");
      }
      for (const source::Batch& batch : *batches) {
        ASSIGN_OR_RETURN(Reason reason, Insert(bound_.flows[f], batch, table, columns, rules));
        if (reason) {
          return Reason("batch " + std::to_string(batch.number) + " of " + NameOf(flow) +
                        " cannot be read again: " + *reason);
        }
      }
    }
    return Reason();
  }

  Result<Reason> Insert(const BoundFlow& flow, const source::Batch& batch, const std::string& table,
                        const Schema& columns, const std::vector<quality::Rule>& rules) {
    ASSIGN_OR_RETURN(Reason reason, ChangedFile(batch));
    if (reason) return reason;
    auto leaves = RelationsOf(workspace_, flow, {&batch, false});
    if (!leaves.ok()) return Reason(std::move(leaves).error().message);
    ASSIGN_OR_RETURN(reason, CreateRuledInputs(pipeline_, connection_, flow, *leaves));
    if (reason) return reason;
    const auto kept = RowsKeptBy(rules, AlignColumns(flow.query.text, flow.output, columns, false));
    if (!kept) return Reason("its expectations take rows out by what other rows there are");
    const Status stored =
        connection_.Execute("INSERT INTO " + QuoteIdentifier(table) + " " + *kept);
    return stored.ok() ? Reason() : Reason(stored.error().message);
  }

  // A file that is not any more what the batch read.
  Result<Reason> ChangedFile(const source::Batch& batch) {
    for (const auto& [id, range] : batch.ranges) {
      const auto* files = std::get_if<source::FilesRange>(&range);
      if (files == nullptr) continue;
      for (const source::FileEntry& file : files->files) {
        ASSIGN_OR_RETURN(const auto now, workspace_.storage->Stat(file.path));
        if (!now) return Reason(file.path + " is gone");
        if (now->size != file.size || now->modified != file.modified) {
          return Reason(file.path + " was changed since");
        }
      }
    }
    return Reason();
  }

  Result<Replayed> RunChanges() {
    Schema changes = shape_.columns;
    changes.push_back({model::kCdcChangeColumn, DataType::Of(TypeId::kInteger)});
    changes.push_back({model::kCdcSequenceColumn, shape_.sequence});
    RETURN_IF_ERROR(CreateEmpty(kChangesTable, changes));
    const BoundNode judged = JudgedChanges(node_, bound_, shape_, /*snapshot=*/false);
    ASSIGN_OR_RETURN(const Reason reason, InsertAll(kChangesTable, changes, judged.rules));
    if (reason) return Refused(*reason);
    RETURN_IF_ERROR(Compute(shape_, std::string("SELECT * FROM ") + kChangesTable, columns_));
    return Replayed{};
  }

  Status Compute(const cdc::Shape& shape, const std::string& changes, const Schema& columns) {
    return connection_.Execute("CREATE OR REPLACE TEMP TABLE computed AS SELECT " +
                               ColumnNames(columns) + " FROM (" + cdc::Recomputed(shape, changes) +
                               ")");
  }

  // Of snapshots only the last one is still there: the rows of keys that are live.
  Result<Replayed> RunSnapshot() {
    const BoundFlow& flow = bound_.flows[0];
    ASSIGN_OR_RETURN(const Reason reason, WhyOtherSnapshot(flow));
    if (reason) return Refused(*reason);
    auto leaves = RelationsOf(workspace_, flow, {});
    if (!leaves.ok()) return Refused(std::move(leaves).error().message);
    ASSIGN_OR_RETURN(const Reason ruled, CreateRuledInputs(pipeline_, connection_, flow, *leaves));
    if (ruled) return Refused(*ruled);
    const BoundNode judged = JudgedChanges(node_, bound_, shape_, /*snapshot=*/true);
    const auto kept =
        RowsKeptBy(judged.rules, AlignColumns(flow.query.text, flow.output, shape_.columns, false));
    if (!kept) return Refused("its expectations take rows out by what other rows there are");
    cdc::Shape newest = shape_;
    newest.type = model::ScdType::kOne;
    newest.truncates = false;
    newest.ignoring.clear();
    const std::string changes = "SELECT *, 0 AS " + QuoteIdentifier(model::kCdcChangeColumn) +
                                ", CAST(NULL AS " + duck::EngineType(shape_.sequence) + ") AS " +
                                QuoteIdentifier(model::kCdcSequenceColumn) + " FROM (" + *kept +
                                ")";
    if (shape_.type == model::ScdType::kOne) {
      RETURN_IF_ERROR(Compute(newest, changes, columns_));
      return Replayed{};
    }
    Schema columns = columns_;
    std::erase_if(columns, [](const Field& field) {
      return field.name == model::kStartAtColumn || field.name == model::kEndAtColumn;
    });
    RETURN_IF_ERROR(Compute(newest, changes, columns));
    return Replayed{"", QuoteIdentifier(model::kEndAtColumn) + " IS NULL",
                    "only rows of live keys, without __START_AT: earlier snapshots are not kept"};
  }

  Result<Reason> WhyOtherSnapshot(const BoundFlow& flow) {
    const graph::ResolvedFlow& declared = node_.flows[0];
    ASSIGN_OR_RETURN(const auto batches, ConsumedBy(workspace_, node_, declared, target_));
    FlowIdentity identity;
    ASSIGN_OR_RETURN(identity.generation, ReadGeneration(workspace_, node_.dataset.name));
    auto sources = StatesOf(workspace_, flow);
    if (!sources.ok()) return Reason(std::move(sources).error().message);
    const int64_t committed = static_cast<int64_t>(batches.size()) - 1;
    ASSIGN_OR_RETURN(const bool same,
                     SnapshotMark(workspace_, declared, identity, committed).Is(*sources));
    return same ? Reason()
                : Reason(
                      "its source changed since the last update, and the snapshot that was "
                      "compared then is not kept");
  }

  Workspace& workspace_;
  const Pipeline& pipeline_;
  const graph::Node& node_;
  const BoundNode& bound_;
  const Target& target_;
  const Schema& columns_;
  duck::Connection& connection_;
  cdc::Shape shape_;
};

}  // namespace

std::optional<std::string> RowsKeptBy(const std::vector<quality::Rule>& rules,
                                      const std::string& query) {
  std::string conditions;
  for (const quality::Rule& rule : rules) {
    if (!quality::TakesRowsOut(rule)) continue;
    if (!std::holds_alternative<model::RowRule>(rule.declared.rule)) return std::nullopt;
    conditions +=
        (conditions.empty() ? "" : " AND ") + ("coalesce((" + rule.condition) + "), true)";
  }
  if (conditions.empty()) return query;
  return "SELECT * FROM (" + query + ") WHERE " + conditions;
}

Result<std::optional<std::string>> CreateRuledInputs(const Pipeline& pipeline,
                                                     duck::Connection& connection,
                                                     const BoundFlow& flow,
                                                     const LeafRelations& leaves) {
  for (const auto& [name, query] : leaves.queries) {
    RETURN_IF_ERROR(CreateView(connection, name, query));
  }
  for (const graph::ViewInstance& view : flow.query.views) {
    const auto kept = RowsKeptBy(pipeline.bound[view.dataset].rules, view.text);
    if (!kept) {
      return Reason("expectations of " +
                    model::ToString(pipeline.graph.nodes[view.dataset].dataset.name) +
                    " take rows out by what other rows there are");
    }
    RETURN_IF_ERROR(CreateView(connection, view.placeholder, *kept));
  }
  return Reason();
}

Result<Replayed> Replay(Workspace& workspace, const Pipeline& pipeline, size_t node,
                        const Target& target, duck::Connection& connection) {
  return Replaying(workspace, pipeline, node, target, connection).Run();
}

}  // namespace penstock::run
