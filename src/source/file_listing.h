#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/storage.h"
#include "source/file_options.h"

namespace penstock::source {

struct FileListing {
  std::vector<io::FileInfo> files;  // by modification time, then path
  // Columns of k=v folders with their types (DATE, INT/BIGINT, STRING …), empty when there are
  // none.
  Schema partition_columns;
  // Total looked at before filters, to tell an empty folder from one whose files are filtered out.
  int64_t seen = 0;
};

// Files at `path` (absolute): a file, a folder (nested), or a glob. SOURCE_NOT_FOUND when neither
// the path nor, for a glob, its fixed folder exists. Names that begin with _ or . are skipped.
Result<FileListing> ListFiles(io::Storage& storage, const std::string& path,
                              const FileOptions& options);

// The partition values of one file for these columns, percent-decoded; __HIVE_DEFAULT_PARTITION__
// is null.
std::vector<std::optional<std::string>> PartitionValuesOf(const std::string& file,
                                                          const Schema& partition_columns);

}  // namespace penstock::source
