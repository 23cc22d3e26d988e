#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "duck/engine.h"
#include "run/change_plan.h"

namespace penstock::run {

// The sources of a view as relations on a connection, by the names that a derived program reads
// them under: each as of now, and where rows came or went as of the last refresh and their change,
// which has the columns that `query`, the view's plan, reads.
struct SourceChanges {
  std::set<std::string> changed;                   // placeholders of sources that have a change
  int64_t rows = 0;                                // that came and went
  std::vector<std::shared_ptr<const void>> scans;  // kept as long as the relations are read
};
Result<SourceChanges> OpenSources(Workspace& workspace, duck::Connection& connection,
                                  const BoundFlow& flow, const algebra::NodePtr& query,
                                  const std::vector<SourceVersions>& sources);

}  // namespace penstock::run
