#include "base/text.h"
#include "duck/instant.h"
#include "lake/change_target.h"
#include "run/leaf_relation.h"
#include "run/named_nodes.h"
#include "run/pipeline.h"
#include "run/refresh_decision.h"
#include "run/relation_sql.h"
#include "run/replay.h"
#include "run/table_comparison.h"
#include "run/target.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

class Verification {
 public:
  Verification(Workspace& workspace, const Pipeline& pipeline, size_t node)
      : workspace_(workspace),
        pipeline_(pipeline),
        index_(node),
        node_(pipeline.graph.nodes[node]),
        bound_(pipeline.bound[node]) {
    outcome_.table = node_.dataset.name;
  }

  Result<TableVerification> Run() {
    ASSIGN_OR_RETURN(const Target target, OpenTarget(workspace_, node_.dataset));
    if (target.snapshot == nullptr) return NotVerified("it was never computed");
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    connection_.emplace(std::move(connection));
    ASSIGN_OR_RETURN(Replayed made,
                     node_.dataset.kind == model::DatasetKind::kStreamingTable
                         ? Replay(workspace_, pipeline_, index_, target, *connection_)
                         : Recompute(target));
    if (!made.reason.empty()) return NotVerified(std::move(made.reason));
    ASSIGN_OR_RETURN(const lake::Relation kept,
                     lake::SnapshotRelation(target.path, *target.snapshot));
    ASSIGN_OR_RETURN(const Schema columns, connection_->Describe("SELECT * FROM computed"));
    std::string names;
    for (const Field& field : columns) {
      names += (names.empty() ? "" : ", ") + QuoteIdentifier(field.name);
    }
    RETURN_IF_ERROR(
        CreateView(*connection_, "kept",
                   "SELECT " + names + " FROM (" + kept.sql + ") WHERE " + made.kept_where));
    RETURN_IF_ERROR(CompareTables(*connection_, columns, &outcome_));
    outcome_.reason = made.note;
    return std::move(outcome_);
  }

 private:
  TableVerification NotVerified(std::string reason) {
    outcome_.result = "not verified";
    outcome_.reason = std::move(reason);
    return std::move(outcome_);
  }

  static Replayed Refused(std::string reason) { return {std::move(reason), "true", ""}; }

  // A materialized view over the versions of its sources that it reflects.
  Result<Replayed> Recompute(const Target& target) {
    const BoundFlow& flow = bound_.flows[0];
    if (flow.query.nondeterministic) return Refused("the query gives other rows each time");
    ASSIGN_OR_RETURN(const auto instant, ReflectedInstant(*target.snapshot));
    if (flow.query.time_dependent && instant.empty()) {
      return Refused("it does not say which time it reflects");
    }
    ASSIGN_OR_RETURN(const auto versions, ReflectedVersions(*target.snapshot));
    if (!versions) return Refused("it does not say which versions of its sources it reflects");
    auto leaves = RelationsOf(workspace_, flow, {&*versions, false});
    if (!leaves.ok()) return Refused(std::move(leaves).error().message);
    ASSIGN_OR_RETURN(auto reason, CreateRuledInputs(pipeline_, *connection_, flow, *leaves));
    if (reason) return Refused(*std::move(reason));
    const auto kept = RowsKeptBy(
        bound_.rules, AlignColumns(flow.query.text, flow.output, target.snapshot->metadata().schema,
                                   /*keep_position=*/false));
    if (!kept) return Refused("its expectations take rows out by what other rows there are");
    if (!instant.empty()) RETURN_IF_ERROR(BeginAtInstant(instant, *kept));
    RETURN_IF_ERROR(connection_->Execute("CREATE TEMP TABLE computed AS " + *kept));
    if (!instant.empty()) RETURN_IF_ERROR(connection_->Execute("COMMIT"));
    return Replayed{};
  }

  Status BeginAtInstant(const std::string& instant, const std::string& query) {
    ASSIGN_OR_RETURN(const int64_t micros,
                     lake::QueryNumber(*connection_, "SELECT epoch_us(TIMESTAMPTZ " +
                                                         duck::QuoteLiteral(instant) + ")"));
    return duck::BeginAt(*connection_, micros, query);
  }

  // What now() was when the table was computed; empty: not recorded.
  static Result<std::string> ReflectedInstant(const delta::Snapshot& snapshot) {
    const std::string recorded = ValueOf(snapshot.metadata().configuration, kSourcesKey);
    if (recorded.empty()) return std::string();
    ASSIGN_OR_RETURN(const Json sources, ParseJson(recorded, kSourcesKey));
    return InstantOf(sources);
  }

  Workspace& workspace_;
  const Pipeline& pipeline_;
  const size_t index_;
  const graph::Node& node_;
  const BoundNode& bound_;
  std::optional<duck::Connection> connection_;
  TableVerification outcome_;
};

}  // namespace

VerifyOutcome Verify(Workspace& workspace, const std::vector<std::string>& tables) {
  VerifyOutcome outcome;
  const PipelineOutcome loaded = LoadPipeline(workspace);
  outcome.errors = loaded.errors;
  if (!loaded.pipeline) return outcome;
  const graph::Graph& graph = loaded.pipeline->graph;
  for (const size_t i : NamedNodes(workspace, graph, tables, &outcome.errors)) {
    if (graph.nodes[i].dataset.kind == model::DatasetKind::kView) continue;
    auto verified = Verification(workspace, *loaded.pipeline, i).Run();
    if (verified.ok()) {
      outcome.tables.push_back(*std::move(verified));
    } else {
      outcome.errors.push_back(std::move(verified).error().At(graph.nodes[i].dataset.where));
    }
  }
  return outcome;
}

}  // namespace penstock::run
