#include <utility>

#include "base/text.h"
#include "delta/action_json.h"
#include "delta/conflict.h"
#include "delta/log_path.h"
#include "delta/properties.h"
#include "delta/row_tracking.h"
#include "delta/table.h"
#include "delta/table_features.h"
#include "delta/transaction.h"

namespace penstock::delta {

namespace {

constexpr int64_t kMicrosPerMs = 1000;
// A network file system may say for a moment that a name is taken, and yet not show the file.
constexpr int kUnreadableTries = 50;
constexpr int64_t kUnreadablePauseMicros = 20'000;

Error UnreadableCommit(const std::string& path) {
  return DataError("CORRUPT_LOG", "'" + path + "' exists but cannot be read",
                   "Look at this file: it keeps every writer from committing.");
}

}  // namespace

// What is in the table now; version -1 when it is still to be created.
Result<TableState> Table::CurrentState(const SnapshotPtr& base) {
  if (base == nullptr) {
    ASSIGN_OR_RETURN(const bool exists, Exists());
    if (!exists) return TableState{};
  }
  ASSIGN_OR_RETURN(const SnapshotPtr latest, Latest());
  return latest->state();
}

// Why the change must not be committed on top of `current`, or nothing.
Result<std::optional<CommitOutcome>> Table::Judge(const TableState& decided,
                                                  const TableState& current, const Change& change) {
  using Outcome = std::optional<CommitOutcome>;
  if (ContainsTransactions(current, change.transactions)) {
    return Outcome(AlreadyCommitted{current.version});
  }
  if (decided.version >= 0 &&
      (current.version < decided.version || current.metadata->id != decided.metadata->id)) {
    return Outcome(Conflicted{current.version, "the table was replaced by another one"});
  }
  Result<std::vector<CommitEntry>> winners = Commits(decided.version, current.version);
  if (!winners.ok() && winners.error().code == "COMMIT_NOT_FOUND") {
    return Outcome(Conflicted{current.version, "the commits up to it were cleaned away"});
  }
  if (!winners.ok()) return std::move(winners).error();
  if (auto conflict = FindConflict(decided, change, *winners)) return Outcome(std::move(*conflict));
  return Outcome();
}

// Whether the change became the commit after `current`; not when another writer was faster.
Result<bool> Table::TryCommit(const TableState& current, Version read_version,
                              const Change& change) {
  const Version version = current.version + 1;
  const std::vector<Action> actions =
      BuildCommit(current, read_version, change, clock_->Now() / kMicrosPerMs);
  const int64_t timestamp_ms = std::get<CommitInfo>(actions.front()).timestamp_ms;
  ASSIGN_OR_RETURN(
      const io::PutOutcome put,
      storage_->PutIfAbsent(CommitPath(log_.folder(), version), EncodeCommit(actions)));
  if (put == io::PutOutcome::kExists) return false;
  const std::lock_guard lock(mutex_);
  committed_ = version;
  if (newest_ == nullptr || newest_->version() < version) {
    // What cannot be kept now is read at the next call; the commit stands.
    if (!Keep(Apply(current, version, actions, timestamp_ms)).ok()) newest_ = nullptr;
  }
  return true;
}

Status Table::AwaitCommit(Version version) {
  const std::string path = CommitPath(log_.folder(), version);
  for (int i = 0; i < kUnreadableTries; ++i) {
    ASSIGN_OR_RETURN(const std::optional<io::FileInfo> file, storage_->Stat(path));
    if (file) return OkStatus();
    clock_->SleepFor(kUnreadablePauseMicros);
  }
  return UnreadableCommit(path);
}

Result<CommitOutcome> Table::Commit(const SnapshotPtr& base, const Change& change) {
  const TableState decided = base == nullptr ? TableState{} : base->state();
  RETURN_IF_ERROR(CheckChange(decided, change));
  while (true) {
    ASSIGN_OR_RETURN(const TableState current, CurrentState(base));
    ASSIGN_OR_RETURN(std::optional<CommitOutcome> refused, Judge(decided, current, change));
    if (refused) return std::move(*refused);
    // Files of others may have come since that cannot be counted.
    if (current.version > decided.version) RETURN_IF_ERROR(CheckRowIds(current, change));
    if (current.version < 0) RETURN_IF_ERROR(storage_->CreateFolders(log_.folder()));
    ASSIGN_OR_RETURN(const bool committed, TryCommit(current, decided.version, change));
    if (committed) return CommitOutcome(Committed{current.version + 1});
    RETURN_IF_ERROR(AwaitCommit(current.version + 1));
  }
}

}  // namespace penstock::delta
