#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "delta/change.h"
#include "delta/checkpoint.h"
#include "delta/log_listing.h"
#include "delta/replay.h"
#include "io/storage.h"

namespace penstock::delta {

// A commit file as read.
struct LoggedCommit {
  CommitEntry entry;
  int64_t timestamp_ms = 0;  // of its commitInfo; of the file where it says none
};

// Reads one table's log; keeps nothing. Storage and codec are borrowed. Thread-safe.
class LogReader {
 public:
  LogReader(io::Storage* storage, CheckpointCodec* codec, std::string log_folder);

  const std::string& folder() const { return folder_; }
  Result<LogListing> List() const;
  // Nothing when there is no such commit.
  Result<std::optional<LoggedCommit>> ReadCommit(Version version) const;

  // The newest state by the hint of _last_checkpoint, without a listing; nothing when that does not
  // lead to a state that is surely the newest.
  Result<std::optional<TableState>> LoadByHint() const;
  // The newest state, or that of `version`, from a listing. Goes back to an older checkpoint or to
  // the commits alone when a checkpoint or compaction cannot be read or the state is not what its
  // checksum file says. VERSION_NOT_FOUND names the versions there are.
  Result<TableState> LoadFrom(const LogListing& listing, std::optional<Version> version) const;
  // `state` brought forward by all commits after it, up to `to` if given.
  Result<TableState> BringForward(TableState state, std::optional<Version> to) const;

  // CHECKSUM_MISMATCH where the log has a checksum file of the state's version that says otherwise.
  Status Verify(const TableState& state) const;

  // When each commit of the listing was made, later than the one before it, by ascending version.
  Result<std::vector<std::pair<Version, int64_t>>> CommitTimes(const LogListing& listing) const;

 private:
  Result<TableState> Run(const ReplayPlan& plan) const;
  Result<TableState> Load(const CheckpointFiles& checkpoint) const;
  Result<TableState> Step(TableState state, const CompactedCommits& step) const;
  // When the commit was made; nothing when there is no such commit.
  Result<std::optional<int64_t>> ReadCommitTime(Version version) const;
  // As the actions say, else as the file at `path` does.
  Result<std::optional<int64_t>> TimeOf(const std::vector<Action>& actions,
                                        const std::string& path) const;

  io::Storage* storage_;
  CheckpointCodec* codec_;
  std::string folder_;
};

}  // namespace penstock::delta
