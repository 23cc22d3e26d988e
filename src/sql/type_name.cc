#include "sql/type_name.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/data_type.h"
#include "base/text.h"
#include "sql/quoting.h"

namespace penstock::sql {
namespace {

// Types that only the engine has; they pass.
constexpr std::array<std::string_view, 16> kEngineTypes = {
    "varchar", "text",     "blob",     "hugeint",   "uhugeint", "uint8", "uint16", "uint32",
    "ubigint", "uinteger", "utinyint", "usmallint", "uuid",     "json",  "time",   "interval"};

std::string_view EngineName(TypeId id) {
  switch (id) {
    case TypeId::kBoolean:
      return "BOOLEAN";
    case TypeId::kByte:
      return "TINYINT";
    case TypeId::kShort:
      return "SMALLINT";
    case TypeId::kInteger:
      return "INTEGER";
    case TypeId::kLong:
      return "BIGINT";
    case TypeId::kFloat:
      return "FLOAT";
    case TypeId::kDouble:
      return "DOUBLE";
    case TypeId::kString:
      return "VARCHAR";
    case TypeId::kBinary:
      return "BLOB";
    case TypeId::kDate:
      return "DATE";
    case TypeId::kTimestamp:
      return "TIMESTAMPTZ";
    case TypeId::kTimestampNtz:
      return "TIMESTAMP";
    default:
      return "";
  }
}

std::string Spelling(const DataType& type) {
  switch (type.id) {
    case TypeId::kDecimal:
      return "DECIMAL(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
    case TypeId::kArray:
      return Spelling(type.fields[0].type) + "[]";
    case TypeId::kMap:
      return "MAP(" + Spelling(type.fields[0].type) + ", " + Spelling(type.fields[1].type) + ")";
    case TypeId::kStruct: {
      std::string fields;
      for (const Field& field : type.fields) {
        if (!fields.empty()) fields += ", ";
        fields += QuoteName(field.name) + " " + Spelling(field.type);
      }
      return "STRUCT(" + fields + ")";
    }
    default:
      return std::string(EngineName(type.id));
  }
}

// Casts whose meaning differs between Spark and the engine have a function in the pack.
std::string_view PackCast(TypeId id) {
  switch (id) {
    case TypeId::kByte:
      return "byte";
    case TypeId::kShort:
      return "short";
    case TypeId::kInteger:
      return "int";
    case TypeId::kLong:
      return "long";
    case TypeId::kString:
      return "string";
    case TypeId::kBinary:
      return "binary";
    case TypeId::kDate:
      return "date";
    case TypeId::kTimestamp:
      return "cast_timestamp";
    case TypeId::kTimestampNtz:
      return "timestamp_ntz";
    default:
      return "";
  }
}

bool IsEngineType(std::string_view type) {
  const std::string word = AsciiLower(type.substr(0, type.find_first_of("([ ")));
  return type.ends_with("]") || AsciiLower(type).starts_with("struct(") ||
         std::find(kEngineTypes.begin(), kEngineTypes.end(), word) != kEngineTypes.end();
}

}  // namespace

Result<std::string> EngineTypeName(std::string_view type) {
  Result<DataType> parsed = ParseDataType(type);
  if (parsed.ok()) return Spelling(*parsed);
  if (IsEngineType(type)) return std::string(type);
  return std::move(parsed).error();
}

Result<CastPlan> PlanCast(std::string_view type, bool lenient) {
  const Result<DataType> parsed = ParseDataType(type);
  if (parsed.ok()) {
    const std::string_view name = PackCast(parsed->id);
    if (!name.empty()) {
      return CastPlan{std::string(lenient ? "spark_try_" : "spark_") + std::string(name) + "(",
                      ")"};
    }
  }
  ASSIGN_OR_RETURN(const std::string engine_type, EngineTypeName(type));
  return CastPlan{lenient ? "TRY_CAST(" : "CAST(", " AS " + engine_type + ")"};
}

}  // namespace penstock::sql
