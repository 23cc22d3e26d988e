#include <algorithm>
#include <initializer_list>

#include "base/text.h"
#include "delta/action_json.h"
#include "delta/json_document.h"
#include "delta/table.h"

namespace penstock::delta {

namespace {

Error Corrupt(const std::string& message) {
  return DataError("CORRUPT_LOG", message,
                   "Restore the file from a copy; the table cannot be read past a damaged commit.");
}

Error MissingField(std::string_view action, std::string_view field) {
  return Corrupt("the action '" + std::string(action) + "' has no usable '" + std::string(field) +
                 "'");
}

// Null values stay null; what is neither text nor null makes the whole unusable.
std::optional<PartitionValues> ToPartitionValues(JsonElement json) {
  PartitionValues values;
  const auto members = json.Members();
  if (!members) return json.IsNull() ? std::optional(values) : std::nullopt;
  for (const auto& [name, value] : *members) {
    std::optional<std::string> text = value.String();
    if (!text && !value.IsNull()) return std::nullopt;
    values.insert_or_assign(name, std::move(text));
  }
  return values;
}

std::optional<std::vector<std::string>> ToStrings(JsonElement json) {
  std::vector<std::string> strings;
  const auto list = json.Array();
  if (!list) return json.IsNull() ? std::optional(strings) : std::nullopt;
  for (const JsonElement& element : *list) {
    std::optional<std::string> text = element.String();
    if (!text) return std::nullopt;
    strings.push_back(std::move(*text));
  }
  return strings;
}

std::optional<Configuration> ToConfiguration(JsonElement json) {
  Configuration configuration;
  const auto members = json.Members();
  if (!members) return json.IsNull() ? std::optional(configuration) : std::nullopt;
  for (const auto& [key, value] : *members) {
    std::optional<std::string> text = value.String();
    if (!text && !value.IsNull()) return std::nullopt;
    if (text) configuration.insert_or_assign(key, std::move(*text));  // delta-rs wrote nulls once
  }
  return configuration;
}

// The members that this program does not know, so that they survive a rewriting; null when none.
Json UnknownMembers(JsonElement json, std::initializer_list<std::string_view> known) {
  Json unknown;
  const auto members = json.Members();
  if (!members) return unknown;
  for (const auto& [name, value] : *members) {
    if (std::find(known.begin(), known.end(), name) == known.end()) unknown[name] = value.ToJson();
  }
  return unknown;
}

// Null: there is none. BAD when it has no usable field.
Result<std::optional<DeletionVector>> DecodeDeletionVector(JsonElement json,
                                                           std::string_view action) {
  if (json.IsNull()) return std::optional<DeletionVector>();
  DeletionVector vector;
  const auto storage_type = json["storageType"].String();
  const auto path_or_inline = json["pathOrInlineDv"].String();
  const auto size = json["sizeInBytes"].Int();
  const auto cardinality = json["cardinality"].Int();
  vector.offset = json["offset"].Int();
  if (!storage_type) return MissingField(action, "deletionVector.storageType");
  if (!path_or_inline) return MissingField(action, "deletionVector.pathOrInlineDv");
  if (!size || *size < 0) return MissingField(action, "deletionVector.sizeInBytes");
  if (!cardinality || *cardinality < 0) return MissingField(action, "deletionVector.cardinality");
  if (vector.offset.value_or(0) < 0) return MissingField(action, "deletionVector.offset");
  vector.storage_type = *storage_type;
  vector.path_or_inline = *path_or_inline;
  vector.size_in_bytes = *size;
  vector.cardinality = *cardinality;
  return std::optional(std::move(vector));
}

Result<Action> DecodeProtocol(JsonElement json) {
  constexpr int64_t kHighest = 1 << 30;
  Protocol protocol;
  const auto reader = json["minReaderVersion"].Int();
  const auto writer = json["minWriterVersion"].Int();
  if (!reader || *reader < 0 || *reader > kHighest)
    return MissingField("protocol", "minReaderVersion");
  if (!writer || *writer < 0 || *writer > kHighest)
    return MissingField("protocol", "minWriterVersion");
  const auto reader_features = ToStrings(json["readerFeatures"]);
  const auto writer_features = ToStrings(json["writerFeatures"]);
  if (!reader_features) return MissingField("protocol", "readerFeatures");
  if (!writer_features) return MissingField("protocol", "writerFeatures");
  protocol.min_reader_version = static_cast<int>(*reader);
  protocol.min_writer_version = static_cast<int>(*writer);
  protocol.reader_features = *reader_features;
  protocol.writer_features = *writer_features;
  return Action(std::move(protocol));
}

Result<Action> DecodeMetadata(JsonElement json) {
  Metadata metadata;
  const auto schema = json["schemaString"].String();
  if (!schema) return MissingField("metaData", "schemaString");
  ASSIGN_OR_RETURN(metadata.schema, SchemaFromJson(*schema));
  const auto partition_columns = ToStrings(json["partitionColumns"]);
  if (!partition_columns) return MissingField("metaData", "partitionColumns");
  const auto configuration = ToConfiguration(json["configuration"]);
  if (!configuration) return MissingField("metaData", "configuration");
  metadata.schema_string = *schema;
  metadata.partition_columns = *partition_columns;
  metadata.configuration = *configuration;
  metadata.id = json["id"].String().value_or("");
  metadata.name = json["name"].String();
  metadata.description = json["description"].String();
  metadata.format_provider = json["format"]["provider"].String().value_or("parquet");
  metadata.created_time_ms = json["createdTime"].Int();
  metadata.extra = UnknownMembers(json, {"id", "name", "description", "format", "schemaString",
                                         "partitionColumns", "configuration", "createdTime"});
  return Action(std::move(metadata));
}

Result<Action> DecodeAdd(JsonElement json) {
  AddFile add;
  const auto path = json["path"].String();
  if (!path || path->empty()) return MissingField("add", "path");
  const auto partition_values = ToPartitionValues(json["partitionValues"]);
  if (!partition_values) return MissingField("add", "partitionValues");
  const auto size = json["size"].Int();
  if (!size || *size < 0) return MissingField("add", "size");
  add.path = *path;
  add.partition_values = *partition_values;
  add.size = *size;
  const JsonElement modified = json["modificationTime"];
  if (!modified.IsNull() && !modified.Int()) return MissingField("add", "modificationTime");
  add.modification_time_ms = modified.Int().value_or(0);
  add.data_change = json["dataChange"].Bool().value_or(true);
  add.stats = json["stats"].String().value_or("");
  ASSIGN_OR_RETURN(add.deletion_vector, DecodeDeletionVector(json["deletionVector"], "add"));
  add.base_row_id = json["baseRowId"].Int();
  add.default_row_commit_version = json["defaultRowCommitVersion"].Int();
  add.clustering_provider = json["clusteringProvider"].String();
  const auto tags = ToConfiguration(json["tags"]);
  if (!tags) return MissingField("add", "tags");
  add.tags = *tags;
  add.extra = UnknownMembers(
      json, {"path", "partitionValues", "size", "modificationTime", "dataChange", "stats",
             "deletionVector", "baseRowId", "defaultRowCommitVersion", "clusteringProvider", "tags",
             "stats_parsed", "partitionValues_parsed"});
  RETURN_IF_ERROR(CheckFileAction(add));
  return Action(std::move(add));
}

Result<Action> DecodeRemove(JsonElement json) {
  RemoveFile remove;
  const auto path = json["path"].String();
  if (!path || path->empty()) return MissingField("remove", "path");
  const auto partition_values = ToPartitionValues(json["partitionValues"]);
  if (!partition_values) return MissingField("remove", "partitionValues");
  remove.path = *path;
  remove.partition_values = *partition_values;
  remove.deletion_timestamp_ms = json["deletionTimestamp"].Int();
  remove.data_change = json["dataChange"].Bool().value_or(true);
  remove.size = json["size"].Int();
  ASSIGN_OR_RETURN(remove.deletion_vector, DecodeDeletionVector(json["deletionVector"], "remove"));
  remove.base_row_id = json["baseRowId"].Int();
  remove.default_row_commit_version = json["defaultRowCommitVersion"].Int();
  const auto tags = ToConfiguration(json["tags"]);
  if (!tags) return MissingField("remove", "tags");
  remove.tags = *tags;
  remove.extra =
      UnknownMembers(json, {"path", "partitionValues", "size", "deletionTimestamp", "dataChange",
                            "stats", "extendedFileMetadata", "deletionVector", "baseRowId",
                            "defaultRowCommitVersion", "tags"});
  RETURN_IF_ERROR(CheckFileAction(remove));
  return Action(std::move(remove));
}

Result<Action> DecodeCdc(JsonElement json) {
  AddCdcFile cdc;
  const auto path = json["path"].String();
  if (!path || path->empty()) return MissingField("cdc", "path");
  const auto partition_values = ToPartitionValues(json["partitionValues"]);
  if (!partition_values) return MissingField("cdc", "partitionValues");
  const auto tags = ToConfiguration(json["tags"]);
  if (!tags) return MissingField("cdc", "tags");
  cdc.path = *path;
  cdc.partition_values = *partition_values;
  cdc.size = json["size"].Int().value_or(0);
  cdc.tags = *tags;
  return Action(std::move(cdc));
}

Result<Action> DecodeDomain(JsonElement json) {
  DomainMetadata domain;
  const auto name = json["domain"].String();
  if (!name) return MissingField("domainMetadata", "domain");
  domain.domain = *name;
  domain.configuration = json["configuration"].String().value_or("");
  domain.removed = json["removed"].Bool().value_or(false);
  return Action(std::move(domain));
}

Result<Action> DecodeTransaction(JsonElement json) {
  SetTransaction transaction;
  const auto app_id = json["appId"].String();
  if (!app_id) return MissingField("txn", "appId");
  const auto version = json["version"].Int();
  if (!version) return MissingField("txn", "version");
  transaction.app_id = *app_id;
  transaction.version = *version;
  transaction.last_updated_ms = json["lastUpdated"].Int();
  return Action(std::move(transaction));
}

// Free-form by the protocol: a usual name with an unusual type counts as not set, other names are
// kept.
Result<Action> DecodeCommitInfo(JsonElement json) {
  CommitInfo info;
  const auto members = json.Members();
  if (!members) return MissingField("commitInfo", "object");
  for (const auto& [key, value] : *members) {
    if (key == "timestamp") {
      info.timestamp_ms = value.Int().value_or(0);
    } else if (key == "operation") {
      info.operation = value.String().value_or("");
    } else if (key == "operationParameters") {
      info.operation_parameters = value.ToJson();
    } else if (key == "operationMetrics") {
      info.operation_metrics = value.ToJson();
    } else if (key == "engineInfo") {
      info.engine_info = value.String().value_or("");
    } else if (key == "isBlindAppend") {
      info.is_blind_append = value.Bool();
    } else if (key == "readVersion") {
      info.read_version = value.Int();
    } else {
      info.extra[key] = value.ToJson();
    }
  }
  return Action(std::move(info));
}

struct Kind {
  std::string_view name;
  Result<Action> (*decode)(JsonElement);
};

constexpr Kind kKinds[] = {
    {"add", DecodeAdd},         {"remove", DecodeRemove},         {"commitInfo", DecodeCommitInfo},
    {"txn", DecodeTransaction}, {"metaData", DecodeMetadata},     {"protocol", DecodeProtocol},
    {"cdc", DecodeCdc},         {"domainMetadata", DecodeDomain},
};

Status DecodeLine(JsonDocument& document, std::string_view line, std::vector<Action>& actions) {
  ASSIGN_OR_RETURN(const JsonElement root, document.Parse(line, "the line"));
  if (!root.IsObject()) return Corrupt("the line is not a JSON object");
  for (const Kind& kind : kKinds) {
    const JsonElement body = root[kind.name];
    if (body.IsNull()) continue;
    ASSIGN_OR_RETURN(Action action, kind.decode(body));
    actions.push_back(std::move(action));
  }
  return OkStatus();
}

// Whether a relative path has a part "..": absolute ones are those of shallow clones.
bool LeadsOut(std::string_view path) {
  if (path.find("..") == path.npos && path.find('%') == path.npos) return false;
  const std::string decoded = PercentDecode(path);
  if (decoded.starts_with('/') || decoded.find(":/") != decoded.npos) return false;
  for (std::string_view rest = decoded; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (part == "..") return true;
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  return false;
}

template <typename File>
Status CheckFile(const File& file, std::string_view action, int64_t size) {
  if (file.path.empty()) return MissingField(action, "path");
  if (size < 0) return MissingField(action, "size");
  if (!LeadsOut(file.path)) return OkStatus();
  return Corrupt("the action '" + std::string(action) + "' has a 'path' out of the table: '" +
                 file.path + "'");
}

}  // namespace

Status CheckFileAction(const AddFile& add) { return CheckFile(add, "add", add.size); }

Status CheckFileAction(const RemoveFile& remove) {
  return CheckFile(remove, "remove", remove.size.value_or(0));
}

Result<std::vector<Action>> DecodeCommit(std::string_view text, std::string_view file) {
  std::vector<Action> actions;
  JsonDocument document;
  int64_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    if (Status status = DecodeLine(document, line, actions); !status.ok()) {
      Error error = std::move(status).error();
      if (error.code == "BAD_JSON") error = Corrupt(error.message);
      return std::move(error).Because(std::string(file) + ", line " + std::to_string(number));
    }
  }
  return actions;
}

}  // namespace penstock::delta
