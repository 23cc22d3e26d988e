#pragma once

#include <map>
#include <optional>
#include <string>

#include "run/project_run.h"

namespace penstock::run {

// How long runs took that are over, from the event log.
class PastRuns {
 public:
  // None where there is no log that can be read.
  explicit PastRuns(Workspace& workspace);

  // The last one of the table in this mode; nothing: no such run.
  std::optional<double> Seconds(const std::string& table, const std::string& mode) const;
  // The last one that changed the table.
  std::optional<double> Seconds(const std::string& table) const;
  // The last one that read everything.
  std::optional<double> FullSeconds(const std::string& table) const;

 private:
  struct Run {
    double seconds = 0;
    int64_t order = 0;  // later runs have higher ones
  };
  std::map<std::string, std::map<std::string, Run>> runs_;  // by table and mode
};

}  // namespace penstock::run
