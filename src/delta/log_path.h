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
// A checkpoint in several parts or of the V2 kind; known, not read.
struct OtherCheckpoint {
  Version version;
  std::string kind;  // "multi-part" or "V2"
  bool operator==(const OtherCheckpoint&) const = default;
};
struct OtherFile {
  bool operator==(const OtherFile&) const = default;
};
using LogFile = std::variant<CommitFile, SingleCheckpoint, OtherCheckpoint, OtherFile>;

// What the file of that name (without folders) is.
LogFile ParseLogFileName(std::string_view name);

// "/table" → "/table/_delta_log"
std::string LogFolder(const std::string& table_path);
// Paths in the log folder `log`.
std::string CommitPath(const std::string& log, Version version);
std::string CheckpointPath(const std::string& log, Version version);
std::string LastCheckpointPath(const std::string& log);

}  // namespace penstock::delta
