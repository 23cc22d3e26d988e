#include "base/text.h"
#include "delta/table_columns.h"
#include "duck/files/table_files.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"
#include "lake/log_files.h"

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

Result<Relation> RelationOver(std::shared_ptr<const LogFiles> files,
                              const delta::Metadata& metadata, const RelationOptions& options) {
  duck::TableFilesSpec spec;
  spec.table = files->table_path();
  const delta::ColumnMapping mapping = delta::ColumnMappingOf(metadata);
  for (const delta::TableColumn& column : files->columns()) {
    spec.columns.push_back(ColumnOf(column, mapping));
    spec.columns.back().constant = PartitionIndex(metadata, column.name);
  }
  spec.with_file_metadata = options.with_file_metadata;
  spec.with_row_position = options.with_row_position;
  spec.file_number_column = kFileNumberColumn;
  spec.row_position_column = kRowPositionColumn;
  spec.files = std::move(files);
  auto scan = std::make_shared<const duck::TableFilesScan>(std::move(spec));
  return Relation{scan->RelationSql(), scan};
}

}  // namespace

DataType FileMetadataType() { return duck::FileMetadataType(); }

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
  if (options.files != nullptr) {
    return RelationOfFiles(table_path, snapshot.metadata(), *options.files, options);
  }
  ASSIGN_OR_RETURN(auto columns, delta::TableColumns(snapshot.metadata()));
  return RelationOver(std::make_shared<const LogFiles>(table_path, snapshot.metadata(),
                                                       std::move(columns), snapshot.state().files),
                      snapshot.metadata(), options);
}

Result<Relation> RelationOfFiles(const std::string& table_path, const delta::Metadata& metadata,
                                 std::vector<delta::AddFile> files,
                                 const RelationOptions& options) {
  ASSIGN_OR_RETURN(auto columns, delta::TableColumns(metadata));
  return RelationOver(
      std::make_shared<const LogFiles>(table_path, metadata, std::move(columns), std::move(files)),
      metadata, options);
}

}  // namespace penstock::lake
