#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "lake/lake_table.h"

namespace penstock::lake {
namespace {

using duck::QuoteIdentifier;
using duck::QuoteLiteral;

// Statistics cover this many leaf columns; whether a file has a later column only the file tells.
constexpr size_t kColumnsWithStatistics = 32;

bool IsPartitionColumn(const delta::Metadata& metadata, const std::string& name) {
  for (const std::string& partition : metadata.partition_columns) {
    if (EqualsIgnoreCase(partition, name)) return true;
  }
  return false;
}

std::string Cast(const std::string& value, const DataType& type) {
  return "CAST(" + value + " AS " + duck::EngineType(type) + ")";
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

// Files that one SELECT reads: they share their partition values.
struct Group {
  delta::PartitionValues values;
  std::vector<const delta::AddFile*> files;
};

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
      if (!file.deletion_vector.is_null()) return DeletionVector(file);
      Group& group = groups[file.partition_values];
      group.values = file.partition_values;
      group.files.push_back(&file);
    }
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

  std::string GroupSelect(const Group& group) const {
    std::string list;
    const auto add = [&](const std::string& value, const std::string& name) {
      list += (list.empty() ? "" : ", ") + value + " AS " + QuoteIdentifier(name);
    };
    for (const Field& field : metadata_.schema) {
      if (IsPartitionColumn(metadata_, field.name)) {
        add(Cast(PartitionLiteral(group.values, field.name), field.type), field.name);
      } else {
        add(Cast("rows." + QuoteIdentifier(field.name), field.type), field.name);
      }
    }
    if (options_.with_file_metadata) add("files.\"_metadata\"", "_metadata");
    return "SELECT " + list + " FROM " + Rows(group);
  }

  static std::string PartitionLiteral(const delta::PartitionValues& values,
                                      const std::string& name) {
    for (const auto& [column, value] : values) {
      if (EqualsIgnoreCase(column, name)) {
        return value && !value->empty() ? QuoteLiteral(*value) : "NULL";
      }
    }
    return "NULL";
  }

  std::string PathOf(const delta::AddFile& file) const {
    std::string path = PercentDecode(file.path);
    constexpr std::string_view kScheme = "file://";
    if (path.starts_with(kScheme)) path = path.substr(kScheme.size());
    return io::JoinPath(table_path_, path);
  }

  // Columns that no file of the group has come from an empty relation that joins the union.
  std::string Rows(const Group& group) const {
    std::vector<std::string> paths;
    bool same_columns = true;
    for (const delta::AddFile* file : group.files) {
      paths.push_back(PathOf(*file));
      same_columns = same_columns && HasAllColumns(*file);
    }
    std::string scan = "read_parquet(" + duck::QuoteList(paths) + ", hive_partitioning = false";
    if (!same_columns) scan += ", union_by_name = true";
    if (options_.with_file_metadata) scan += ", filename = true";
    scan += ")";
    if (!same_columns) {
      scan = "(SELECT * FROM " + scan + " UNION ALL BY NAME " + EmptySelect(stored_, false) + ")";
    }
    scan += " AS rows";
    if (options_.with_file_metadata) {
      scan += " JOIN " + FileValues(group) + " ON rows.filename = files.\"__file\"";
    }
    return scan;
  }

  bool HasAllColumns(const delta::AddFile& file) const {
    if (stored_.size() > kColumnsWithStatistics || file.stats.empty()) return false;
    const auto stats = ParseJson(file.stats, "statistics");
    if (!stats.ok() || !stats->is_object() || !stats->contains("nullCount")) return false;
    const Json& counts = (*stats)["nullCount"];
    for (const Field& field : stored_) {
      // Nested columns may have grown inside.
      if (!field.type.fields.empty() || !counts.contains(field.name)) return false;
    }
    return true;
  }

  std::string FileValues(const Group& group) const {
    std::string rows;
    for (const delta::AddFile* file : group.files) {
      const std::string path = PathOf(*file);
      const std::string size = std::to_string(file->size) + "::BIGINT";
      rows += (rows.empty() ? "(" : ", (") + QuoteLiteral(path) +
              ", struct_pack(file_path := " + QuoteLiteral("file://" + path) +
              ", file_name := " + QuoteLiteral(io::BaseName(path)) + ", file_size := " + size +
              ", file_block_start := 0::BIGINT, file_block_length := " + size +
              ", file_modification_time := make_timestamptz(" +
              std::to_string(file->modification_time_ms * 1000) + ")))";
    }
    return "(VALUES " + rows + ") AS files(\"__file\", \"_metadata\")";
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

Result<std::string> RelationSql(const std::string& table_path, const delta::Metadata& metadata,
                                const std::vector<delta::AddFile>& snapshot_files,
                                const RelationOptions& options) {
  return RelationBuilder(table_path, metadata, options)
      .Build(options.files != nullptr ? *options.files : snapshot_files);
}

}  // namespace penstock::lake
