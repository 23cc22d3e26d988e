#include "lake/stored_variants.h"

#include <algorithm>

#include "base/sql_text.h"
#include "base/variant_type.h"

namespace penstock::lake {
namespace {

std::string Stored(const std::string& value, const DataType& type, int depth);

std::string StoredStruct(const std::string& value, const DataType& type, int depth) {
  std::string fields;
  for (const Field& field : type.fields) {
    fields += (fields.empty() ? "" : ", ") + QuoteIdentifier(field.name) +
              " := " + Stored("(" + value + ")." + QuoteIdentifier(field.name), field.type, depth);
  }
  return "CASE WHEN " + value + " IS NULL THEN NULL ELSE struct_pack(" + fields + ") END";
}

std::string StoredMap(const std::string& value, const DataType& type, int depth) {
  const std::string entry = "e" + std::to_string(depth);
  return "map_from_entries(list_transform(map_entries(" + value + "), lambda " + entry +
         ": struct_pack(k := " + Stored(entry + ".key", type.fields[0].type, depth + 1) +
         ", v := " + Stored(entry + ".value", type.fields[1].type, depth + 1) + ")))";
}

std::string Stored(const std::string& value, const DataType& type, int depth) {
  if (!HasVariant(type)) return value;
  switch (type.id) {
    case TypeId::kStruct:
      return StoredStruct(value, type, depth);
    case TypeId::kMap:
      return StoredMap(value, type, depth);
    case TypeId::kArray: {
      const std::string element = "e" + std::to_string(depth);
      return "list_transform(" + value + ", lambda " + element + ": " +
             Stored(element, type.fields[0].type, depth + 1) + ")";
    }
    default:
      // Normalized, an object has its keys in order, as readers search them.
      return "CASE WHEN " + value + " IS NULL THEN NULL ELSE " +
             "variant_to_parquet_variant(variant_normalize(" + value + ")) END";
  }
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
