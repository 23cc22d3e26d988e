#include <algorithm>
#include <set>

#include "base/text.h"
#include "duck/instant.h"
#include "graph/selection.h"
#include "lake/change_target.h"
#include "run/leaf_relation.h"
#include "run/pipeline.h"
#include "run/refresh_decision.h"
#include "run/relation_sql.h"
#include "run/target.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

constexpr int kExamples = 5;

bool IsFloating(const Field& field) {
  return field.type.id == TypeId::kDouble || field.type.id == TypeId::kFloat;
}

class Verification {
 public:
  Verification(Workspace& workspace, const Pipeline& pipeline, size_t node)
      : workspace_(workspace),
        pipeline_(pipeline),
        node_(pipeline.graph.nodes[node]),
        bound_(pipeline.bound[node]),
        flow_(bound_.flows[0]) {
    outcome_.table = node_.dataset.name;
  }

  Result<TableVerification> Run() {
    if (auto reason = WhyNot()) return NotVerified(*std::move(reason));
    ASSIGN_OR_RETURN(const Target target, OpenTarget(workspace_, node_.dataset));
    if (target.snapshot == nullptr) return NotVerified("it was never computed");
    ASSIGN_OR_RETURN(const auto versions, VersionsOf(*target.snapshot));
    if (!versions) return NotVerified("it does not say which versions of its sources it reflects");
    if (flow_.query.time_dependent && instant_.empty()) {
      return NotVerified("it does not say which time it reflects");
    }
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    connection_.emplace(std::move(connection));
    auto leaves = RelationsOf(workspace_, flow_, {&*versions, false});
    if (!leaves.ok()) return NotVerified(std::move(leaves).error().message);
    leaves_ = *std::move(leaves);
    RETURN_IF_ERROR(OpenBoth(target));
    RETURN_IF_ERROR(Compare());
    return std::move(outcome_);
  }

 private:
  std::optional<std::string> WhyNot() const {
    for (const quality::Rule& rule : bound_.rules) {
      if (quality::TakesRowsOut(rule) && rule.condition.empty()) {
        return "its expectation " + rule.declared.name + " takes rows out";
      }
    }
    for (const graph::ViewInstance& view : flow_.query.views) {
      if (quality::TakesRowsOut(pipeline_.bound[view.dataset].rules)) {
        return "expectations of a view that it reads take rows out";
      }
    }
    if (flow_.query.nondeterministic) return "the query gives other rows each time";
    return std::nullopt;
  }

  TableVerification NotVerified(std::string reason) {
    outcome_.result = "not verified";
    outcome_.reason = std::move(reason);
    return std::move(outcome_);
  }

  // Of tables the recorded versions; files are read as they are.
  Result<std::optional<source::Batch>> VersionsOf(const delta::Snapshot& snapshot) {
    const auto& configuration = snapshot.metadata().configuration;
    const auto recorded = configuration.find(kSourcesKey);
    if (recorded == configuration.end()) return std::optional<source::Batch>();
    ASSIGN_OR_RETURN(const Json sources, ParseJson(recorded->second, kSourcesKey));
    source::Batch versions;
    for (const auto& [source, state] : sources.items()) {
      if (source == kTimeSource) instant_ = state.value("instant", "");
      if (!state.contains("version")) continue;
      versions.statics[source] = state["version"].get<int64_t>();
    }
    return std::optional<source::Batch>(std::move(versions));
  }

  // Temporary tables "kept" and "computed" with the same columns.
  Status OpenBoth(const Target& target) {
    RETURN_IF_ERROR(CreateInputs(*connection_, flow_, leaves_));
    const Schema& columns = target.snapshot->metadata().schema;
    ASSIGN_OR_RETURN(kept_relation_, lake::SnapshotRelation(target.path, *target.snapshot));
    columns_ = columns;
    const std::string query = WithoutBroken(
        AlignColumns(flow_.query.text, flow_.output, columns, /*keep_position=*/false));
    if (!instant_.empty()) RETURN_IF_ERROR(BeginAtInstant(query));
    RETURN_IF_ERROR(connection_->Execute("CREATE TEMP TABLE computed AS " + query));
    if (!instant_.empty()) RETURN_IF_ERROR(connection_->Execute("COMMIT"));
    RETURN_IF_ERROR(CreateView(*connection_, "kept", kept_relation_.sql));
    ASSIGN_OR_RETURN(outcome_.rows, lake::QueryNumber(*connection_, "SELECT count(*) FROM kept"));
    return OkStatus();
  }

  // The rows that the view's expectations leave.
  std::string WithoutBroken(std::string query) const {
    for (const quality::Rule& rule : bound_.rules) {
      if (!quality::TakesRowsOut(rule)) continue;
      query = "SELECT * FROM (" + query + ") WHERE (" + rule.condition + ") IS NOT FALSE";
    }
    return query;
  }

  Status BeginAtInstant(const std::string& query) {
    ASSIGN_OR_RETURN(const int64_t micros,
                     lake::QueryNumber(*connection_, "SELECT epoch_us(TIMESTAMPTZ " +
                                                         duck::QuoteLiteral(instant_) + ")"));
    return duck::BeginAt(*connection_, micros, query);
  }

