#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace penstock::io {

// One process at a time, by a lock file on this machine that holds the process id. The kernel
// releases it when the process ends, however it ends. Not thread-safe.
class ProcessLock {
 public:
  // LOCKED names the process that has it; with `wait`, waits for it to end instead.
  static Result<std::unique_ptr<ProcessLock>> Acquire(const std::string& path, bool wait);
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;

 private:
  explicit ProcessLock(int file) : file_(file) {}
  int file_;
};

}  // namespace penstock::io
