#include "delta/log_listing.h"

#include <algorithm>
#include <map>
#include <utility>

namespace penstock::delta {

namespace {

constexpr size_t kMostPlans = 16;

// Of one version, the one to be tried first is the greatest.
enum class Kind { kParts, kSingle, kUuid };

class Listing {
 public:
  void Add(const std::string& name) {
    const LogFile file = ParseLogFileName(name);
    if (const auto* commit = std::get_if<CommitFile>(&file)) {
      listing_.commits.push_back(commit->version);
    } else if (const auto* single = std::get_if<SingleCheckpoint>(&file)) {
      checkpoints_[{single->version, Kind::kSingle, 0, name}] = {name};
    } else if (const auto* uuid = std::get_if<UuidCheckpoint>(&file)) {
      checkpoints_[{uuid->version, Kind::kUuid, 0, name}] = {name};
    } else if (const auto* part = std::get_if<CheckpointPart>(&file)) {
      checkpoints_[{part->version, Kind::kParts, part->parts, ""}].push_back(name);
    } else if (const auto* compacted = std::get_if<CompactedCommits>(&file)) {
      listing_.compactions.push_back(*compacted);
    }
  }

  LogListing Done() && {
    for (auto& [key, names] : checkpoints_) {
      const int64_t expected = key.kind == Kind::kParts ? key.parts : 1;
      if (static_cast<int64_t>(names.size()) == expected) {
        listing_.checkpoints.push_back({key.version, std::move(names)});
      } else {
        listing_.incomplete.push_back(key.version);
      }
    }
    std::sort(listing_.compactions.begin(), listing_.compactions.end(),
              [](const auto& a, const auto& b) {
                return std::pair(a.from, a.to) < std::pair(b.from, b.to);
              });
    return std::move(listing_);
  }

 private:
  struct Key {
    Version version;
    Kind kind;
    int64_t parts;
    std::string name;
    auto operator<=>(const Key&) const = default;
  };

  LogListing listing_;
  std::map<Key, std::vector<std::string>> checkpoints_;
};

// The longest step that starts at `from` and does not pass `to`.
std::optional<CompactedCommits> StepFrom(const LogListing& listing, Version from, Version to) {
  const auto& compactions = listing.compactions;
  const auto after = std::upper_bound(
      compactions.begin(), compactions.end(), std::pair(from, to),
      [](const auto& wanted, const auto& step) { return wanted < std::pair(step.from, step.to); });
  if (after != compactions.begin() && (after - 1)->from == from) return *(after - 1);
  const auto& commits = listing.commits;
  if (std::binary_search(commits.begin(), commits.end(), from)) return CompactedCommits{from, from};
  return std::nullopt;
}

std::optional<std::vector<CompactedCommits>> StepsBetween(const LogListing& listing, Version after,
                                                          Version to) {
  std::vector<CompactedCommits> steps;
  for (Version at = after + 1; at <= to;) {
    const auto step = StepFrom(listing, at, to);
    if (!step) return std::nullopt;
    steps.push_back(*step);
    at = step->to + 1;
  }
  return steps;
}

}  // namespace

LogListing ListingOf(const std::vector<io::FileInfo>& files) {
  Listing listing;
  for (const io::FileInfo& file : files) listing.Add(io::BaseName(file.path));
  return std::move(listing).Done();
}

Version NewestVersion(const LogListing& listing) {
  Version newest = -1;
  if (!listing.commits.empty()) newest = listing.commits.back();
  if (!listing.checkpoints.empty()) newest = std::max(newest, listing.checkpoints.back().version);
  if (!listing.incomplete.empty()) newest = std::max(newest, listing.incomplete.back());
  return newest;
}

std::vector<ReplayPlan> PlanReplay(const LogListing& listing, std::optional<Version> version) {
  const Version to = version.value_or(NewestVersion(listing));
  std::vector<ReplayPlan> plans;
  if (to < 0) return plans;
  const auto& checkpoints = listing.checkpoints;
  for (auto it = checkpoints.rbegin(); it != checkpoints.rend() && plans.size() < kMostPlans;
       ++it) {
    if (it->version > to) continue;
    auto steps = StepsBetween(listing, it->version, to);
    if (!steps) break;  // what is missing is missing for older ones too
    plans.push_back({*it, to, std::move(*steps)});
  }
  if (auto steps = StepsBetween(listing, -1, to)) plans.push_back({{}, to, std::move(*steps)});
  return plans;
}

std::vector<Version> BuildableCommits(const LogListing& listing) {
  std::vector<Version> buildable;
  auto checkpoint = listing.checkpoints.begin();
  for (const Version commit : listing.commits) {
    while (checkpoint != listing.checkpoints.end() && checkpoint->version < commit - 1)
      ++checkpoint;
    const bool starts = checkpoint != listing.checkpoints.end() && checkpoint->version <= commit;
    const bool goes_on = !buildable.empty() && buildable.back() == commit - 1;
    if (commit == 0 || starts || goes_on) buildable.push_back(commit);
  }
  return buildable;
}

}  // namespace penstock::delta
