#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "delta/actions.h"

// The `delta.*` table properties that this room follows. A value that cannot be read counts as not
// set.
namespace penstock::delta {

inline constexpr char kProtectionProperty[] = "delta.requireCheckpointProtectionBeforeVersion";

// "interval 7 days", "30 days 12 hours", "INTERVAL 1 WEEK" in ms; nothing for anything else (months
// and years have no fixed length).
std::optional<int64_t> ParseIntervalMs(std::string_view text);

bool IsAppendOnly(const Metadata& metadata);  // delta.appendOnly, default false
int64_t CheckpointInterval(
    const Metadata& metadata);  // delta.checkpointInterval, default 10 commits
int64_t TombstoneRetentionMs(
    const Metadata& metadata);  // delta.deletedFileRetentionDuration, default 7 days
int64_t LogRetentionMs(const Metadata& metadata);  // delta.logRetentionDuration, default 30 days
int64_t CheckpointRetentionMs(
    const Metadata& metadata);             // delta.checkpointRetentionDuration, default 2 days
bool CleansLog(const Metadata& metadata);  // delta.enableExpiredLogCleanup, default true
// delta.requireCheckpointProtectionBeforeVersion: the log before that version goes as a whole or
// not at all; default 0.
Version ProtectedBefore(const Metadata& metadata);
// delta.dropFeatureTruncateHistory.retentionDuration, default 24 hours.
int64_t TruncationRetentionMs(const Metadata& metadata);
bool UsesInCommitTimestamps(
    const Metadata& metadata);  // delta.enableInCommitTimestamps, default false

// delta.checkpoint.writeStatsAsJson (default true) and .writeStatsAsStruct (default false).
struct StatsForms {
  bool json = true;
  bool structs = false;
};
StatsForms CheckpointStatsForms(const Metadata& metadata);
// Whether delta.checkpointPolicy asks for V2 checkpoints and the protocol lets them be.
bool WritesV2Checkpoints(const Protocol& protocol, const Metadata& metadata);

}  // namespace penstock::delta
