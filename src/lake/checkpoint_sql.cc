#include "lake/checkpoint_sql.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "base/variant_type.h"
#include "delta/table_columns.h"
#include "lake/checkpoint_columns.h"

namespace penstock::lake {
namespace {

// The field of a struct and the expression of its value.
using StructField = std::pair<std::string, std::string>;
using StructFields = std::vector<StructField>;

constexpr std::string_view kVectorSql =
    "CASE WHEN vector_type IS NOT NULL THEN {'storageType': vector_type, 'pathOrInlineDv': "
    "vector_path, 'offset': vector_offset::INTEGER, 'sizeInBytes': vector_size::INTEGER, "
    "'cardinality': vector_cardinality} END";

// The kinds of action besides those of files, as types of the engine.
constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
    {"txn", "STRUCT(appId VARCHAR, \"version\" BIGINT, lastUpdated BIGINT)"},
    {"metaData",
     "STRUCT(id VARCHAR, \"name\" VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, "
     "options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], "
     "createdTime BIGINT, configuration MAP(VARCHAR, VARCHAR))"},
    {"protocol",
     "STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], "
     "writerFeatures VARCHAR[])"},
    {"domainMetadata", "STRUCT(\"domain\" VARCHAR, configuration VARCHAR, removed BOOLEAN)"},
};
constexpr std::pair<std::string_view, std::string_view> kKindsOfV2[] = {
    {"sidecar",
     "STRUCT(path VARCHAR, sizeInBytes BIGINT, modificationTime BIGINT, tags MAP(VARCHAR, "
     "VARCHAR))"},
    {"checkpointMetadata", "STRUCT(\"version\" BIGINT, tags MAP(VARCHAR, VARCHAR))"},
};

// A struct type of the columns for one part of the statistics; empty when there are none. With
// `leaf`, every leaf has that type instead of its own.
std::string StatsStruct(const std::vector<delta::TableColumn>& columns,
                        const std::set<std::string>& left_out, std::string_view leaf) {
  std::string fields;
  for (const delta::TableColumn& column : columns) {
    if (left_out.contains(column.name)) continue;
    std::string type;
    if (column.type.id == TypeId::kStruct) {
      type = StatsStruct(column.children, {}, leaf);
    } else if (!leaf.empty()) {
      type = leaf;
    } else if (column.type.id != TypeId::kArray && column.type.id != TypeId::kMap &&
               column.type.id != TypeId::kBoolean && column.type.id != TypeId::kBinary &&
               column.type.id != TypeId::kVoid && column.type.id != kVariantType) {
      type = EngineType(column.type);
    }
    if (type.empty()) continue;
    fields +=
        (fields.empty() ? "" : ", ") + QuoteIdentifier(delta::PhysicalName(column)) + " " + type;
  }
  return fields.empty() ? "" : "STRUCT(" + fields + ")";
}

Result<std::string> ParsedStatsType(const delta::Metadata& metadata,
                                    const std::vector<delta::TableColumn>& columns) {
  const std::set<std::string> partitions(metadata.partition_columns.begin(),
                                         metadata.partition_columns.end());
  std::string fields = "numRecords BIGINT";
  for (const auto& [name, leaf] :
       {std::pair("minValues", ""), std::pair("maxValues", ""), std::pair("nullCount", "BIGINT")}) {
    const std::string type = StatsStruct(columns, partitions, leaf);
    if (!type.empty()) fields += std::string(", ") + name + " " + type;
  }
  return "STRUCT(" + fields + ", tightBounds BOOLEAN)";
}

// `text` (JSON) as a value of the engine's type; NULL when it cannot be read.
std::string FromJsonSql(const std::string& text, const std::string& type) {
  return "CASE WHEN json_valid(" + text + ") THEN from_json(" + text + ", " +
         QuoteLiteral(QuoteJson(type)) + ") END";
}

Status AddParsed(const delta::Metadata& metadata, StructFields* fields) {
  ASSIGN_OR_RETURN(const std::vector<delta::TableColumn> columns, delta::TableColumns(metadata));
  ASSIGN_OR_RETURN(const std::string type, ParsedStatsType(metadata, columns));
  fields->emplace_back("stats_parsed", FromJsonSql("stats", type));
  std::string values;
  for (const std::string& name : metadata.partition_columns) {
    const delta::TableColumn* column = delta::FindColumn(columns, name);
    if (column == nullptr) continue;
    const std::string key = delta::PhysicalName(*column);
    values += (values.empty() ? "" : ", ") + QuoteLiteral(key) + ": TRY_CAST(partition_values[" +
              QuoteLiteral(key) + "] AS " + EngineType(column->type) + ")";
  }
  if (!values.empty()) fields->emplace_back("partitionValues_parsed", "{" + values + "}");
  return OkStatus();
}

// What other writers said of files. A name that differs from another one only by case cannot be a
// column beside it.
void AddUnknown(const Schema& unknown, StructFields* fields) {
  std::string types;
  Schema added;
  for (const Field& field : unknown) {
    const auto same = [&](const StructField& known) {
      return EqualsIgnoreCase(known.first, field.name);
    };
    if (IsKnownFileField(field.name) || std::any_of(fields->begin(), fields->end(), same)) continue;
    types +=
        (types.empty() ? "" : ", ") + QuoteIdentifier(field.name) + " " + EngineType(field.type);
    added.push_back(field);
  }
  if (added.empty()) return;
  const std::string value = "(" + FromJsonSql("extra", "STRUCT(" + types + ")") + ")";
  for (const Field& field : added) {
    fields->emplace_back(field.name, value + "." + QuoteIdentifier(field.name));
  }
}

std::string StructSql(const StructFields& fields) {
  std::string sql;
  for (const auto& [name, value] : fields) {
    sql += (sql.empty() ? "{" : ", ") + QuoteLiteral(name) + ": " + value;
  }
  return sql + "}";
}

Result<std::string> AddSql(const delta::CheckpointShape& shape) {
  StructFields fields = {{"path", "path"},
                         {"partitionValues", "partition_values"},
                         {"size", "size"},
                         {"modificationTime", "modification_time"},
                         {"dataChange", "false"}};
  if (shape.stats_as_json) fields.emplace_back("stats", "stats");
  fields.insert(fields.end(), {{"tags", "tags"},
                               {"deletionVector", std::string(kVectorSql)},
                               {"baseRowId", "base_row_id"},
                               {"defaultRowCommitVersion", "row_commit_version"},
                               {"clusteringProvider", "clustering_provider"}});
  if (shape.parsed_of) RETURN_IF_ERROR(AddParsed(*shape.parsed_of, &fields));
  AddUnknown(shape.unknown_of_adds, &fields);
  return "CASE WHEN is_add THEN " + StructSql(fields) + " END AS \"add\"";
}

std::string RemoveSql(const delta::CheckpointShape& shape) {
  StructFields fields = {{"path", "path"},
                         {"deletionTimestamp", "deletion_timestamp"},
                         {"dataChange", "false"},
                         {"extendedFileMetadata", "CASE WHEN size IS NOT NULL THEN true END"},
                         {"partitionValues", "partition_values"},
                         {"size", "size"},
                         {"deletionVector", std::string(kVectorSql)},
                         {"baseRowId", "base_row_id"},
                         {"defaultRowCommitVersion", "row_commit_version"},
                         {"tags", "tags"}};
  AddUnknown(shape.unknown_of_removes, &fields);
  return "CASE WHEN NOT is_add THEN " + StructSql(fields) + " END AS remove";
}

}  // namespace

Result<std::string> CheckpointFileSql(const std::string& relation,
                                      const delta::CheckpointShape& shape) {
  ASSIGN_OR_RETURN(std::string columns, AddSql(shape));
  columns += ", " + RemoveSql(shape);
  Json kinds = Json::object();
  const auto add_kinds = [&](const auto& list) {
    for (const auto& [name, type] : list) {
      kinds[std::string(name)] = type;
      columns += ", other." + QuoteIdentifier(std::string(name)) + " AS " +
                 QuoteIdentifier(std::string(name));
    }
  };
  add_kinds(kKinds);
  if (shape.v2) add_kinds(kKindsOfV2);
  return "SELECT " + columns + " FROM (SELECT *, from_json(line, " + QuoteLiteral(DumpJson(kinds)) +
         ") AS other FROM " + relation + ")";
}

}  // namespace penstock::lake
