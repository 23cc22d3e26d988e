#include "run/named_nodes.h"

#include "graph/selection.h"

namespace penstock::run {

std::set<size_t> NamedNodes(const Workspace& workspace, const graph::Graph& graph,
                            const std::vector<std::string>& tables, Errors* errors) {
  std::set<size_t> named;
  if (tables.empty()) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) named.insert(i);
    return named;
  }
  graph::SelectionRequest request;
  request.refresh = tables;
  const auto treatments = graph::Select(graph, workspace.project, request);
  if (!treatments.ok()) {
    errors->push_back(treatments.error());
    return named;
  }
  for (size_t i = 0; i < treatments->size(); ++i) {
    if ((*treatments)[i] != graph::Treatment::kExcluded) named.insert(i);
  }
  return named;
}

}  // namespace penstock::run
