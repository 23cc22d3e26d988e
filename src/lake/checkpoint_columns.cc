#include "lake/checkpoint_columns.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/sql_text.h"

namespace penstock::lake {
namespace {

constexpr std::string_view kTextMap = "MAP(VARCHAR, VARCHAR)";

struct ReadColumn {
  std::string_view path;  // of struct fields, with dots
  std::string_view type;
};

// In the order of CheckpointColumn.
constexpr ReadColumn kRead[] = {
    {"add.path", "VARCHAR"},
    {"add.partitionValues", kTextMap},
    {"add.size", "BIGINT"},
    {"add.modificationTime", "BIGINT"},
    {"add.dataChange", "BOOLEAN"},
    {"add.stats", "VARCHAR"},
    {"add.deletionVector.storageType", "VARCHAR"},
    {"add.deletionVector.pathOrInlineDv", "VARCHAR"},
    {"add.deletionVector.offset", "BIGINT"},
    {"add.deletionVector.sizeInBytes", "BIGINT"},
    {"add.deletionVector.cardinality", "BIGINT"},
    {"add.baseRowId", "BIGINT"},
    {"add.defaultRowCommitVersion", "BIGINT"},
    {"add.clusteringProvider", "VARCHAR"},
    {"add.tags", kTextMap},
    {"add", ""},
    {"remove.path", "VARCHAR"},
    {"remove.partitionValues", kTextMap},
    {"remove.size", "BIGINT"},
    {"remove.deletionTimestamp", "BIGINT"},
    {"remove.dataChange", "BOOLEAN"},
    {"remove.deletionVector.storageType", "VARCHAR"},
    {"remove.deletionVector.pathOrInlineDv", "VARCHAR"},
    {"remove.deletionVector.offset", "BIGINT"},
    {"remove.deletionVector.sizeInBytes", "BIGINT"},
    {"remove.deletionVector.cardinality", "BIGINT"},
    {"remove.baseRowId", "BIGINT"},
    {"remove.defaultRowCommitVersion", "BIGINT"},
    {"remove.tags", kTextMap},
    {"remove", ""},
    {"metaData", "JSON"},
    {"protocol", "JSON"},
    {"txn", "JSON"},
    {"domainMetadata", "JSON"},
    {"sidecar", "JSON"},
    {"checkpointMetadata", "JSON"},
};
static_assert(std::size(kRead) == static_cast<size_t>(CheckpointColumn::kCount));

// Fields of add and remove that are no unknown ones.
constexpr std::string_view kKnownFields[] = {
    "path",
    "partitionValues",
    "size",
    "modificationTime",
    "dataChange",
    "stats",
    "stats_parsed",
    "partitionValues_parsed",
    "tags",
    "deletionVector",
    "baseRowId",
    "defaultRowCommitVersion",
    "clusteringProvider",
    "deletionTimestamp",
    "extendedFileMetadata",
};

// The field at a path of names with dots; null when there is none.
const DataType* TypeAt(const Schema& columns, std::string_view path) {
  const Schema* fields = &columns;
  while (true) {
    const std::string_view name = path.substr(0, path.find('.'));
    const Field* field = FindField(*fields, name);
    if (field == nullptr || name.size() == path.size()) return field ? &field->type : nullptr;
    if (field->type.id != TypeId::kStruct) return nullptr;
    path.remove_prefix(name.size() + 1);
    fields = &field->type.fields;
  }
}

// add.deletionVector.offset → "add"."deletionVector"."offset"
std::string Reference(std::string_view path) {
  std::string sql;
  while (true) {
    const std::string_view name = path.substr(0, path.find('.'));
    sql += (sql.empty() ? "" : ".") + QuoteIdentifier(std::string(name));
    if (name.size() == path.size()) return sql;
    path.remove_prefix(name.size() + 1);
  }
}

// The value in the form that statistics have in JSON.
std::string StatisticSql(const std::string& value, const DataType& type) {
  switch (type.id) {
    case TypeId::kStruct: {
      std::string fields;
      for (const Field& field : type.fields) {
        fields += (fields.empty() ? "" : ", ") + QuoteLiteral(field.name) + ": " +
                  StatisticSql(value + "." + QuoteIdentifier(field.name), field.type);
      }
      if (fields.empty()) return "NULL";
      return "CASE WHEN " + value + " IS NOT NULL THEN {" + fields + "} END";
    }
    case TypeId::kTimestamp:  // whatever time zone the session has
      return "strftime(make_timestamp(epoch_us(" + value + ")), '%Y-%m-%dT%H:%M:%S.%fZ')";
    case TypeId::kTimestampNtz:
      return "strftime(" + value + ", '%Y-%m-%dT%H:%M:%S.%f')";
    case TypeId::kDate:
      return "CAST(" + value + " AS VARCHAR)";
    case TypeId::kFloat:
    case TypeId::kDouble:
      return "CASE WHEN isfinite(" + value + ") THEN " + value + " END";
    case TypeId::kBinary:
      return "NULL";
    default:
      return value;
  }
}

std::string StatsSql(const Schema& columns) {
  constexpr std::string_view kText = "add.stats";
  constexpr std::string_view kStruct = "add.stats_parsed";
  const DataType* parsed = TypeAt(columns, kStruct);
  if (TypeAt(columns, kText) != nullptr || parsed == nullptr || parsed->id != TypeId::kStruct) {
    return TypeAt(columns, kText) == nullptr ? "NULL::VARCHAR"
                                             : "CAST(" + Reference(kText) + " AS VARCHAR)";
  }
  const std::string value = Reference(kStruct);
  return "CASE WHEN " + value + " IS NOT NULL THEN CAST(to_json(" + StatisticSql(value, *parsed) +
         ") AS VARCHAR) END";
}

// The fields that this program does not know, as a JSON object.
std::string ExtraSql(const Schema& columns, std::string_view action) {
  const DataType* type = TypeAt(columns, action);
  std::string fields;
  if (type != nullptr && type->id == TypeId::kStruct) {
    for (const Field& field : type->fields) {
      if (IsKnownFileField(field.name)) continue;
      fields += (fields.empty() ? "" : ", ") + QuoteLiteral(field.name) + ": " + Reference(action) +
                "." + QuoteIdentifier(field.name);
    }
  }
  return fields.empty() ? "NULL::VARCHAR" : "CAST(to_json({" + fields + "}) AS VARCHAR)";
}

std::string ReadSql(const Schema& columns, const ReadColumn& column) {
  if (column.path == "add.stats") return StatsSql(columns);
  if (column.type.empty()) return ExtraSql(columns, column.path);
  if (column.type == "JSON") {
    if (TypeAt(columns, column.path) == nullptr) return "NULL::VARCHAR";
    const std::string value = Reference(column.path);
    return "CASE WHEN " + value + " IS NOT NULL THEN CAST(to_json(" + value + ") AS VARCHAR) END";
  }
  const std::string type(column.type);
  if (TypeAt(columns, column.path) == nullptr) return "NULL::" + type;
  return "CAST(" + Reference(column.path) + " AS " + type + ")";
}

}  // namespace

std::string CheckpointRowsSql(const std::string& relation, const Schema& columns) {
  std::string list;
  for (const ReadColumn& column : kRead) {
    list += (list.empty() ? "" : ", ") + ReadSql(columns, column);
  }
  return "SELECT " + list + " FROM " + relation;
}

bool IsKnownFileField(std::string_view name) {
  return std::find(std::begin(kKnownFields), std::end(kKnownFields), name) !=
         std::end(kKnownFields);
}

}  // namespace penstock::lake
