#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/data_type.h"
#include "base/result.h"
#include "delta/actions.h"
#include "delta/file_set.h"
#include "delta/replay.h"

namespace penstock::delta {

// A file with some of the file actions of a V2 checkpoint (PROTOCOL.md, "Sidecar File
// Information").
struct Sidecar {
  std::string path;  // as in the checkpoint
  int64_t size_in_bytes = 0;
  int64_t modification_time_ms = 0;
  bool operator==(const Sidecar&) const = default;
};

// What says of a checkpoint that it keeps to the V2 spec (PROTOCOL.md, "Checkpoint Metadata").
struct CheckpointMetadata {
  Version version = -1;
  bool operator==(const CheckpointMetadata&) const = default;
};

// Takes what a checkpoint holds one by one, each kind in any number and any order. What is given is
// the caller's again afterwards. An error ends the reading.
class CheckpointSink {
 public:
  virtual ~CheckpointSink() = default;
  virtual Status OnAction(const Action& action) = 0;
  virtual Status OnSidecar(const Sidecar& sidecar) = 0;
  virtual Status OnMetadata(const CheckpointMetadata& metadata) = 0;
};

// What is to be written into a file of a checkpoint, one by one: overwrites `item`, reusing its
// memory where it can; false at the end.
using CheckpointItem = std::variant<Action, Sidecar, CheckpointMetadata>;
using CheckpointContent = std::function<bool(CheckpointItem& item)>;

// Which columns the files of a checkpoint have.
struct CheckpointShape {
  bool v2 = false;            // with columns for sidecars and CheckpointMetadata
  bool stats_as_json = true;  // `stats`
  // `stats_parsed` and `partitionValues_parsed` of the columns that this has.
  std::optional<Metadata> parsed_of = {};
  // Columns for the fields of files that this program does not know.
  Schema unknown_of_adds = {};
  Schema unknown_of_removes = {};
};

// Reads and writes the Parquet files of checkpoints, sidecars among them; implemented where an
// engine is (room lake). Thread-safe. Kinds of action that have no place in a checkpoint, such as a
// commitInfo, are left out.
class CheckpointCodec {
 public:
  virtual ~CheckpointCodec() = default;
  virtual Status ReadCheckpoint(const std::string& path, CheckpointSink& sink) = 0;
  // Writes the file at `path` durably and as a whole (Storage::BeforeEngineWrite and Sync
  // included).
  virtual Status WriteCheckpoint(const std::string& path, const CheckpointShape& shape,
                                 const CheckpointContent& content) = 0;
};

// A V2 checkpoint's top level as lines of JSON, as of DecodeCommit.
Status DecodeJsonCheckpoint(std::string_view text, std::string_view file, CheckpointSink& sink);
// One of those lines, with its line break.
std::string EncodeCheckpointLine(const Sidecar& sidecar);
std::string EncodeCheckpointLine(const CheckpointMetadata& metadata);

// What a checkpoint of the state holds besides files: protocol, metadata, transactions, domains.
std::vector<Action> TableActions(const TableState& state);

// And its files: active ones, and the tombstones that are younger than the table's retention at
// `now_ms`; by ascending path.
class FileActions {
 public:
  FileActions(const TableState& state, int64_t now_ms);

  bool AtEnd() const { return !next_; }
  // Overwrites `action`, reusing the memory of one of its kind; false at the end.
  bool Next(Action& action);

 private:
  void Advance();

  FileSet::Cursor cursor_;
  const int64_t expired_ms_;
  std::optional<PackedFile> next_;
};

// The file _last_checkpoint: where a reader may start. A hint that readers must be able to do
// without.
struct LastCheckpoint {
  Version version = -1;
  int64_t num_actions = 0;
  std::optional<int64_t> size_in_bytes;
  std::optional<int64_t> num_adds;
  std::optional<int64_t> parts;        // of a checkpoint in several files
  std::optional<std::string> v2_name;  // the file of a V2 checkpoint
  bool operator==(const LastCheckpoint&) const = default;
};
std::string EncodeLastCheckpoint(const LastCheckpoint& last);
// Nothing when the text is not a usable hint.
std::optional<LastCheckpoint> DecodeLastCheckpoint(std::string_view text);

}  // namespace penstock::delta
