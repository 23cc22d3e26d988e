#pragma once

#include <cstdint>
#include <vector>

namespace penstock::duck {

// A join of more keys than this gives its other side no list of them.
inline constexpr int kMostListedKeys = 20'000;

// Integers that are looked for among many. Immutable, any thread.
class KeySet {
 public:
  explicit KeySet(std::vector<int64_t> keys);

  bool Contains(int64_t key) const { return MayContain(key) && ContainsExactly(key); }
  // Wrong for about one in a hundred of those that are not there, and much faster.
  bool MayContain(int64_t key) const {
    const uint64_t bit = Hash(key) >> shift_;
    return (bits_[bit / 64] >> (bit % 64) & 1) != 0;
  }
  bool ContainsExactly(int64_t key) const;
  bool ContainsAnyOf(int64_t first, int64_t last) const;  // both included

  bool empty() const { return keys_.empty(); }
  int64_t min() const { return keys_.front(); }
  int64_t max() const { return keys_.back(); }

 private:
  static uint64_t Hash(int64_t key) {
    return static_cast<uint64_t>(key) * uint64_t{0x9E3779B97F4A7C15};
  }

  std::vector<int64_t> keys_;    // ascending, each once
  std::vector<uint64_t> bits_;   // 2^(64 - shift_) of them, set where a key has its hash
  std::vector<uint32_t> slots_;  // a power of two; places in keys_ plus one, 0 is free
  int shift_ = 0;                // of a hash to the number of its bit
};

}  // namespace penstock::duck
