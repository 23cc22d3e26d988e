#include <map>

#include "base/text.h"
#include "duck/empty_parquet.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"

namespace penstock::lake {
namespace {

using duck::QuoteIdentifier;
using duck::QuoteLiteral;

// More groups of partition values than this are joined from a list instead of one SELECT a group,
// which the engine would take long to plan.
constexpr size_t kMaxUnion = 50;
// Of the files we write; what is not larger is read by one thread anyway.
constexpr int64_t kRowGroupRows = 122880;

bool IsPartitionColumn(const delta::Metadata& metadata, const std::string& name) {
  for (const std::string& partition : metadata.partition_columns) {
    if (EqualsIgnoreCase(partition, name)) return true;
  }
  return false;
}

std::string Cast(const std::string& value, const DataType& type) {
  return "CAST(" + value + " AS " + duck::EngineType(type) + ")";
}

std::string TypedLiteral(const std::optional<std::string>& value, const DataType& type) {
  return Cast(value ? QuoteLiteral(*value) : "NULL", type);
}

std::string EmptySelect(const Schema& columns, bool with_metadata) {
  std::string list;
  for (const Field& field : columns) {
    list += (list.empty() ? "" : ", ") + Cast("NULL", field.type) + " AS " +
            QuoteIdentifier(field.name);
  }
  if (with_metadata) {
    list += (list.empty() ? "" : ", ") + Cast("NULL", FileMetadataType()) + " AS \"_metadata\"";
  }
  if (list.empty()) list = "NULL AS \"empty\"";
  return "SELECT " + list + " WHERE false";
}

// Files that one SELECT reads.
using Group = std::vector<const delta::AddFile*>;

// The value of a partition column; an empty text is null (PROTOCOL.md, "Partition Value
// Serialization").
std::optional<std::string> PartitionValue(const delta::AddFile& file, const std::string& name) {
  for (const auto& [column, value] : file.partition_values) {
    if (EqualsIgnoreCase(column, name)) {
      return value && !value->empty() ? value : std::nullopt;
    }
  }
  return std::nullopt;
}

class RelationBuilder {
 public:
  RelationBuilder(const std::string& table_path, const delta::Metadata& metadata,
                  const RelationOptions& options)
      : table_path_(table_path), metadata_(metadata), options_(options) {
    for (const Field& field : metadata.schema) {
      if (!IsPartitionColumn(metadata, field.name)) stored_.push_back(field);
    }
  }

  Result<std::string> Build(const std::vector<delta::AddFile>& files) {
    if (files.empty()) return EmptySelect(metadata_.schema, options_.with_file_metadata);
    std::map<delta::PartitionValues, Group> groups;
    for (const delta::AddFile& file : files) {
      if (file.deletion_vector) return DeletionVector(file);
      groups[file.partition_values].push_back(&file);
    }
    if (groups.size() > kMaxUnion || options_.with_row_position) return JoinedSelect(files);
    std::string query;
    for (const auto& [values, group] : groups) {
      query += (query.empty() ? "" : " UNION ALL ") + GroupSelect(group);
    }
    return query;
  }

 private:
  Error DeletionVector(const delta::AddFile& file) const {
    return UserError("UNSUPPORTED_TABLE_FEATURE",
                     "the file " + file.path + " of " + table_path_ +
                         " has a deletion vector (table feature deletionVectors), which is not "
                         "read yet",
                     "Purge it with the tool that wrote it (REORG TABLE … APPLY (PURGE)).");
  }

  // Files of one group share their partition values, which the engine sees as constants.
  std::string GroupSelect(const Group& group) const {
    std::string list;
    for (const Field& field : metadata_.schema) {
      const std::string value =
          IsPartitionColumn(metadata_, field.name)
              ? TypedLiteral(PartitionValue(*group.front(), field.name), field.type)
              : "rows." + QuoteIdentifier(field.name);
      list += (list.empty() ? "" : ", ") + value + " AS " + QuoteIdentifier(field.name);
    }
    std::string from = Scan(group, options_.with_file_metadata) + " AS rows";
    if (options_.with_file_metadata) {
      list += ", files.\"_metadata\" AS \"_metadata\"";
      from += " JOIN " + FileValues(group, false) + " ON rows.filename = files.\"__file\"";
    }
    return "SELECT " + list + " FROM " + from;
  }

