#include "graph/checks.h"

namespace penstock::graph {
namespace {

using model::DatasetKind;

std::string Named(const model::Dataset& dataset) {
  return std::string(model::ToString(dataset.kind)) + " " + model::ToString(dataset.name);
}

bool ReadsStream(const Graph& graph, const ResolvedQuery& query) {
  for (const ResolvedInput& input : query.inputs) {
    if (IsStreaming(graph, input)) return true;
  }
  return false;
}

const Node* ViewOf(const Graph& graph, const ResolvedInput& input) {
  const auto* dataset = std::get_if<DatasetInput>(&input.target);
  if (dataset == nullptr) return nullptr;
  const Node& node = graph.nodes[dataset->dataset];
  return node.dataset.kind == DatasetKind::kView ? &node : nullptr;
}

void CheckInput(const Graph& graph, const ResolvedInput& input, std::vector<Error>* errors) {
  const Node* view = ViewOf(graph, input);
  if (view == nullptr || view->flows.empty()) return;
  const bool over_stream = ReadsStream(graph, view->flows[0].query);
  if (input.input.streaming && !over_stream) {
    errors->push_back(
        UserError("VIEW_IS_NOT_A_STREAM",
                  "STREAM(" + view->dataset.name.table + ") reads a view that is not over a stream",
                  "Read a stream inside the view (FROM STREAM(…)), or drop STREAM "
                  "here.")
            .At(input.input.where));
  }
  if (!input.input.streaming && over_stream) {
    errors->push_back(
        UserError("VIEW_IS_A_STREAM",
                  view->dataset.name.table + " is a view over a stream and is read as a table",
                  "Write STREAM(" + view->dataset.name.table + ") in a streaming table.")
            .At(input.input.where));
  }
}

void CheckState(const Graph& graph, const ResolvedFlow& flow, std::vector<Error>* errors) {
  (void)graph;
  for (const sql::StatefulUse& use : flow.query.query.stateful) {
    errors->push_back(
        UserError("UNSUPPORTED_STREAMING_OPERATION",
                  use.what + " over a stream needs state that spans batches",
                  "Use a materialized view for it (CREATE MATERIALIZED VIEW … AS SELECT …, reading "
                  "the table without STREAM); a streaming table can project, filter, unnest, "
                  "union, and join with tables that are not streams.")
            .At(use.where));
  }
}

void CheckFlow(const Graph& graph, const Node& node, const ResolvedFlow& flow,
               std::vector<Error>* errors) {
  for (const ResolvedInput& input : flow.query.inputs) CheckInput(graph, input, errors);
  CheckState(graph, flow, errors);
  const bool streams = ReadsStream(graph, flow.query);
  const model::Dataset& dataset = node.dataset;
  if (dataset.kind == DatasetKind::kStreamingTable && !flow.flow.once && !streams) {
    errors->push_back(
        UserError("STREAMING_TABLE_NEEDS_STREAM",
                  "the query of the " + Named(dataset) + " reads no stream",
                  "Write STREAM before an input (FROM STREAM(t), STREAM read_files(…)), or declare "
                  "a MATERIALIZED VIEW.")
            .At(flow.flow.query.where));
  }
  if (dataset.kind == DatasetKind::kStreamingTable && flow.flow.once && streams) {
    errors->push_back(UserError("ONCE_FLOW_READS_STREAM",
                                "INSERT INTO ONCE runs a query once and cannot read a stream",
                                "Read the table or files without STREAM.")
                          .At(flow.flow.query.where));
  }
  if (dataset.kind == DatasetKind::kMaterializedView && streams) {
    errors->push_back(UserError("MATERIALIZED_VIEW_READS_STREAM",
                                "the query of the " + Named(dataset) + " reads a stream",
                                "Read it without STREAM, or declare a STREAMING TABLE.")
                          .At(flow.flow.query.where));
  }
}

void CheckShape(const Node& node, std::vector<Error>* errors) {
  const model::Dataset& dataset = node.dataset;
  if (dataset.kind != DatasetKind::kStreamingTable && node.flows.size() > 1) {
    errors->push_back(UserError("SEVERAL_FLOWS",
                                "the " + Named(dataset) + " has " +
                                    std::to_string(node.flows.size()) + " queries",
                                "Only a streaming table takes several flows.")
                          .At(node.flows[1].flow.where));
  }
}

// A view that everyone may read cannot depend on what exists only inside the pipeline.
void CheckPublishedView(const Graph& graph, const Node& node, std::vector<Error>* errors) {
  if (node.dataset.kind != DatasetKind::kView || node.dataset.temporary) return;
  for (const ResolvedInput& input : node.flows[0].query.inputs) {
    const Node* view = ViewOf(graph, input);
    if (view != nullptr && view->dataset.temporary) {
      errors->push_back(UserError("VIEW_READS_TEMPORARY_VIEW",
                                  "the view " + model::ToString(node.dataset.name) +
                                      " reads the temporary view " + view->dataset.name.table,
                                  "Make one of them of the other's kind.")
                            .At(input.input.where));
    }
    if (IsStreaming(graph, input)) {
      errors->push_back(
          UserError("VIEW_READS_STREAM",
                    "the view " + model::ToString(node.dataset.name) + " reads a stream",
                    "Declare it CREATE TEMPORARY VIEW.")
              .At(input.input.where));
    }
  }
}

}  // namespace

bool IsStreaming(const Graph& graph, const ResolvedInput& input) {
  if (input.input.streaming) return true;
  const Node* view = ViewOf(graph, input);
  return view != nullptr && !view->flows.empty() && ReadsStream(graph, view->flows[0].query);
}

void CheckGraph(const Graph& graph, std::vector<Error>* errors) {
  for (const Node& node : graph.nodes) {
    CheckShape(node, errors);
    for (const ResolvedFlow& flow : node.flows) CheckFlow(graph, node, flow, errors);
    if (!node.flows.empty()) CheckPublishedView(graph, node, errors);
  }
}

}  // namespace penstock::graph
