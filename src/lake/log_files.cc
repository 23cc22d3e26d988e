#include "lake/log_files.h"

#include <algorithm>

#include "delta/deletion_vector.h"
#include "delta/file_filter.h"
#include "lake/file_path.h"

namespace penstock::lake {
namespace {

// Of a file whose number of rows is not known.
constexpr int64_t kBytesPerRow = 100;

// The names by which the log knows the partition columns.
std::vector<std::string> PartitionKeys(const delta::Metadata& metadata,
                                       const std::vector<delta::TableColumn>& columns) {
  std::vector<std::string> keys;
  for (const std::string& name : metadata.partition_columns) {
    const delta::TableColumn* column = delta::FindColumn(columns, name);
    keys.push_back(column != nullptr ? delta::PartitionKey(metadata, *column) : name);
  }
  return keys;
}

}  // namespace

LogFiles::LogFiles(std::string table_path, delta::Metadata metadata,
                   std::vector<delta::TableColumn> columns, delta::FileSet files)
    : table_path_(std::move(table_path)),
      metadata_(std::move(metadata)),
      columns_(std::move(columns)),
      partition_keys_(PartitionKeys(metadata_, columns_)),
      set_(std::move(files)) {
  files_.reserve(static_cast<size_t>(set_.num_active()));
  set_.ForEach([&](delta::PackedFile file) {
    if (file.active()) files_.push_back(file);
  });
}

LogFiles::LogFiles(std::string table_path, delta::Metadata metadata,
                   std::vector<delta::TableColumn> columns,
                   const std::vector<delta::AddFile>& files,
                   const std::vector<delta::DeletionVector>* deleted_by)
    : table_path_(std::move(table_path)),
      metadata_(std::move(metadata)),
      columns_(std::move(columns)),
      partition_keys_(PartitionKeys(metadata_, columns_)) {
  for (const delta::AddFile& file : files) files_.push_back(pack_.Take(file));
  if (deleted_by != nullptr) deleted_by_ = *deleted_by;
}

duck::DataFile LogFiles::File(size_t number) const {
  const delta::AddFile add = files_[number].Add();
  duck::DataFile file;
  file.path = DataFilePath(table_path_, add.path);
  file.size = add.size;
  file.modified = add.modification_time_ms * 1000;
  file.selects_rows = deleted_by_.has_value() || add.deletion_vector.has_value();
  return file;
}

int64_t LogFiles::Rows(size_t number) const {
  const delta::PackedFile file = files_[number];
  const int64_t deleted = file.has_vector() ? file.Add().deletion_vector->cardinality : 0;
  if (deleted_by_) {
    const int64_t others = std::max<int64_t>((*deleted_by_)[number].cardinality, 0);
    return std::max<int64_t>(others - std::max<int64_t>(deleted, 0), 1);
  }
  const int64_t rows = file.num_records();
  if (rows < 0) return std::max<int64_t>(file.size(), 0) / kBytesPerRow + 1;
  return rows - std::clamp<int64_t>(deleted, 0, rows);
}

std::vector<std::optional<std::string>> LogFiles::FileConstants(size_t number) const {
  const delta::AddFile file = files_[number].Add();
  std::vector<std::optional<std::string>> values;
  for (const std::string& key : partition_keys_) {
    values.push_back(delta::PartitionValueOf(file.partition_values, key));
  }
  for (const auto& number_of_file : {file.base_row_id, file.default_row_commit_version}) {
    values.push_back(number_of_file ? std::optional(std::to_string(*number_of_file))
                                    : std::nullopt);
  }
  return values;
}

Result<RowSet> LogFiles::RowsOf(const delta::DeletionVector& vector, const std::string& file,
                                const duck::ReadBytes& read) const {
  ASSIGN_OR_RETURN(const auto place, delta::PlaceOf(table_path_, vector, file));
  std::string bytes;
  if (place) {
    ASSIGN_OR_RETURN(bytes, read(place->path, place->offset, place->length));
  }
  return delta::DecodeVector(vector, bytes, file);
}

Result<duck::RowSelection> LogFiles::Selection(size_t number, const duck::ReadBytes& read) const {
  const delta::AddFile file = files_[number].Add();
  duck::RowSelection selection;
  if (file.deletion_vector) {
    ASSIGN_OR_RETURN(selection.rows, RowsOf(*file.deletion_vector, file.path, read));
  }
  if (!deleted_by_) return selection;
  ASSIGN_OR_RETURN(const RowSet others, RowsOf((*deleted_by_)[number], file.path, read));
  return duck::RowSelection{others.Without(selection.rows), true};
}

duck::FileNumbers LogFiles::Matching(const Predicate& condition,
                                     const duck::FileNumbers* among) const {
  const delta::FileFilter filter(metadata_, columns_, condition);
  duck::FileNumbers matching;
  delta::AddFile file;
  const size_t count = among != nullptr ? among->size() : files_.size();
  for (size_t i = 0; i < count; ++i) {
    const auto number = among != nullptr ? (*among)[i] : static_cast<uint32_t>(i);
    files_[number].Read(&file);
    if (filter.MayMatch(file)) matching.push_back(number);
  }
  return matching;
}

}  // namespace penstock::lake
