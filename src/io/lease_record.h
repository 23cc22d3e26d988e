#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::io {

// What stands in the object of a lease: who holds it (docs/formats/lease.md).
struct LeaseRecord {
  std::string host;
  int64_t process = 0;
  std::string machine;  // boot and namespace in which the process number counts; empty: unknown
  int64_t started = 0;  // of the process, clock ticks after boot
  int64_t seconds = 0;
  bool released = false;

  bool operator==(const LeaseRecord&) const = default;
};

// Of this process.
LeaseRecord OwnRecord(int64_t seconds);
std::string EncodeLease(const LeaseRecord& record);
Result<LeaseRecord> DecodeLease(std::string_view bytes, const std::string& path);

// Whether the process ran on this machine, where it is seen to have ended.
bool HasDied(const LeaseRecord& record);

// "process 17 on host"
std::string HolderName(const LeaseRecord& record);

}  // namespace penstock::io
