#include <vector>

#include "duck/native.h"
#include "duck/variant_json.h"

namespace penstock::duck {
namespace {

// Owns a value of the engine.
class Value {
 public:
  explicit Value(duckdb_value value) : value_(value) {}
  Value(Value&& other) noexcept : value_(other.value_) { other.value_ = nullptr; }
  Value(const Value&) = delete;
  ~Value() {
    if (value_ != nullptr) duckdb_destroy_value(&value_);
  }
  duckdb_value get() const { return value_; }

 private:
  duckdb_value value_;
};

Value MakeValue(duckdb_vector vector, duckdb_logical_type type, idx_t row);

// Borrowed handles of the parts, as the engine's constructors of nested values take them.
std::vector<duckdb_value> Handles(const std::vector<Value>& values) {
  std::vector<duckdb_value> handles;
  for (const Value& value : values) handles.push_back(value.get());
  if (handles.empty()) handles.push_back(nullptr);  // the engine refuses a null array
  return handles;
}

Value MakeDecimal(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  const __int128 number = NativeDecimal(vector, duckdb_decimal_internal_type(type), row);
  return Value(duckdb_create_decimal(
      {duckdb_decimal_width(type), duckdb_decimal_scale(type), ToHugeint(number)}));
}

Value MakeEnum(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  uint64_t index = 0;
  switch (duckdb_enum_internal_type(type)) {
    case DUCKDB_TYPE_UTINYINT:
      index = NativeAt<uint8_t>(vector, row);
      break;
    case DUCKDB_TYPE_USMALLINT:
      index = NativeAt<uint16_t>(vector, row);
      break;
    default:
      index = NativeAt<uint32_t>(vector, row);
  }
  return Value(duckdb_create_enum_value(type, index));
}

Value MakeStruct(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  std::vector<Value> fields;
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    NativeType child(duckdb_struct_type_child_type(type, i));
    fields.push_back(MakeValue(duckdb_struct_vector_get_child(vector, i), child.get(), row));
  }
  return Value(duckdb_create_struct_value(type, Handles(fields).data()));
}

std::vector<Value> MakeRange(duckdb_vector child, duckdb_logical_type type, idx_t begin,
                             idx_t count) {
  std::vector<Value> values;
  for (idx_t i = begin; i < begin + count; ++i) values.push_back(MakeValue(child, type, i));
  return values;
}

Value MakeList(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  auto entry = NativeAt<duckdb_list_entry>(vector, row);
  NativeType child(duckdb_list_type_child_type(type));
  auto values =
      MakeRange(duckdb_list_vector_get_child(vector), child.get(), entry.offset, entry.length);
  return Value(duckdb_create_list_value(child.get(), Handles(values).data(), values.size()));
}

Value MakeArray(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  idx_t size = duckdb_array_type_array_size(type);
  NativeType child(duckdb_array_type_child_type(type));
  auto values = MakeRange(duckdb_array_vector_get_child(vector), child.get(), row * size, size);
  return Value(duckdb_create_array_value(child.get(), Handles(values).data(), values.size()));
}

Value MakeMap(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  auto entry = NativeAt<duckdb_list_entry>(vector, row);
  duckdb_vector pairs = duckdb_list_vector_get_child(vector);
  NativeType key(duckdb_map_type_key_type(type));
  NativeType value(duckdb_map_type_value_type(type));
  auto keys =
      MakeRange(duckdb_struct_vector_get_child(pairs, 0), key.get(), entry.offset, entry.length);
  auto values =
      MakeRange(duckdb_struct_vector_get_child(pairs, 1), value.get(), entry.offset, entry.length);
  return Value(
      duckdb_create_map_value(type, Handles(keys).data(), Handles(values).data(), entry.length));
}

Value MakeValue(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  if (IsNativeNull(vector, row)) return Value(duckdb_create_null_value());
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
      return Value(duckdb_create_bool(NativeAt<bool>(vector, row)));
    case DUCKDB_TYPE_TINYINT:
      return Value(duckdb_create_int8(NativeAt<int8_t>(vector, row)));
    case DUCKDB_TYPE_SMALLINT:
      return Value(duckdb_create_int16(NativeAt<int16_t>(vector, row)));
    case DUCKDB_TYPE_INTEGER:
      return Value(duckdb_create_int32(NativeAt<int32_t>(vector, row)));
    case DUCKDB_TYPE_BIGINT:
      return Value(duckdb_create_int64(NativeAt<int64_t>(vector, row)));
    case DUCKDB_TYPE_UTINYINT:
      return Value(duckdb_create_uint8(NativeAt<uint8_t>(vector, row)));
    case DUCKDB_TYPE_USMALLINT:
      return Value(duckdb_create_uint16(NativeAt<uint16_t>(vector, row)));
    case DUCKDB_TYPE_UINTEGER:
      return Value(duckdb_create_uint32(NativeAt<uint32_t>(vector, row)));
    case DUCKDB_TYPE_UBIGINT:
      return Value(duckdb_create_uint64(NativeAt<uint64_t>(vector, row)));
    case DUCKDB_TYPE_HUGEINT:
      return Value(duckdb_create_hugeint(NativeAt<duckdb_hugeint>(vector, row)));
    case DUCKDB_TYPE_UHUGEINT:
      return Value(duckdb_create_uhugeint(NativeAt<duckdb_uhugeint>(vector, row)));
    case DUCKDB_TYPE_FLOAT:
      return Value(duckdb_create_float(NativeAt<float>(vector, row)));
    case DUCKDB_TYPE_DOUBLE:
      return Value(duckdb_create_double(NativeAt<double>(vector, row)));
    case DUCKDB_TYPE_DECIMAL:
      return MakeDecimal(vector, type, row);
    case DUCKDB_TYPE_DATE:
      return Value(duckdb_create_date(NativeAt<duckdb_date>(vector, row)));
    case DUCKDB_TYPE_TIME:
      return Value(duckdb_create_time(NativeAt<duckdb_time>(vector, row)));
    case DUCKDB_TYPE_TIME_NS:
      return Value(duckdb_create_time_ns(NativeAt<duckdb_time_ns>(vector, row)));
    case DUCKDB_TYPE_TIME_TZ:
      return Value(duckdb_create_time_tz_value(NativeAt<duckdb_time_tz>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP:
      return Value(duckdb_create_timestamp(NativeAt<duckdb_timestamp>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Value(duckdb_create_timestamp_tz(NativeAt<duckdb_timestamp>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP_S:
      return Value(duckdb_create_timestamp_s(NativeAt<duckdb_timestamp_s>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return Value(duckdb_create_timestamp_ms(NativeAt<duckdb_timestamp_ms>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return Value(duckdb_create_timestamp_ns(NativeAt<duckdb_timestamp_ns>(vector, row)));
    case DUCKDB_TYPE_INTERVAL:
      return Value(duckdb_create_interval(NativeAt<duckdb_interval>(vector, row)));
    case DUCKDB_TYPE_UUID: {
      // Stored with the top bit flipped, so that it sorts as signed.
      auto bits = NativeAt<duckdb_uhugeint>(vector, row);
      bits.upper ^= uint64_t{1} << 63;
      return Value(duckdb_create_uuid(bits));
    }
    case DUCKDB_TYPE_ENUM:
      return MakeEnum(vector, type, row);
    case DUCKDB_TYPE_STRUCT:
      return MakeStruct(vector, type, row);
    case DUCKDB_TYPE_LIST:
      return MakeList(vector, type, row);
    case DUCKDB_TYPE_ARRAY:
      return MakeArray(vector, type, row);
    case DUCKDB_TYPE_MAP:
      return MakeMap(vector, type, row);
    case DUCKDB_TYPE_BLOB: {
      auto bytes = NativeString(vector, row);
      return Value(
          duckdb_create_blob(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
    }
    case DUCKDB_TYPE_VARCHAR: {
      auto text = NativeString(vector, row);
      return Value(duckdb_create_varchar_length(text.data(), text.size()));
    }
    case DUCKDB_TYPE_VARIANT: {
      std::string text;
      AppendVariantJson(vector, row, &text);
      return Value(duckdb_create_varchar_length(text.data(), text.size()));
    }
    default:
      return Value(duckdb_create_varchar("?"));
  }
}

}  // namespace

__int128 NativeDecimal(duckdb_vector vector, duckdb_type storage, idx_t row) {
  switch (storage) {
    case DUCKDB_TYPE_SMALLINT:
      return NativeAt<int16_t>(vector, row);
    case DUCKDB_TYPE_INTEGER:
      return NativeAt<int32_t>(vector, row);
    case DUCKDB_TYPE_BIGINT:
      return NativeAt<int64_t>(vector, row);
    default:
      return FromHugeint(NativeAt<duckdb_hugeint>(vector, row));
  }
}

std::string NativeValueText(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  duckdb_type id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_VARCHAR || id == DUCKDB_TYPE_BLOB)
    return std::string(NativeString(vector, row));
  if (id == DUCKDB_TYPE_VARIANT) {
    std::string text;
    AppendVariantText(vector, row, &text);
    return text;
  }
  return TakeNativeText(duckdb_get_varchar(MakeValue(vector, type, row).get()));
}

}  // namespace penstock::duck
