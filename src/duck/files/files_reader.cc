#include "duck/files/files_reader.h"

#include <duckdb/common/multi_file/multi_file_states.hpp>
#include <duckdb/planner/table_filter.hpp>

#include "base/text.h"
#include "duck/files/engine_value.h"
#include "duck/files/file_columns.h"
#include "duck/files/files_registry.h"
#include "duck/files/row_selection_filter.h"
#include "duck/files/selected_files.h"
#include "duck/native.h"

namespace penstock::duck {
namespace {

using duckdb::idx_t;
using duckdb::Value;

[[noreturn]] void Throw(const Error& error) {
  throw duckdb::InvalidInputException(ErrorForEngine(error));
}

template <typename T>
T OrThrow(Result<T> result) {
  if (!result.ok()) Throw(result.error());
  return std::move(result).value();
}

// Through the engine's file systems, as data files are read.
ReadBytes BytesOf(duckdb::ClientContext& context) {
  return
      [&context](const std::string& path, int64_t offset, int64_t length) -> Result<std::string> {
        try {
          auto& files = duckdb::FileSystem::GetFileSystem(context);
          const auto handle = files.OpenFile(path, duckdb::FileFlags::FILE_FLAGS_READ);
          const auto size = static_cast<int64_t>(files.GetFileSize(*handle));
          if (offset > size || length > size - offset) {
            return DataError("FILE_TOO_SHORT", path + " has " + std::to_string(size) +
                                                   " bytes, and the bytes from " +
                                                   std::to_string(offset) + " to " +
                                                   std::to_string(offset + length) + " are wanted");
          }
          std::string bytes(static_cast<size_t>(length), '\0');
          files.Read(*handle, bytes.data(), length, static_cast<idx_t>(offset));
          return bytes;
        } catch (const std::exception& exception) {
          const duckdb::ErrorData error(exception);
          return SystemError("IO_ERROR", "cannot read " + path + ": " + error.RawMessage());
        }
      };
}

std::string UriOf(const std::string& path) {
  return path.find("://") != std::string::npos ? path : FileUri(path);
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Value MetadataValue(const DataFile& file) {
  return Value::STRUCT(
      {{"file_path", Value(UriOf(file.path))},
       {"file_name", Value(NameOf(file.path))},
       {"file_size", Value::BIGINT(file.size)},
       {"file_block_start", Value::BIGINT(0)},
       {"file_block_length", Value::BIGINT(file.size)},
       {"file_modification_time", Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(file.modified))}});
}

// The columns behind those of the spec.
struct ExtraColumns {
  std::optional<size_t> metadata;
  std::optional<size_t> file_number;

  explicit ExtraColumns(const TableFilesSpec& spec) {
    size_t next = spec.columns.size();
    if (spec.with_file_metadata) metadata = next++;
    if (spec.with_row_position) file_number = next++;
  }
};

// Values that are the same in the whole file.
class FileConstants {
 public:
  FileConstants(const TableFilesSpec& spec, size_t number, const DataFile& file,
                const std::vector<bool>& missing)
      : spec_(spec), extra_(spec), number_(number), file_(file), missing_(missing) {}

  std::optional<Value> Of(idx_t column) {
    if (column == extra_.metadata) return MetadataValue(file_);
    if (column == extra_.file_number) return Value::BIGINT(static_cast<int64_t>(number_));
    if (column >= spec_.columns.size()) return std::nullopt;
    const TableFilesColumn& wanted = spec_.columns[column];
    if (wanted.constant) return Given(wanted);
    if (missing_[column]) return Value(LogicalTypeOf(wanted.type));
    return std::nullopt;
  }

 private:
  Value Given(const TableFilesColumn& column) {
    if (texts_.empty()) texts_ = spec_.files->FileConstants(number_);
    const auto& text = texts_.at(*column.constant);
    auto value = ValueOfText(text, column.type);
    if (value.ok()) return *std::move(value);
    Throw(DataError("BAD_PARTITION_VALUE",
                    "the file " + file_.path + " of " + spec_.table + " has the partition value '" +
                        text.value_or("") + "' of the column " + column.name + ", which is no " +
                        ToString(column.type),
                    "Restore the table to a version without the file, or repair it with the tool "
                    "that wrote it."));
  }

