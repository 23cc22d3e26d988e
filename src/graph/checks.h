#pragma once

#include <vector>

#include "graph/graph.h"

namespace penstock::graph {

// The rules between datasets: kinds, streams, state. The nodes are in dependency order.
void CheckGraph(const Graph& graph, std::vector<Error>* errors);

// Whether reading this input as a stream or not gives rows over time: a streaming input, or a view
// over one.
bool IsStreaming(const Graph& graph, const ResolvedInput& input);

}  // namespace penstock::graph
