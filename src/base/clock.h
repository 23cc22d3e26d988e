#pragma once

#include <cstdint>
#include <string>

namespace penstock {

// Microseconds since 1970-01-01 UTC.
using TimestampMicros = int64_t;

// Wall time and waiting behind an interface, so that tests decide both. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimestampMicros Now() = 0;
  virtual void SleepFor(int64_t micros) = 0;
};

// The machine's clock; lives for the whole process.
Clock& SystemClock();

// "2026-01-31T12:00:00.000000Z"
std::string FormatTimestamp(TimestampMicros micros);

}  // namespace penstock
