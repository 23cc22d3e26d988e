#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/log_path.h"
#include "io/storage.h"

// What a log folder holds and which ways lead from there to a version. Pure.
namespace penstock::delta {

// One checkpoint, whole as far as names tell.
struct CheckpointFiles {
  Version version = -1;
  std::vector<std::string> names;  // in the log folder, parts in their order
  bool operator==(const CheckpointFiles&) const = default;
};

struct LogListing {
  std::vector<Version> commits;  // ascending
  // Ascending; of one version the one to be tried first last: V2, one file, several parts.
  std::vector<CheckpointFiles> checkpoints;
  std::vector<CompactedCommits> compactions;  // ascending by from, then to
  std::vector<Version> incomplete;            // checkpoints that lack a part
  bool empty() const { return commits.empty() && checkpoints.empty() && incomplete.empty(); }
  bool operator==(const LogListing&) const = default;
};
LogListing ListingOf(const std::vector<io::FileInfo>& files);

// One way to build a version: a checkpoint (version -1: none), then the commits after it.
struct ReplayPlan {
  CheckpointFiles checkpoint;
  Version to = -1;
  // One commit each (from = to), or a compaction of several; without a gap.
  std::vector<CompactedCommits> steps;
  bool operator==(const ReplayPlan&) const = default;
};
// The ways the listing allows to build the newest version, or `version`; the cheapest first. Of
// very many the nearest checkpoints and the one from the first commit on.
std::vector<ReplayPlan> PlanReplay(const LogListing& listing, std::optional<Version> version);

// The newest version that a file speaks of; -1: none.
Version NewestVersion(const LogListing& listing);
// The commits whose version can be built, ascending.
std::vector<Version> BuildableCommits(const LogListing& listing);

}  // namespace penstock::delta
