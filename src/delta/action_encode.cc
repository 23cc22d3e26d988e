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

Json ToJson(const DeletionVector& vector) {
  Json json{{"storageType", vector.storage_type},
            {"pathOrInlineDv", vector.path_or_inline},
            {"sizeInBytes", vector.size_in_bytes},
            {"cardinality", vector.cardinality}};
  SetIfPresent(json, "offset", vector.offset);
  return json;
}

// What add and remove have in common.
template <typename File>
void SetFileFields(Json& json, const File& file) {
  if (file.deletion_vector) json["deletionVector"] = ToJson(*file.deletion_vector);
  SetIfPresent(json, "baseRowId", file.base_row_id);
  SetIfPresent(json, "defaultRowCommitVersion", file.default_row_commit_version);
  if (!file.tags.empty()) json["tags"] = file.tags;
}

Json ExtraOf(const Json& extra) { return extra.is_object() ? extra : Json::object(); }

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
    Json json = ExtraOf(metadata.extra);
    json["id"] = metadata.id;
    json["format"] = {{"provider", metadata.format_provider}, {"options", Json::object()}};
    json["schemaString"] =
        metadata.schema_string.empty() ? SchemaToJson(metadata.schema) : metadata.schema_string;
    json["partitionColumns"] = metadata.partition_columns;
    json["configuration"] = metadata.configuration;
    SetIfPresent(json, "name", metadata.name);
    SetIfPresent(json, "description", metadata.description);
    SetIfPresent(json, "createdTime", metadata.created_time_ms);
    return Json{{"metaData", std::move(json)}};
  }

  Json operator()(const AddFile& add) const {
    Json json = ExtraOf(add.extra);
    json["path"] = add.path;
    json["partitionValues"] = ToJson(add.partition_values);
    json["size"] = add.size;
    json["modificationTime"] = add.modification_time_ms;
    json["dataChange"] = add.data_change;
    if (!add.stats.empty()) json["stats"] = add.stats;
    SetIfPresent(json, "clusteringProvider", add.clustering_provider);
    SetFileFields(json, add);
    return Json{{"add", std::move(json)}};
  }

  Json operator()(const RemoveFile& remove) const {
    Json json = ExtraOf(remove.extra);
    json["path"] = remove.path;
    json["dataChange"] = remove.data_change;
    SetFileFields(json, remove);
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

  Json operator()(const AddCdcFile& cdc) const {
    Json json{{"path", cdc.path},
              {"partitionValues", ToJson(cdc.partition_values)},
              {"size", cdc.size},
              {"dataChange", false}};
    if (!cdc.tags.empty()) json["tags"] = cdc.tags;
    return Json{{"cdc", std::move(json)}};
  }

  Json operator()(const DomainMetadata& domain) const {
    return Json{{"domainMetadata",
                 {{"domain", domain.domain},
                  {"configuration", domain.configuration},
                  {"removed", domain.removed}}}};
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

namespace {

// The time of the commit stands first in it, where readers find it without reading on.
std::string LineOf(const CommitInfo& info) {
  Json json = Encoder{}(info);
  Json& body = json["commitInfo"];
  const auto time = body.find("inCommitTimestamp");
  if (time == body.end()) return DumpJson(json);
  const std::string first = "{\"commitInfo\":{\"inCommitTimestamp\":" + DumpJson(*time) + ",";
  body.erase(time);
  return first + DumpJson(body).substr(1) + "}";
}

}  // namespace

std::string EncodeCommit(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) {
    const auto* info = std::get_if<CommitInfo>(&action);
    text += info != nullptr ? LineOf(*info) : DumpJson(std::visit(Encoder{}, action));
    text += '\n';
  }
  return text;
}

}  // namespace penstock::delta
