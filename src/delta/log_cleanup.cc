#include "delta/log_cleanup.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "delta/log_listing.h"
#include "delta/properties.h"

namespace penstock::delta {

namespace {

constexpr int64_t kMicrosPerMs = 1000;
constexpr int64_t kMsPerDay = int64_t{24} * 3600 * 1000;
// Between checkpoints that are kept only to shorten the way to old versions.
constexpr Version kCommitsBetween = 1'000;

int64_t Midnight(int64_t time_ms) { return time_ms - time_ms % kMsPerDay; }

int64_t CutoffMs(int64_t retention_ms, int64_t now_ms) {
  return Midnight(std::max<int64_t>(0, now_ms - std::min(now_ms, retention_ms)));
}

// The newest commit at or before that time; a commit counts as no older than the one before it.
std::optional<Version> CutoffCommit(const std::vector<io::FileInfo>& files, int64_t cutoff_ms) {
  std::vector<std::pair<Version, int64_t>> commits;
  for (const io::FileInfo& file : files) {
    const LogFile kind = ParseLogFileName(io::BaseName(file.path));
    if (const auto* commit = std::get_if<CommitFile>(&kind)) {
      commits.emplace_back(commit->version, file.modified / kMicrosPerMs);
    }
  }
  std::sort(commits.begin(), commits.end());
  std::optional<Version> cutoff;
  for (const auto& [version, time_ms] : commits) {
    if (time_ms > cutoff_ms) break;
    cutoff = version;
  }
  return cutoff;
}

struct IsBefore {
  Version checkpoint;

  bool operator()(const CommitFile& file) const { return file.version < checkpoint; }
  bool operator()(const SingleCheckpoint& file) const { return file.version < checkpoint; }
  bool operator()(const CheckpointPart& file) const { return file.version < checkpoint; }
  bool operator()(const UuidCheckpoint& file) const { return file.version < checkpoint; }
  bool operator()(const ChecksumFile& file) const { return file.version < checkpoint; }
  bool operator()(const CompactedCommits& file) const { return file.from <= checkpoint; }
  bool operator()(const OtherFile&) const { return false; }
};

bool HasCommits(const LogListing& listing, Version from, Version to) {
  const auto& commits = listing.commits;
  const auto first = std::lower_bound(commits.begin(), commits.end(), from);
  const auto last = std::upper_bound(first, commits.end(), to);
  return last - first == to - from + 1;
}

// Only notes which sidecars a checkpoint names.
class SidecarNames : public CheckpointSink {
 public:
  explicit SidecarNames(std::string log_folder) : log_folder_(std::move(log_folder)) {}
  Status OnAction(const Action&) override { return OkStatus(); }
  Status OnSidecar(const Sidecar& sidecar) override {
    paths_.insert(SidecarPath(log_folder_, sidecar.path));
    return OkStatus();
  }
  Status OnMetadata(const CheckpointMetadata&) override { return OkStatus(); }
  bool Has(const std::string& path) const { return paths_.contains(path); }

