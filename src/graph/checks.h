#pragma once

#include <vector>

#include "graph/graph.h"

namespace penstock::graph {

// The rules between datasets: kinds, streams, state. What a broken node is read as is not judged.
void CheckGraph(const Graph& graph, std::vector<Error>* errors);

// The rules between the AUTO CDC flows of one table, and between them and other flows.
void CheckCdcFlows(const Node& node, std::vector<Error>* errors);

}  // namespace penstock::graph
