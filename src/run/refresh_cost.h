#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// What bringing a materialized view up to date costs by each technique, estimated from what logs
// say. Pure; seconds are of one processor of one machine and serve for comparing only.
namespace penstock::run {

enum class Technique {
  kRecompute,  // the whole query
  kChange,     // the rows that came and went go through the query
  kKeys,       // the keys that occur in the change are computed again from the sources
  kState,      // and these from what is kept of them
};
std::string_view ToString(Technique technique);  // "full recomputation" …

struct Amount {
  int64_t rows = 0;
  int64_t bytes = 0;
  bool operator==(const Amount&) const = default;
};

struct RefreshSizes {
  Amount query;              // all sources as often as the query reads them
  Amount view;               // as it is now
  Amount changes;            // rows that came and went
  int64_t removed_rows = 0;  // of them
  // What a refresh by changes reads of the sources besides the changes.
  Amount scanned;
  // With kept state: what is read again of the sources for groups whose rows go.
  Amount lost;
  // The technique of a refresh by changes, if there is one.
  std::optional<Technique> technique;
  bool operator==(const RefreshSizes&) const = default;
};

struct TechniqueCost {
  Technique technique = Technique::kRecompute;
  Amount read;
  Amount written;
  double seconds = 0;
};
// The recomputation first, then the refresh by changes, if there is one.
std::vector<TechniqueCost> CostsOf(const RefreshSizes& sizes);

// Whether recomputing is the cheaper one. Never for few changed rows, which cost nothing either
// way.
bool RecomputingIsCheaper(const RefreshSizes& sizes);

}  // namespace penstock::run
