#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "duck/scan/scan_block.h"

namespace penstock::duck {

// The keys of the last JSON object in their order. Records mostly repeat it, so comparing with the
// key that is expected replaces looking it up.
template <typename Target>
class KeyOrder {
 public:
  // What stands for the key at `*p` when it is the one expected at `position`, and `*p` moves
  // behind its colon; else null. kBlockPadding bytes at `*p` are readable.
  const Target* Take(size_t position, const char** p) const {
    if (position >= keys_.size()) return nullptr;
    const Key& key = keys_[position];
    if (key.text.empty() || std::memcmp(*p, key.text.data(), key.text.size()) != 0) return nullptr;
    *p += key.text.size();
    return &key.target;
  }

  // Expects `text`, a key from its quote to its colon, at `position` from now on.
  void Keep(size_t position, std::string_view text, Target target) {
    if (text.size() > kBlockPadding) return;
    if (keys_.size() <= position) keys_.resize(position + 1);
    keys_[position] = {std::string(text), target};
  }

 private:
  struct Key {
    std::string text;  // empty: one that is not kept
    Target target{};
  };
  std::vector<Key> keys_;
};

}  // namespace penstock::duck
