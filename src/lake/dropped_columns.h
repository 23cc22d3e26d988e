#pragma once

#include <set>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "duck/engine.h"

namespace penstock::lake {

// The paths (as in the log) of those `files` that hold columns or fields which the table no longer
// has. Only tables with column mapping can have dropped any; for others nothing is read.
Result<std::set<std::string>> FilesWithDroppedColumns(duck::Connection& connection,
                                                      const std::string& table_path,
                                                      const delta::Metadata& metadata,
                                                      const std::vector<delta::AddFile>& files);

}  // namespace penstock::lake
