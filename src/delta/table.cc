#include "delta/table.h"

#include <algorithm>
#include <utility>

#include "delta/log_path.h"

namespace penstock::delta {

namespace {

constexpr int64_t kMicrosPerMs = 1000;
constexpr int kListings = 4;

Error CommitNotFound(const std::string& folder, Version version) {
  return DataError("COMMIT_NOT_FOUND",
                   "commit " + std::to_string(version) + " is not in '" + folder + "'",
                   "It was cleaned away or not made yet; read a snapshot of the table instead.");
}

Error TimestampOutOfRange(const std::string& folder, int64_t timestamp_ms,
                          const std::vector<std::pair<Version, int64_t>>& times) {
  std::string have = "which has no commits left";
  if (!times.empty()) {
    have = "whose commits reach from " + FormatTimestamp(times.front().second * kMicrosPerMs) +
           " to " + FormatTimestamp(times.back().second * kMicrosPerMs);
  }
  return UserError("TIMESTAMP_OUT_OF_RANGE",
                   "no version is as old as " + FormatTimestamp(timestamp_ms * kMicrosPerMs) +
                       " in '" + folder + "', " + have,
                   "Ask for a later time.");
}

}  // namespace

Table::Table(io::Storage* storage, CheckpointCodec* codec, std::string path, Clock* clock)
    : storage_(storage),
      codec_(codec),
      path_(std::move(path)),
      clock_(clock),
      log_(storage, codec, LogFolder(path_)),
      checkpoints_([this](const SnapshotPtr& snapshot) { return WriteCheckpoint(snapshot); }) {}

Result<bool> Table::Exists() {
  ASSIGN_OR_RETURN(const auto first, storage_->Stat(CommitPath(log_.folder(), 0)));
  if (first) return true;
  ASSIGN_OR_RETURN(const LogListing listing, log_.List());
  return !listing.empty();
}

Result<SnapshotPtr> Table::Latest() {
  const std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(const bool ours, StillOurs());
  if (!ours) return Load();
  ASSIGN_OR_RETURN(TableState state, log_.BringForward(newest_->state(), std::nullopt));
  if (state.version == newest_->version()) return newest_;
  if (!log_.Verify(state).ok()) return Load();  // what was kept may be what is wrong
  return Keep(std::move(state));
}

// Whether the log still leads from the kept snapshot: its commit may have been cleaned away, or the
// table replaced.
Result<bool> Table::StillOurs() {
  if (newest_ == nullptr) return false;
  ASSIGN_OR_RETURN(const auto file, storage_->Stat(CommitPath(log_.folder(), newest_->version())));
  return file == newest_file_;
}

Result<SnapshotPtr> Table::Load() {
  newest_ = nullptr;
  ASSIGN_OR_RETURN(std::optional<TableState> hinted, log_.LoadByHint());
  if (hinted) return Keep(std::move(*hinted));
  ASSIGN_OR_RETURN(TableState state, LoadListed(std::nullopt));
  ASSIGN_OR_RETURN(state, log_.BringForward(std::move(state), std::nullopt));
  return Keep(std::move(state));
}

// A listing is old when it is read: files that it names may be cleaned away by then. As long as the
// folder changes, it is tried anew.
Result<TableState> Table::LoadListed(std::optional<Version> version) {
  ASSIGN_OR_RETURN(LogListing listing, log_.List());
  for (int attempt = 1;; ++attempt) {
    Result<TableState> state = log_.LoadFrom(listing, version);
    if (state.ok() || attempt == kListings) return state;
    ASSIGN_OR_RETURN(LogListing again, log_.List());
    if (again == listing) return state;
    listing = std::move(again);
  }
}

Result<SnapshotPtr> Table::Keep(TableState state) {
  RETURN_IF_ERROR(CheckComplete(state));
  ASSIGN_OR_RETURN(auto file, storage_->Stat(CommitPath(log_.folder(), state.version)));
  newest_ = std::make_shared<const Snapshot>(std::move(state));
  newest_file_ = std::move(file);
  return newest_;
}

Result<SnapshotPtr> Table::At(const TimeTravel& when) {
  if (when.version && when.timestamp_ms) {
    return UserError("BAD_TIME_TRAVEL", "both a version and a time were asked for",
                     "Give one of the two.");
  }
  if (!when.version && !when.timestamp_ms) return Latest();
  TableState state;
  if (when.timestamp_ms) {
    ASSIGN_OR_RETURN(state, StateAtTime(*when.timestamp_ms));
  } else {
    const std::lock_guard lock(mutex_);
    ASSIGN_OR_RETURN(const bool ours, StillOurs());
    if (ours && newest_->version() == *when.version) return newest_;
    ASSIGN_OR_RETURN(state, LoadListed(when.version));
  }
  RETURN_IF_ERROR(CheckComplete(state));
  return SnapshotPtr(std::make_shared<const Snapshot>(std::move(state)));
}

Result<TableState> Table::StateAtTime(int64_t timestamp_ms) {
  ASSIGN_OR_RETURN(const LogListing listing, log_.List());
  ASSIGN_OR_RETURN(auto times, log_.CommitTimes(listing));
  const std::vector<Version> buildable = BuildableCommits(listing);
  std::erase_if(times, [&](const auto& commit) {
    return !std::binary_search(buildable.begin(), buildable.end(), commit.first);
  });
  const auto after =
      std::upper_bound(times.begin(), times.end(), timestamp_ms,
                       [](int64_t wanted, const auto& commit) { return wanted < commit.second; });
  if (after == times.begin()) return TimestampOutOfRange(log_.folder(), timestamp_ms, times);
  const auto [version, time] = *(after - 1);
  ASSIGN_OR_RETURN(TableState state, LoadListed(version));
  state.timestamp_ms = time;
  return state;
}

Result<std::vector<CommitEntry>> Table::Commits(Version from_exclusive, Version to_inclusive) {
  std::vector<CommitEntry> commits;
  for (Version version = from_exclusive + 1; version <= to_inclusive; ++version) {
    ASSIGN_OR_RETURN(std::optional<LoggedCommit> commit, log_.ReadCommit(version));
    if (!commit) return CommitNotFound(log_.folder(), version);
    commits.push_back(std::move(commit->entry));
  }
  return commits;
}

Result<std::vector<CommitEntry>> Table::History(int64_t limit) {
  ASSIGN_OR_RETURN(const SnapshotPtr latest, Latest());
  std::vector<CommitEntry> commits;
  for (Version version = latest->version(); version >= 0; --version) {
    if (limit > 0 && static_cast<int64_t>(commits.size()) == limit) break;
    ASSIGN_OR_RETURN(std::optional<LoggedCommit> commit, log_.ReadCommit(version));
    if (!commit) break;
    commits.push_back(std::move(commit->entry));
  }
  return commits;
}

}  // namespace penstock::delta
