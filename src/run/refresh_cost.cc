#include "run/refresh_cost.h"

#include <algorithm>
#include <cmath>

namespace penstock::run {
namespace {

// Microseconds of one processor a row, measured over tables of ten million rows with a million
// groups (docs/incremental.md, "The choice").
constexpr double kRead = 0.02;        // a row of a source that a recomputation reads
constexpr double kSearch = 0.045;     // a row that is looked at for its key
constexpr double kSearchFew = 0.018;  // likewise, where the scan knows the keys
constexpr double kGroup = 0.105;      // a row that goes through one of a million groups
constexpr double kGroupLeast = 0.02;  // of a few groups, which stay in the caches
constexpr double kWrite = 0.096;      // a row of the view, all being written
constexpr double kViewRow = 0.1;      // a row of the view that is looked at for its key
constexpr double kChanged = 0.4;      // a row that came or went: read and weighed
constexpr double kAdded = 0.6;        // a new row of the view
constexpr double kReplaced = 2.2;     // a row of the view that is taken out and written anew
constexpr double kStateRow = 1.6;     // a kept group that is taken out and written anew
constexpr double kMicrosPerSecond = 1e6;

// So few changed rows are nothing either way.
constexpr int64_t kAlwaysFew = 1000;
// Up to so many keys are known to scans (docs/decisions/0007).
constexpr int64_t kKnownKeys = 20'000;

// Bytes of so many rows of something.
Amount Part(const Amount& whole, double rows) {
  const double bytes_per_row =
      whole.rows > 0 ? static_cast<double>(whole.bytes) / static_cast<double>(whole.rows) : 0;
  return {static_cast<int64_t>(std::ceil(rows)),
          static_cast<int64_t>(std::ceil(rows * bytes_per_row))};
}

// How many of the view's keys so many changed rows hit, when they fall evenly.
double KeysHit(const RefreshSizes& sizes) {
  const auto keys = static_cast<double>(sizes.view.rows);
  const auto changes = static_cast<double>(sizes.changes.rows);
  if (keys <= 0) return changes;
  return keys * (1 - std::exp(-changes / keys));
}

// A row through groups, windows or sorts: the more groups, the more often memory is waited for.
double GroupCost(const RefreshSizes& sizes) {
  constexpr double kManyGroups = 1e6;
  const double share = std::min(1.0, static_cast<double>(sizes.view.rows) / kManyGroups);
  return kGroupLeast + (kGroup - kGroupLeast) * std::sqrt(std::sqrt(share));
}

bool IsKeyed(Technique technique) {
  return technique == Technique::kKeys || technique == Technique::kState;
}

TechniqueCost Recomputation(const RefreshSizes& sizes) {
  TechniqueCost cost{Technique::kRecompute, sizes.query, sizes.view, 0};
  const bool keyed = sizes.technique && IsKeyed(*sizes.technique);
  cost.seconds = (static_cast<double>(sizes.query.rows) * (kRead + (keyed ? GroupCost(sizes) : 0)) +
                  static_cast<double>(sizes.view.rows) * kWrite) /
                 kMicrosPerSecond;
  return cost;
}

TechniqueCost ByChanges(const RefreshSizes& sizes) {
  const bool keyed = IsKeyed(*sizes.technique);
  const bool searches = keyed || sizes.removed_rows > 0;
  const auto changes = static_cast<double>(sizes.changes.rows);
  const auto removed = static_cast<double>(sizes.removed_rows);
  const double rows = keyed ? KeysHit(sizes) : changes;
  TechniqueCost cost{*sizes.technique, {}, Part(sizes.view, rows), 0};
  cost.read = {sizes.changes.rows + sizes.scanned.rows + (searches ? sizes.view.rows : 0),
               sizes.changes.bytes + sizes.scanned.bytes + (searches ? sizes.view.bytes : 0)};
  const double search = sizes.changes.rows <= kKnownKeys ? kSearchFew : kSearch;
  double micros = changes * kChanged + static_cast<double>(sizes.scanned.rows) * search;
  if (searches) micros += static_cast<double>(sizes.view.rows) * kViewRow;
  if (keyed) {
    const double share = sizes.view.rows > 0 ? rows / static_cast<double>(sizes.view.rows) : 1;
    const double groups = GroupCost(sizes) * std::min(share, 1.0);
    if (*sizes.technique == Technique::kState) {
      // About half of the groups whose rows go lose what is kept of them.
      micros += rows * (kReplaced + kStateRow) +
                static_cast<double>(sizes.lost.rows) * (search + groups / 2);
    } else {
      micros += rows * kReplaced + static_cast<double>(sizes.scanned.rows) * groups;
    }
  } else {
    micros += (changes - removed) * kAdded + removed * kReplaced;
  }
  cost.seconds = micros / kMicrosPerSecond;
  return cost;
}

}  // namespace

std::string_view ToString(Technique technique) {
  switch (technique) {
    case Technique::kRecompute:
      return "full recomputation";
    case Technique::kChange:
      return "by the change";
    case Technique::kKeys:
      return "by the keys that changed";
    case Technique::kState:
      return "from kept state";
  }
  return "";
}

std::vector<TechniqueCost> CostsOf(const RefreshSizes& sizes) {
  std::vector<TechniqueCost> costs = {Recomputation(sizes)};
  if (sizes.technique) costs.push_back(ByChanges(sizes));
  return costs;
}

bool RecomputingIsCheaper(const RefreshSizes& sizes) {
  if (!sizes.technique || sizes.changes.rows <= kAlwaysFew) return false;
  const std::vector<TechniqueCost> costs = CostsOf(sizes);
  return costs[0].seconds < costs[1].seconds;
}

}  // namespace penstock::run
