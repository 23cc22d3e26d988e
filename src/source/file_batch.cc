#include "source/file_batch.h"

namespace penstock::source {

FileBatchPlan PlanFileBatch(const std::vector<io::FileInfo>& listed,
                            const std::map<std::string, TimestampMicros>& seen, bool first,
                            const FileBatchOptions& options) {
  FileBatchPlan plan;
  int64_t bytes = 0;
  bool full = false;
  for (const io::FileInfo& file : listed) {
    const FileEntry entry{file.path, file.size, file.modified};
    const auto read = seen.find(file.path);
    if (read != seen.end()) {
      if (read->second == file.modified) continue;
      if (!options.allow_overwrites) {
        plan.overwritten.push_back(entry);
        continue;
      }
    }
    if (first && !options.include_existing) {
      plan.range.ignored.push_back(entry);
      continue;
    }
    full = full || static_cast<int64_t>(plan.range.files.size()) >= options.max_files ||
           (options.max_bytes && bytes >= *options.max_bytes);
    if (full) {
      ++plan.remaining_files;
      plan.remaining_bytes += file.size;
      continue;
    }
    plan.range.files.push_back(entry);
    bytes += file.size;
  }
  return plan;
}

}  // namespace penstock::source
