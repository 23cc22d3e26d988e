#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/storage.h"
#include "source/offsets.h"

namespace penstock::source {

struct FileBatchOptions {
  int64_t max_files = 1000;
  std::optional<int64_t> max_bytes;  // soft: a batch takes files until it is reached, at least one
  bool include_existing = true;      // false: what lies there at the first start is not read
  bool allow_overwrites = false;     // a file that was modified since it was read is read again
};

struct FileBatchPlan {
  FilesRange range;
  int64_t remaining_files = 0;  // new files left for later batches
  int64_t remaining_bytes = 0;
  std::vector<FileEntry>
      overwritten;  // files that changed after they were read and are not read again
};

// Decides which of the listed files the next batch reads; `seen`: path → modification time as read.
// `first`: nothing was ever planned for this source. Files keep the order of the listing.
FileBatchPlan PlanFileBatch(const std::vector<io::FileInfo>& listed,
                            const std::map<std::string, TimestampMicros>& seen, bool first,
                            const FileBatchOptions& options);

}  // namespace penstock::source