 private:
  const std::string log_folder_;
  std::set<std::string> paths_;
};

// What a writer of a checkpoint leaves when it is cut off.
bool IsDraft(const std::string& path) {
  const std::string name = io::BaseName(path);
  return name.starts_with("_penstock-") && name.ends_with(".tmp");
}

bool IsCheckpoint(const LogFile& file) {
  return std::holds_alternative<SingleCheckpoint>(file) ||
         std::holds_alternative<UuidCheckpoint>(file);
}

Status CleanSidecars(io::Storage& storage, CheckpointCodec& codec, const std::string& log_folder,
                     int64_t now_ms) {
  ASSIGN_OR_RETURN(const auto sidecars, storage.List(SidecarFolder(log_folder)));
  if (sidecars.empty()) return OkStatus();
  SidecarNames names(log_folder);
  ASSIGN_OR_RETURN(const auto files, storage.List(log_folder));
  for (const io::FileInfo& file : files) {
    if (!IsCheckpoint(ParseLogFileName(io::BaseName(file.path)))) continue;
    if (!file.path.ends_with(".json")) {
      RETURN_IF_ERROR(codec.ReadCheckpoint(file.path, names));
      continue;
    }
    ASSIGN_OR_RETURN(const std::string text, storage.Read(file.path));
    RETURN_IF_ERROR(DecodeJsonCheckpoint(text, file.path, names));
  }
  // Younger ones may belong to a checkpoint that is being written.
  const int64_t yesterday_ms = Midnight(now_ms) - kMsPerDay;
  for (const io::FileInfo& file : sidecars) {
    if (names.Has(file.path) || file.modified / kMicrosPerMs >= yesterday_ms) continue;
    RETURN_IF_ERROR(storage.Delete(file.path));
  }
  return OkStatus();
}

}  // namespace

int64_t LogCutoffMs(const Metadata& metadata, int64_t now_ms) {
  return CutoffMs(LogRetentionMs(metadata), now_ms);
}

int64_t CheckpointCutoffMs(const Metadata& metadata, int64_t now_ms) {
  return CutoffMs(CheckpointRetentionMs(metadata), now_ms);
}

bool CutoffMoved(int64_t last_checkpoint_ms, int64_t now_ms) {
  return Midnight(last_checkpoint_ms) != Midnight(now_ms);
}

std::vector<std::string> ExpiredLogFiles(const std::vector<io::FileInfo>& files, int64_t cutoff_ms,
                                         Version protected_before) {
  std::vector<std::string> expired;
  const std::optional<Version> cutoff = CutoffCommit(files, cutoff_ms);
  if (!cutoff) return expired;
  std::optional<Version> checkpoint;
  for (const CheckpointFiles& whole : ListingOf(files).checkpoints) {
    if (whole.version <= *cutoff) checkpoint = whole.version;
  }
  if (!checkpoint || *checkpoint < protected_before) return expired;
  for (const io::FileInfo& file : files) {
    if (std::visit(IsBefore{*checkpoint}, ParseLogFileName(io::BaseName(file.path)))) {
      expired.push_back(file.path);
    }
  }
  return expired;  // as the folder lists them: by version
}

std::vector<std::string> ExpiredCheckpoints(const std::vector<io::FileInfo>& files,
                                            int64_t cutoff_ms) {
  std::vector<std::string> expired;
  const LogListing listing = ListingOf(files);
  if (listing.checkpoints.empty()) return expired;
  std::map<std::string, const io::FileInfo*> by_name;
  for (const io::FileInfo& file : files) by_name.emplace(io::BaseName(file.path), &file);
  const auto old = [&](const std::string& name) {
    return by_name.at(name)->modified / kMicrosPerMs <= cutoff_ms;
  };
  Version base = -1;  // what every later version can be built from
  for (const CheckpointFiles& checkpoint : listing.checkpoints) {
    const Version version = checkpoint.version;
    const bool needed = version - base >= kCommitsBetween || version == base ||
                        version == listing.checkpoints.back().version ||
                        !HasCommits(listing, base + 1, version);
    if (needed || !std::all_of(checkpoint.names.begin(), checkpoint.names.end(), old)) {
      base = version;
      continue;
    }
    for (const std::string& name : checkpoint.names) expired.push_back(by_name.at(name)->path);
  }
  return expired;
}

Status CleanLog(io::Storage& storage, CheckpointCodec& codec, const std::string& log_folder,
                const TableState& state, int64_t now_ms) {
  if (!CleansLog(*state.metadata)) return OkStatus();
  ASSIGN_OR_RETURN(const auto files, storage.List(log_folder));
  std::set<std::string> deleted;
  for (const std::string& path : ExpiredLogFiles(files, LogCutoffMs(*state.metadata, now_ms),
                                                 ProtectedBefore(*state.metadata))) {
    RETURN_IF_ERROR(storage.Delete(path));
    deleted.insert(path);
  }
  // Of what is there now: which checkpoints are needed depends on which commits are.
  std::vector<io::FileInfo> left;
  for (const io::FileInfo& file : files) {
    if (!deleted.contains(file.path)) left.push_back(file);
  }
  std::vector<std::string> expired;
  if (ProtectedBefore(*state.metadata) == 0) {
    expired = ExpiredCheckpoints(left, CheckpointCutoffMs(*state.metadata, now_ms));
  }
  for (const io::FileInfo& file : left) {
    if (IsDraft(file.path) && file.modified / kMicrosPerMs < Midnight(now_ms) - kMsPerDay) {
      expired.push_back(file.path);
    }
  }
  for (const std::string& path : expired) RETURN_IF_ERROR(storage.Delete(path));
  return CleanSidecars(storage, codec, log_folder, now_ms);
}

}  // namespace penstock::delta
