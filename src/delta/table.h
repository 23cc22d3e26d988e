#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "delta/actions.h"
#include "delta/change.h"
#include "delta/checkpoint.h"
#include "delta/checkpoint_thread.h"
#include "delta/log_reader.h"
#include "delta/snapshot.h"
#include "io/storage.h"

namespace penstock::delta {

struct TimeTravel {  // at most one; neither: the newest version
  std::optional<Version> version;
  std::optional<int64_t> timestamp_ms;  // the newest version at or before it
};

// One Delta table at a path. Cheap to make; keeps the newest snapshot it has seen and brings it
// forward by reading only new commits. Thread-safe. Storage and codec are borrowed.
class Table {
 public:
  Table(io::Storage* storage, CheckpointCodec* codec, std::string path, Clock* clock);

  const std::string& path() const { return path_; }
  // Whether a _delta_log with a commit or checkpoint exists.
  Result<bool> Exists();
  // The newest state. NOT_A_DELTA_TABLE when there is none; UNSUPPORTED_TABLE_FEATURE names unknown
  // reader features.
  Result<SnapshotPtr> Latest();
  // A past state; VERSION_NOT_FOUND / TIMESTAMP_OUT_OF_RANGE say which versions and times exist.
  Result<SnapshotPtr> At(const TimeTravel& when);
  // Commits with from < version <= to, oldest first; COMMIT_NOT_FOUND when the log no longer has
  // one.
  Result<std::vector<CommitEntry>> Commits(Version from_exclusive, Version to_inclusive);
  // Newest first, at most `limit` (0: all that the log still has).
  Result<std::vector<CommitEntry>> History(int64_t limit);

  // Applies `change` on top of `base` (null: the table is created, then protocol and metadata are
  // required), retrying over commits of others that do not conflict. Data files must be durable
  // before. Fills commitInfo's time, engine, readVersion, txnId and (unless set) isBlindAppend, and
  // the time of removes. Errors are only those of storage or of a table that this program must not
  // write (unknown writer feature, removes from an append-only table). After an error the commit
  // may still have happened: ask again with a transaction identifier to know.
  Result<CommitOutcome> Commit(const SnapshotPtr& base, const Change& change);

  // Whether a checkpoint is due after `version` (delta.checkpointInterval, default 10).
  static bool CheckpointDue(const Snapshot& snapshot, Version version);
  // To be called after a commit: if a checkpoint is due after the version that this table committed
  // last, writes that of the newest version. Of a table of few files at once; of one of many beside
  // later commits (CheckpointThread), where an error is told by a later call. What is still to be
  // written is written before this table ends.
  Status CheckpointIfDue();
  // Writes the checkpoint of the snapshot's version, then _last_checkpoint, unless that names a
  // later one already. Readers see the whole file or none.
  Status WriteCheckpoint(const SnapshotPtr& snapshot);

 private:
  Result<SnapshotPtr> Load();
  Result<TableState> LoadListed(std::optional<Version> version);
  Result<SnapshotPtr> Keep(TableState state);
  Result<bool> StillOurs();
  Result<TableState> StateAtTime(int64_t timestamp_ms);
  Result<TableState> CurrentState(const SnapshotPtr& base);
  Result<std::optional<CommitOutcome>> Judge(const TableState& decided, const TableState& current,
                                             const Change& change);
  Result<bool> TryCommit(const TableState& current, Version read_version, const Change& change);
  Status AwaitCommit(Version version);

  io::Storage* storage_;
  CheckpointCodec* codec_;
  std::string path_;
  Clock* clock_;
  LogReader log_;

  std::mutex mutex_;
  SnapshotPtr newest_;
  // The commit file of `newest_`: when it changes, this is another table at the same path.
  std::optional<io::FileInfo> newest_file_;
  Version committed_ = -1;        // since the last CheckpointIfDue
  CheckpointThread checkpoints_;  // last: it uses all of the above
};

// The protocol that a new table with this metadata needs, with the oldest readers that can read it.
Protocol RequiredProtocol(const Metadata& metadata);
// Metadata of a new table: fresh id, schemaString from the schema.
Metadata NewMetadata(const Schema& schema, std::vector<std::string> partition_columns,
                     Configuration configuration, std::optional<std::string> description,
                     int64_t now_ms);
// What takes a file out of the table; `data_change` false: its rows are only written anew.
RemoveFile RemovalOf(const AddFile& file, int64_t now_ms, bool data_change = true);
// Makes `change` give the table another schema: its metadata, and its protocol where a new type
// takes a newer one. Columns that keep name and type (at any depth) keep what the stored schema
// says of them besides, such as CHAR lengths.
void ChangeSchema(const Snapshot& base, const Schema& schema, Change& change);
// Delta's schema JSON and back. Field comments travel as metadata.comment.
std::string SchemaToJson(const Schema& schema);
Result<Schema> SchemaFromJson(std::string_view json);

}  // namespace penstock::delta
