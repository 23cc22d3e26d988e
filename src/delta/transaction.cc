#include "delta/transaction.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "delta/properties.h"
#include "delta/row_tracking.h"
#include "delta/table.h"
#include "delta/table_features.h"

namespace penstock::delta {

namespace {

constexpr char kEngineInfo[] = "Penstock/" PENSTOCK_VERSION;

// What the protocol calls a blind append: files come, and nothing was looked at to decide that.
bool IsBlindAppend(const Change& change) { return change.removes.empty() && change.read.empty(); }

CommitInfo CompleteInfo(const Change& change, Version read_version, int64_t timestamp_ms) {
  CommitInfo info = change.info;
  info.timestamp_ms = timestamp_ms;
  info.engine_info = kEngineInfo;
  if (!info.is_blind_append) info.is_blind_append = IsBlindAppend(change);
  if (read_version >= 0) info.read_version = read_version;
  info.extra["txnId"] = NewUuid();
  return info;
}

// From where on commits state their time (PROTOCOL.md, "In-Commit Timestamps"): since the commit
// that begins it, and nothing for a table whose first commit did.
void SetEnablement(const TableState& current, int64_t timestamp_ms, Metadata* metadata) {
  constexpr const char* kVersion = "delta.inCommitTimestampEnablementVersion";
  constexpr const char* kTime = "delta.inCommitTimestampEnablementTimestamp";
  Configuration& next = metadata->configuration;
  next.erase(kVersion);
  next.erase(kTime);
  if (!UsesInCommitTimestamps(*metadata) || current.version < 0) return;
  if (!UsesInCommitTimestamps(*current.metadata)) {
    next[kVersion] = std::to_string(current.version + 1);
    next[kTime] = std::to_string(timestamp_ms);
    return;
  }
  for (const char* key : {kVersion, kTime}) {
    const auto known = current.metadata->configuration.find(key);
    if (known != current.metadata->configuration.end()) next[key] = known->second;
  }
}

// The metadata with what depends on the commit that brings it.
Metadata CompleteMetadata(const TableState& current, const Metadata& given, int64_t timestamp_ms) {
  Metadata metadata = given;
  if (metadata.schema_string.empty()) metadata.schema_string = SchemaToJson(metadata.schema);
  SetEnablement(current, timestamp_ms, &metadata);
  NameRowColumns(current.metadata.get(), &metadata);
  // Where the log is protected anew, it is up to this commit.
  const Version before = current.version < 0 ? 0 : ProtectedBefore(*current.metadata);
  if (ProtectedBefore(metadata) > before) {
    metadata.configuration[kProtectionProperty] = std::to_string(current.version + 1);
  }
  return metadata;
}

}  // namespace

Status CheckRemovable(const Metadata& metadata) {
  if (!IsAppendOnly(metadata)) return OkStatus();
  return UserError("APPEND_ONLY_TABLE",
                   "the table is append-only (delta.appendOnly=true), so its rows cannot be "
                   "changed or removed",
                   "Set delta.appendOnly to false first if this is meant.");
}

Status CheckChange(const TableState& base, const Change& change) {
  const bool creates = base.version < 0;
  if (creates && (!change.protocol || !change.metadata)) {
    return UserError("INCOMPLETE_CHANGE",
                     "a new Delta table needs both a protocol and metadata in its first commit",
                     "Check whether the table exists before changing it.");
  }
  if (!creates) RETURN_IF_ERROR(CheckWritable(*base.protocol, *base.metadata));
  const Protocol& protocol = change.protocol ? *change.protocol : *base.protocol;
  const Metadata& metadata = change.metadata ? *change.metadata : *base.metadata;
  RETURN_IF_ERROR(CheckWritable(protocol, metadata));
  const std::string_view missing = MissingFeature(protocol, metadata);
  if (change.metadata && !missing.empty()) {
    return InternalError("metadata that uses '" + std::string(missing) +
                         "' was given without raising the protocol");
  }
  const bool takes_away = std::any_of(change.removes.begin(), change.removes.end(),
                                      [](const RemoveFile& remove) { return remove.data_change; });
  if (takes_away && !creates) RETURN_IF_ERROR(CheckRemovable(*base.metadata));
  return CheckRowIds(base, change);
}

std::vector<Action> BuildCommit(const TableState& current, Version read_version,
                                const Change& change, int64_t now_ms) {
  const int64_t timestamp_ms =
      current.version < 0 ? now_ms : std::max(now_ms, current.timestamp_ms + 1);
  std::optional<Metadata> changed;
  if (change.metadata) changed = CompleteMetadata(current, *change.metadata, timestamp_ms);
  const Metadata& metadata = changed ? *changed : *current.metadata;
  const Protocol& protocol = change.protocol ? *change.protocol : *current.protocol;
  std::vector<Action> actions;
  CommitInfo info = CompleteInfo(change, read_version, timestamp_ms);
  if (UsesInCommitTimestamps(metadata)) info.extra["inCommitTimestamp"] = timestamp_ms;
  if (const auto preserves = PreservesRowIds(current, protocol, metadata, change)) {
    info.extra["tags"]["delta.rowTracking.preserved"] = *preserves ? "true" : "false";
  }
  actions.emplace_back(std::move(info));
  if (change.protocol) actions.emplace_back(*change.protocol);
  if (changed) actions.emplace_back(*changed);
  actions.insert(actions.end(), change.transactions.begin(), change.transactions.end());
  CommitParts parts{change.adds, change.removes, change.domains};
  TrackRows(current, protocol, metadata, current.version + 1, &parts);
  actions.insert(actions.end(), parts.domains.begin(), parts.domains.end());
  for (RemoveFile& remove : parts.removes) {
    if (!remove.deletion_timestamp_ms) remove.deletion_timestamp_ms = timestamp_ms;
    actions.emplace_back(std::move(remove));
  }
  actions.insert(actions.end(), parts.adds.begin(), parts.adds.end());
  actions.insert(actions.end(), change.cdc_files.begin(), change.cdc_files.end());
  return actions;
}

}  // namespace penstock::delta
