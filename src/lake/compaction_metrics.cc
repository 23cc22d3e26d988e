#include "lake/compaction_metrics.h"

#include <algorithm>
#include <numeric>

namespace penstock::lake {
namespace {

int64_t Sum(const std::vector<int64_t>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
}

Json SizeStatistics(const std::vector<int64_t>& sizes) {
  const auto count = static_cast<int64_t>(sizes.size());
  Json json = {{"min", nullptr}, {"max", nullptr}, {"avg", 0}};
  if (count > 0) {
    json["min"] = *std::min_element(sizes.begin(), sizes.end());
    json["max"] = *std::max_element(sizes.begin(), sizes.end());
    json["avg"] = Sum(sizes) / count;
  }
  json["totalFiles"] = count;
  json["totalSize"] = Sum(sizes);
  return json;
}

void Append(const std::vector<int64_t>& from, std::vector<int64_t>* to) {
  to->insert(to->end(), from.begin(), from.end());
}

}  // namespace

void CompactionNumbers::Add(const CompactionNumbers& other) {
  Append(other.added, &added);
  Append(other.removed, &removed);
  partitions += other.partitions;
  batches += other.batches;
  considered += other.considered;
  vectors_removed += other.vectors_removed;
}

Json CommitMetrics(const CompactionNumbers& numbers) {
  std::vector<int64_t> sizes = numbers.added;
  std::sort(sizes.begin(), sizes.end());
  const auto part = [&](size_t quarters) {
    return sizes.empty() ? 0 : sizes[(sizes.size() - 1) * quarters / 4];
  };
  return {{"numAddedFiles", sizes.size()}, {"numRemovedFiles", numbers.removed.size()},
          {"numAddedBytes", Sum(sizes)},   {"numRemovedBytes", Sum(numbers.removed)},
          {"minFileSize", part(0)},        {"p25FileSize", part(1)},
          {"p50FileSize", part(2)},        {"p75FileSize", part(3)},
          {"maxFileSize", part(4)},        {"numDeletionVectorsRemoved", numbers.vectors_removed}};
}

Json AnswerMetrics(const CompactionNumbers& numbers) {
  const auto removed = static_cast<int64_t>(numbers.removed.size());
  return {{"numFilesAdded", numbers.added.size()},
          {"numFilesRemoved", removed},
          {"filesAdded", SizeStatistics(numbers.added)},
          {"filesRemoved", SizeStatistics(numbers.removed)},
          {"partitionsOptimized", numbers.partitions},
          {"numBatches", numbers.batches},
          {"totalConsideredFiles", numbers.considered},
          {"totalFilesSkipped", std::max<int64_t>(numbers.considered - removed, 0)},
          {"deletionVectorsRemoved", numbers.vectors_removed}};
}

}  // namespace penstock::lake
