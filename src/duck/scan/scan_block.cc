#include "duck/scan/scan_block.h"

#include <mutex>
#include <vector>

namespace penstock::duck {
namespace {

constexpr size_t kPooledCapacity = kBlockSize + 64 * 1024;
constexpr size_t kMaxPooled = 64;

class BlockPool {
 public:
  std::unique_ptr<Block> Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<Block>(kPooledCapacity);
    auto block = std::move(free_.back());
    free_.pop_back();
    return block;
  }
  void Return(std::unique_ptr<Block> block) {
    const std::lock_guard lock(mutex_);
    if (free_.size() < kMaxPooled) free_.push_back(std::move(block));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Block>> free_;
};

// Never destroyed: rows of a query may outlive static objects.
BlockPool& Pool() {
  static BlockPool* const pool = new BlockPool;
  return *pool;
}

}  // namespace

Block::Block(size_t capacity) : capacity(capacity), bytes(new char[capacity + kBlockPadding]) {}

BlockPtr TakeBlock(size_t capacity) {
  if (capacity > kPooledCapacity) return std::make_shared<Block>(capacity);
  return BlockPtr(Pool().Take().release(),
                  [](Block* block) { Pool().Return(std::unique_ptr<Block>(block)); });
}

}  // namespace penstock::duck
