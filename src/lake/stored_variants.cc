#include "lake/stored_variants.h"

#include <algorithm>

#include "base/variant_type.h"
#include "lake/nested_value.h"

namespace penstock::lake {
namespace {

std::string Stored(const std::string& value, const DataType& type, int depth) {
  if (!HasVariant(type)) return value;
  if (IsNested(type)) {
    return RebuiltValue(value, type, depth, [&](size_t i, const std::string& inner) {
      return Stored(inner, type.fields[i].type, depth + 1);
    });
  }
  // Normalized, an object has its keys in order, as readers search them.
  return "CASE WHEN " + value + " IS NULL THEN NULL ELSE " +
         "variant_to_parquet_variant(variant_normalize(" + value + ")) END";
}

}  // namespace

bool HasVariant(const DataType& type) {
  return type.id == kVariantType ||
         std::any_of(type.fields.begin(), type.fields.end(),
                     [](const Field& field) { return HasVariant(field.type); });
}

std::string StoredVariants(const std::string& value, const DataType& type) {
  return Stored(value, type, 0);
}

}  // namespace penstock::lake
