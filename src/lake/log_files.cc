#include "lake/log_files.h"

#include "delta/deletion_vector.h"
#include "delta/file_filter.h"
#include "lake/file_path.h"

namespace penstock::lake {
namespace {

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
  set_.ForEach([&](const delta::FileEntry& entry) {
    if (const auto* add = std::get_if<delta::AddFile>(&entry.state)) files_.push_back(add);
  });
}

LogFiles::LogFiles(std::string table_path, delta::Metadata metadata,
                   std::vector<delta::TableColumn> columns, std::vector<delta::AddFile> files)
    : table_path_(std::move(table_path)),
      metadata_(std::move(metadata)),
      columns_(std::move(columns)),
      partition_keys_(PartitionKeys(metadata_, columns_)),
      owned_(std::move(files)) {
  for (const delta::AddFile& file : owned_) files_.push_back(&file);
}

duck::DataFile LogFiles::File(size_t number) const {
  const delta::AddFile& add = *files_[number];
  duck::DataFile file;
  file.path = DataFilePath(table_path_, add.path);
  file.size = add.size;
  file.modified = add.modification_time_ms * 1000;
  file.rows = delta::NumRecords(add);
  file.has_deletions = add.deletion_vector.has_value();
  if (file.rows && file.has_deletions) {
    file.rows = std::max<int64_t>(*file.rows - add.deletion_vector->cardinality, 0);
  }
  return file;
}

std::vector<std::optional<std::string>> LogFiles::FileConstants(size_t number) const {
  std::vector<std::optional<std::string>> values;
  for (const std::string& key : partition_keys_) {
    values.push_back(delta::PartitionValueOf(files_[number]->partition_values, key));
  }
  return values;
}

Result<RowSet> LogFiles::DeletedRows(size_t number, const duck::ReadBytes& read) const {
  const delta::AddFile& file = *files_[number];
  if (!file.deletion_vector) return RowSet();
  ASSIGN_OR_RETURN(const auto place, delta::PlaceOf(table_path_, *file.deletion_vector, file.path));
  std::string bytes;
  if (place) {
    ASSIGN_OR_RETURN(bytes, read(place->path, place->offset, place->length));
  }
  return delta::DecodeVector(*file.deletion_vector, bytes, file.path);
}

duck::FileNumbers LogFiles::Matching(const Predicate& condition,
                                     const duck::FileNumbers* among) const {
  const delta::FileFilter filter(metadata_, columns_, condition);
  duck::FileNumbers matching;
  const size_t count = among != nullptr ? among->size() : files_.size();
  for (size_t i = 0; i < count; ++i) {
    const auto number = among != nullptr ? (*among)[i] : static_cast<uint32_t>(i);
    if (filter.MayMatch(*files_[number])) matching.push_back(number);
  }
  return matching;
}

}  // namespace penstock::lake
