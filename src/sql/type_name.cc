#include "sql/type_name.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/data_type.h"
#include "base/sql_text.h"
#include "base/text.h"

namespace penstock::sql {
namespace {

// Types that only the engine has; they pass.
constexpr std::array<std::string_view, 16> kEngineTypes = {
    "varchar", "text",     "blob",     "hugeint",   "uhugeint", "uint8", "uint16", "uint32",
    "ubigint", "uinteger", "utinyint", "usmallint", "uuid",     "json",  "time",   "interval"};

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
    case TypeId::kDouble:
      return "double";
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

// The engine's spelling of one of Spark's types, or of its own.
Result<std::string> EngineTypeName(std::string_view type) {
  Result<DataType> parsed = ParseDataType(type);
  if (parsed.ok()) return EngineType(*parsed);
  if (IsEngineType(type)) return std::string(type);
  return std::move(parsed).error();
}

}  // namespace

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
