#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/storage.h"

namespace penstock::lake {

// A data file found below a folder, and the "column=value" folders above it, outermost first; both
// parts decoded, no value for Hive's name of null.
struct FoundFile {
  io::FileInfo info;
  std::vector<std::pair<std::string, std::optional<std::string>>> partition;
};

// The files below `folder` whose names end in .parquet or .parq, or have no ending, sorted by path.
// Names that begin with _ or . are passed over, and folders of such names, but for "_column=value";
// empty files too. NO_PARQUET_FILES when there is none.
Result<std::vector<FoundFile>> FindParquetFiles(io::Storage& storage, const std::string& folder);

}  // namespace penstock::lake
