#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "model/project.h"

namespace penstock::run {

// How often and after which wait a flow is tried again. Only failures that may pass by themselves
// are (external ones, and input files that went away or changed while they were read).
class RetryPolicy {
 public:
  // spark.sql.pipelines.maxFlowRetryAttempts (2) and penstock.retry.initialSeconds (5, doubled each
  // time, at most 3600).
  static RetryPolicy Of(const model::Project& project);

  // Microseconds to wait before the next attempt, or nothing when there is none.
  std::optional<int64_t> Next(const Error& error);

 private:
  int attempts_left_ = 2;
  int64_t wait_micros_ = 5000000;
};

}  // namespace penstock::run
