#include "delta/log_reader.h"

#include <algorithm>

#include "delta/action_json.h"
#include "delta/log_path.h"

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

Version Newest(const LogListing& listing) {
  Version newest = -1;
  for (const auto* versions :
       {&listing.commits, &listing.checkpoints, &listing.other_checkpoints}) {
    if (!versions->empty()) newest = std::max(newest, versions->back());
  }
  return newest;
}

Error VersionNotFound(const LogListing& listing, Version version) {
  const bool from_start = !listing.commits.empty() && listing.commits.front() == 0;
  std::string oldest = "an unknown version";
  if (from_start || !listing.checkpoints.empty()) {
    oldest = std::to_string(from_start ? 0 : listing.checkpoints.front());
  }
  return UserError("VERSION_NOT_FOUND",
                   "the Delta table has no version " + std::to_string(version) + "; it has " +
                       oldest + " to " + std::to_string(Newest(listing)),
                   "Ask for one of the versions it has; older ones were cleaned away.");
}

Error UnsupportedCheckpoint(const std::string& folder) {
  return UserError("UNSUPPORTED_TABLE_FEATURE",
                   "cannot read the Delta table: '" + folder +
                       "' has only checkpoints in several parts or of the kind V2, and no longer "
                       "all commits",
                   "Write a classic checkpoint with the tool that wrote the table.");
}

Error NotADeltaTable(const std::string& folder) {
  return UserError("NOT_A_DELTA_TABLE", "there is no Delta table: '" + folder + "' has no commits",
                   "Check the path; a Delta table has a folder _delta_log.");
}

Error BrokenLog(const std::string& folder) {
  return DataError("CORRUPT_LOG", "commits are missing in '" + folder + "'",
                   "Restore the missing files of _delta_log from a copy.");
}

}  // namespace

std::vector<ReplayPlan> PlanReplay(const LogListing& listing, std::optional<Version> version) {
  const Version to = version.value_or(Newest(listing));
  // The commits without a gap that end at `to`.
  Version first = to + 1;
  const auto& commits = listing.commits;
  auto at = std::upper_bound(commits.begin(), commits.end(), to);
  while (at != commits.begin() && *(at - 1) == first - 1) {
    --at;
    --first;
  }
  std::vector<ReplayPlan> plans;
  for (auto it = listing.checkpoints.rbegin(); it != listing.checkpoints.rend(); ++it) {
    if (*it <= to && *it >= first - 1) plans.push_back({*it, to});
  }
  if (to >= 0 && first == 0) plans.push_back({-1, to});
  return plans;
}

LogReader::LogReader(io::Storage* storage, CheckpointCodec* codec, std::string log_folder)
    : storage_(storage), codec_(codec), folder_(std::move(log_folder)) {}

Result<LogListing> LogReader::List() const {
  ASSIGN_OR_RETURN(const std::vector<io::FileInfo> files, storage_->List(folder_));
  LogListing listing;
  for (const io::FileInfo& file : files) {
    const LogFile kind = ParseLogFileName(io::BaseName(file.path));
    if (const auto* commit = std::get_if<CommitFile>(&kind)) {
      listing.commits.push_back(commit->version);
    } else if (const auto* checkpoint = std::get_if<SingleCheckpoint>(&kind)) {
      listing.checkpoints.push_back(checkpoint->version);
    } else if (const auto* other = std::get_if<OtherCheckpoint>(&kind)) {
      listing.other_checkpoints.push_back(other->version);
    }
  }
  return listing;
}

Result<std::optional<LoggedCommit>> LogReader::ReadCommit(Version version) const {
  const std::string path = CommitPath(folder_, version);
  Result<std::string> text = storage_->Read(path);
  if (!text.ok() && text.error().code == "NOT_FOUND") return std::optional<LoggedCommit>();
  if (!text.ok()) return std::move(text).error();
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
    if (!next && to) return BrokenLog(folder_);
    if (!next) break;
    state = Apply(state, next->entry.version, std::move(next->entry.actions), next->timestamp_ms);
  }
  return state;
}

Result<TableState> LogReader::LoadCheckpoint(Version version) const {
  const std::string path = CheckpointPath(folder_, version);
  ASSIGN_OR_RETURN(std::vector<Action> actions, codec_->ReadCheckpoint(path));
  ASSIGN_OR_RETURN(std::optional<int64_t> time, ReadCommitTime(version));
  if (!time) {  // the commit was cleaned away, its checkpoint is about as old
    ASSIGN_OR_RETURN(time, TimeOf({}, path));
  }
  TableState state = FromCheckpoint(version, std::move(actions), time.value_or(0));
  // A file cut short may still parse; without these two it is no checkpoint.
  if (state.protocol == nullptr || state.metadata == nullptr) return BrokenLog(folder_);
  return state;
}

Result<std::optional<TableState>> LogReader::LoadByHint() const {
  const Result<std::string> text = storage_->Read(LastCheckpointPath(folder_));
  if (!text.ok()) return std::optional<TableState>();
  const std::optional<LastCheckpoint> hint = DecodeLastCheckpoint(*text);
  if (!hint || hint->parts) return std::optional<TableState>();
  Result<TableState> state = LoadCheckpoint(hint->version);
  if (!state.ok()) return std::optional<TableState>();
  state = BringForward(std::move(*state), std::nullopt);
  if (!state.ok()) return std::optional<TableState>();
  // Where old commits were cleaned away, the first one missing is not the end of the log.
  ASSIGN_OR_RETURN(const auto last, storage_->Stat(CommitPath(folder_, state->version)));
  if (!last) return std::optional<TableState>();
  return std::optional(std::move(*state));
}

Result<TableState> LogReader::Run(const ReplayPlan& plan) const {
  TableState state;
  if (plan.checkpoint >= 0) {
    ASSIGN_OR_RETURN(state, LoadCheckpoint(plan.checkpoint));
  }
  return BringForward(std::move(state), plan.to);
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
  const auto& others = listing.other_checkpoints;
  const bool exists = !version || *version <= Newest(listing);
  if (exists && !others.empty() && others.front() <= version.value_or(others.front())) {
    return UnsupportedCheckpoint(folder_);
  }
  return version ? VersionNotFound(listing, *version) : BrokenLog(folder_);
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
