#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

// Time and memory of this process, as the benches take them.
namespace penstock::bench {

inline double Seconds() {
  using std::chrono::duration;
  using std::chrono::steady_clock;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

// Of all threads, so far.
inline double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// "VmHWM:" or "VmRSS:" in bytes.
inline int64_t Memory(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::atoll(line.c_str() + field.size() + 1) * 1024;
  }
  return 0;
}

// From now on VmHWM is the most since now; what is in use is answered.
inline int64_t ForgetPeak() {
  {
    std::ofstream("/proc/self/clear_refs") << "5";
  }
  return Memory("VmRSS:");
}

inline double Median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// "0.1, 0.2"
inline std::string List(const std::vector<double>& times) {
  std::string list;
  for (const double time : times) list += (list.empty() ? "" : ", ") + std::to_string(time);
  return list;
}

}  // namespace penstock::bench
