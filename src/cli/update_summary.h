#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/json.h"
#include "run/project_run.h"

namespace penstock::cli {

// Counts of the rules that rows broke, taken from the events of an update.
class FailedRules {
 public:
  void Take(const Json& event);
  // "  main.default.silver: valid_id failed on 3 of 100 rows" lines.
  std::string Text() const;

 private:
  struct Counts {
    int64_t passed = 0;
    int64_t failed = 0;
  };
  std::map<std::pair<std::string, std::string>, Counts> rules_;  // by dataset and rule
};

// What the update did, for people.
std::string SummaryText(const run::UpdateOutcome& outcome, const FailedRules& rules,
                        double seconds);

}  // namespace penstock::cli