  std::string JoinedSelect(const std::vector<delta::AddFile>& files) const {
    Group all;
    for (const delta::AddFile& file : files) all.push_back(&file);
    std::string list;
    for (const Field& field : metadata_.schema) {
      const char* side = IsPartitionColumn(metadata_, field.name) ? "files." : "rows.";
      list += (list.empty() ? "" : ", ") + (side + QuoteIdentifier(field.name));
    }
    if (options_.with_file_metadata) list += ", files.\"_metadata\"";
    if (options_.with_row_position) {
      list += ", files.\"__penstock_file\", rows.file_row_number AS \"__penstock_row\"";
    }
    return "SELECT " + list + " FROM " + Scan(all, true) + " AS rows JOIN " +
           FileValues(all, true) + " ON rows.filename = files.\"__file\"";
  }

  std::string PathOf(const delta::AddFile& file) const {
    return DataFilePath(table_path_, file.path);
  }

  // The columns are given by name and type, so that no file is opened to plan the query, and one of
  // an older schema gives NULL for what it lacks, also inside structs.
  std::string Scan(const Group& group, bool with_filename) const {
    std::vector<std::string> paths;
    std::optional<int64_t> rows = 0;
    for (const delta::AddFile* file : group) {
      paths.push_back(EscapeGlob(PathOf(*file)));
      const auto records = delta::NumRecords(*file);
      rows = rows && records ? std::optional(*rows + *records) : std::nullopt;
    }
    const bool large = rows.value_or(kRowGroupRows + 1) > kRowGroupRows;
    if (paths.size() == 1 && large && !duck::EmptyParquetPath().empty()) {
      paths.push_back(duck::EmptyParquetPath());
    }
    std::string columns;
    for (const Field& field : stored_) {
      const std::string name = QuoteLiteral(field.name);
      columns += (columns.empty() ? "" : ", ") + name + ": {name: " + name +
                 ", type: " + QuoteLiteral(duck::EngineType(field.type)) + ", default_value: NULL}";
    }
    std::string scan = "read_parquet(" + duck::QuoteList(paths) + ", hive_partitioning = false";
    if (!columns.empty()) scan += ", schema = MAP {" + columns + "}";
    if (rows) scan += ", explicit_cardinality = " + std::to_string(*rows);
    if (with_filename) scan += ", filename = true";
    if (options_.with_row_position) scan += ", file_row_number = true";
    return scan + ")";
  }

  std::string FileValues(const Group& group, bool with_partition) const {
    Schema columns;
    for (const std::string& name : metadata_.partition_columns) {
      if (!with_partition) break;
      const Field* field = FindField(metadata_.schema, name);
      columns.push_back({name, field != nullptr ? field->type : DataType::Of(TypeId::kString)});
    }
    const bool numbered = options_.with_row_position;
    if (numbered) columns.push_back({kFileNumberColumn, DataType::Of(TypeId::kLong)});
    std::vector<FileRow> rows;
    for (const delta::AddFile* file : group) {
      FileRow row{PathOf(*file), file->size, file->modification_time_ms * 1000, {}};
      for (const Field& column : columns) {
        const bool is_number = numbered && column.name == kFileNumberColumn;
        row.partition_values.push_back(is_number ? std::to_string(rows.size())
                                                 : PartitionValue(*file, column.name));
      }
      rows.push_back(std::move(row));
    }
    return FileValuesSql(rows, columns);
  }

  const std::string& table_path_;
  const delta::Metadata& metadata_;
  const RelationOptions& options_;
  Schema stored_;
};

}  // namespace

DataType FileMetadataType() {
  return DataType::Struct({{"file_path", DataType::Of(TypeId::kString)},
                           {"file_name", DataType::Of(TypeId::kString)},
                           {"file_size", DataType::Of(TypeId::kLong)},
                           {"file_block_start", DataType::Of(TypeId::kLong)},
                           {"file_block_length", DataType::Of(TypeId::kLong)},
                           {"file_modification_time", DataType::Of(TypeId::kTimestamp)}});
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

Result<std::string> RelationSql(const std::string& table_path, const delta::Metadata& metadata,
                                const std::vector<delta::AddFile>& snapshot_files,
                                const RelationOptions& options) {
  return RelationBuilder(table_path, metadata, options)
      .Build(options.files != nullptr ? *options.files : snapshot_files);
}

Result<Relation> SnapshotRelation(const std::string& table_path, const delta::Snapshot& snapshot,
                                  const RelationOptions& options) {
  static const std::vector<delta::AddFile> kNone;
  const auto& files = options.files != nullptr ? kNone : snapshot.files();
  ASSIGN_OR_RETURN(std::string sql, RelationSql(table_path, snapshot.metadata(), files, options));
  return Relation{std::move(sql), nullptr};
}

}  // namespace penstock::lake
