#pragma once

#include <atomic>
#include <string_view>

#include "io/forwarding_storage.h"
#include "io/lease.h"

namespace penstock::io {

// A storage in which nothing is written once the lease that it watches is lost (LEASE_LOST). Reads
// go on. Without a lease everything passes. Thread-safe; borrows both.
class LeasedStorage : public ForwardingStorage {
 public:
  explicit LeasedStorage(Storage* base) : base_(base) {}

  // The storage without the watch.
  Storage& base() { return *base_; }
  // From now on this lease counts, or none (null).
  void Watch(Lease* lease) { lease_ = lease; }

 private:
  Result<Storage*> ToRead(std::string_view path) override;
  Result<Storage*> ToWrite(std::string_view path) override;

  Storage* base_;
  std::atomic<Lease*> lease_ = nullptr;
};

}  // namespace penstock::io
