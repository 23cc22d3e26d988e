// Schemas are written by users (`schema => '…'`) and other programs: any text must give a schema or
// an error, and a schema that was read must survive being written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/data_type.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto schema = penstock::ParseSchema(text);
  if (!schema.ok()) return 0;
  const std::string written = penstock::ToString(*schema);
  auto again = penstock::ParseSchema(written);
  if (!again.ok() || penstock::ToString(*again) != written) abort();
  return 0;
}
