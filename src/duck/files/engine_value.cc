#include "duck/files/engine_value.h"

#include "duck/native.h"
#include "duck/scan/column_writer.h"

namespace penstock::duck {
namespace {

std::optional<std::string> TimestampText(const duckdb::Value& value, const char* suffix) {
  const auto micros = value.GetValueUnsafe<duckdb::timestamp_t>();
  if (!duckdb::Timestamp::IsFinite(micros)) return std::nullopt;
  std::string text = duckdb::Timestamp::ToString(micros);
  const size_t blank = text.find(' ');
  if (blank == std::string::npos || text.find("BC") != std::string::npos) return std::nullopt;
  text[blank] = 'T';
  return text + suffix;
}

}  // namespace

duckdb::LogicalType LogicalTypeOf(const DataType& type) {
  return *reinterpret_cast<duckdb::LogicalType*>(MakeNativeType(type).get());
}

Result<duckdb::Value> ValueOfText(const std::optional<std::string>& text, const DataType& type) {
  const duckdb::LogicalType wanted = LogicalTypeOf(type);
  if (!text || text->empty()) return duckdb::Value(wanted);
  if (type.id == TypeId::kBinary) return duckdb::Value::BLOB_RAW(*text);
  const bool is_instant = type.id == TypeId::kTimestamp;
  duckdb::Value value(*text);
  if (!value.DefaultTryCastAs(is_instant ? duckdb::LogicalType::TIMESTAMP : wanted)) {
    return DataError("BAD_PARTITION_VALUE", "'" + *text + "' is no " + ToString(type));
  }
  if (!is_instant || value.IsNull()) return value;
  return duckdb::Value::TIMESTAMPTZ(
      duckdb::timestamp_tz_t(value.GetValueUnsafe<duckdb::timestamp_t>().value));
}

std::optional<std::string> TextOfValue(const duckdb::Value& value) {
  if (value.IsNull()) return std::nullopt;
  switch (value.type().id()) {
    case duckdb::LogicalTypeId::BOOLEAN:
      return value.GetValue<bool>() ? "true" : "false";
    case duckdb::LogicalTypeId::TINYINT:
    case duckdb::LogicalTypeId::SMALLINT:
    case duckdb::LogicalTypeId::INTEGER:
    case duckdb::LogicalTypeId::BIGINT:
    case duckdb::LogicalTypeId::HUGEINT:
    case duckdb::LogicalTypeId::FLOAT:
    case duckdb::LogicalTypeId::DOUBLE:
    case duckdb::LogicalTypeId::DECIMAL:
      return value.ToString();
    case duckdb::LogicalTypeId::VARCHAR:
      return duckdb::StringValue::Get(value);
    case duckdb::LogicalTypeId::DATE: {
      std::string text = value.ToString();
      if (text.find("BC") != std::string::npos || text.find("inf") != std::string::npos) {
        return std::nullopt;
      }
      return text;
    }
    case duckdb::LogicalTypeId::TIMESTAMP:
      return TimestampText(value, "");
    case duckdb::LogicalTypeId::TIMESTAMP_TZ:
      return TimestampText(value, "Z");
    default:
      return std::nullopt;
  }
}

}  // namespace penstock::duck
