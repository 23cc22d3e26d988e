#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "delta/actions.h"

// The file names of a Delta log.
namespace penstock::delta {

struct CommitFile {
  Version version;
  bool operator==(const CommitFile&) const = default;
};
// "<version>.checkpoint.parquet": the whole state in one file.
struct SingleCheckpoint {
  Version version;
  bool operator==(const SingleCheckpoint&) const = default;
};
// "<version>.checkpoint.<part>.<parts>.parquet", part counted from 1.
struct CheckpointPart {
  Version version;
  int64_t part;
  int64_t parts;
  bool operator==(const CheckpointPart&) const = default;
};
// "<version>.checkpoint.<uuid>.json" or ".parquet": of the kind V2.
struct UuidCheckpoint {
  Version version;
  bool is_json;
  bool operator==(const UuidCheckpoint&) const = default;
};
// "<from>.<to>.compacted.json": what the commits from .. to amount to.
struct CompactedCommits {
  Version from;
  Version to;
  bool operator==(const CompactedCommits&) const = default;
};
// "<version>.crc": what the state of that version must amount to.
struct ChecksumFile {
  Version version;
  bool operator==(const ChecksumFile&) const = default;
};
struct OtherFile {
  bool operator==(const OtherFile&) const = default;
};
using LogFile = std::variant<CommitFile, SingleCheckpoint, CheckpointPart, UuidCheckpoint,
                             CompactedCommits, ChecksumFile, OtherFile>;

// What the file of that name (without folders) is.
LogFile ParseLogFileName(std::string_view name);

// "/table" → "/table/_delta_log"
std::string LogFolder(const std::string& table_path);
// Paths in the log folder `log`.
std::string CommitPath(const std::string& log, Version version);
std::string CheckpointPath(const std::string& log, Version version);
std::string CheckpointPartPath(const std::string& log, Version version, int64_t part,
                               int64_t parts);
// With a fresh UUID in its name.
std::string NewUuidCheckpointPath(const std::string& log, Version version);
std::string CompactedPath(const std::string& log, Version from, Version to);
std::string ChecksumPath(const std::string& log, Version version);
std::string LastCheckpointPath(const std::string& log);
// Where the sidecars of V2 checkpoints lie.
std::string SidecarFolder(const std::string& log);
// The path of a sidecar as a checkpoint names it: whatever folders it says, it lies in that folder.
std::string SidecarPath(const std::string& log, std::string_view named);

}  // namespace penstock::delta
