#include "run/pipeline.h"
#include "run/project_run.h"

namespace penstock::run {
namespace {

DatasetSummary SummaryOf(const graph::Node& node, const BoundNode& bound) {
  DatasetSummary summary;
  summary.name = node.dataset.name;
  summary.kind = model::ToString(node.dataset.kind);
  summary.columns = bound.columns;
  for (const graph::ResolvedFlow& flow : node.flows) {
    summary.flows.push_back(model::ToString(flow.flow.name));
  }
  for (const BoundFlow& flow : bound.flows) {
    for (const BoundLeaf& leaf : flow.leaves) {
      summary.inputs.push_back(leaf.input.streaming ? "STREAM " + leaf.table_name
                                                    : leaf.table_name);
    }
  }
  for (const quality::Rule& rule : bound.rules) {
    summary.expectations.push_back(rule.declared.name + " (" +
                                   std::string(model::ToString(rule.declared.on_violation)) + ")");
  }
  return summary;
}

}  // namespace

DryRunOutcome DryRun(Workspace& workspace) {
  PipelineOutcome loaded = LoadPipeline(workspace);
  DryRunOutcome outcome;
  outcome.errors = std::move(loaded.errors);
  if (!loaded.pipeline) return outcome;
  const Pipeline& pipeline = *loaded.pipeline;
  for (const model::Warning& warning : pipeline.warnings) {
    outcome.report.warnings.push_back(ToString(warning.where) + ": " + warning.message);
  }
  for (size_t i = 0; i < pipeline.graph.nodes.size(); ++i) {
    outcome.report.datasets.push_back(SummaryOf(pipeline.graph.nodes[i], pipeline.bound[i]));
  }
  return outcome;
}

}  // namespace penstock::run
