#pragma once

#include <set>
#include <string>
#include <vector>

#include "run/pipeline.h"

namespace penstock::run {

// The nodes that names of tables mean, as --refresh takes them; all where none is named. Adds an
// error for names that mean none.
std::set<size_t> NamedNodes(const Workspace& workspace, const graph::Graph& graph,
                            const std::vector<std::string>& tables, Errors* errors);

}  // namespace penstock::run
