#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace penstock::tests {

// Choices that follow from a seed alone, on every machine. Not thread-safe.
class Choice {
 public:
  explicit Choice(uint64_t seed) : random_(seed * 2654435761U + 1) {}

  // 0 … count - 1.
  size_t Below(size_t count) { return static_cast<size_t>(random_() % count); }
  // The smaller of two numbers: few values occur often.
  size_t Skewed(size_t count) { return std::min(Below(count), Below(count)); }
  bool Chance(size_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& Of(const std::vector<T>& values) {
    return values[Below(values.size())];
  }
  std::string Word(const std::vector<const char*>& words) { return Of(words); }

 private:
  std::mt19937_64 random_;
};

}  // namespace penstock::tests
