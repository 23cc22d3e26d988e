#include "base/json.h"
#include "delta/action_json.h"
#include "delta/table.h"

namespace penstock::delta {

namespace {

template <typename T>
void SetIfPresent(Json& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}

Json ToJson(const PartitionValues& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = value ? Json(*value) : Json();
  return object;
}

struct Encoder {
  Json operator()(const Protocol& protocol) const {
    Json json{{"minReaderVersion", protocol.min_reader_version},
              {"minWriterVersion", protocol.min_writer_version}};
    const auto& reader = protocol.reader_features;
    const auto& writer = protocol.writer_features;
    if (protocol.min_reader_version >= 3 || !reader.empty()) json["readerFeatures"] = reader;
    if (protocol.min_writer_version >= 7 || !writer.empty()) json["writerFeatures"] = writer;
    return Json{{"protocol", std::move(json)}};
  }

  Json operator()(const Metadata& metadata) const {
    Json json{{"id", metadata.id},
              {"format", {{"provider", metadata.format_provider}, {"options", Json::object()}}},
              {"schemaString", metadata.schema_string.empty() ? SchemaToJson(metadata.schema)
                                                              : metadata.schema_string},
              {"partitionColumns", metadata.partition_columns},
              {"configuration", metadata.configuration}};
    SetIfPresent(json, "name", metadata.name);
    SetIfPresent(json, "description", metadata.description);
    SetIfPresent(json, "createdTime", metadata.created_time_ms);
    return Json{{"metaData", std::move(json)}};
  }

  Json operator()(const AddFile& add) const {
    Json json{{"path", add.path},
              {"partitionValues", ToJson(add.partition_values)},
              {"size", add.size},
              {"modificationTime", add.modification_time_ms},
              {"dataChange", add.data_change}};
    if (!add.stats.empty()) json["stats"] = add.stats;
    if (!add.deletion_vector.is_null()) json["deletionVector"] = add.deletion_vector;
    return Json{{"add", std::move(json)}};
  }

  Json operator()(const RemoveFile& remove) const {
    Json json{{"path", remove.path}, {"dataChange", remove.data_change}};
    SetIfPresent(json, "deletionTimestamp", remove.deletion_timestamp_ms);
    if (remove.size) {
      json["extendedFileMetadata"] = true;
      json["size"] = *remove.size;
    }
    if (remove.size || !remove.partition_values.empty()) {
      json["partitionValues"] = ToJson(remove.partition_values);
    }
    return Json{{"remove", std::move(json)}};
  }

  Json operator()(const SetTransaction& transaction) const {
    Json json{{"appId", transaction.app_id}, {"version", transaction.version}};
    SetIfPresent(json, "lastUpdated", transaction.last_updated_ms);
    return Json{{"txn", std::move(json)}};
  }

  Json operator()(const CommitInfo& info) const {
    Json json = info.extra.is_object() ? info.extra : Json::object();
    json["timestamp"] = info.timestamp_ms;
    json["operation"] = info.operation;
    json["operationParameters"] = info.operation_parameters;
    json["operationMetrics"] = info.operation_metrics;
    json["engineInfo"] = info.engine_info;
    SetIfPresent(json, "isBlindAppend", info.is_blind_append);
    SetIfPresent(json, "readVersion", info.read_version);
    return Json{{"commitInfo", std::move(json)}};
  }
};

}  // namespace

std::string EncodeCommit(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) {
    text += DumpJson(std::visit(Encoder{}, action));
    text += '\n';
  }
  return text;
}

}  // namespace penstock::delta
