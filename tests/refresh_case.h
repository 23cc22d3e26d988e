#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duck/engine.h"
#include "tests/random_query.h"

// One trial of the law that a refresh gives what a recomputation gives, as plain statements, so
// that it can be printed, run again and made smaller.
namespace penstock::tests {

struct RefreshCase {
  uint64_t seed = 0;
  std::vector<RandomTable> tables;
  std::vector<std::string> rows;   // statements that fill them
  std::vector<RandomQuery> views;  // v0, v1 …; each may read those before it
  std::vector<std::vector<std::string>> batches;
};

// The script of the case, to be run by hand.
std::string ToString(const RefreshCase& trial);

RefreshCase MakeRefreshCase(uint64_t seed);

struct RefreshCounts {
  size_t views = 0;
  size_t incremental = 0;  // views with a rule for every operator
  size_t refreshes = 0;
  size_t engine_failures = 0;  // cases that the engine gave up with an error of its own
  size_t changes = 0;          // refreshes that had something to do
  std::map<std::string, size_t> not_because;  // how many views are recomputed, by reason
};

// Runs cases in an engine of its own. Not thread-safe.
class RefreshRunner {
 public:
  // Brings the views up to date after each batch by the derived program, and compares each with its
  // query as the engine answers it. What went wrong, if anything did.
  std::optional<std::string> Run(const RefreshCase& trial);
  // A smaller case that still goes wrong.
  RefreshCase Shrunk(RefreshCase trial);

  RefreshCounts counts;  // of what was run, smaller cases apart

 private:
  std::optional<std::string> Run(const RefreshCase& trial, RefreshCounts* counts);

  std::unique_ptr<duck::Engine> engine_;  // opened anew after a failure, which may have broken it
};

}  // namespace penstock::tests
