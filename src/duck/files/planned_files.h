#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "duck/engine.h"

namespace penstock::duck {

// What a query would read of one relation of table files, as often as it names it.
struct PlannedFiles {
  std::string table;          // of the spec
  int64_t files = 0;          // to be opened, by what is known before the query runs
  int64_t files_present = 0;  // of the relation
  int64_t bytes = 0;          // of those to be opened
  int64_t rows = 0;           // likewise, deleted ones left out

  bool operator==(const PlannedFiles&) const = default;
};

// Plans the query without running it. In the order of the plan.
Result<std::vector<PlannedFiles>> FilesOfQuery(Connection& connection, const std::string& query);

}  // namespace penstock::duck
