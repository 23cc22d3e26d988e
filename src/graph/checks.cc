#include "graph/checks.h"

namespace penstock::graph {
namespace {

using model::DatasetKind;

std::string Named(const model::Dataset& dataset) {
  return std::string(model::ToString(dataset.kind)) + " " + model::ToString(dataset.name);
}

const Node* ViewOf(const Graph& graph, const ResolvedInput& input) {
  const auto* dataset = std::get_if<DatasetInput>(&input.target);
  if (dataset == nullptr) return nullptr;
  const Node& node = graph.nodes[dataset->dataset];
  return node.dataset.kind == DatasetKind::kView ? &node : nullptr;
}

std::optional<bool> ReadsStream(const Graph& graph, const ResolvedQuery& query);

// Whether the input gives rows over time: a streaming one, or a view over one. Nothing when that is
// not known.
std::optional<bool> IsStreaming(const Graph& graph, const ResolvedInput& input) {
  if (input.input.streaming) return true;
  if (std::holds_alternative<UnknownTable>(input.target)) return std::nullopt;
  const Node* view = ViewOf(graph, input);
  if (view == nullptr) return false;
  if (view->broken) return std::nullopt;
  return ReadsStream(graph, view->flows[0].query);
}

std::optional<bool> ReadsStream(const Graph& graph, const ResolvedQuery& query) {
  bool known = true;
  for (const ResolvedInput& input : query.inputs) {
    const auto streaming = IsStreaming(graph, input);
    if (streaming.value_or(false)) return true;
    known &= streaming.has_value();
  }
  return known ? std::optional<bool>(false) : std::nullopt;
}

void CheckInput(const Graph& graph, const ResolvedInput& input, std::vector<Error>* errors) {
  const Node* view = ViewOf(graph, input);
  if (view == nullptr || view->broken) return;
  const auto over_stream = ReadsStream(graph, view->flows[0].query);
  if (!input.input.options.empty()) {
    errors->push_back(UserError("UNSUPPORTED_OPTION",
                                "WITH (…) behind " + view->dataset.name.table + ", which is a view",
                                "Write it behind the table that the view reads: STREAM t WITH (…).")
                          .At(input.input.where));
  }
  if (input.input.streaming && over_stream == false) {
    errors->push_back(
        UserError("VIEW_IS_NOT_A_STREAM",
                  "STREAM(" + view->dataset.name.table + ") reads a view that is not over a stream",
                  "Read a stream inside the view (FROM STREAM(…)), or drop STREAM "
                  "here.")
            .At(input.input.where));
  }
  if (!input.input.streaming && over_stream == true) {
    errors->push_back(
        UserError("VIEW_IS_A_STREAM",
                  view->dataset.name.table + " is a view over a stream and is read as a table",
                  "Write STREAM(" + view->dataset.name.table + ") in a streaming table.")
            .At(input.input.where));
  }
}

void CheckState(const ResolvedFlow& flow, std::vector<Error>* errors) {
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
  CheckState(flow, errors);
  const auto streams = ReadsStream(graph, flow.query);
  const model::Dataset& dataset = node.dataset;
  const bool snapshot = flow.flow.cdc && flow.flow.cdc->from_snapshot;
  if (snapshot && streams == true) {
    errors->push_back(UserError("SNAPSHOT_IS_A_STREAM",
                                "AUTO CDC FROM SNAPSHOT reads a stream, which never holds all rows",
                                "Name a table, a view over tables, or files without STREAM; for a "
                                "feed of changes write FROM STREAM(…).")
                          .At(flow.flow.query.where));
  }
  if (dataset.kind == DatasetKind::kStreamingTable && !flow.flow.once && !snapshot &&
      streams == false) {
    errors->push_back(
        UserError("STREAMING_TABLE_NEEDS_STREAM",
                  "the query of the " + Named(dataset) + " reads no stream",
                  "Write STREAM before an input (FROM STREAM(t), STREAM read_files(…)), or declare "
                  "a MATERIALIZED VIEW.")
            .At(flow.flow.query.where));
  }
  if (dataset.kind == DatasetKind::kStreamingTable && flow.flow.once && streams == true) {
    errors->push_back(UserError("ONCE_FLOW_READS_STREAM",
                                "INSERT INTO ONCE runs a query once and cannot read a stream",
                                "Read the table or files without STREAM.")
                          .At(flow.flow.query.where));
  }
  if (dataset.kind == DatasetKind::kMaterializedView && streams == true) {
    errors->push_back(UserError("MATERIALIZED_VIEW_READS_STREAM",
                                "the query of the " + Named(dataset) + " reads a stream",
                                "Read it without STREAM, or declare a STREAMING TABLE.")
                          .At(flow.flow.query.where));
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
    if (IsStreaming(graph, input) == true) {
      errors->push_back(
          UserError("VIEW_READS_STREAM",
                    "the view " + model::ToString(node.dataset.name) + " reads a stream",
                    "Declare it CREATE TEMPORARY VIEW.")
              .At(input.input.where));
    }
  }
}

}  // namespace

void CheckGraph(const Graph& graph, std::vector<Error>* errors) {
  for (const Node& node : graph.nodes) {
    CheckCdcFlows(node, errors);
    for (const ResolvedFlow& flow : node.flows) CheckFlow(graph, node, flow, errors);
    if (!node.flows.empty()) CheckPublishedView(graph, node, errors);
  }
}

}  // namespace penstock::graph
