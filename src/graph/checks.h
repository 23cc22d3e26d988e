#pragma once

#include <vector>

#include "graph/graph.h"

namespace penstock::graph {

// The rules between datasets: kinds, streams, state. What a broken node is read as is not judged.
void CheckGraph(const Graph& graph, std::vector<Error>* errors);

}  // namespace penstock::graph
