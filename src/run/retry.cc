#include "run/retry.h"

#include <algorithm>
#include <cstdlib>

namespace penstock::run {
namespace {

constexpr int64_t kLongestWaitMicros = int64_t{3600} * 1000000;

bool MayPass(const Error& error) {
  return error.kind == ErrorKind::kExternal || error.code == "FILE_VANISHED" ||
         error.code == "FILE_CHANGED";
}

}  // namespace

RetryPolicy RetryPolicy::Of(const model::Project& project) {
  RetryPolicy policy;
  for (const char* key :
       {"pipelines.maxFlowRetryAttempts", "spark.sql.pipelines.maxFlowRetryAttempts"}) {
    const auto attempts = project.configuration.find(key);
    if (attempts != project.configuration.end()) {
      policy.attempts_left_ = std::max(0, std::atoi(attempts->second.c_str()));
    }
  }
  const auto wait = project.configuration.find("penstock.retry.initialSeconds");
  if (wait != project.configuration.end()) {
    policy.wait_micros_ = static_cast<int64_t>(std::atof(wait->second.c_str()) * 1e6);
  }
  return policy;
}

std::optional<int64_t> RetryPolicy::Next(const Error& error) {
  if (attempts_left_ == 0 || !MayPass(error)) return std::nullopt;
  --attempts_left_;
  const int64_t wait = wait_micros_;
  wait_micros_ = std::min(wait_micros_ * 2, kLongestWaitMicros);
  return wait;
}

}  // namespace penstock::run