  const TableFilesSpec& spec_;
  ExtraColumns extra_;
  size_t number_;
  const DataFile& file_;
  const std::vector<bool>& missing_;
  std::vector<std::optional<std::string>> texts_;
};

}  // namespace

duckdb::vector<duckdb::string> FilesReader::ParsePaths(const Value& id) {
  if (id.IsNull()) throw duckdb::BinderException("penstock_files takes a number");
  return {std::to_string(id.GetValue<int64_t>())};
}

duckdb::shared_ptr<duckdb::MultiFileList> FilesReader::CreateFileList(
    duckdb::ClientContext&, const duckdb::vector<duckdb::string>& paths,
    const duckdb::FileGlobInput&) {
  auto spec = FindTableFiles(std::strtoll(paths.at(0).c_str(), nullptr, 10));
  if (spec == nullptr) Throw(InternalError("the scan " + paths.at(0) + " of a table is over"));
  return duckdb::make_shared_ptr<SelectedFiles>(std::move(spec), nullptr);
}

bool FilesReader::Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList& files,
                       duckdb::vector<duckdb::LogicalType>& return_types,
                       duckdb::vector<duckdb::string>& names,
                       duckdb::MultiFileReaderBindData& bind_data) {
  options.auto_detect_hive_partitioning = false;
  const TableFilesSpec& spec = files.Cast<SelectedFiles>().spec();
  for (const TableFilesColumn& column : spec.columns) {
    bind_data.schema.push_back(GlobalColumn(column));
    bind_data.schema.back().name = ScanName(column.name);
  }
  if (spec.with_file_metadata) {
    bind_data.schema.emplace_back(kMetadataColumn, LogicalTypeOf(FileMetadataType()));
  }
  if (spec.with_row_position) {
    bind_data.schema.emplace_back(spec.file_number_column, duckdb::LogicalType::BIGINT);
  }
  for (const auto& column : bind_data.schema) {
    names.push_back(column.name);
    return_types.push_back(column.type);
  }
  bind_data.mapping = duckdb::MultiFileColumnMappingMode::BY_NAME;
  return true;
}

duckdb::ReaderInitializeType FilesReader::InitializeReader(
    duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileBindData& bind_data,
    const duckdb::vector<duckdb::MultiFileColumnDefinition>& global_columns,
    const duckdb::vector<duckdb::ColumnIndex>& global_column_ids,
    duckdb::optional_ptr<duckdb::TableFilterSet> table_filters, duckdb::ClientContext& context,
    duckdb::MultiFileGlobalState& state) {
  const auto& list = state.file_list.Cast<SelectedFiles>();
  const TableFilesSpec& spec = list.spec();
  auto& reader = *reader_data.reader;
  // Within the engine too a file goes by its number in the relation, however many are left.
  const size_t number = list.NumberOf(reader.file_list_idx.GetIndex());
  reader.file_list_idx = number;
  const DataFile file = spec.files->File(number);
  std::vector<bool> needed(global_columns.size(), false);
  for (const auto& column : global_column_ids) {
    if (column.GetPrimaryIndex() < needed.size()) needed[column.GetPrimaryIndex()] = true;
  }
  FileColumns columns = OrThrow(ColumnsOfFile(spec.columns, needed, reader.columns, file.path));
  for (size_t i = spec.columns.size(); i < global_columns.size(); ++i) {
    columns.columns.push_back(global_columns[i]);
  }
  FileConstants constants(spec, number, file, columns.missing);
  for (size_t i = 0; i < global_column_ids.size(); ++i) {
    auto value = constants.Of(global_column_ids[i].GetPrimaryIndex());
    if (value) reader_data.constant_map.Add(duckdb::MultiFileGlobalIndex(i), *std::move(value));
  }
  RowSelection rows;
  if (file.selects_rows) rows = OrThrow(spec.files->Selection(number, BytesOf(context)));
  if (rows.only && rows.rows.empty()) return duckdb::ReaderInitializeType::SKIP_READING_FILE;
  duckdb::unique_ptr<duckdb::TableFilterSet> filters;
  if (rows.only) filters = WithPositions(table_filters, global_column_ids, rows.rows);
  const auto initialized = CreateMapping(
      context, reader_data, columns.columns, global_column_ids,
      filters ? duckdb::optional_ptr<duckdb::TableFilterSet>(filters.get()) : table_filters,
      state.file_list, bind_data.reader_bind, bind_data.virtual_columns,
      duckdb::MultiFileColumnMappingMode::BY_NAME);
  if (file.selects_rows && initialized == duckdb::ReaderInitializeType::INITIALIZED) {
    reader.deletion_filter = SelectionFilter(std::move(rows));
  }
  return initialized;
}

duckdb::unique_ptr<duckdb::MultiFileReader> FilesReader::Copy() const {
  return duckdb::make_uniq<FilesReader>(*this);
}

}  // namespace penstock::duck
