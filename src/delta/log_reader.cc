#include "delta/log_reader.h"

#include <algorithm>

#include "delta/action_json.h"
#include "delta/checkpoint_load.h"
#include "delta/log_path.h"
#include "delta/version_checksum.h"

namespace penstock::delta {

namespace {

constexpr int64_t kMicrosPerMs = 1000;

int64_t StatedTime(const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    const auto* info = std::get_if<CommitInfo>(&action);
    if (info == nullptr) continue;
    const auto in_commit = info->extra.find("inCommitTimestamp");
    if (in_commit != info->extra.end() && in_commit->is_number_integer()) {
      return in_commit->get<int64_t>();
    }
    return info->timestamp_ms;
  }
  return 0;
}

Error VersionNotFound(const LogListing& listing, Version version) {
  const bool from_start = !listing.commits.empty() && listing.commits.front() == 0;
  std::string oldest = "an unknown version";
  if (from_start || !listing.checkpoints.empty()) {
    oldest = std::to_string(from_start ? 0 : listing.checkpoints.front().version);
  }
  return UserError("VERSION_NOT_FOUND",
                   "the Delta table has no version " + std::to_string(version) + "; it has " +
                       oldest + " to " + std::to_string(NewestVersion(listing)),
                   "Ask for one of the versions it has; older ones were cleaned away.");
}

Error IncompleteCheckpoint(const std::string& folder, Version version) {
  return DataError("CORRUPT_CHECKPOINT",
                   "the checkpoint of version " + std::to_string(version) + " in '" + folder +
                       "' lacks a part, and the commits before it are gone",
                   "Restore the missing files of _delta_log from a copy.");
}

Error NotADeltaTable(const std::string& folder) {
  return UserError("NOT_A_DELTA_TABLE", "there is no Delta table: '" + folder + "' has no commits",
                   "Check the path; a Delta table has a folder _delta_log.");
}

Error EmptyCommit(const std::string& path) {
  return DataError("CORRUPT_LOG", "the commit '" + path + "' is empty",
                   "Its writer was cut off; restore the file from a copy.");
}

Error BrokenLog(const std::string& folder, Version missing) {
  return DataError("CORRUPT_LOG",
                   "the commit of version " + std::to_string(missing) + " is missing in '" +
                       folder + "', and no checkpoint stands for it",
                   "Restore the missing files of _delta_log from a copy.");
}

// The newest version up to `to` whose commit is not there.
Version MissingCommit(const LogListing& listing, Version to) {
  Version missing = to;
  const auto& commits = listing.commits;
  while (std::binary_search(commits.begin(), commits.end(), missing)) --missing;
  return missing;
}

// The files of the checkpoint that the hint speaks of.
CheckpointFiles HintedFiles(const std::string& folder, const LastCheckpoint& hint) {
  constexpr int64_t kMostParts = 100'000;
  CheckpointFiles files{hint.version, {}};
  if (hint.v2_name) {
    files.names.push_back(io::BaseName(*hint.v2_name));
  } else if (hint.parts) {
    for (int64_t part = 1; part <= std::min(*hint.parts, kMostParts); ++part) {
      files.names.push_back(
          io::BaseName(CheckpointPartPath(folder, hint.version, part, *hint.parts)));
    }
  } else {
    files.names.push_back(io::BaseName(CheckpointPath(folder, hint.version)));
  }
  return files;
}

}  // namespace

LogReader::LogReader(io::Storage* storage, CheckpointCodec* codec, std::string log_folder)
    : storage_(storage), codec_(codec), folder_(std::move(log_folder)) {}

Result<LogListing> LogReader::List() const {
  ASSIGN_OR_RETURN(const std::vector<io::FileInfo> files, storage_->List(folder_));
  return ListingOf(files);
}

Result<std::optional<LoggedCommit>> LogReader::ReadCommit(Version version) const {
  const std::string path = CommitPath(folder_, version);
  Result<std::string> text = storage_->Read(path);
  if (!text.ok() && text.error().code == "NOT_FOUND") return std::optional<LoggedCommit>();
  if (!text.ok()) return std::move(text).error();
  if (text->empty()) return EmptyCommit(path);
  LoggedCommit commit;
  commit.entry.version = version;
  ASSIGN_OR_RETURN(commit.entry.actions, DecodeCommit(*text, path));
  ASSIGN_OR_RETURN(const std::optional<int64_t> time, TimeOf(commit.entry.actions, path));
  commit.timestamp_ms = time.value_or(0);
  return std::optional(std::move(commit));
}

Result<TableState> LogReader::BringForward(TableState state, std::optional<Version> to) const {
  while (!to || state.version < *to) {
    ASSIGN_OR_RETURN(std::optional<LoggedCommit> next, ReadCommit(state.version + 1));
    if (!next && to) return BrokenLog(folder_, state.version + 1);
    if (!next) break;
    state = Apply(state, next->entry.version, next->entry.actions, next->timestamp_ms);
  }
  return state;
}

Result<TableState> LogReader::Load(const CheckpointFiles& checkpoint) const {
  ASSIGN_OR_RETURN(std::optional<int64_t> time, ReadCommitTime(checkpoint.version));
  if (!time) {  // the commit was cleaned away, its checkpoint is about as old
    ASSIGN_OR_RETURN(time, TimeOf({}, folder_ + "/" + checkpoint.names.front()));
  }
  return LoadCheckpoint(*storage_, *codec_, folder_, checkpoint, time.value_or(0));
}

