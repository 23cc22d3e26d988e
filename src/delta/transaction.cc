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

// From where on commits state their time (PROTOCOL.md, "In-Commit Timestamps").
void SetEnablement(Version version, int64_t timestamp_ms, Metadata* metadata) {
  metadata->configuration["delta.inCommitTimestampEnablementVersion"] = std::to_string(version);
  metadata->configuration["delta.inCommitTimestampEnablementTimestamp"] =
      std::to_string(timestamp_ms);
}

}  // namespace

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
  if (takes_away && !creates && IsAppendOnly(*base.metadata)) {
    return UserError("APPEND_ONLY_TABLE",
                     "the table is append-only (delta.appendOnly=true), so its rows cannot be "
                     "changed or removed",
                     "Set delta.appendOnly to false first if this is meant.");
  }
  return CheckRowIds(base, change);
}

std::vector<Action> BuildCommit(const TableState& current, Version read_version,
                                const Change& change, int64_t now_ms) {
  const int64_t timestamp_ms =
      current.version < 0 ? now_ms : std::max(now_ms, current.timestamp_ms + 1);
  const bool in_commit_time =
      UsesInCommitTimestamps(change.metadata ? *change.metadata : *current.metadata);
  std::vector<Action> actions;
  CommitInfo info = CompleteInfo(change, read_version, timestamp_ms);
  if (in_commit_time) info.extra["inCommitTimestamp"] = timestamp_ms;
  actions.emplace_back(std::move(info));
  if (change.protocol) actions.emplace_back(*change.protocol);
  if (change.metadata) {
    Metadata metadata = *change.metadata;
    if (metadata.schema_string.empty()) metadata.schema_string = SchemaToJson(metadata.schema);
    const bool enables =
        in_commit_time && current.version >= 0 && !UsesInCommitTimestamps(*current.metadata);
    if (enables) SetEnablement(current.version + 1, timestamp_ms, &metadata);
    actions.emplace_back(std::move(metadata));
  }
  actions.insert(actions.end(), change.transactions.begin(), change.transactions.end());
  std::vector<AddFile> adds = change.adds;
  std::vector<DomainMetadata> domains = change.domains;
  AssignRowIds(current, current.version + 1, &adds, &domains);
  actions.insert(actions.end(), domains.begin(), domains.end());
  for (RemoveFile remove : change.removes) {
    if (!remove.deletion_timestamp_ms) remove.deletion_timestamp_ms = timestamp_ms;
    actions.emplace_back(std::move(remove));
  }
  actions.insert(actions.end(), adds.begin(), adds.end());
  actions.insert(actions.end(), change.cdc_files.begin(), change.cdc_files.end());
  return actions;
}

}  // namespace penstock::delta
