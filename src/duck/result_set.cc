#include "duck/result_set.h"

#include <cmath>

namespace penstock::duck {
namespace {

double PowerOfTen(int exponent) { return std::pow(10.0, exponent); }

int64_t Clamp(duckdb_hugeint number) {
  if (number.upper > 0 || (number.upper == 0 && number.lower > INT64_MAX)) return INT64_MAX;
  if (number.upper < -1 || (number.upper == -1 && number.lower <= uint64_t{INT64_MAX}))
    return INT64_MIN;
  return static_cast<int64_t>(number.lower);
}

int64_t FloorDivide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

}  // namespace

ResultSet::State::~State() {
  if (chunk != nullptr) duckdb_destroy_data_chunk(&chunk);
  duckdb_destroy_result(&result);
}

void ResultSet::State::Columns() {
  for (idx_t i = 0; i < duckdb_column_count(&result); ++i) {
    types.emplace_back(duckdb_column_logical_type(&result, i));
    type_names.push_back(NativeTypeName(types.back().get()));
  }
}

ResultSet::ResultSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
ResultSet::ResultSet(ResultSet&&) noexcept = default;
ResultSet& ResultSet::operator=(ResultSet&&) noexcept = default;
ResultSet::~ResultSet() = default;

size_t ResultSet::ColumnCount() const { return state_->types.size(); }

std::string ResultSet::ColumnName(size_t column) const {
  return duckdb_column_name(&state_->result, column);
}

const std::string& ResultSet::ColumnEngineType(size_t column) const {
  return state_->type_names[column];
}

Result<Schema> ResultSet::Columns() const {
  Schema schema;
  for (size_t i = 0; i < ColumnCount(); ++i) {
    ASSIGN_OR_RETURN(DataType type, FromNativeType(state_->types[i].get(), ColumnName(i)));
    schema.push_back({ColumnName(i), std::move(type), true, ""});
  }
  return schema;
}

Result<bool> ResultSet::NextChunk() {
  if (state_->chunk != nullptr) duckdb_destroy_data_chunk(&state_->chunk);
  state_->chunk = duckdb_fetch_chunk(state_->result);
  if (state_->chunk == nullptr) {
    const char* message = duckdb_result_error(&state_->result);
    if (message != nullptr && *message != 0) {
      return TranslateError(duckdb_result_error_type(&state_->result), message).error;
    }
    return false;
  }
  return duckdb_data_chunk_get_size(state_->chunk) > 0;
}

size_t ResultSet::RowCount() const {
  return state_->chunk == nullptr ? 0 : duckdb_data_chunk_get_size(state_->chunk);
}

bool ResultSet::IsNull(size_t row, size_t column) const {
  return IsNativeNull(state_->Vector(column), row);
}

int64_t ResultSet::Int64(size_t row, size_t column) const {
  duckdb_vector vector = state_->Vector(column);
  switch (duckdb_get_type_id(state_->types[column].get())) {
    case DUCKDB_TYPE_BOOLEAN:
      return NativeAt<bool>(vector, row) ? 1 : 0;
    case DUCKDB_TYPE_TINYINT:
      return NativeAt<int8_t>(vector, row);
    case DUCKDB_TYPE_SMALLINT:
      return NativeAt<int16_t>(vector, row);
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE:
      return NativeAt<int32_t>(vector, row);
    case DUCKDB_TYPE_UTINYINT:
      return NativeAt<uint8_t>(vector, row);
    case DUCKDB_TYPE_USMALLINT:
      return NativeAt<uint16_t>(vector, row);
    case DUCKDB_TYPE_UINTEGER:
      return NativeAt<uint32_t>(vector, row);
    case DUCKDB_TYPE_UBIGINT:
      return Clamp({NativeAt<uint64_t>(vector, row), 0});
    case DUCKDB_TYPE_HUGEINT:
      return Clamp(NativeAt<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_TIMESTAMP_S:
      return NativeAt<int64_t>(vector, row) * 1'000'000;
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return NativeAt<int64_t>(vector, row) * 1'000;
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return FloorDivide(NativeAt<int64_t>(vector, row), 1'000);
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL:
      return static_cast<int64_t>(Double(row, column));
    default:
      return NativeAt<int64_t>(vector, row);
  }
}

double ResultSet::Double(size_t row, size_t column) const {
  duckdb_vector vector = state_->Vector(column);
  duckdb_logical_type type = state_->types[column].get();
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_FLOAT:
      return NativeAt<float>(vector, row);
    case DUCKDB_TYPE_DOUBLE:
      return NativeAt<double>(vector, row);
    case DUCKDB_TYPE_HUGEINT:
      return duckdb_hugeint_to_double(NativeAt<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_UHUGEINT:
      return duckdb_uhugeint_to_double(NativeAt<duckdb_uhugeint>(vector, row));
    case DUCKDB_TYPE_UBIGINT:
      return static_cast<double>(NativeAt<uint64_t>(vector, row));
    case DUCKDB_TYPE_DECIMAL:
      return static_cast<double>(NativeDecimal(vector, duckdb_decimal_internal_type(type), row)) /
             PowerOfTen(duckdb_decimal_scale(type));
    default:
      return static_cast<double>(Int64(row, column));
  }
}

std::string ResultSet::Text(size_t row, size_t column) const {
  return NativeValueText(state_->Vector(column), state_->types[column].get(), row);
}

}  // namespace penstock::duck
