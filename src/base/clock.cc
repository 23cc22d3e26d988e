#include "base/clock.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <thread>

namespace penstock {
namespace {

class MachineClock : public Clock {
 public:
  TimestampMicros Now() override {
    using std::chrono::microseconds;
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<microseconds>(since_epoch).count();
  }
  void SleepFor(int64_t micros) override {
    std::this_thread::sleep_for(std::chrono::microseconds(micros));
  }
};

}  // namespace

Clock& SystemClock() {
  static MachineClock clock;
  return clock;
}

std::string FormatTimestamp(TimestampMicros micros) {
  constexpr int64_t kMicrosPerSecond = 1000000;
  int64_t seconds = micros / kMicrosPerSecond;
  int64_t fraction = micros % kMicrosPerSecond;
  if (fraction < 0) {
    fraction += kMicrosPerSecond;
    --seconds;
  }
  const time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char day[32];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  char text[48];
  std::snprintf(text, sizeof text, "%s.%06dZ", day, static_cast<int>(fraction));
  return text;
}

}  // namespace penstock
