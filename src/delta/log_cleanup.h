#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/checkpoint.h"
#include "io/storage.h"

// What of an old log is no longer needed (PROTOCOL.md, "Metadata Cleanup").
namespace penstock::delta {

// Up to when commits, and checkpoints, may be forgotten: the midnight (UTC) before the table's
// retention.
int64_t LogCutoffMs(const Metadata& metadata, int64_t now_ms);
int64_t CheckpointCutoffMs(const Metadata& metadata, int64_t now_ms);

// Whether the cutoff has moved since the last checkpoint was written: at most once a day a log has
// to be listed for cleaning.
bool CutoffMoved(int64_t last_checkpoint_ms, int64_t now_ms);

// Of the files of a log folder those that no version from the newest commit at or before
// `cutoff_ms` on needs: all of the log before the newest whole checkpoint that is not newer than
// that commit. The commit of that checkpoint stays. None without such a checkpoint, nor if it is
// older than `protected_before` (the table's feature checkpointProtection). Pure.
std::vector<std::string> ExpiredLogFiles(const std::vector<io::FileInfo>& files, int64_t cutoff_ms,
                                         Version protected_before = 0);

// The files of whole checkpoints not younger than `cutoff_ms` that only shorten the way to a
// version: the newest one stays, those without which a version could not be built, and of the
// others one every thousand commits. Pure.
std::vector<std::string> ExpiredCheckpoints(const std::vector<io::FileInfo>& files,
                                            int64_t cutoff_ms);

// Deletes those files, commits from the oldest on, then the sidecars of more than a day that no
// checkpoint names any more, and what is left of checkpoints whose writer was cut off; none when a
// checkpoint cannot be read. Does nothing where the table does not let its log be cleaned
// (delta.enableExpiredLogCleanup); checkpointProtection keeps all checkpoints.
Status CleanLog(io::Storage& storage, CheckpointCodec& codec, const std::string& log_folder,
                const TableState& state, int64_t now_ms);

}  // namespace penstock::delta
