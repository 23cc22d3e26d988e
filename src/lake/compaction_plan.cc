#include "lake/compaction_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "delta/file_set.h"

namespace penstock::lake {
namespace {

// Above it a file is written anew for its deleted rows alone.
constexpr double kMaxDeletedShare = 0.05;

bool IsClustered(const delta::AddFile& file) {
  return file.clustering_provider && !file.clustering_provider->empty();
}

bool MustRewrite(const delta::AddFile& file, const CompactionRules& rules) {
  if (rules.must_rewrite && rules.must_rewrite(file)) return true;
  return rules.kind != CompactionKind::kPurge && DeletedShare(file) > kMaxDeletedShare;
}

// Whether the file is considered at all.
bool IsCandidate(const delta::AddFile& file, const CompactionRules& rules) {
  if (MustRewrite(file, rules)) return true;
  switch (rules.kind) {
    case CompactionKind::kPurge:
      return false;
    case CompactionKind::kZorder:
    case CompactionKind::kReclustering:
      return true;
    case CompactionKind::kClustering:
      // Files of another implementation are its own to cluster.
      if (IsClustered(file) && *file.clustering_provider != kClusteringProvider) return false;
      return !IsClustered(file) || file.size < rules.min_bytes;
    case CompactionKind::kBinPacking:
      return file.size < rules.min_bytes;
  }
  return false;
}

using Files = std::vector<const delta::AddFile*>;

FileGroup GroupOf(const Files& files) {
  FileGroup group;
  for (const delta::AddFile* file : files) {
    group.bytes += LiveBytes(*file);
    group.files.push_back(*file);
  }
  return group;
}

// Small files first, so that a group holds as many as it can.
void Pack(Files files, const CompactionRules& rules, std::vector<FileGroup>* groups) {
  std::stable_sort(files.begin(), files.end(),
                   [](const auto* a, const auto* b) { return LiveBytes(*a) < LiveBytes(*b); });
  Files bin;
  int64_t bytes = 0;
  const auto close = [&] {
    const bool worth = bin.size() > 1 || (bin.size() == 1 && MustRewrite(*bin.front(), rules));
    if (worth) groups->push_back(GroupOf(bin));
    bin.clear();
    bytes = 0;
  };
  for (const delta::AddFile* file : files) {
    if (!bin.empty() && bytes + LiveBytes(*file) > rules.target_bytes) close();
    bin.push_back(file);
    bytes += LiveBytes(*file);
  }
  close();
}

// Whether ordering these files anew is worth it.
bool WorthOrdering(const Files& files, const CompactionRules& rules) {
  if (files.empty()) return false;
  if (rules.kind == CompactionKind::kZorder || rules.kind == CompactionKind::kReclustering) {
    return true;
  }
  if (files.size() > 1) return true;
  return !IsClustered(*files.front()) || MustRewrite(*files.front(), rules);
}

}  // namespace

double DeletedShare(const delta::AddFile& file) {
  if (!file.deletion_vector) return 0;
  const auto rows = delta::NumRecords(file);
  if (!rows || *rows <= 0) return 1;
  return std::min(
      1.0, static_cast<double>(file.deletion_vector->cardinality) / static_cast<double>(*rows));
}

int64_t LiveBytes(const delta::AddFile& file) {
  const int64_t size = std::max<int64_t>(file.size, 0);
  if (!file.deletion_vector) return size;
  return static_cast<int64_t>(static_cast<double>(size) * (1 - DeletedShare(file)));
}

std::vector<FileGroup> PlanCompaction(const std::vector<delta::AddFile>& files,
                                      const CompactionRules& rules) {
  std::map<delta::PartitionValues, Files> partitions;
  for (const delta::AddFile& file : files) {
    if (IsCandidate(file, rules)) partitions[file.partition_values].push_back(&file);
  }
  std::vector<FileGroup> groups;
  for (auto& [values, members] : partitions) {
    if (rules.kind == CompactionKind::kBinPacking || rules.kind == CompactionKind::kPurge) {
      Pack(std::move(members), rules, &groups);
    } else if (WorthOrdering(members, rules)) {
      groups.push_back(GroupOf(members));
    }
  }
  return groups;
}

}  // namespace penstock::lake
