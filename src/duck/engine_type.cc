#include <fmt/format.h>

#include "base/variant_type.h"
#include "duck/native.h"

namespace penstock::duck {
namespace {

const char* ScalarName(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
      return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT:
      return "TINYINT";
    case DUCKDB_TYPE_SMALLINT:
      return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
      return "INTEGER";
    case DUCKDB_TYPE_BIGINT:
      return "BIGINT";
    case DUCKDB_TYPE_UTINYINT:
      return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT:
      return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER:
      return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT:
      return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT:
      return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT:
      return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT:
      return "FLOAT";
    case DUCKDB_TYPE_DOUBLE:
      return "DOUBLE";
    case DUCKDB_TYPE_TIMESTAMP:
      return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S:
      return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_DATE:
      return "DATE";
    case DUCKDB_TYPE_TIME:
      return "TIME";
    case DUCKDB_TYPE_TIME_TZ:
      return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIME_NS:
      return "TIME_NS";
    case DUCKDB_TYPE_INTERVAL:
      return "INTERVAL";
    case DUCKDB_TYPE_VARCHAR:
      return "VARCHAR";
    case DUCKDB_TYPE_BLOB:
      return "BLOB";
    case DUCKDB_TYPE_ENUM:
      return "ENUM";
    case DUCKDB_TYPE_UUID:
      return "UUID";
    case DUCKDB_TYPE_UNION:
      return "UNION";
    case DUCKDB_TYPE_BIT:
      return "BIT";
    case DUCKDB_TYPE_BIGNUM:
      return "BIGNUM";
    case DUCKDB_TYPE_GEOMETRY:
      return "GEOMETRY";
    case DUCKDB_TYPE_VARIANT:
      return "VARIANT";
    case DUCKDB_TYPE_SQLNULL:
      return "\"NULL\"";
    default:
      return "UNKNOWN";
  }
}

Error Unsupported(duckdb_logical_type type, std::string_view column) {
  return UserError(
      "UNSUPPORTED_TYPE",
      fmt::format("Column {} has the type {}, which tables cannot store.", QuoteIdentifier(column),
                  NativeTypeName(type)),
      fmt::format("Cast it, for example CAST({} AS VARCHAR).", QuoteIdentifier(column)));
}

Result<DataType> FromStruct(duckdb_logical_type type, std::string_view column) {
  std::vector<Field> fields;
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    NativeType child(duckdb_struct_type_child_type(type, i));
    ASSIGN_OR_RETURN(DataType field_type, FromNativeType(child.get(), column));
    fields.push_back(
        {TakeNativeText(duckdb_struct_type_child_name(type, i)), std::move(field_type), true, ""});
  }
  return DataType::Struct(std::move(fields));
}

Result<DataType> FromNested(duckdb_type id, duckdb_logical_type type, std::string_view column) {
  if (id == DUCKDB_TYPE_STRUCT) return FromStruct(type, column);
  if (id == DUCKDB_TYPE_MAP) {
    NativeType key(duckdb_map_type_key_type(type));
    NativeType value(duckdb_map_type_value_type(type));
    ASSIGN_OR_RETURN(DataType key_type, FromNativeType(key.get(), column));
    ASSIGN_OR_RETURN(DataType value_type, FromNativeType(value.get(), column));
    return DataType::Map(std::move(key_type), std::move(value_type));
  }
  NativeType child(id == DUCKDB_TYPE_LIST ? duckdb_list_type_child_type(type)
                                          : duckdb_array_type_child_type(type));
  ASSIGN_OR_RETURN(DataType element, FromNativeType(child.get(), column));
  return DataType::Array(std::move(element));
}

}  // namespace

std::string TakeNativeText(char* text) {
  if (text == nullptr) return "";
  std::string taken(text);
  duckdb_free(text);
  return taken;
}

std::string NativeTypeName(duckdb_logical_type type) {
  duckdb_type id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_DECIMAL) {
    return fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), duckdb_decimal_scale(type));
  }
  if (id == DUCKDB_TYPE_LIST)
    return NativeTypeName(NativeType(duckdb_list_type_child_type(type)).get()) + "[]";
  if (id == DUCKDB_TYPE_ARRAY) {
    return fmt::format("{}[{}]",
                       NativeTypeName(NativeType(duckdb_array_type_child_type(type)).get()),
                       duckdb_array_type_array_size(type));
  }
  if (id == DUCKDB_TYPE_MAP) {
    return fmt::format("MAP({}, {})",
                       NativeTypeName(NativeType(duckdb_map_type_key_type(type)).get()),
                       NativeTypeName(NativeType(duckdb_map_type_value_type(type)).get()));
  }
  if (id == DUCKDB_TYPE_STRUCT) {
    std::string text = "STRUCT(";
    for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
      if (i > 0) text += ", ";
      text += QuoteIdentifier(TakeNativeText(duckdb_struct_type_child_name(type, i))) + " " +
              NativeTypeName(NativeType(duckdb_struct_type_child_type(type, i)).get());
    }
    return text + ")";
  }
  std::string alias = TakeNativeText(duckdb_logical_type_get_alias(type));
  return alias.empty() ? ScalarName(id) : alias;
}

Result<DataType> FromNativeType(duckdb_logical_type type, std::string_view column) {
  duckdb_type id = duckdb_get_type_id(type);
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
      return DataType::Of(TypeId::kBoolean);
    case DUCKDB_TYPE_TINYINT:
      return DataType::Of(TypeId::kByte);
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_SMALLINT:
      return DataType::Of(TypeId::kShort);
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_INTEGER:
      return DataType::Of(TypeId::kInteger);
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_BIGINT:
      return DataType::Of(TypeId::kLong);
    case DUCKDB_TYPE_UBIGINT:
      return DataType::Decimal(20, 0);
    // The engine's sums of whole numbers are HUGEINT, Spark's are BIGINT.
    case DUCKDB_TYPE_HUGEINT:
      return DataType::Of(TypeId::kLong);
    case DUCKDB_TYPE_UHUGEINT:
      return DataType::Decimal(38, 0);
    case DUCKDB_TYPE_FLOAT:
      return DataType::Of(TypeId::kFloat);
    case DUCKDB_TYPE_DOUBLE:
      return DataType::Of(TypeId::kDouble);
    case DUCKDB_TYPE_DECIMAL:
      return DataType::Decimal(duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_ENUM:
    case DUCKDB_TYPE_UUID:
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_TIME_NS:
    case DUCKDB_TYPE_TIME_TZ:
    case DUCKDB_TYPE_BIGNUM:
      return DataType::Of(TypeId::kString);
    case DUCKDB_TYPE_BLOB:
      return DataType::Of(TypeId::kBinary);
    case DUCKDB_TYPE_DATE:
      return DataType::Of(TypeId::kDate);
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return DataType::Of(TypeId::kTimestamp);
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return DataType::Of(TypeId::kTimestampNtz);
    case DUCKDB_TYPE_SQLNULL:
      return DataType::Of(TypeId::kVoid);
    case DUCKDB_TYPE_VARIANT:
      return DataType::Of(kVariantType);
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
      return FromNested(id, type, column);
    default:
      return Unsupported(type, column);
  }
}

}  // namespace penstock::duck
