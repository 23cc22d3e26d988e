#include "lake/checkpoint_row.h"

#include <utility>

#include "base/json.h"
#include "delta/action_json.h"

namespace penstock::lake {
namespace {

using duck::NestedColumn;
using Column = CheckpointColumn;

// The rarer kinds, which come as JSON.
constexpr std::pair<Column, const char*> kTextKinds[] = {
    {Column::kMetadata, "metaData"}, {Column::kProtocol, "protocol"},
    {Column::kTransaction, "txn"},   {Column::kDomain, "domainMetadata"},
    {Column::kSidecar, "sidecar"},   {Column::kCheckpointMetadata, "checkpointMetadata"},
};

void SetText(const NestedColumn& column, size_t row, std::string* text) {
  if (column.IsNull(row)) {
    text->clear();
  } else {
    text->assign(column.Text(row));
  }
}

std::optional<int64_t> ToInt(const NestedColumn& column, size_t row) {
  return column.IsNull(row) ? std::nullopt : std::optional(column.Int64(row));
}

// Visits the pairs of a map of text to text.
template <typename Visit>
void ForEachPair(const NestedColumn& column, size_t row, const Visit& visit) {
  if (column.IsNull(row)) return;
  const auto [begin, end] = column.Elements(row);
  for (size_t i = begin; i < end; ++i) {
    const NestedColumn& values = column.Child(1);
    std::optional<std::string> value;
    if (!values.IsNull(i)) value = std::string(values.Text(i));
    visit(std::string(column.Child(0).Text(i)), std::move(value));
  }
}

void SetValues(const NestedColumn& column, size_t row, delta::PartitionValues* values) {
  values->clear();
  ForEachPair(column, row, [&](std::string key, std::optional<std::string> value) {
    values->insert_or_assign(std::move(key), std::move(value));
  });
}

void SetTags(const NestedColumn& column, size_t row, delta::Configuration* tags) {
  tags->clear();
  ForEachPair(column, row, [&](std::string key, std::optional<std::string> value) {
    if (value) tags->insert_or_assign(std::move(key), std::move(*value));
  });
}

Json WithoutNulls(Json object) {
  for (auto field = object.begin(); field != object.end();) {
    field = field->is_null() ? object.erase(field) : std::next(field);
  }
  return object;
}

void SetExtra(const NestedColumn& column, size_t row, Json* extra) {
  *extra = Json();
  if (column.IsNull(row)) return;
  Result<Json> fields = ParseJson(column.Text(row), "unknown fields");
  if (!fields.ok() || !fields->is_object()) return;
  Json known = WithoutNulls(std::move(*fields));
  if (!known.empty()) *extra = std::move(known);
}

// The columns of a deletion vector begin at `first`: type, path, offset, size, cardinality.
std::optional<delta::DeletionVector> ToVector(const std::vector<NestedColumn>& columns,
                                              Column first, size_t row) {
  const NestedColumn* at = &columns[static_cast<size_t>(first)];
  if (at[0].IsNull(row)) return std::nullopt;
  delta::DeletionVector vector;
  vector.storage_type = at[0].Text(row);
  SetText(at[1], row, &vector.path_or_inline);
  vector.offset = ToInt(at[2], row);
  vector.size_in_bytes = ToInt(at[3], row).value_or(-1);
  vector.cardinality = ToInt(at[4], row).value_or(-1);
  return vector;
}

bool IsUsable(const std::optional<delta::DeletionVector>& vector) {
  return !vector || (vector->size_in_bytes >= 0 && vector->cardinality >= 0 &&
                     vector->offset.value_or(0) >= 0);
}

}  // namespace

CheckpointRow::CheckpointRow(std::string path, delta::CheckpointSink& sink)
    : path_(std::move(path)), sink_(sink) {}

Status CheckpointRow::Take(const duck::ResultSet& rows) {
  columns_.clear();
  for (size_t i = 0; i < static_cast<size_t>(Column::kCount); ++i) {
    columns_.push_back(NestedColumn::Of(rows, i));
  }
  for (size_t row = 0; row < rows.RowCount(); ++row) RETURN_IF_ERROR(TakeRow(row));
  return OkStatus();
}

Status CheckpointRow::TakeRow(size_t row) {
  if (Has(Column::kAddPath, row)) return TakeAdd(row);
  if (Has(Column::kRemovePath, row)) return TakeRemove(row);
  for (const auto& [column, kind] : kTextKinds) {
    if (Has(column, row)) RETURN_IF_ERROR(TakeText(kind, Column(column).Text(row)));
  }
  if (Has(Column::kAddSize, row) || Has(Column::kAddStats, row)) {
    return Corrupt("an 'add' without a 'path'");
  }
  if (Has(Column::kRemoveDeletionTimestamp, row) || Has(Column::kRemoveSize, row)) {
    return Corrupt("a 'remove' without a 'path'");
  }
  return OkStatus();
}

Status CheckpointRow::TakeAdd(size_t row) {
  auto& add = std::get<delta::AddFile>(add_);
  SetText(Column(Column::kAddPath), row, &add.path);
  SetValues(Column(Column::kAddPartitionValues), row, &add.partition_values);
  add.size = ToInt(Column(Column::kAddSize), row).value_or(-1);
  add.modification_time_ms = ToInt(Column(Column::kAddModificationTime), row).value_or(0);
  const NestedColumn& data_change = Column(Column::kAddDataChange);
  add.data_change = data_change.IsNull(row) || data_change.Bool(row);
  SetText(Column(Column::kAddStats), row, &add.stats);
  add.deletion_vector = ToVector(columns_, Column::kAddVectorType, row);
  if (!IsUsable(add.deletion_vector)) return Corrupt("an 'add' without a usable 'deletionVector'");
  add.base_row_id = ToInt(Column(Column::kAddBaseRowId), row);
  add.default_row_commit_version = ToInt(Column(Column::kAddRowCommitVersion), row);
  const NestedColumn& provider = Column(Column::kAddClusteringProvider);
  add.clustering_provider.reset();
  if (!provider.IsNull(row)) add.clustering_provider = std::string(provider.Text(row));
  SetTags(Column(Column::kAddTags), row, &add.tags);
  SetExtra(Column(Column::kAddExtra), row, &add.extra);
  RETURN_IF_ERROR(Named(delta::CheckFileAction(add)));
  return sink_.OnAction(add_);
}

Status CheckpointRow::TakeRemove(size_t row) {
  auto& remove = std::get<delta::RemoveFile>(remove_);
  SetText(Column(Column::kRemovePath), row, &remove.path);
  SetValues(Column(Column::kRemovePartitionValues), row, &remove.partition_values);
  remove.size = ToInt(Column(Column::kRemoveSize), row);
  remove.deletion_timestamp_ms = ToInt(Column(Column::kRemoveDeletionTimestamp), row);
  const NestedColumn& data_change = Column(Column::kRemoveDataChange);
  remove.data_change = data_change.IsNull(row) || data_change.Bool(row);
  remove.deletion_vector = ToVector(columns_, Column::kRemoveVectorType, row);
  if (!IsUsable(remove.deletion_vector)) {
    return Corrupt("a 'remove' without a usable 'deletionVector'");
  }
  remove.base_row_id = ToInt(Column(Column::kRemoveBaseRowId), row);
  remove.default_row_commit_version = ToInt(Column(Column::kRemoveRowCommitVersion), row);
  SetTags(Column(Column::kRemoveTags), row, &remove.tags);
  SetExtra(Column(Column::kRemoveExtra), row, &remove.extra);
  RETURN_IF_ERROR(Named(delta::CheckFileAction(remove)));
  return sink_.OnAction(remove_);
}

Status CheckpointRow::TakeText(const char* kind, std::string_view json) {
  Result<Json> action = ParseJson(json, path_);
  if (!action.ok() || !action->is_object())
    return Corrupt("an unreadable '" + std::string(kind) + "'");
  Json line = Json::object();
  line[kind] = WithoutNulls(std::move(*action));
  return delta::DecodeJsonCheckpoint(DumpJson(line), path_, sink_);
}

Status CheckpointRow::Corrupt(const std::string& what) const {
  return DataError("CORRUPT_CHECKPOINT", "the checkpoint '" + path_ + "' has " + what,
                   "Delete this file: the table is read by an older checkpoint or its commits, if "
                   "they are still there.");
}

Status CheckpointRow::Named(Status status) const {
  if (status.ok()) return status;
  return std::move(status).error().Because(path_);
}

}  // namespace penstock::lake
