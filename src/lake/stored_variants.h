#pragma once

#include <string>

#include "base/data_type.h"

namespace penstock::lake {

bool HasVariant(const DataType& type);
// SQL that makes of `value` what files have of it: variants as structs of "metadata" and "value",
// not shredded (PROTOCOL.md, "Variant data in Parquet"), also in nested values.
std::string StoredVariants(const std::string& value, const DataType& type);

}  // namespace penstock::lake
