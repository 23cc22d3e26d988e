#include "duck/scan/string_heap.h"

#include <duckdb/common/types/vector.hpp>
#include <duckdb/common/types/vector_buffer.hpp>

namespace penstock::duck {
namespace {

class BlockBuffer : public duckdb::VectorBuffer {
 public:
  explicit BlockBuffer(BlockPtr block)
      : duckdb::VectorBuffer(duckdb::VectorBufferType::OPAQUE_BUFFER), block_(std::move(block)) {}

 private:
  BlockPtr block_;
};

}  // namespace

void KeepAlive(duckdb_vector vector, const BlockPtr& block) {
  auto& target = *reinterpret_cast<duckdb::Vector*>(vector);
  duckdb::StringVector::AddBuffer(target, duckdb::make_buffer<BlockBuffer>(block));
}

}  // namespace penstock::duck
