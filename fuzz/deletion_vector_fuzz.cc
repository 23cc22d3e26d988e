// Deletion vectors as a stranger may have written them: reading never crashes, takes no more memory
// than the bytes are worth, and what was read is written and read back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/z85.h"
#include "delta/deletion_vector.h"
#include "delta/row_set_codec.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void ReadInline(std::string_view text) {
  const penstock::delta::DeletionVector vector{"i", std::string(text), std::nullopt,
                                               static_cast<int64_t>(text.size() / 5 * 4), 6};
  (void)penstock::delta::DecodeVector(vector, "", "file");
  (void)penstock::delta::PlaceOf("/t", {"u", std::string(text), 1, 40, 6}, "file");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReadInline(bytes);
  const auto rows = penstock::delta::DecodeRowSet(bytes, "it");
  if (!rows.ok()) return 0;
  const auto again = penstock::delta::DecodeRowSet(penstock::delta::EncodeRowSet(*rows), "again");
  Require(again.ok() && *again == *rows);
  Require(rows->Union(*again) == *rows);
  Require(rows->Without(*again).empty());
  uint64_t words[2] = {};
  (void)rows->Mark(rows->End() > 100 ? rows->End() - 100 : 0, 128, words);
  return 0;
}
