#include "run/refresh_cost.h"

#include <algorithm>
#include <cmath>

namespace penstock::run {
namespace {

// Microseconds a row, measured over an aggregate of ten million rows on two cores
// (docs/incremental.md, "The choice").
constexpr double kScan = 0.006;      // reading a column or two and comparing a key
constexpr double kWork = 0.03;       // through joins, groups and windows
constexpr double kChanged = 0.5;     // a changed row: read, weighed and put together
constexpr double kWrite = 0.35;      // a row of the view, compressed
constexpr double kReplace = 1.2;     // a row found in the view, taken out and written anew
constexpr double kPerByte = 0.0003;  // of the view, when its rows are looked for
constexpr double kMicrosPerSecond = 1e6;

// So few changed rows are nothing either way.
constexpr int64_t kAlwaysFew = 1000;

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

TechniqueCost Recomputation(const RefreshSizes& sizes) {
  TechniqueCost cost{Technique::kRecompute, sizes.query, sizes.view, 0};
  cost.seconds = (static_cast<double>(sizes.query.rows) * (kScan + kWork) +
                  static_cast<double>(sizes.view.rows) * kWrite) /
                 kMicrosPerSecond;
  return cost;
}

TechniqueCost ByChanges(const RefreshSizes& sizes) {
  const auto changes = static_cast<double>(sizes.changes.rows);
  const bool keyed = *sizes.technique != Technique::kChange;
  const double rows = keyed ? KeysHit(sizes) : changes;
  const double share =
      keyed && sizes.view.rows > 0 ? rows / static_cast<double>(sizes.view.rows) : 1;
  TechniqueCost cost{*sizes.technique, {}, Part(sizes.view, rows), 0};
  cost.read = {sizes.changes.rows + sizes.scanned.rows + sizes.view.rows,
               sizes.changes.bytes + sizes.scanned.bytes + sizes.view.bytes};
  const auto scanned = static_cast<double>(sizes.scanned.rows);
  cost.seconds = (changes * kChanged + scanned * (kScan + kWork * std::min(share, 1.0)) +
                  static_cast<double>(sizes.view.bytes) * kPerByte + rows * kReplace) /
                 kMicrosPerSecond;
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
