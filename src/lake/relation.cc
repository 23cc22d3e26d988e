#include "base/text.h"
#include "delta/row_tracking.h"
#include "delta/table_columns.h"
#include "duck/files/table_files.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"
#include "lake/log_files.h"
#include "lake/text_lengths.h"

namespace penstock::lake {
namespace {

using duck::QuoteIdentifier;
using duck::QuoteLiteral;
using duck::TableFilesColumn;

std::string TypedLiteral(const std::optional<std::string>& value, const DataType& type) {
  return "CAST(" + (value ? QuoteLiteral(*value) : "NULL") + " AS " + duck::EngineType(type) + ")";
}

TableFilesColumn ColumnOf(const delta::TableColumn& column, delta::ColumnMapping mapping) {
  TableFilesColumn read;
  read.name = column.name;
  read.type = column.type;
  read.stored_name =
      mapping == delta::ColumnMapping::kNone ? column.name : delta::PhysicalName(column);
  const auto id = delta::ColumnId(column);
  if (mapping == delta::ColumnMapping::kId && id) read.field_id = static_cast<int32_t>(*id);
  for (const delta::TableColumn& child : column.children) {
    read.children.push_back(ColumnOf(child, mapping));
  }
  return read;
}

std::optional<size_t> PartitionIndex(const delta::Metadata& metadata, const std::string& name) {
  for (size_t i = 0; i < metadata.partition_columns.size(); ++i) {
    if (EqualsIgnoreCase(metadata.partition_columns[i], name)) return i;
  }
  return std::nullopt;
}

constexpr char kBaseRowId[] = "__penstock_base_row_id";
constexpr char kDefaultVersion[] = "__penstock_default_version";
constexpr char kStoredRowId[] = "__penstock_stored_row_id";
constexpr char kStoredVersion[] = "__penstock_stored_version";

TableFilesColumn LongColumn(const std::string& name) {
  TableFilesColumn column;
  column.name = name;
  column.type = DataType::Of(TypeId::kLong);
  return column;
}

void AddConstant(const std::string& name, size_t constant, std::vector<TableFilesColumn>* columns) {
  columns->push_back(LongColumn(name));
  columns->back().constant = constant;
}

// A column whose name in data files a property tells.
void AddStored(const std::string& name, const delta::Metadata& metadata,
               const std::string& property, std::vector<TableFilesColumn>* columns) {
  columns->push_back(LongColumn(name));
  const auto found = metadata.configuration.find(property);
  if (found != metadata.configuration.end()) columns->back().stored_name = found->second;
}

// What row ids and versions are made of, behind the columns of the table.
void AddRowTracking(const delta::Metadata& metadata, std::vector<TableFilesColumn>* columns) {
  AddConstant(kBaseRowId, metadata.partition_columns.size(), columns);
  AddConstant(kDefaultVersion, metadata.partition_columns.size() + 1, columns);
  AddStored(kStoredRowId, metadata, delta::kRowIdColumnProperty, columns);
  AddStored(kStoredVersion, metadata, delta::kRowVersionColumnProperty, columns);
}

constexpr char kRowId[] =
    "COALESCE(__penstock_stored_row_id, __penstock_base_row_id + __penstock_row)";
constexpr char kRowVersion[] = "COALESCE(__penstock_stored_version, __penstock_default_version)";

// The columns of the table and those asked for, from a scan with all that they are made of.
std::string WithRowTracking(const delta::Metadata& metadata,
                            const std::vector<delta::TableColumn>& columns,
                            const RelationOptions& options, const std::string& scan) {
  std::string list;
  for (const delta::TableColumn& column : columns) list += QuoteIdentifier(column.name) + ", ";
  if (options.with_file_metadata && TracksRows(metadata)) {
    list += "struct_pack(";
    for (const Field& field : FileMetadataType().fields) {
      list += field.name + " := \"_metadata\"." + field.name + ", ";
    }
    list.append("row_id := ").append(kRowId);
    list.append(", row_commit_version := ").append(kRowVersion).append(") AS \"_metadata\", ");
  } else if (options.with_file_metadata) {
    list += "\"_metadata\", ";
  }
  if (options.with_row_position) {
    list += std::string(kFileNumberColumn) + ", " + kRowPositionColumn + ", ";
  }
  if (options.with_row_ids) {
    list.append(kRowId).append(" AS ").append(kRowIdColumn).append(", ");
    list.append(kRowVersion).append(" AS ").append(kRowVersionColumn).append(", ");
  }
  list.resize(list.size() - 2);
  return "SELECT " + list + " FROM (" + scan + ")";
}

// CHAR has blanks up to its length, whoever wrote the file, and compares with shorter texts as if
// they had them too.
std::string WithPadding(const std::vector<delta::TableColumn>& columns, const std::string& scan) {
  std::string replaced;
  for (const delta::TableColumn& column : columns) {
    const auto lengths = LengthsOf(column);
    if (!lengths || !HasPadding(*lengths)) continue;
    const std::string name = QuoteIdentifier(column.name);
    const std::string value = PaddedValue(name, column.type, *lengths);
    replaced += (replaced.empty() ? "" : ", ") +
                (lengths->own ? "(" + value + ") COLLATE penstock_char" : value) + " AS " + name;
  }
  return replaced.empty() ? scan : "SELECT * REPLACE (" + replaced + ") FROM (" + scan + ")";
}

Result<Relation> RelationOver(const std::shared_ptr<const LogFiles>& files,
                              const delta::Metadata& metadata, const RelationOptions& options) {
  const bool with_tracking =
      options.with_row_ids || (options.with_file_metadata && TracksRows(metadata));
  const std::vector<delta::TableColumn>& columns = files->columns();
  duck::TableFilesSpec spec;
  spec.table = files->table_path();
  const delta::ColumnMapping mapping = delta::ColumnMappingOf(metadata);
  for (const delta::TableColumn& column : columns) {
    spec.columns.push_back(ColumnOf(column, mapping));
    spec.columns.back().constant = PartitionIndex(metadata, column.name);
  }
  spec.with_file_metadata = options.with_file_metadata;
  if (with_tracking) AddRowTracking(metadata, &spec.columns);
  spec.with_row_position = options.with_row_position || with_tracking;
  spec.of_few_rows = options.deleted_by != nullptr;
  spec.file_number_column = kFileNumberColumn;
  spec.row_position_column = kRowPositionColumn;
  spec.files = files;
  auto scan = std::make_shared<const duck::TableFilesScan>(std::move(spec));
  std::string sql = scan->RelationSql();
  if (with_tracking) sql = WithRowTracking(metadata, columns, options, sql);
  sql = WithPadding(columns, sql);
  return Relation{std::move(sql), scan};
}

}  // namespace

DataType FileMetadataType() { return duck::FileMetadataType(); }

DataType FileMetadataType(const delta::Metadata& metadata) {
  DataType type = FileMetadataType();
  if (TracksRows(metadata)) {
    type.fields.push_back({"row_id", DataType::Of(TypeId::kLong)});
    type.fields.push_back({"row_commit_version", DataType::Of(TypeId::kLong)});
  }
  return type;
}

std::vector<std::string> RowTrackingColumns(const delta::Metadata& metadata) {
  std::vector<std::string> names;
  if (!TracksRows(metadata)) return names;
  for (const char* property : {delta::kRowIdColumnProperty, delta::kRowVersionColumnProperty}) {
    const auto found = metadata.configuration.find(property);
    if (found == metadata.configuration.end()) return {};
    names.push_back(found->second);
  }
  return names;
}

std::string FileValuesSql(const std::vector<FileRow>& files, const Schema& partition_columns) {
  std::string names = "\"__file\", \"_metadata\"";
  for (const Field& column : partition_columns) names += ", " + QuoteIdentifier(column.name);
  std::string rows;
  for (const FileRow& file : files) {
    const std::string size = std::to_string(file.size) + "::BIGINT";
    rows += (rows.empty() ? "(" : ", (") + QuoteLiteral(file.path) +
            ", struct_pack(file_path := " + QuoteLiteral(FileUri(file.path)) +
            ", file_name := " + QuoteLiteral(io::BaseName(file.path)) + ", file_size := " + size +
            ", file_block_start := 0::BIGINT, file_block_length := " + size +
            ", file_modification_time := make_timestamptz(" + std::to_string(file.modified) + "))";
    for (size_t i = 0; i < partition_columns.size(); ++i) {
      rows += ", " + TypedLiteral(file.partition_values[i], partition_columns[i].type);
    }
    rows += ")";
  }
  return "(VALUES " + rows + ") AS files(" + names + ")";
}

Result<Relation> SnapshotRelation(const std::string& table_path, const delta::Snapshot& snapshot,
                                  const RelationOptions& options) {
  if (snapshot.metadata().schema.empty()) {
    return UserError("TABLE_WITHOUT_COLUMNS", "the table at " + table_path + " has no columns yet",
                     "Add some: ALTER TABLE t ADD COLUMN (name TYPE).");
  }
  if (options.files != nullptr) {
    return RelationOfFiles(table_path, snapshot.metadata(), *options.files, options);
  }
  ASSIGN_OR_RETURN(auto columns, delta::TableColumns(snapshot.metadata()));
  return RelationOver(std::make_shared<const LogFiles>(table_path, snapshot.metadata(),
                                                       std::move(columns), snapshot.state().files),
                      snapshot.metadata(), options);
}

Result<Relation> RelationOfFiles(const std::string& table_path, const delta::Metadata& metadata,
                                 const std::vector<delta::AddFile>& files,
                                 const RelationOptions& options) {
  ASSIGN_OR_RETURN(auto columns, delta::TableColumns(metadata));
  return RelationOver(std::make_shared<const LogFiles>(table_path, metadata, std::move(columns),
                                                       files, options.deleted_by),
                      metadata, options);
}

}  // namespace penstock::lake
