#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "io/storage.h"

namespace penstock::io {

// One holder at a time where there is no file to lock: objects <folder>/<epoch>.json, of which the
// highest epoch counts (docs/formats/lease.md). Taken by a conditional put of the next epoch when
// the last one was released, its process is known to be dead, or it was not renewed for its
// seconds by the clock of the store. A thread renews it. Thread-safe.
//
// A lease keeps two from working at once; it cannot stop a request that is already under way. What
// must not be lost has to be put conditionally as well, as Delta commits are.
class Lease {
 public:
  // LOCKED names the holder; with `wait`, waits for it instead. `seconds`: after how long without a
  // renewal others may take it, at least 2. The storage is borrowed.
  static Result<std::unique_ptr<Lease>> Acquire(Storage& storage, const std::string& folder,
                                                int64_t seconds, bool wait);
  // Releases it, unless it is lost.
  ~Lease();
  Lease(const Lease&) = delete;

  // LEASE_LOST when another has it, or might have before long because it was not renewed for half
  // of its seconds.
  Status Check();

 private:
  Lease(Storage& storage, std::string folder, int64_t epoch, int64_t seconds, int64_t renewed);
  void RenewAgainAndAgain();
  // Whether it is still ours.
  Result<bool> Renew();

  Storage& storage_;
  const std::string folder_;
  const int64_t epoch_;
  const int64_t seconds_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ends_ = false;
  bool taken_ = false;   // by another
  int64_t renewed_ = 0;  // microseconds of the machine's time since boot
  std::thread thread_;
};

}  // namespace penstock::io
