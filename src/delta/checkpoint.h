#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/actions.h"
#include "delta/replay.h"

namespace penstock::delta {

// Reads and writes checkpoint Parquet files; implemented where an engine is (room lake).
// Thread-safe. A checkpoint is one list of Protocol, Metadata, SetTransaction, AddFile and
// RemoveFile actions, each kind in any number and any order; a reader gives back what was written
// (it may leave out other kinds, such as a commitInfo).
class CheckpointCodec {
 public:
  virtual ~CheckpointCodec() = default;
  virtual Result<std::vector<Action>> ReadCheckpoint(const std::string& path) = 0;
  // Writes the file at `path` durably (Storage::BeforeEngineWrite and Sync included).
  virtual Status WriteCheckpoint(const std::string& path, const std::vector<Action>& actions) = 0;
};

// What a checkpoint of the state holds: protocol, metadata, transactions, active files, and the
// tombstones that are younger than the table's retention at `now_ms`.
std::vector<Action> CheckpointActions(const TableState& state, int64_t now_ms);

// The file _last_checkpoint: where a reader may start. A hint that readers must be able to do
// without.
struct LastCheckpoint {
  Version version = -1;
  int64_t num_actions = 0;
  std::optional<int64_t> size_in_bytes;
  std::optional<int64_t> num_adds;
  std::optional<int64_t> parts;  // of a checkpoint in several files
  bool operator==(const LastCheckpoint&) const = default;
};
std::string EncodeLastCheckpoint(const LastCheckpoint& last);
// Nothing when the text is not a usable hint.
std::optional<LastCheckpoint> DecodeLastCheckpoint(std::string_view text);

}  // namespace penstock::delta
