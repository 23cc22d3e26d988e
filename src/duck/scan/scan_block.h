#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace penstock::duck {

// A piece of a file in memory, followed by kBlockPadding readable bytes. Values of rows may point
// into it, so it lives as long as the rows that do.
struct Block {
  explicit Block(size_t capacity);
  size_t capacity;
  std::unique_ptr<char[]> bytes;
};
using BlockPtr = std::shared_ptr<Block>;

constexpr size_t kBlockPadding = 64;
constexpr size_t kBlockSize = size_t{1} << 20;

// A block of at least this capacity. Blocks of the usual size are used again, which spares the
// kernel clearing them. Thread-safe.
BlockPtr TakeBlock(size_t capacity);

}  // namespace penstock::duck
