#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "duck/engine.h"

namespace penstock::duck {

// The rows of a query, made as they are asked for instead of all being kept in memory: no other
// query of the connection until they are read. An error while running comes from NextChunk. The
// text is ours, so that errors carry no place in it.
Result<ResultSet> StreamRows(Connection& connection, const std::string& sql);

// A column of the current chunk of a ResultSet as the engine holds it, nested parts included, to be
// visited without copies or conversions. The caller knows the type: what it asks for must be what
// the column has. Valid until the next chunk.
class NestedColumn {
 public:
  static NestedColumn Of(const ResultSet& rows, size_t column);

  bool IsNull(size_t row) const {
    return validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1) == 0;
  }
  // Of a row that is not null:
  int64_t Int64(size_t row) const { return static_cast<const int64_t*>(data_)[row]; }  // BIGINT
  int32_t Int32(size_t row) const { return static_cast<const int32_t*>(data_)[row]; }  // INTEGER
  bool Bool(size_t row) const { return static_cast<const bool*>(data_)[row]; }         // BOOLEAN
  std::string_view Text(size_t row) const;                                             // VARCHAR
  // Of a LIST or MAP: the rows of the children that belong to `row`, the second one excluded.
  std::pair<size_t, size_t> Elements(size_t row) const;
  // A LIST's element is child 0; a MAP's keys are 0 and its values 1; a STRUCT's fields follow
  // their order.
  const NestedColumn& Child(size_t number) const { return children_[number]; }

 private:
  static NestedColumn OfVector(void* vector, void* type);

  const void* data_ = nullptr;
  const uint64_t* validity_ = nullptr;
  std::vector<NestedColumn> children_;
};

}  // namespace penstock::duck