Result<std::optional<TableState>> LogReader::LoadByHint() const {
  const Result<std::string> text = storage_->Read(LastCheckpointPath(folder_));
  if (!text.ok()) return std::optional<TableState>();
  const std::optional<LastCheckpoint> hint = DecodeLastCheckpoint(*text);
  if (!hint) return std::optional<TableState>();
  const CheckpointFiles files = HintedFiles(folder_, *hint);
  if (files.names.empty()) return std::optional<TableState>();
  Result<TableState> state = Load(files);
  if (!state.ok()) return std::optional<TableState>();
  state = BringForward(std::move(*state), std::nullopt);
  if (!state.ok() || !Verify(*state).ok()) return std::optional<TableState>();
  // Where old commits were cleaned away, the first one missing is not the end of the log.
  ASSIGN_OR_RETURN(const auto last, storage_->Stat(CommitPath(folder_, state->version)));
  if (!last) return std::optional<TableState>();
  return std::optional(std::move(*state));
}

Result<TableState> LogReader::Step(TableState state, const CompactedCommits& step) const {
  if (step.from == step.to) return BringForward(std::move(state), step.to);
  const std::string path = CompactedPath(folder_, step.from, step.to);
  const auto compacted = [&]() -> Result<TableState> {
    ASSIGN_OR_RETURN(const std::string text, storage_->Read(path));
    ASSIGN_OR_RETURN(const std::vector<Action> actions, DecodeCommit(text, path));
    ASSIGN_OR_RETURN(const std::optional<int64_t> time, ReadCommitTime(step.to));
    return Apply(state, step.to, actions, time.value_or(state.timestamp_ms + 1));
  };
  Result<TableState> next = compacted();
  if (next.ok()) return next;
  // The commits it stands for may still be there.
  Result<TableState> one_by_one = BringForward(std::move(state), step.to);
  return one_by_one.ok() ? std::move(one_by_one) : std::move(next);
}

Status LogReader::Verify(const TableState& state) const {
  const std::string path = ChecksumPath(folder_, state.version);
  const Result<std::string> text = storage_->Read(path);
  return text.ok() ? CheckAgainstChecksum(state, *text, path) : OkStatus();
}

Result<TableState> LogReader::Run(const ReplayPlan& plan) const {
  TableState state;
  if (plan.checkpoint.version >= 0) {
    ASSIGN_OR_RETURN(state, Load(plan.checkpoint));
  }
  for (const CompactedCommits& step : plan.steps) {
    ASSIGN_OR_RETURN(state, Step(std::move(state), step));
  }
  RETURN_IF_ERROR(Verify(state));
  return state;
}

Result<TableState> LogReader::LoadFrom(const LogListing& listing,
                                       std::optional<Version> version) const {
  std::optional<Error> first_error;
  for (const ReplayPlan& plan : PlanReplay(listing, version)) {
    Result<TableState> state = Run(plan);
    if (state.ok()) return state;
    if (!first_error) first_error = std::move(state).error();
  }
  if (first_error) return std::move(*first_error);
  if (listing.empty()) return NotADeltaTable(folder_);
  const bool exists = !version || *version <= NewestVersion(listing);
  if (exists && !listing.incomplete.empty()) {
    return IncompleteCheckpoint(folder_, listing.incomplete.back());
  }
  return version ? VersionNotFound(listing, *version)
                 : BrokenLog(folder_, MissingCommit(listing, NewestVersion(listing)));
}

Result<std::optional<int64_t>> LogReader::ReadCommitTime(Version version) const {
  const std::string path = CommitPath(folder_, version);
  Result<std::string> text = storage_->Read(path);
  if (!text.ok() && text.error().code == "NOT_FOUND") return std::optional<int64_t>();
  if (!text.ok()) return std::move(text).error();
  // Most writers put the commitInfo first; a commit of many files need not be read as a whole then.
  const std::string_view first = std::string_view(*text).substr(0, text->find('\n'));
  const bool has_info = first.starts_with("{\"commitInfo\"");
  ASSIGN_OR_RETURN(const std::vector<Action> actions, DecodeCommit(has_info ? first : *text, path));
  return TimeOf(actions, path);
}

Result<std::optional<int64_t>> LogReader::TimeOf(const std::vector<Action>& actions,
                                                 const std::string& path) const {
  const int64_t stated = StatedTime(actions);
  if (stated > 0) return std::optional(stated);
  ASSIGN_OR_RETURN(const std::optional<io::FileInfo> info, storage_->Stat(path));
  return info ? std::optional(info->modified / kMicrosPerMs) : std::nullopt;
}

Result<std::vector<std::pair<Version, int64_t>>> LogReader::CommitTimes(
    const LogListing& listing) const {
  std::vector<std::pair<Version, int64_t>> times;
  for (const Version version : listing.commits) {
    ASSIGN_OR_RETURN(const std::optional<int64_t> time, ReadCommitTime(version));
    if (!time) continue;
    const int64_t earliest = times.empty() ? 0 : times.back().second + 1;
    times.emplace_back(version, std::max(*time, earliest));
  }
  return times;
}

}  // namespace penstock::delta
