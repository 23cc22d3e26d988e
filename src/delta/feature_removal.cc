#include "delta/feature_removal.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "delta/column_edit.h"
#include "delta/properties.h"
#include "delta/protocol_request.h"
#include "delta/row_tracking.h"
#include "delta/table_features.h"

namespace penstock::delta {

namespace {

Error CannotDrop(std::string_view feature, const std::string& why, const std::string& remedy) {
  return UserError("CANNOT_DROP_FEATURE",
                   "the feature '" + std::string(feature) + "' cannot be dropped: " + why, remedy);
}

using Traces = Status (*)(const TableState& table, Metadata* next);

Status NoTraces(const TableState&, Metadata*) { return OkStatus(); }

Status NoVectors(const TableState& table, Metadata* next) {
  next->configuration.erase("delta.enableDeletionVectors");
  const int64_t files = table.files.num_vectors();
  if (files == 0) return OkStatus();
  return CannotDrop("deletionVectors", std::to_string(files) + " files have one",
                    "Set 'delta.enableDeletionVectors' = 'false', run REORG TABLE … APPLY (PURGE), "
                    "then drop it.");
}

Status NoTypeChanges(const TableState&, Metadata* next) {
  next->configuration.erase("delta.enableTypeWidening");
  if (next->schema_string.find("\"delta.typeChanges\"") == std::string::npos) return OkStatus();
  return CannotDrop("typeWidening", "columns were widened, and files of the older types remain",
                    "Make the table anew: CREATE TABLE … AS SELECT.");
}

Status NoV2Policy(const TableState&, Metadata* next) {
  next->configuration.erase("delta.checkpointPolicy");
  return OkStatus();
}

Status NoConstraints(const TableState&, Metadata* next) {
  for (const auto& [key, condition] : next->configuration) {
    if (!key.starts_with("delta.constraints.")) continue;
    return CannotDrop("checkConstraints", "the table has " + key,
                      "Drop every constraint first: ALTER TABLE … DROP CONSTRAINT.");
  }
  return OkStatus();
}

// Physical names that are the columns' own need no mapping, unless columns were dropped, which the
// files still have.
Status Unmap(std::vector<TableColumn>* level, bool parts, int64_t* columns) {
  for (TableColumn& column : *level) {
    if (!parts) {
      ++*columns;
      if (PhysicalName(column) != column.name) {
        return CannotDrop("columnMapping",
                          "files have the column " + column.name + " under another name",
                          "Make the table anew: CREATE TABLE … AS SELECT.");
      }
      column.metadata.erase("delta.columnMapping.id");
      column.metadata.erase("delta.columnMapping.physicalName");
    }
    RETURN_IF_ERROR(Unmap(&column.children, column.type.id != TypeId::kStruct, columns));
  }
  return OkStatus();
}

Status NoMapping(const TableState&, Metadata* next) {
  ASSIGN_OR_RETURN(std::vector<TableColumn> columns, TableColumns(*next));
  int64_t count = 0;
  RETURN_IF_ERROR(Unmap(&columns, false, &count));
  const auto last = next->configuration.find("delta.columnMapping.maxColumnId");
  if (last != next->configuration.end() && last->second != std::to_string(count)) {
    return CannotDrop("columnMapping", "columns were dropped, which files still have",
                      "Make the table anew: CREATE TABLE … AS SELECT.");
  }
  next->configuration.erase("delta.columnMapping.mode");
  next->configuration.erase("delta.columnMapping.maxColumnId");
  next->schema_string = EncodeColumns(columns);
  return OkStatus();
}

Status NoDefaults(const TableState&, Metadata* next) {
  if (next->schema_string.find("\"CURRENT_DEFAULT\"") == std::string::npos) return OkStatus();
  return CannotDrop("allowColumnDefaults", "columns have defaults",
                    "Drop them first: ALTER TABLE … ALTER COLUMN … DROP DEFAULT.");
}

Status NoFeed(const TableState&, Metadata* next) {
  next->configuration.erase("delta.enableChangeDataFeed");
  return OkStatus();
}

Status NoDomains(const TableState& table, Metadata*) {
  if (table.domains == nullptr) return OkStatus();
  for (const auto& [name, domain] : *table.domains) {
    if (domain.removed) continue;
    return CannotDrop("domainMetadata", "the domain " + name + " is in use",
                      "Drop the feature that it belongs to first.");
  }
  return OkStatus();
}

Status NoNtz(const TableState&, Metadata* next) {
  if (!FindTableFeature("timestampNtz")->in_use(*next)) return OkStatus();
  return CannotDrop("timestampNtz", "the table has TIMESTAMP_NTZ columns",
                    "Drop those columns first.");
}

// The ids themselves go with the commit that drops the feature.
Status NoRowIds(const TableState&, Metadata* next) {
  for (const char* key : {"delta.enableRowTracking", "delta.rowTrackingSuspended",
                          kRowIdColumnProperty, kRowVersionColumnProperty}) {
    next->configuration.erase(key);
  }
  return OkStatus();
}

Status NoProtection(const TableState&, Metadata* next) {
  next->configuration.erase(kProtectionProperty);
  return OkStatus();
}

struct Removal {
  std::string_view feature;
  Traces traces;
  const char* domain = nullptr;  // goes with it
};
constexpr Removal kRemovals[] = {
    {"deletionVectors", NoVectors},
    {"typeWidening", NoTypeChanges},
    {"v2Checkpoint", NoV2Policy},
    {"checkConstraints", NoConstraints},
    {"columnMapping", NoMapping},
    {"allowColumnDefaults", NoDefaults},
    {"changeDataFeed", NoFeed},
    {"clustering", NoTraces, "delta.clustering"},
    {"domainMetadata", NoDomains},
    {"timestampNtz", NoNtz},
    {"vacuumProtocolCheck", NoTraces},
    {"rowTracking", NoRowIds, kRowTrackingDomain},
    {"checkpointProtection", NoProtection},
};

constexpr std::string_view kProtection = "checkpointProtection";

// Whether versions of before need the feature to be read, or those that may need it to be kept.
bool IsInHistory(std::string_view feature) {
  if (feature == kProtection) return true;
  return FindTableFeature(feature)->for_readers && feature != "vacuumProtocolCheck";
}

const Removal* FindRemoval(std::string_view feature) {
  const auto* found = std::find_if(std::begin(kRemovals), std::end(kRemovals),
                                   [&](const Removal& row) { return row.feature == feature; });
  return found == std::end(kRemovals) ? nullptr : found;
}

std::string FeatureNames(const Protocol& protocol) {
  std::string names;
  for (const TableFeature& feature : TableFeatures()) {
    if (HasFeature(protocol, feature.name)) {
      names += (names.empty() ? "" : ", ") + std::string(feature.name);
    }
  }
  return names;
}

// Another feature of the table that cannot be without this one, or empty.
std::string_view NeededBy(const Protocol& protocol, std::string_view feature) {
  for (const TableFeature& row : TableFeatures()) {
    if (row.requires_feature == feature && HasFeature(protocol, row.name)) return row.name;
  }
  return {};
}

bool HasVector(const Action& action) {
  const auto* add = std::get_if<AddFile>(&action);
  const auto* remove = std::get_if<RemoveFile>(&action);
  return (add != nullptr && add->deletion_vector) || (remove != nullptr && remove->deletion_vector);
}

}  // namespace

std::optional<Version> LastTrace(std::string_view name, const TableState& oldest,
                                 const std::vector<CommitEntry>& entries) {
  if (entries.empty()) return std::nullopt;
  const TableFeature* feature = FindTableFeature(name);
  // Metadata holds until the next one.
  Version holds_to = entries.front().version;
  for (const CommitEntry& entry : entries) {
    for (const Action& action : entry.actions) {
      if (name == "deletionVectors" && HasVector(action)) return entry.version;
    }
    for (const Action& action : entry.actions) {
      const auto* metadata = std::get_if<Metadata>(&action);
      if (metadata == nullptr) continue;
      if (feature->in_use(*metadata)) return holds_to;
      holds_to = entry.version - 1;
    }
  }
  if (holds_to >= oldest.version && feature->in_use(*oldest.metadata)) return holds_to;
  return std::nullopt;
}

bool CanDrop(std::string_view feature) { return FindRemoval(feature) != nullptr; }

Result<std::optional<Alteration>> PlanFeatureRemoval(const TableState& table,
                                                     const DropFeature& request) {
  std::string_view name;
  for (const TableFeature& feature : TableFeatures()) {
    if (EqualsIgnoreCase(feature.name, request.feature)) name = feature.name;
  }
  if (name.empty() || !HasFeature(*table.protocol, name)) {
    return UserError("FEATURE_NOT_FOUND", "the table has no feature '" + request.feature + "'",
                     "It has " + FeatureNames(*table.protocol) + ".");
  }
  const Removal* removal = FindRemoval(name);
  if (removal == nullptr) {
    return CannotDrop(name, "Penstock cannot tell that nothing of it is left in the table",
                      "docs/delta.md lists what can be dropped.");
  }
  const bool in_history = IsInHistory(name);
  if (request.truncate_history && !in_history) {
    return CannotDrop(name, "older versions are read without it, so history need not be truncated",
                      "Leave TRUNCATE HISTORY out.");
  }
  if (name == kProtection && !request.truncate_history) {
    return CannotDrop(name, "older versions need it",
                      "Say TRUNCATE HISTORY, which takes those versions away.");
  }
  const std::string_view user = NeededBy(*table.protocol, name);
  if (!user.empty()) {
    return CannotDrop(name, "the feature '" + std::string(user) + "' needs it",
                      "Drop that one first.");
  }
  Alteration alteration;
  Metadata next = *table.metadata;
  RETURN_IF_ERROR(removal->traces(table, &next));
  if (removal->domain != nullptr && table.domains != nullptr) {
    const auto found = table.domains->find(removal->domain);
    if (found != table.domains->end() && !found->second.removed) {
      DomainMetadata gone = found->second;
      gone.removed = true;
      alteration.change.domains.push_back(std::move(gone));
    }
  }
  alteration.change.info.operation = "DROP FEATURE";
  alteration.change.info.operation_parameters = {{"featureName", std::string(name)}};
  alteration.change.info.is_blind_append = false;
  alteration.change.protocol = WithoutFeature(*table.protocol, name);
  if (in_history && !request.truncate_history) {
    alteration.change.protocol = WithFeature(*alteration.change.protocol, kProtection);
    next.configuration[kProtectionProperty] = std::to_string(table.version + 1);
  }
  if (!(next == *table.metadata)) alteration.change.metadata = std::move(next);
  // What is read of the table must not change under the decision.
  alteration.change.read.whole_table = true;
  alteration.checkpoint = FindTableFeature(name)->for_readers;
  return std::optional(std::move(alteration));
}

}  // namespace penstock::delta
