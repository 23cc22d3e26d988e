#include "duck/files/key_set.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace penstock::duck {
namespace {

constexpr size_t kBitsPerKey = 64;
constexpr size_t kSlotsPerKey = 2;

}  // namespace

KeySet::KeySet(std::vector<int64_t> keys) : keys_(std::move(keys)) {
  std::sort(keys_.begin(), keys_.end());
  keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
  const size_t bits = std::bit_ceil(std::max<size_t>(keys_.size(), 1) * kBitsPerKey);
  bits_.resize(bits / 64);
  shift_ = 64 - std::countr_zero(bits);
  slots_.resize(std::bit_ceil(std::max<size_t>(keys_.size(), 1) * kSlotsPerKey));
  for (size_t i = 0; i < keys_.size(); ++i) {
    const uint64_t hash = Hash(keys_[i]);
    bits_[(hash >> shift_) / 64] |= uint64_t{1} << ((hash >> shift_) % 64);
    size_t slot = (hash >> 20) % slots_.size();
    while (slots_[slot] != 0) slot = (slot + 1) % slots_.size();
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

bool KeySet::ContainsExactly(int64_t key) const {
  size_t slot = (Hash(key) >> 20) & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if (keys_[slots_[slot] - 1] == key) return true;
  }
  return false;
}

bool KeySet::ContainsAnyOf(int64_t first, int64_t last) const {
  const auto next = std::lower_bound(keys_.begin(), keys_.end(), first);
  return next != keys_.end() && *next <= last;
}

}  // namespace penstock::duck
