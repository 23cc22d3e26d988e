#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "delta/actions.h"
#include "io/storage.h"

namespace penstock::delta {

// Reads and writes checkpoint Parquet files; implemented where an engine is (room lake). Thread-safe.
class CheckpointCodec {
 public:
  virtual ~CheckpointCodec() = default;
  virtual Result<std::vector<Action>> ReadCheckpoint(const std::string& path) = 0;
  // Writes the file at `path` durably (Storage::BeforeEngineWrite and Sync included).
  virtual Status WriteCheckpoint(const std::string& path, const std::vector<Action>& actions) = 0;
};

// The state of a table at one version; immutable, shared between threads.
class Snapshot {
 public:
  Version version() const;
  const Protocol& protocol() const;
  const Metadata& metadata() const;
  const std::vector<AddFile>& files() const;  // active files, ordered by path
  // The highest version a writer committed under `app_id`, or nothing.
  std::optional<int64_t> TransactionVersion(const std::string& app_id) const;
  // Of the commit, in ms; monotonic over versions as time travel needs it.
  int64_t timestamp_ms() const;
  int64_t NumFiles() const;
  int64_t TotalBytes() const;
  // Sum of stats.numRecords, or nothing when a file has none.
  std::optional<int64_t> NumRecords() const;
  // … the implementation (replay state) is the delta room's.
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

struct CommitEntry {  // one commit file, parsed
  Version version = -1;
  std::vector<Action> actions;
};

// What a transaction wants to do; built purely, then committed.
struct Change {
  CommitInfo info;
  std::optional<Protocol> protocol;
  std::optional<Metadata> metadata;
  std::vector<AddFile> adds;
  std::vector<RemoveFile> removes;
  std::vector<SetTransaction> transactions;
  // What the decision was based on: a blind append read nothing of the table.
  bool read_whole_table = false;
};

struct Committed {
  Version version;
};
// The change cannot be applied on top of what another writer committed: `with` names that commit and `why`.
struct Conflicted {
  Version with;
  std::string why;
};
// The transaction identifier of the change is already in the table: an earlier attempt had succeeded.
struct AlreadyCommitted {
  Version version;  // a version at or before which it is contained
};
using CommitOutcome = std::variant<Committed, Conflicted, AlreadyCommitted>;

struct TimeTravel {
  std::optional<Version> version;
  std::optional<int64_t> timestamp_ms;  // the newest version at or before it
};

// One Delta table at a path. Cheap to make; keeps the newest snapshot it has seen and brings it forward by reading
// only new commits. Thread-safe. Storage and codec are borrowed.
class Table {
 public:
  Table(io::Storage* storage, CheckpointCodec* codec, std::string path, Clock* clock);

  const std::string& path() const;
  // Whether a _delta_log with a commit or checkpoint exists.
  Result<bool> Exists();
  // The newest state. NOT_A_DELTA_TABLE when there is none; UNSUPPORTED_TABLE_FEATURE names unknown reader features.
  Result<SnapshotPtr> Latest();
  // A past state; VERSION_NOT_FOUND / TIMESTAMP_OUT_OF_RANGE say which versions and times exist.
  Result<SnapshotPtr> At(const TimeTravel& when);
  // Commits with from < version <= to, oldest first; COMMIT_NOT_FOUND when the log no longer has one.
  Result<std::vector<CommitEntry>> Commits(Version from_exclusive, Version to_inclusive);
  // Newest first, at most `limit` (0: all).
  Result<std::vector<CommitEntry>> History(int64_t limit);

  // Applies `change` on top of `base` (null: the table is created, then protocol and metadata are required),
  // retrying over commits of others that do not conflict. Data files must be durable before.
  // Errors are only those of storage or of a table that this program must not write (unknown writer feature).
  Result<CommitOutcome> Commit(const SnapshotPtr& base, const Change& change);

  // Whether a checkpoint is due after `version` (delta.checkpointInterval, default 10), and writing it.
  static bool CheckpointDue(const Snapshot& snapshot, Version version);
  Status WriteCheckpoint(const SnapshotPtr& snapshot);
};

// Protocol that a table with this schema needs (timestamp_ntz raises it), the oldest readers possible otherwise.
Protocol RequiredProtocol(const Schema& schema);
// Metadata of a new table: fresh id, schemaString from the schema.
Metadata NewMetadata(const Schema& schema, std::vector<std::string> partition_columns, Configuration configuration,
                     std::optional<std::string> description, int64_t now_ms);
// Delta's schema JSON and back. Field comments travel as metadata.comment.
std::string SchemaToJson(const Schema& schema);
Result<Schema> SchemaFromJson(std::string_view json);

}  // namespace penstock::delta
