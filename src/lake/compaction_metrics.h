#pragma once

#include <vector>

#include "base/json.h"
#include "delta/actions.h"

// The numbers OPTIMIZE answers with and leaves in the log, by Delta's names.
namespace penstock::lake {

struct CompactionNumbers {
  std::vector<int64_t> added;    // sizes of new files, bytes
  std::vector<int64_t> removed;  // of the files they take the place of
  int64_t partitions = 0;
  int64_t batches = 0;  // commits
  int64_t considered = 0;
  int64_t vectors_removed = 0;

  void Add(const CompactionNumbers& other);
};

// operationMetrics of one commit: numAddedFiles, numRemovedFiles, numAddedBytes, numRemovedBytes,
// min/p25/p50/p75/maxFileSize of the new files, numDeletionVectorsRemoved.
Json CommitMetrics(const CompactionNumbers& numbers);
// What the command answers: numFilesAdded, numFilesRemoved, filesAdded and filesRemoved with min,
// max, avg, totalFiles and totalSize, partitionsOptimized, numBatches, totalConsideredFiles,
// totalFilesSkipped, deletionVectorsRemoved.
Json AnswerMetrics(const CompactionNumbers& numbers);

}  // namespace penstock::lake
