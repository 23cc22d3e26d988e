#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/refresh_case.h"

// The law of incremental views, on tables of the engine: whatever the query and whatever changes,
// the refreshed rows are those of a recomputation.
namespace penstock::tests {
namespace {

// PENSTOCK_SEED=N runs from that case on, PENSTOCK_CASES=N so many.
size_t FromEnvironment(const char* name, size_t otherwise) {
  const char* const given = std::getenv(name);
  return given == nullptr ? otherwise : std::stoull(given);
}

TEST(RefreshProperty, RandomViewsOverRandomTablesAreWhatARecomputationGives) {
  RefreshRunner runner;
  const bool at_length = std::getenv("PENSTOCK_LONG") != nullptr;
  const uint64_t first = FromEnvironment("PENSTOCK_SEED", 1);
  const size_t cases = FromEnvironment("PENSTOCK_CASES", at_length ? 10000 : 300);
  size_t failures = 0;
  for (uint64_t seed = first; seed < first + cases; ++seed) {
    const RefreshCase trial = MakeRefreshCase(seed);
    if (!runner.Run(trial)) continue;
    const RefreshCase small = runner.Shrunk(trial);
    ADD_FAILURE() << "PENSTOCK_SEED=" << seed << " PENSTOCK_CASES=1\n"
                  << ToString(small) << runner.Run(small).value_or("gone when smaller");
    if (++failures == 5) break;
  }
  const RefreshCounts& counts = runner.counts;
  std::cout << cases << " cases from seed " << first << ": " << counts.incremental << " of "
            << counts.views << " views incremental, " << counts.refreshes << " refreshes, of which "
            << counts.changes << " had changes\n";
  for (const auto& [reason, count] : counts.not_because) {
    std::cout << "  recomputed " << count << ": " << reason << "\n";
  }
  if (counts.engine_failures > 0) {
    std::cout << "  given up by the engine " << counts.engine_failures << "\n";
  }
  EXPECT_LE(counts.engine_failures, 1 + cases / 500);
  EXPECT_GE(counts.incremental * 100, counts.views * 90);
  EXPECT_GE(counts.changes * 100, counts.refreshes * 50);
}

}  // namespace
}  // namespace penstock::tests
