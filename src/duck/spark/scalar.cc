#include "duck/spark/scalar.h"

#include "duck/spark/functions.h"
#include "duck/variant_json.h"

namespace penstock::duck {
namespace {

bool ReadWhole(duckdb_vector vector, duckdb_type type, idx_t row, __int128* value) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      *value = NativeAt<bool>(vector, row) ? 1 : 0;
      return true;
    case DUCKDB_TYPE_TINYINT:
      *value = NativeAt<int8_t>(vector, row);
      return true;
    case DUCKDB_TYPE_SMALLINT:
      *value = NativeAt<int16_t>(vector, row);
      return true;
    case DUCKDB_TYPE_INTEGER:
      *value = NativeAt<int32_t>(vector, row);
      return true;
    case DUCKDB_TYPE_BIGINT:
      *value = NativeAt<int64_t>(vector, row);
      return true;
    case DUCKDB_TYPE_UTINYINT:
      *value = NativeAt<uint8_t>(vector, row);
      return true;
    case DUCKDB_TYPE_USMALLINT:
      *value = NativeAt<uint16_t>(vector, row);
      return true;
    case DUCKDB_TYPE_UINTEGER:
      *value = NativeAt<uint32_t>(vector, row);
      return true;
    case DUCKDB_TYPE_UBIGINT:
      *value = NativeAt<uint64_t>(vector, row);
      return true;
    case DUCKDB_TYPE_HUGEINT:
      *value = FromHugeint(NativeAt<duckdb_hugeint>(vector, row));
      return true;
    default:
      return false;
  }
}

}  // namespace

bool AnyArgumentNull(duckdb_data_chunk input, idx_t row) {
  for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(input); ++i) {
    if (IsNativeNull(duckdb_data_chunk_get_vector(input, i), row)) return true;
  }
  return false;
}

void SetNull(duckdb_vector output, idx_t row) {
  duckdb_vector_ensure_validity_writable(output);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
}

void SetText(duckdb_vector output, idx_t row, std::string_view text) {
  duckdb_vector_assign_string_element_len(output, row, text.data(), text.size());
}

void FailRow(duckdb_function_info info, const std::string& code, const std::string& message,
             const std::string& remedy) {
  duckdb_scalar_function_set_error(info, ErrorForEngine(DataError(code, message, remedy)).c_str());
}

bool ReadNumber(duckdb_vector vector, duckdb_logical_type type, idx_t row, AnyNumber* number) {
  const duckdb_type id = duckdb_get_type_id(type);
  number->scale = 0;
  number->is_real = id == DUCKDB_TYPE_DOUBLE || id == DUCKDB_TYPE_FLOAT;
  if (number->is_real) {
    number->real = id == DUCKDB_TYPE_DOUBLE ? NativeAt<double>(vector, row)
                                            : static_cast<double>(NativeAt<float>(vector, row));
    return true;
  }
  if (id == DUCKDB_TYPE_DECIMAL) {
    number->scale = duckdb_decimal_scale(type);
    number->whole = NativeDecimal(vector, duckdb_decimal_internal_type(type), row);
    return true;
  }
  return ReadWhole(vector, id, row, &number->whole);
}

FunctionSet::FunctionSet(const char* name)
    : name_(name), set_(duckdb_create_scalar_function_set(name)) {}

FunctionSet::~FunctionSet() { duckdb_destroy_scalar_function_set(&set_); }

void FunctionSet::Add(std::initializer_list<duckdb_type> parameters, duckdb_type returns,
                      duckdb_scalar_function_t body) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  for (const duckdb_type parameter : parameters) {
    duckdb_scalar_function_add_parameter(function,
                                         NativeType(duckdb_create_logical_type(parameter)).get());
  }
  Finish(function, returns, body);
}

void FunctionSet::AddVariadic(duckdb_type returns, duckdb_scalar_function_t body) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_scalar_function_set_varargs(function,
                                     NativeType(duckdb_create_logical_type(DUCKDB_TYPE_ANY)).get());
  Finish(function, returns, body);
}

void FunctionSet::Finish(duckdb_scalar_function function, duckdb_type returns,
                         duckdb_scalar_function_t body) {
  duckdb_scalar_function_set_name(function, name_);
  const NativeType type(returns == DUCKDB_TYPE_VARIANT ? MakeVariantType()
                                                       : duckdb_create_logical_type(returns));
  duckdb_scalar_function_set_return_type(function, type.get());
  duckdb_scalar_function_set_special_handling(function);
  duckdb_scalar_function_set_function(function, body);
  duckdb_add_scalar_function_to_set(set_, function);
  duckdb_destroy_scalar_function(&function);
}

Status FunctionSet::Register(duckdb_connection connection) {
  if (duckdb_register_scalar_function_set(connection, set_) == DuckDBSuccess) return OkStatus();
  return InternalError(std::string("The engine refuses the function ") + name_ + ".");
}

Status RegisterSparkScalarFunctions(duckdb_connection connection) {
  RETURN_IF_ERROR(RegisterSparkCasts(connection));
  RETURN_IF_ERROR(RegisterSparkHashes(connection));
  RETURN_IF_ERROR(RegisterSparkVariants(connection));
  return RegisterSparkTexts(connection);
}

std::vector<std::string> SparkScalarFunctionNames() {
  return {
      "spark_json_path",    "spark_parse_json",    "spark_try_parse_json", "spark_variant_json",
      "spark_variant_text", "spark_bytes",         "spark_checked_offset", "spark_checked_position",
      "spark_conv",         "spark_crc32",         "spark_found",          "spark_hash",
      "spark_like",         "spark_number_micros", "spark_size",           "spark_soundex",
      "spark_text",         "spark_text_date",     "spark_try_text_date",  "spark_try_whole",
      "spark_whole",        "spark_xxhash64"};
}

}  // namespace penstock::duck
