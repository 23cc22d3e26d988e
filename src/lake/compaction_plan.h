#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "delta/actions.h"

// Which files of a table are written anew together. Pure.
namespace penstock::lake {

// What OPTIMIZE calls clustering implementations: that of this program (PROTOCOL.md, "Clustered
// Table").
inline constexpr char kClusteringProvider[] = "penstock";

enum class CompactionKind {
  kBinPacking,    // small files, and those with many deleted rows
  kZorder,        // every file of a partition
  kClustering,    // what is not clustered yet, with the small files that are
  kReclustering,  // every file
  kPurge,         // the files that `must_rewrite` names, and no others
};

struct CompactionRules {
  CompactionKind kind = CompactionKind::kBinPacking;
  int64_t target_bytes = 0;  // of a new file
  int64_t min_bytes = 0;     // smaller files are taken
  // Files that are taken whatever their size; null: none.
  std::function<bool(const delta::AddFile&)> must_rewrite;
};

// Files of one partition that become new files together: one of at most about the target, unless
// their rows are to be ordered.
struct FileGroup {
  std::vector<delta::AddFile> files;
  int64_t bytes = 0;  // without the share of deleted rows
};

// The share of the file's rows that its deletion vector deletes, 0 to 1.
double DeletedShare(const delta::AddFile& file);
// The size of the file without that share.
int64_t LiveBytes(const delta::AddFile& file);

// Groups by partition, in the order of their values. A single file that is as good as it gets makes
// no group, so the plan for a table that is in order is empty.
std::vector<FileGroup> PlanCompaction(const std::vector<delta::AddFile>& files,
                                      const CompactionRules& rules);

}  // namespace penstock::lake