  Status Compare() {
    RETURN_IF_ERROR(connection_->Execute(
        "CREATE TEMP TABLE missing AS SELECT * FROM computed EXCEPT ALL SELECT * FROM kept; "
        "CREATE TEMP TABLE extra AS SELECT * FROM kept EXCEPT ALL SELECT * FROM computed"));
    ASSIGN_OR_RETURN(outcome_.missing,
                     lake::QueryNumber(*connection_, "SELECT count(*) FROM missing"));
    ASSIGN_OR_RETURN(outcome_.extra, lake::QueryNumber(*connection_, "SELECT count(*) FROM extra"));
    if (outcome_.missing == outcome_.extra && outcome_.missing > 0 &&
        std::any_of(columns_.begin(), columns_.end(), IsFloating)) {
      ASSIGN_OR_RETURN(const int64_t near, NearPairs());
      if (near == outcome_.missing) outcome_.missing = outcome_.extra = 0;
    }
    outcome_.result = outcome_.missing + outcome_.extra == 0 ? "equal" : "different";
    if (outcome_.result == "equal") return OkStatus();
    RETURN_IF_ERROR(AddExamples("missing"));
    return AddExamples("extra");
  }

  // How many rows of both sides differ only in the last digits of floating-point numbers: they are
  // paired in the order of these within the other columns.
  Result<int64_t> NearPairs() {
    std::string exact;
    std::string floating;
    std::string same = "m.__penstock_n = e.__penstock_n";
    std::string near = "true";
    for (const Field& field : columns_) {
      const std::string name = QuoteIdentifier(field.name);
      if (IsFloating(field)) {
        floating += (floating.empty() ? "" : ", ") + name;
        near += " AND (m." + name + " IS NOT DISTINCT FROM e." + name + " OR abs(m." + name +
                " - e." + name + ") <= 1e-9 * greatest(abs(m." + name + "), abs(e." + name + ")))";
      } else {
        exact += (exact.empty() ? "" : ", ") + name;
        same += " AND m." + name + " IS NOT DISTINCT FROM e." + name;
      }
    }
    const std::string numbered = "SELECT *, row_number() OVER (" +
                                 (exact.empty() ? "" : "PARTITION BY " + exact + " ") +
                                 "ORDER BY " + floating + ") AS __penstock_n FROM ";
    return lake::QueryNumber(*connection_, "SELECT count(*) FROM (" + numbered +
                                               "missing) AS m JOIN (" + numbered +
                                               "extra) AS e ON " + same + " WHERE " + near);
  }

  Status AddExamples(const std::string& side) {
    ASSIGN_OR_RETURN(
        duck::ResultSet rows,
        connection_->Query("SELECT CAST(to_json(s) AS VARCHAR) FROM (SELECT * FROM " + side +
                           " ORDER BY ALL LIMIT " + std::to_string(kExamples) + ") AS s"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
      if (!more) return OkStatus();
      for (size_t row = 0; row < rows.RowCount(); ++row) {
        outcome_.examples.push_back(side + ": " + rows.Text(row, 0));
      }
    }
  }

  Workspace& workspace_;
  const Pipeline& pipeline_;
  const graph::Node& node_;
  const BoundNode& bound_;
  const BoundFlow& flow_;
  std::optional<duck::Connection> connection_;
  LeafRelations leaves_;
  lake::Relation kept_relation_;
  std::string instant_;  // that now() is, where the query depends on it
  Schema columns_;
  TableVerification outcome_;
};

// Which nodes the names mean; errors for those that mean none.
std::set<size_t> Chosen(Workspace& workspace, const graph::Graph& graph,
                        const std::vector<std::string>& tables, Errors* errors) {
  std::set<size_t> chosen;
  if (tables.empty()) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) chosen.insert(i);
    return chosen;
  }
  graph::SelectionRequest request;
  request.refresh = tables;
  const auto treatments = graph::Select(graph, workspace.project, request);
  if (!treatments.ok()) {
    errors->push_back(treatments.error());
    return chosen;
  }
  for (size_t i = 0; i < treatments->size(); ++i) {
    if ((*treatments)[i] != graph::Treatment::kExcluded) chosen.insert(i);
  }
  return chosen;
}

}  // namespace

VerifyOutcome Verify(Workspace& workspace, const std::vector<std::string>& tables) {
  VerifyOutcome outcome;
  const PipelineOutcome loaded = LoadPipeline(workspace);
  outcome.errors = loaded.errors;
  if (!loaded.pipeline) return outcome;
  const graph::Graph& graph = loaded.pipeline->graph;
  for (const size_t i : Chosen(workspace, graph, tables, &outcome.errors)) {
    if (graph.nodes[i].dataset.kind == model::DatasetKind::kView) continue;
    if (graph.nodes[i].dataset.kind == model::DatasetKind::kStreamingTable) {
      if (tables.empty()) continue;
      TableVerification table;
      table.table = graph.nodes[i].dataset.name;
      table.result = "not verified";
      table.reason = "a streaming table is not the result of a query";
      outcome.tables.push_back(std::move(table));
      continue;
    }
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
