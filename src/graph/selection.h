#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace penstock::graph {

// What an update does with each node.
enum class Treatment { kExcluded, kRefresh, kFullRefresh };

struct SelectionRequest {
  std::vector<std::string> refresh;
  std::vector<std::string> full_refresh;
  bool full_refresh_all = false;
  std::vector<std::string>
      select;  // "t", "+t" with all it reads, "t+" with all that read it; * and ? match
};

// By node. Nothing requested: everything is refreshed. Names that match no table are
// TABLE_NOT_FOUND with the nearest one; a table with pipelines.reset.allowed=false is left at
// kRefresh by full_refresh_all and is RESET_NOT_ALLOWED when named. Views are always kRefresh: they
// cost nothing.
Result<std::vector<Treatment>> Select(const Graph& graph, const model::Project& project,
                                      const SelectionRequest& request);

}  // namespace penstock::graph
