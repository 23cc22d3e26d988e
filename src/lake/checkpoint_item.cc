#include "base/json.h"
#include "delta/action_json.h"
#include "lake/checkpoint_sql.h"

namespace penstock::lake {
namespace {

// Names a column of CheckpointItemColumns, in their order.
enum Column : size_t {
  kIsAdd,
  kPath,
  kPartitionValues,
  kSize,
  kModificationTime,
  kDeletionTimestamp,
  kStats,
  kTags,
  kVectorType,
  kVectorPath,
  kVectorOffset,
  kVectorSize,
  kVectorCardinality,
  kBaseRowId,
  kRowCommitVersion,
  kClusteringProvider,
  kExtra,
  kLine,
};

constexpr char kColumns[] =
    "is_add BOOLEAN, path STRING, partition_values MAP<STRING, STRING>, size BIGINT, "
    "modification_time BIGINT, deletion_timestamp BIGINT, stats STRING, tags MAP<STRING, STRING>, "
    "vector_type STRING, vector_path STRING, vector_offset BIGINT, vector_size BIGINT, "
    "vector_cardinality BIGINT, base_row_id BIGINT, row_commit_version BIGINT, "
    "clustering_provider STRING, extra STRING, line STRING";

class FileRow {
 public:
  explicit FileRow(duck::RowValues& row) : row_(row) {}

  void operator()(const delta::AddFile& add) const {
    row_.SetBool(kIsAdd, true);
    row_.SetInt64(kSize, add.size);
    row_.SetInt64(kModificationTime, add.modification_time_ms);
    if (!add.stats.empty()) row_.SetText(kStats, add.stats);
    if (add.clustering_provider) row_.SetText(kClusteringProvider, *add.clustering_provider);
    SetValues(add.partition_values);
    SetShared(add);
  }
  void operator()(const delta::RemoveFile& remove) const {
    row_.SetBool(kIsAdd, false);
    SetNumber(kSize, remove.size);
    SetNumber(kDeletionTimestamp, remove.deletion_timestamp_ms);
    if (remove.size || !remove.partition_values.empty()) SetValues(remove.partition_values);
    SetShared(remove);
  }
  void operator()(const auto& action) const { row_.SetText(kLine, delta::EncodeCommit({action})); }

 private:
  void SetNumber(Column column, const std::optional<int64_t>& number) const {
    if (number) row_.SetInt64(column, *number);
  }
  void SetValues(const delta::PartitionValues& values) const {
    row_.BeginMap(kPartitionValues);
    for (const auto& [name, value] : values) row_.AddEntry(kPartitionValues, name, value);
  }
  void SetShared(const auto& file) const {
    row_.SetText(kPath, file.path);
    if (!file.tags.empty()) row_.BeginMap(kTags);
    for (const auto& [key, value] : file.tags) row_.AddEntry(kTags, key, value);
    if (const auto& vector = file.deletion_vector) {
      row_.SetText(kVectorType, vector->storage_type);
      row_.SetText(kVectorPath, vector->path_or_inline);
      SetNumber(kVectorOffset, vector->offset);
      row_.SetInt64(kVectorSize, vector->size_in_bytes);
      row_.SetInt64(kVectorCardinality, vector->cardinality);
    }
    SetNumber(kBaseRowId, file.base_row_id);
    SetNumber(kRowCommitVersion, file.default_row_commit_version);
    if (file.extra.is_object()) row_.SetText(kExtra, DumpJson(file.extra));
  }

  duck::RowValues& row_;
};

}  // namespace

Schema CheckpointItemColumns() { return ParseSchema(kColumns).value(); }

void SetCheckpointItem(const delta::CheckpointItem& item, duck::RowValues& row) {
  if (const auto* action = std::get_if<delta::Action>(&item)) {
    std::visit(FileRow(row), *action);
  } else if (const auto* sidecar = std::get_if<delta::Sidecar>(&item)) {
    row.SetText(kLine, delta::EncodeCheckpointLine(*sidecar));
  } else {
    row.SetText(kLine, delta::EncodeCheckpointLine(std::get<delta::CheckpointMetadata>(item)));
  }
}

}  // namespace penstock::lake
