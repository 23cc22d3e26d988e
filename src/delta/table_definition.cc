#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "delta/table.h"
#include "delta/table_features.h"

namespace penstock::delta {

namespace {

void KeepFieldMetadata(const Json& before, Json& after);

// Types of columns and of their parts; only structs have fields with metadata of their own.
void KeepInType(const Json& before, Json& after) {
  if (!before.is_object() || !after.is_object()) return;
  for (const char* part : {"elementType", "keyType", "valueType"}) {
    if (before.contains(part) && after.contains(part)) KeepInType(before[part], after[part]);
  }
  if (!before.contains("fields") || !after.contains("fields")) return;
  for (Json& field : after["fields"]) {
    for (const Json& old : before["fields"]) {
      if (old["name"] == field["name"]) KeepFieldMetadata(old, field);
    }
  }
}

void KeepFieldMetadata(const Json& before, Json& after) {
  const Json& type = before.contains("type") ? before["type"] : Json();
  KeepInType(type, after["type"]);
  if (type.is_string() && type != after["type"]) return;
  if (!before.contains("metadata") || !before["metadata"].is_object()) return;
  for (const auto& [key, value] : before["metadata"].items()) {
    if (key != "comment") after["metadata"][key] = value;
  }
}

}  // namespace

Protocol RequiredProtocol(const Metadata& metadata) { return RaisedProtocol(Protocol{}, metadata); }

Metadata NewMetadata(const Schema& schema, std::vector<std::string> partition_columns,
                     Configuration configuration, std::optional<std::string> description,
                     int64_t now_ms) {
  Metadata metadata;
  metadata.id = NewUuid();
  metadata.description = std::move(description);
  metadata.schema = schema;
  metadata.schema_string = SchemaToJson(schema);
  metadata.partition_columns = std::move(partition_columns);
  metadata.configuration = std::move(configuration);
  metadata.created_time_ms = now_ms;
  return metadata;
}

RemoveFile RemovalOf(const AddFile& file, int64_t now_ms, bool data_change) {
  RemoveFile remove;
  remove.path = file.path;
  remove.deletion_timestamp_ms = now_ms;
  remove.data_change = data_change;
  remove.partition_values = file.partition_values;
  remove.size = file.size;
  remove.deletion_vector = file.deletion_vector;
  remove.base_row_id = file.base_row_id;
  remove.default_row_commit_version = file.default_row_commit_version;
  remove.tags = file.tags;
  return remove;
}

void ChangeSchema(const Snapshot& base, const Schema& schema, Change& change) {
  change.metadata = base.metadata();
  change.metadata->schema = schema;
  Json after = Json::parse(SchemaToJson(schema));
  const Result<Json> before = ParseJson(base.metadata().schema_string, "the stored schema");
  if (before.ok()) KeepInType(*before, after);
  change.metadata->schema_string = DumpJson(after);
  Protocol raised = RaisedProtocol(base.protocol(), *change.metadata);
  if (raised != base.protocol()) change.protocol = std::move(raised);
}

}  // namespace penstock::delta
