#include "run/explain.h"

#include <algorithm>

#include "algebra/render.h"
#include "base/text.h"
#include "ivm/program.h"
#include "run/change_plan.h"
#include "run/named_nodes.h"
#include "run/pipeline.h"

namespace penstock::run {
namespace {

// Any time after another: the steps are the same for all.
constexpr char kThen[] = "1970-01-01 00:00:00+00";
constexpr char kNow[] = "1970-01-02 00:00:00+00";

// The text with the names that people know in the place of the query's own for its inputs.
std::string Named(std::string text, const BoundFlow& flow) {
  for (const BoundLeaf& leaf : flow.leaves) {
    std::string name = leaf.files ? leaf.files->path : leaf.table_name;
    if (name.empty()) name = leaf.table_path;
    const std::string& placeholder = leaf.input.placeholder;
    for (size_t at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at + name.size())) {
      const size_t end = at + placeholder.size();
      if (end < text.size() && text[end] >= '0' && text[end] <= '9') {  // another input's
        at = end - name.size();
        continue;
      }
      text.replace(at, placeholder.size(), name);
    }
  }
  return text;
}

std::string Indented(const std::string& text, const std::string& by) {
  std::string indented;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    indented += by + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return indented;
}

std::string TechniqueOf(const ivm::Program& program) {
  if (!program.replacement) {
    return "by the change: the rows that differ are put in and taken out";
  }
  if (program.replacement->keys.empty()) {
    return "as a whole: computed again, only rows that differ are written";
  }
  return "by the keys that changed: their rows are computed again, only those that differ are "
         "written";
}

Result<ViewExplanation> ExplainView(Workspace& workspace, const Pipeline& pipeline, size_t node) {
  const graph::Node& declared = pipeline.graph.nodes[node];
  const BoundFlow& flow = pipeline.bound[node].flows[0];
  ViewExplanation view;
  view.table = declared.dataset.name;
  view.kind = model::ToString(declared.dataset.kind);
  view.where = declared.flows[0].query.source.where;
  ASSIGN_OR_RETURN(const auto followed, FollowedQuery(workspace, pipeline, node));
  if (const auto* unsuited = std::get_if<Unsuited>(&followed)) {
    view.refresh = "recomputed: " + ToString(*unsuited) +
                   (unsuited->remedy.empty() ? "" : ". " + unsuited->remedy);
    return view;
  }
  const algebra::NodePtr& query = std::get<algebra::NodePtr>(followed);
  view.query = Named(algebra::Outline(query), flow);
  ivm::DeriveOptions options;
  for (const BoundLeaf& leaf : flow.leaves) options.changed.insert(leaf.input.placeholder);
  if (flow.query.time_dependent) {
    options.then = kThen;
    options.now = kNow;
  }
  ASSIGN_OR_RETURN(const ivm::Program program, ivm::Derive(query, options));
  view.refresh = TechniqueOf(program);
  for (const ivm::Step& step : program.steps) {
    view.steps.push_back({step.table, step.purpose, Named(algebra::Outline(step.plan), flow),
                          Named(algebra::RenderSql(step.plan), flow)});
  }
  return view;
}

}  // namespace

std::string ToString(const ViewExplanation& view) {
  std::string text = model::ToString(view.table) + " (" + penstock::ToString(view.where) + ")\n";
  if (!view.query.empty()) text += Indented(view.query, "  ");
  text += (view.query.empty() ? "" : "refreshed ") + view.refresh + "\n";
  for (size_t i = 0; i < view.steps.size(); ++i) {
    const ViewExplanation::Step& step = view.steps[i];
    text += "step " + std::to_string(i + 1) + ", " + step.purpose + ": " + step.table + "\n";
    text += Indented(step.plan, "    ") + "  sql: " + step.sql + "\n";
  }
  return text;
}

ExplainOutcome Explain(Workspace& workspace, const std::vector<std::string>& tables) {
  ExplainOutcome outcome;
  const PipelineOutcome loaded = LoadPipeline(workspace);
  outcome.errors = loaded.errors;
  if (!loaded.pipeline) return outcome;
  const graph::Graph& graph = loaded.pipeline->graph;
  for (const size_t i : NamedNodes(workspace, graph, tables, &outcome.errors)) {
    const model::Dataset& dataset = graph.nodes[i].dataset;
    if (dataset.kind != model::DatasetKind::kMaterializedView) {
      if (tables.empty() || dataset.kind == model::DatasetKind::kView) continue;
      outcome.errors.push_back(
          UserError(
              "NOT_A_VIEW",
              model::ToString(dataset.name) + " is a streaming table: it reads what is new",
              "Name a materialized view; penstock plan says what an update does to any table.")
              .At(dataset.where));
      continue;
    }
    auto view = ExplainView(workspace, *loaded.pipeline, i);
    if (view.ok()) {
      outcome.views.push_back(*std::move(view));
    } else {
      outcome.errors.push_back(std::move(view).error().At(dataset.where));
    }
  }
  return outcome;
}

}  // namespace penstock::run
