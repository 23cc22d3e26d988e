#pragma once

#include <string>
#include <string_view>

#include "base/data_type.h"
#include "base/result.h"
#include "delta/checkpoint.h"

// The columns of a checkpoint's Parquet files: one struct for each kind of action (PROTOCOL.md,
// "Checkpoint Schema").
namespace penstock::lake {

// Flat columns of what a checkpoint row may hold, in this order; all null but those of its action.
enum class CheckpointColumn {
  kAddPath,
  kAddPartitionValues,
  kAddSize,
  kAddModificationTime,
  kAddDataChange,
  kAddStats,
  kAddVectorType,
  kAddVectorPath,
  kAddVectorOffset,
  kAddVectorSize,
  kAddVectorCardinality,
  kAddBaseRowId,
  kAddRowCommitVersion,
  kAddClusteringProvider,
  kAddTags,
  kAddExtra,
  kRemovePath,
  kRemovePartitionValues,
  kRemoveSize,
  kRemoveDeletionTimestamp,
  kRemoveDataChange,
  kRemoveVectorType,
  kRemoveVectorPath,
  kRemoveVectorOffset,
  kRemoveVectorSize,
  kRemoveVectorCardinality,
  kRemoveBaseRowId,
  kRemoveRowCommitVersion,
  kRemoveTags,
  kRemoveExtra,
  kMetadata,  // the action as JSON text, and so the others below
  kProtocol,
  kTransaction,
  kDomain,
  kSidecar,
  kCheckpointMetadata,
  kCount,
};

// A query of those columns over `relation`, whose columns are `columns`: of any checkpoint,
// whatever it lacks or has besides. Statistics that are only there as a struct become JSON text.
std::string CheckpointRowsSql(const std::string& relation, const Schema& columns);

// Whether a field of add or remove is one that this program knows.
bool IsKnownFileField(std::string_view name);

}  // namespace penstock::lake
