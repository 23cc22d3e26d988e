#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/row_set.h"

namespace penstock::delta {

// The bytes of a deletion vector: a 64-bit Roaring bitmap in the portable format behind a magic
// number (PROTOCOL.md, "Deletion Vector Format"; RoaringFormatSpec).
std::string EncodeRowSet(const RowSet& rows);

// The reverse; also reads the older format of 32-bit bitmaps in a row (magic number 1681511376).
// Any bytes may be given: memory is bounded by their number. BAD_DELETION_VECTOR says what is wrong
// of `where` ("the deletion vector of part-0.parquet").
Result<RowSet> DecodeRowSet(std::string_view bytes, std::string_view where);

}  // namespace penstock::delta
