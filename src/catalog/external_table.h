#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/dataset.h"

namespace penstock::catalog {

// The registration of a table that lives outside of the storage root.
struct ExternalTable {
  model::TableName name;
  std::string path;  // absolute
  bool operator==(const ExternalTable&) const = default;
};

// docs/formats/catalog.md describes the JSON. Decoding refuses a newer format by its number; `file`
// is for messages.
std::string EncodeExternalTable(const ExternalTable& table);
Result<ExternalTable> DecodeExternalTable(std::string_view text, const std::string& file);

}  // namespace penstock::catalog
