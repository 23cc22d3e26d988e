#include "run/target.h"

#include "base/json.h"
#include "base/text.h"
#include "delta/table_features.h"
#include "run/binder.h"
#include "run/flow_state.h"
#include "run/table_reference.h"

namespace penstock::run {
namespace {

constexpr char kMappingKey[] = "delta.columnMapping.mode";

std::string KindWord(model::DatasetKind kind) {
  return kind == model::DatasetKind::kStreamingTable ? "streaming_table" : "materialized_view";
}

bool Adopts(const model::Dataset& dataset) {
  const auto found = dataset.properties.find(kAdoptKey);
  return found != dataset.properties.end() && EqualsIgnoreCase(found->second, "true");
}

Status CheckOwner(const Workspace& workspace, const model::Dataset& dataset,
                  const delta::Snapshot& snapshot) {
  const auto& configuration = snapshot.metadata().configuration;
  const std::string owner = ValueOf(configuration, kPipelineKey);
  const std::string name = model::ToString(dataset.name);
  if (owner != workspace.project.name) {
    if (Adopts(dataset)) return OkStatus();
    return UserError("TABLE_NOT_OURS",
                     "the table " + name + " exists already and was made by " +
                         (owner.empty() ? "another tool" : "the pipeline \"" + owner + "\""),
                     "Give yours another name, drop the table (penstock table drop " + name +
                         "), or take it over: TBLPROPERTIES ('" + kAdoptKey + "' = 'true').")
        .At(dataset.where);
  }
  const std::string kind = ValueOf(configuration, kKindKey);
  if (kind != KindWord(dataset.kind)) {
    return UserError("TABLE_KIND_CHANGED",
                     name + " exists as a " + kind + " and is now defined as a " +
                         std::string(model::ToString(dataset.kind)),
                     "Drop the table first (penstock table drop " + name +
                         "), or give the new one another name.")
        .At(dataset.where);
  }
  return OkStatus();
}

bool SameNames(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!EqualsIgnoreCase(a[i], b[i])) return false;
  }
  return true;
}

// The user's properties, without those that only steer Penstock.
delta::Configuration Properties(const model::Dataset& dataset) {
  delta::Configuration properties(dataset.properties.begin(), dataset.properties.end());
  properties.erase(kAdoptKey);
  return properties;
}

bool IsMapped(const delta::Configuration& properties) {
  const std::string mode = ValueOf(properties, kMappingKey);
  return !mode.empty() && !EqualsIgnoreCase(mode, "none");
}

// Columns get their ids and physical names by statements only: updates leave them as they are.
Status CheckMapping(const model::Dataset& dataset, const Schema& columns, const Target& target) {
  const bool is_mapped =
      target.snapshot != nullptr && IsMapped(target.snapshot->metadata().configuration);
  if (!is_mapped && IsMapped(Properties(dataset))) {
    return UserError("UNSUPPORTED_PROPERTY",
                     model::ToString(dataset.name) + " sets " + kMappingKey +
                         ", but an update gives the columns of its tables no other names in files",
                     "Leave the property out.")
        .At(dataset.where);
  }
  if (!is_mapped || columns == target.snapshot->metadata().schema) return OkStatus();
  return UserError("UNSUPPORTED_SCHEMA_CHANGE",
                   "the columns of " + model::ToString(dataset.name) +
                       " changed, and their names are mapped (" + kMappingKey + ")",
                   "Undo the change, or DROP TABLE it in penstock sql and update it again.")
      .At(dataset.where);
}

}  // namespace

std::string ValueOf(const delta::Configuration& configuration, const char* key) {
  const auto found = configuration.find(key);
  return found == configuration.end() ? "" : found->second;
}

bool Target::Replaces() const {
  if (snapshot == nullptr) return false;
  const std::string present = ValueOf(snapshot->metadata().configuration, kGenerationKey);
  return !present.empty() && present != generation;
}

bool Target::IsEmpty() const { return snapshot != nullptr && snapshot->NumFiles() == 0; }

