#include <algorithm>
#include <utility>

#include "base/text.h"
#include "delta/table.h"

namespace penstock::delta {

namespace {

bool Contains(const std::vector<Field>& fields, TypeId id) {
  return std::any_of(fields.begin(), fields.end(), [id](const Field& field) {
    return field.type.id == id || Contains(field.type.fields, id);
  });
}

}  // namespace

Protocol RequiredProtocol(const Schema& schema) {
  if (!Contains(schema, TypeId::kTimestampNtz)) return Protocol{};
  // Writer 7 follows only what is named, so what version 2 implied is named too.
  return Protocol{3, 7, {"timestampNtz"}, {"appendOnly", "invariants", "timestampNtz"}};
}

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

}  // namespace penstock::delta
