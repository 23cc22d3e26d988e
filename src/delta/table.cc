#include "delta/table.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "delta/action_json.h"
#include "delta/conflict.h"
#include "delta/log_path.h"
#include "delta/properties.h"
#include "delta/table_features.h"
#include "delta/transaction.h"

namespace penstock::delta {

namespace {

constexpr int64_t kMicrosPerMs = 1000;
// A name that is taken but cannot be read yet, as a network file system may show it for a moment.
constexpr int kUnreadableTries = 50;
constexpr int64_t kUnreadablePauseMicros = 20'000;

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

Error UnreadableCommit(const std::string& path) {
  return DataError("CORRUPT_LOG", "'" + path + "' exists but cannot be read",
                   "Look at this file: it keeps every writer from committing.");
}

}  // namespace

Table::Table(io::Storage* storage, CheckpointCodec* codec, std::string path, Clock* clock)
    : storage_(storage),
      codec_(codec),
      path_(std::move(path)),
      clock_(clock),
      log_(storage, codec, LogFolder(path_)) {}

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
  ASSIGN_OR_RETURN(const LogListing listing, log_.List());
  ASSIGN_OR_RETURN(TableState state, log_.LoadFrom(listing, std::nullopt));
  ASSIGN_OR_RETURN(state, log_.BringForward(std::move(state), std::nullopt));
  return Keep(std::move(state));
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
    ASSIGN_OR_RETURN(const LogListing listing, log_.List());
    ASSIGN_OR_RETURN(state, log_.LoadFrom(listing, when.version));
  }
  RETURN_IF_ERROR(CheckComplete(state));
  return SnapshotPtr(std::make_shared<const Snapshot>(std::move(state)));
}

Result<TableState> Table::StateAtTime(int64_t timestamp_ms) {
  ASSIGN_OR_RETURN(const LogListing listing, log_.List());
  ASSIGN_OR_RETURN(auto times, log_.CommitTimes(listing));
  std::erase_if(times,
                [&](const auto& commit) { return PlanReplay(listing, commit.first).empty(); });
  const auto after =
      std::upper_bound(times.begin(), times.end(), timestamp_ms,
                       [](int64_t wanted, const auto& commit) { return wanted < commit.second; });
  if (after == times.begin()) return TimestampOutOfRange(log_.folder(), timestamp_ms, times);
  const auto [version, time] = *(after - 1);
  ASSIGN_OR_RETURN(TableState state, log_.LoadFrom(listing, version));
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

// What is in the table now; version -1 when it is still to be created.
Result<TableState> Table::CurrentState(const SnapshotPtr& base) {
  if (base == nullptr) {
    ASSIGN_OR_RETURN(const bool exists, Exists());
    if (!exists) return TableState{};
  }
  ASSIGN_OR_RETURN(const SnapshotPtr latest, Latest());
  return latest->state();
}

Result<CommitOutcome> Table::Commit(const SnapshotPtr& base, const Change& change) {
  const TableState decided = base == nullptr ? TableState{} : base->state();
  RETURN_IF_ERROR(CheckChange(decided, change));
  int unreadable = 0;
  for (Version taken = -1;;) {
    ASSIGN_OR_RETURN(TableState current, CurrentState(base));
    if (taken > current.version) {
      if (++unreadable > kUnreadableTries) {
        return UnreadableCommit(CommitPath(log_.folder(), taken));
      }
      clock_->SleepFor(kUnreadablePauseMicros);
      continue;
    }
    if (base != nullptr &&
        (current.version < decided.version || current.metadata->id != decided.metadata->id)) {
      return CommitOutcome(Conflicted{current.version, "the table was replaced by another one"});
    }
    Result<std::vector<CommitEntry>> winners = Commits(decided.version, current.version);
    if (!winners.ok() && winners.error().code == "COMMIT_NOT_FOUND") {
      return CommitOutcome(Conflicted{current.version, "its log since then was cleaned away"});
    }
    if (!winners.ok()) return std::move(winners).error();
    if (const auto objection = FindObjection(decided, current, change, *winners)) {
      return std::visit([](const auto& outcome) { return CommitOutcome(outcome); }, *objection);
    }
    if (current.version < 0) RETURN_IF_ERROR(storage_->CreateFolders(log_.folder()));

    const Version version = current.version + 1;
    std::vector<Action> actions =
        BuildCommit(current, decided.version, change, clock_->Now() / kMicrosPerMs);
    const int64_t timestamp_ms = std::get<CommitInfo>(actions.front()).timestamp_ms;
    ASSIGN_OR_RETURN(
        const io::PutOutcome put,
        storage_->PutIfAbsent(CommitPath(log_.folder(), version), EncodeCommit(actions)));
    if (put == io::PutOutcome::kExists) {
      taken = version;
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (newest_ == nullptr || newest_->version() < version) {
      // What cannot be kept now is read at the next call; the commit stands.
      if (!Keep(Apply(current, version, std::move(actions), timestamp_ms)).ok()) newest_ = nullptr;
    }
    return CommitOutcome(Committed{version});
  }
}

bool Table::CheckpointDue(const Snapshot& snapshot, Version version) {
  return version > 0 && version % CheckpointInterval(snapshot.metadata()) == 0;
}

Status Table::WriteCheckpoint(const SnapshotPtr& snapshot) {
  const TableState& state = snapshot->state();
  RETURN_IF_ERROR(CheckWritable(*state.protocol, *state.metadata));
  const std::vector<Action> actions = CheckpointActions(state, clock_->Now() / kMicrosPerMs);
  // The engine writes in place: readers must not see half a checkpoint, so it is written aside.
  const std::string aside = log_.folder() + "/.checkpoint-" + NewUuid() + ".parquet";
  Status written = codec_->WriteCheckpoint(aside, actions);
  Result<std::string> bytes = written.ok() ? storage_->Read(aside) : std::move(written).error();
  if (bytes.ok())
    written = storage_->Write(CheckpointPath(log_.folder(), state.version), *bytes);
  else
    written = std::move(bytes).error();
  const Status cleaned = storage_->Delete(aside);
  RETURN_IF_ERROR(written);
  RETURN_IF_ERROR(cleaned);

  const std::string hint_path = LastCheckpointPath(log_.folder());
  const Result<std::string> text = storage_->Read(hint_path);
  const auto existing = text.ok() ? DecodeLastCheckpoint(*text) : std::nullopt;
  if (existing && existing->version > state.version) return OkStatus();
  LastCheckpoint last;
  last.version = state.version;
  last.num_actions = static_cast<int64_t>(actions.size());
  last.num_adds = state.files.num_active();
  return storage_->Write(hint_path, EncodeLastCheckpoint(last));
}

}  // namespace penstock::delta
