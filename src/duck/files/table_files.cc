#include "duck/files/table_files.h"

#include <mutex>
#include <unordered_map>

#include "base/sql_text.h"
#include "base/text.h"
#include "duck/files/files_registry.h"

namespace penstock::duck {
namespace {

struct Registry {
  std::mutex mutex;
  std::unordered_map<int64_t, std::shared_ptr<const TableFilesSpec>> specs;
  int64_t next = 1;
};

Registry& TheRegistry() {
  static Registry* const registry = new Registry;
  return *registry;
}

}  // namespace

std::shared_ptr<const TableFilesSpec> FindTableFiles(int64_t id) {
  const std::lock_guard lock(TheRegistry().mutex);
  const auto found = TheRegistry().specs.find(id);
  return found == TheRegistry().specs.end() ? nullptr : found->second;
}

std::string ScanName(const std::string& name) {
  // Names that the engine's scan of files gives to columns of its own.
  for (const char* taken : {"filename", "file_row_number", "file_index"}) {
    if (EqualsIgnoreCase(name, taken)) return name + " ";
  }
  return name;
}

TableFilesScan::TableFilesScan(TableFilesSpec spec)
    : spec_(std::make_shared<const TableFilesSpec>(std::move(spec))) {
  const std::lock_guard lock(TheRegistry().mutex);
  id_ = TheRegistry().next++;
  TheRegistry().specs.emplace(id_, spec_);
}

TableFilesScan::~TableFilesScan() {
  const std::lock_guard lock(TheRegistry().mutex);
  TheRegistry().specs.erase(id_);
}

std::string TableFilesScan::RelationSql() const {
  std::string list;
  const auto add = [&](const std::string& from, const std::string& name) {
    list += (list.empty() ? "" : ", ") + QuoteIdentifier(from);
    if (from != name) list += " AS " + QuoteIdentifier(name);
  };
  for (const TableFilesColumn& column : spec_->columns) add(ScanName(column.name), column.name);
  if (spec_->with_file_metadata) add(kMetadataColumn, kMetadataColumn);
  if (spec_->with_row_position) {
    add(spec_->file_number_column, spec_->file_number_column);
    add("file_row_number", spec_->row_position_column);
  }
  if (list.empty()) list = "NULL AS \"empty\"";
  // A condition that always holds: by it the scan asks for the positions of each row group.
  return "SELECT " + list + " FROM penstock_files(" + std::to_string(id_) + ")" +
         (spec_->of_few_rows ? " WHERE file_row_number >= 0" : "");
}

DataType FileMetadataType() {
  return DataType::Struct({{"file_path", DataType::Of(TypeId::kString)},
                           {"file_name", DataType::Of(TypeId::kString)},
                           {"file_size", DataType::Of(TypeId::kLong)},
                           {"file_block_start", DataType::Of(TypeId::kLong)},
                           {"file_block_length", DataType::Of(TypeId::kLong)},
                           {"file_modification_time", DataType::Of(TypeId::kTimestamp)}});
}

}  // namespace penstock::duck
