#include <vector>

#include "duck/native.h"

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

template <typename T>
T At(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

Value MakeValue(duckdb_vector vector, duckdb_logical_type type, idx_t row);

// Borrowed handles of the parts, as the engine's constructors of nested values take them.
std::vector<duckdb_value> Handles(const std::vector<Value>& values) {
  std::vector<duckdb_value> handles;
  for (const Value& value : values) handles.push_back(value.get());
  if (handles.empty()) handles.push_back(nullptr);  // the engine refuses a null array
  return handles;
}

Value MakeDecimal(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  duckdb_hugeint number{0, 0};
  auto widen = [&](int64_t small) {
    number.lower = static_cast<uint64_t>(small);
    number.upper = small < 0 ? -1 : 0;
  };
  switch (duckdb_decimal_internal_type(type)) {
    case DUCKDB_TYPE_SMALLINT:
      widen(At<int16_t>(vector, row));
      break;
    case DUCKDB_TYPE_INTEGER:
      widen(At<int32_t>(vector, row));
      break;
    case DUCKDB_TYPE_BIGINT:
      widen(At<int64_t>(vector, row));
      break;
    default:
      number = At<duckdb_hugeint>(vector, row);
  }
  return Value(
      duckdb_create_decimal({duckdb_decimal_width(type), duckdb_decimal_scale(type), number}));
}

Value MakeEnum(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  uint64_t index = 0;
  switch (duckdb_enum_internal_type(type)) {
    case DUCKDB_TYPE_UTINYINT:
      index = At<uint8_t>(vector, row);
      break;
    case DUCKDB_TYPE_USMALLINT:
      index = At<uint16_t>(vector, row);
      break;
    default:
      index = At<uint32_t>(vector, row);
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
  auto entry = At<duckdb_list_entry>(vector, row);
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
  auto entry = At<duckdb_list_entry>(vector, row);
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
      return Value(duckdb_create_bool(At<bool>(vector, row)));
    case DUCKDB_TYPE_TINYINT:
      return Value(duckdb_create_int8(At<int8_t>(vector, row)));
    case DUCKDB_TYPE_SMALLINT:
      return Value(duckdb_create_int16(At<int16_t>(vector, row)));
    case DUCKDB_TYPE_INTEGER:
      return Value(duckdb_create_int32(At<int32_t>(vector, row)));
    case DUCKDB_TYPE_BIGINT:
      return Value(duckdb_create_int64(At<int64_t>(vector, row)));
    case DUCKDB_TYPE_UTINYINT:
      return Value(duckdb_create_uint8(At<uint8_t>(vector, row)));
    case DUCKDB_TYPE_USMALLINT:
      return Value(duckdb_create_uint16(At<uint16_t>(vector, row)));
    case DUCKDB_TYPE_UINTEGER:
      return Value(duckdb_create_uint32(At<uint32_t>(vector, row)));
    case DUCKDB_TYPE_UBIGINT:
      return Value(duckdb_create_uint64(At<uint64_t>(vector, row)));
    case DUCKDB_TYPE_HUGEINT:
      return Value(duckdb_create_hugeint(At<duckdb_hugeint>(vector, row)));
    case DUCKDB_TYPE_UHUGEINT:
      return Value(duckdb_create_uhugeint(At<duckdb_uhugeint>(vector, row)));
    case DUCKDB_TYPE_FLOAT:
      return Value(duckdb_create_float(At<float>(vector, row)));
    case DUCKDB_TYPE_DOUBLE:
      return Value(duckdb_create_double(At<double>(vector, row)));
    case DUCKDB_TYPE_DECIMAL:
      return MakeDecimal(vector, type, row);
    case DUCKDB_TYPE_DATE:
      return Value(duckdb_create_date(At<duckdb_date>(vector, row)));
    case DUCKDB_TYPE_TIME:
      return Value(duckdb_create_time(At<duckdb_time>(vector, row)));
    case DUCKDB_TYPE_TIME_NS:
      return Value(duckdb_create_time_ns(At<duckdb_time_ns>(vector, row)));
    case DUCKDB_TYPE_TIME_TZ:
      return Value(duckdb_create_time_tz_value(At<duckdb_time_tz>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP:
      return Value(duckdb_create_timestamp(At<duckdb_timestamp>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Value(duckdb_create_timestamp_tz(At<duckdb_timestamp>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP_S:
      return Value(duckdb_create_timestamp_s(At<duckdb_timestamp_s>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return Value(duckdb_create_timestamp_ms(At<duckdb_timestamp_ms>(vector, row)));
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return Value(duckdb_create_timestamp_ns(At<duckdb_timestamp_ns>(vector, row)));
    case DUCKDB_TYPE_INTERVAL:
      return Value(duckdb_create_interval(At<duckdb_interval>(vector, row)));
    case DUCKDB_TYPE_UUID: {
      // Stored with the top bit flipped, so that it sorts as signed.
      auto bits = At<duckdb_uhugeint>(vector, row);
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
    default:
      return Value(duckdb_create_varchar("?"));
  }
}

}  // namespace

bool IsNativeNull(duckdb_vector vector, idx_t row) {
  uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
}

std::string_view NativeString(duckdb_vector vector, idx_t row) {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

std::string NativeValueText(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  duckdb_type id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_VARCHAR || id == DUCKDB_TYPE_BLOB)
    return std::string(NativeString(vector, row));
  return TakeNativeText(duckdb_get_varchar(MakeValue(vector, type, row).get()));
}

}  // namespace penstock::duck