Result<Target> OpenTarget(Workspace& workspace, const model::Dataset& dataset) {
  Target target;
  if (dataset.location) {
    const std::string path = PlaceOf(workspace, *dataset.location);
    RETURN_IF_ERROR(workspace.catalog->RegisterExternal(dataset.name, path));
  }
  ASSIGN_OR_RETURN(target.table, workspace.catalog->Open(dataset.name));
  target.path = target.table->path();
  ASSIGN_OR_RETURN(const bool exists, target.table->Exists());
  if (!exists) return target;
  ASSIGN_OR_RETURN(target.snapshot, target.table->Latest());
  RETURN_IF_ERROR(CheckOwner(workspace, dataset, *target.snapshot));
  Status writable = delta::CheckWritable(target.snapshot->protocol(), target.snapshot->metadata());
  if (!writable.ok()) return std::move(writable).error().At(dataset.where);
  return target;
}

Result<std::vector<std::string>> PartitionColumns(const model::Dataset& dataset,
                                                  const Schema& columns) {
  std::vector<std::string> names;
  for (const std::string& name : dataset.partitioned_by) {
    const Field* field = FindField(columns, name);
    if (field == nullptr) {
      return UserError("COLUMN_NOT_FOUND",
                       "PARTITIONED BY names the column " + name + ", which " +
                           model::ToString(dataset.name) + " does not have",
                       "Name one of: " + penstock::ToString(columns))
          .At(dataset.where);
    }
    names.push_back(field->name);
  }
  return names;
}

Result<Schema> NextColumns(const model::Dataset& dataset, const Schema& given, const Target& target,
                           bool replace) {
  if (target.snapshot == nullptr || replace || target.IsEmpty()) return given;
  return MergeColumns(target.snapshot->metadata().schema, given, model::ToString(dataset.name),
                      dataset.where);
}

Result<std::optional<source::Batch>> ReflectedVersions(const delta::Snapshot& snapshot) {
  const auto& configuration = snapshot.metadata().configuration;
  const auto recorded = configuration.find(kSourcesKey);
  if (recorded == configuration.end()) return std::optional<source::Batch>();
  ASSIGN_OR_RETURN(const Json sources, ParseJson(recorded->second, kSourcesKey));
  source::Batch versions;
  for (const auto& [source, state] : sources.items()) {
    if (!state.contains("version")) continue;
    versions.statics[source] = state["version"].get<int64_t>();
  }
  return std::optional<source::Batch>(std::move(versions));
}

Result<std::optional<delta::Metadata>> NextMetadata(const model::Dataset& dataset,
                                                    const Schema& columns, const Target& target,
                                                    const std::string& pipeline,
                                                    const delta::Configuration& own, bool replace,
                                                    int64_t now_ms) {
  delta::Configuration configuration = Properties(dataset);
  for (const auto& [key, value] : own) configuration[key] = value;
  configuration[kPipelineKey] = pipeline;
  configuration[kKindKey] = KindWord(dataset.kind);
  std::optional<std::string> description;
  if (!dataset.comment.empty()) description = dataset.comment;
  ASSIGN_OR_RETURN(std::vector<std::string> partitions, PartitionColumns(dataset, columns));
  delta::Metadata fresh =
      delta::NewMetadata(columns, partitions, configuration, description, now_ms);
  RETURN_IF_ERROR(CheckMapping(dataset, columns, target));
  if (target.snapshot == nullptr) return std::optional<delta::Metadata>{std::move(fresh)};

  const delta::Metadata& present = target.snapshot->metadata();
  if (!replace && !target.IsEmpty() && !SameNames(present.partition_columns, partitions)) {
    return UserError("PARTITIONING_CHANGED",
                     "the partition columns of " + model::ToString(dataset.name) +
                         " differ from those of the table",
                     "Rebuild it with --full-refresh, or undo the change.")
        .At(dataset.where);
  }
  // What other tools set about the table (delta.…) stays.
  for (const auto& [key, value] : present.configuration) {
    if (key.starts_with("delta.")) fresh.configuration.emplace(key, value);
  }
  fresh.id = present.id;
  fresh.name = present.name;
  fresh.created_time_ms = present.created_time_ms;
  if (columns == present.schema) fresh.schema_string = present.schema_string;
  if (fresh == present) return std::optional<delta::Metadata>{};
  return std::optional<delta::Metadata>{std::move(fresh)};
}

}  // namespace penstock::run
