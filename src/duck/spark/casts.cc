#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include "duck/spark/scalar.h"
#include "duck/variant_json.h"

namespace penstock::duck {
namespace {

constexpr int64_t kMicrosPerDay = 86'400'000'000;

std::string_view TrimBlanks(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Spark's CAST of text to a whole number: blanks around it, a sign and digits.
bool ParseWhole(std::string_view text, int64_t* value) {
  text = TrimBlanks(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

// Cuts the fraction off, as Spark does; false when it does not fit.
bool CutToWhole(const AnyNumber& number, int64_t* value) {
  if (number.is_real) {
    const double cut = std::trunc(number.real);
    if (!(cut >= -9223372036854775808.0 && cut < 9223372036854775808.0)) return false;
    *value = static_cast<int64_t>(cut);
    return true;
  }
  __int128 whole = number.whole;
  for (int i = 0; i < number.scale; ++i) whole /= 10;
  *value = static_cast<int64_t>(whole);
  return *value == whole;
}

// A number in a variant is cut, a text read.
bool VariantAsWhole(duckdb_vector vector, idx_t row, int64_t* value) {
  std::string text;
  AppendVariantJson(vector, row, &text);
  if (text == "true" || text == "false") {
    *value = text == "true" ? 1 : 0;
    return true;
  }
  if (text.starts_with('"'))
    return ParseWhole(std::string_view(text).substr(1, text.size() - 2), value);
  if (ParseWhole(text, value)) return true;
  // What is behind the point is cut off before anything could be rounded.
  if (text.find_first_of("eE[{") == std::string::npos) {
    return ParseWhole(text.substr(0, text.find('.')), value);
  }
  AnyNumber number;
  number.is_real = true;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number.real);
  return failure == std::errc{} && end == text.data() + text.size() && CutToWhole(number, value);
}

bool ReadAsWhole(duckdb_vector vector, duckdb_logical_type type, idx_t row, int64_t* value) {
  const duckdb_type id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_VARCHAR) return ParseWhole(NativeString(vector, row), value);
  if (id == DUCKDB_TYPE_VARIANT) return VariantAsWhole(vector, row, value);
  if (id == DUCKDB_TYPE_TIMESTAMP_TZ) {
    const int64_t micros = static_cast<const int64_t*>(duckdb_vector_get_data(vector))[row];
    *value = micros / 1'000'000 - (micros % 1'000'000 < 0 ? 1 : 0);
    return true;
  }
  AnyNumber number;
  return ReadNumber(vector, type, row, &number) && CutToWhole(number, value);
}

// Rows of a narrower whole type: no value of them can fail.
template <typename T>
void Widen(duckdb_vector vector, duckdb_vector output, idx_t rows) {
  const T* from = static_cast<const T*>(duckdb_vector_get_data(vector));
  auto* to = static_cast<int64_t*>(duckdb_vector_get_data(output));
  for (idx_t row = 0; row < rows; ++row) to[row] = from[row];
  const uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity == nullptr) return;
  duckdb_vector_ensure_validity_writable(output);
  std::copy(validity, validity + (rows + 63) / 64, duckdb_vector_get_validity(output));
}

bool WidenRows(duckdb_type type, duckdb_vector vector, duckdb_vector output, idx_t rows) {
  switch (type) {
    case DUCKDB_TYPE_SMALLINT:
      Widen<int16_t>(vector, output, rows);
      return true;
    case DUCKDB_TYPE_INTEGER:
      Widen<int32_t>(vector, output, rows);
      return true;
    case DUCKDB_TYPE_BIGINT:
      Widen<int64_t>(vector, output, rows);
      return true;
    default:
      return false;
  }
}

template <bool kLenient>
void ToWhole(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* values = static_cast<int64_t*>(duckdb_vector_get_data(output));
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const NativeType type(duckdb_vector_get_column_type(vector));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  if (WidenRows(duckdb_get_type_id(type.get()), vector, output, rows)) return;
  for (idx_t row = 0; row < rows; ++row) {
    if (IsNativeNull(vector, row)) {
      SetNull(output, row);
    } else if (ReadAsWhole(vector, type.get(), row, &values[row])) {
      continue;
    } else if (kLenient) {
      SetNull(output, row);
    } else {
      return FailRow(info, "CAST_INVALID_INPUT",
                     "the value '" + NativeValueText(vector, type.get(), row) +
                         "' cannot be cast to a whole number",
                     "Correct the value, or use try_cast, which gives NULL.");
    }
  }
}

// Text of what Spark writes otherwise than the engine: floating numbers and bytes.
void ToText(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const NativeType type(duckdb_vector_get_column_type(vector));
  const duckdb_type id = duckdb_get_type_id(type.get());
  const void* data = duckdb_vector_get_data(vector);
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (IsNativeNull(vector, row)) {
      SetNull(output, row);
    } else if (id == DUCKDB_TYPE_DOUBLE) {
      SetText(output, row, JavaNumber(static_cast<const double*>(data)[row]));
    } else if (id == DUCKDB_TYPE_FLOAT) {
      SetText(output, row, JavaNumber(static_cast<const float*>(data)[row]));
    } else if (id == DUCKDB_TYPE_BLOB || id == DUCKDB_TYPE_VARCHAR) {
      SetText(output, row, NativeString(vector, row));
    } else {
      SetText(output, row, NativeValueText(vector, type.get(), row));
    }
  }
}

void ToBytes(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const NativeType type(duckdb_vector_get_column_type(vector));
  const duckdb_type id = duckdb_get_type_id(type.get());
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (IsNativeNull(vector, row)) {
      SetNull(output, row);
    } else if (id == DUCKDB_TYPE_BLOB || id == DUCKDB_TYPE_VARCHAR) {
      SetText(output, row, NativeString(vector, row));
    } else {
      return FailRow(info, "CAST_INVALID_INPUT", "only text can be cast to BINARY",
                     "Cast the value to STRING first.");
    }
  }
}

bool TakeNumber(std::string_view* text, size_t least, size_t most, int* value) {
  size_t digits = 0;
  *value = 0;
  while (digits < text->size() && digits < most && (*text)[digits] >= '0' &&
         (*text)[digits] <= '9') {
    *value = *value * 10 + ((*text)[digits++] - '0');
  }
  text->remove_prefix(digits);
  return digits >= least;
}

// yyyy, yyyy-M, yyyy-M-d and the last with a time behind "T" or a blank.
bool ParseDate(std::string_view text, int32_t* days) {
  text = TrimBlanks(text);
  int year = 0;
  int month = 1;
  int day = 1;
  if (!TakeNumber(&text, 4, 7, &year)) return false;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    if (!TakeNumber(&text, 1, 2, &month)) return false;
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      if (!TakeNumber(&text, 1, 2, &day)) return false;
      if (text.starts_with('T') || text.starts_with(' ')) text = {};
    }
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!text.empty() || year > 32767 || !date.ok()) return false;
  *days = static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
  return true;
}

void FailNoTime(duckdb_function_info info, duckdb_vector vector, duckdb_logical_type type,
                idx_t row) {
  FailRow(info, "CAST_INVALID_INPUT",
          "the value '" + NativeValueText(vector, type, row) +
              "' cannot be cast to a date or timestamp",
          "Correct the value, give a pattern with to_date or to_timestamp, or use try_cast, which "
          "gives NULL.");
}

// The date of the second argument, or what the text of the first says.
template <bool kLenient>
void ToDate(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* values = static_cast<int32_t*>(duckdb_vector_get_data(output));
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  duckdb_vector dates = duckdb_data_chunk_get_vector(input, 1);
  const auto* known = static_cast<const int32_t*>(duckdb_vector_get_data(dates));
  const NativeType type(duckdb_vector_get_column_type(vector));
  const bool text = duckdb_get_type_id(type.get()) == DUCKDB_TYPE_VARCHAR;
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (!IsNativeNull(dates, row)) {
      values[row] = known[row];
    } else if (IsNativeNull(vector, row)) {
      SetNull(output, row);
    } else if (text && ParseDate(NativeString(vector, row), &values[row])) {
      continue;
    } else if (kLenient) {
      SetNull(output, row);
    } else {
      return FailNoTime(info, vector, type.get(), row);
    }
  }
}

// The second argument, which may be NULL only where the first is.
void Found(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector asked = duckdb_data_chunk_get_vector(input, 0);
  duckdb_vector found = duckdb_data_chunk_get_vector(input, 1);
  const auto* from = static_cast<const int64_t*>(duckdb_vector_get_data(found));
  auto* to = static_cast<int64_t*>(duckdb_vector_get_data(output));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (!IsNativeNull(found, row)) {
      to[row] = from[row];
    } else if (IsNativeNull(asked, row)) {
      SetNull(output, row);
    } else {
      const NativeType type(duckdb_vector_get_column_type(asked));
      return FailNoTime(info, asked, type.get(), row);
    }
  }
}

// Seconds as microseconds; NULL for what is no number.
void ToMicros(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  auto* values = static_cast<int64_t*>(duckdb_vector_get_data(output));
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const NativeType type(duckdb_vector_get_column_type(vector));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    AnyNumber number;
    if (IsNativeNull(vector, row) || !ReadNumber(vector, type.get(), row, &number)) {
      SetNull(output, row);
      continue;
    }
    double seconds = number.is_real ? number.real : static_cast<double>(number.whole);
    for (int i = 0; i < number.scale; ++i) seconds /= 10;
    values[row] = static_cast<int64_t>(std::llround(seconds * 1e6));
  }
}

// The second argument, or NULL, as a value of its own type.
template <typename T>
void Second(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 1);
  const T* from = static_cast<const T*>(duckdb_vector_get_data(vector));
  T* to = static_cast<T*>(duckdb_vector_get_data(output));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    to[row] = from[row];
    if (IsNativeNull(vector, row)) SetNull(output, row);
  }
}

// DATE + INTERVAL is a TIMESTAMP to the engine, a DATE to Spark when the interval has whole days.
void SecondAsDate(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 1);
  const auto* from = static_cast<const int64_t*>(duckdb_vector_get_data(vector));
  auto* to = static_cast<int32_t*>(duckdb_vector_get_data(output));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (IsNativeNull(vector, row)) {
      SetNull(output, row);
      continue;
    }
    if (from[row] % kMicrosPerDay != 0) {
      return FailRow(info, "DATE_WITH_TIME", "a DATE and an interval of hours make no DATE",
                     "Cast the DATE to TIMESTAMP first.");
    }
    to[row] = static_cast<int32_t>(from[row] / kMicrosPerDay);
  }
}

void SecondAsInteger(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 1);
  const auto* from = static_cast<const int64_t*>(duckdb_vector_get_data(vector));
  auto* to = static_cast<int32_t*>(duckdb_vector_get_data(output));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    to[row] = static_cast<int32_t>(from[row]);
    if (IsNativeNull(vector, row)) SetNull(output, row);
  }
}

Status RegisterLike(duckdb_connection connection) {
  FunctionSet like("spark_like");
  like.Add({DUCKDB_TYPE_DATE, DUCKDB_TYPE_TIMESTAMP}, DUCKDB_TYPE_DATE, SecondAsDate);
  like.Add({DUCKDB_TYPE_DATE, DUCKDB_TYPE_DATE}, DUCKDB_TYPE_DATE, Second<int32_t>);
  like.Add({DUCKDB_TYPE_TIMESTAMP, DUCKDB_TYPE_TIMESTAMP}, DUCKDB_TYPE_TIMESTAMP, Second<int64_t>);
  like.Add({DUCKDB_TYPE_TIMESTAMP_TZ, DUCKDB_TYPE_TIMESTAMP_TZ}, DUCKDB_TYPE_TIMESTAMP_TZ,
           Second<int64_t>);
  like.Add({DUCKDB_TYPE_INTERVAL, DUCKDB_TYPE_INTERVAL}, DUCKDB_TYPE_INTERVAL,
           Second<duckdb_interval>);
  like.Add({DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_BIGINT}, DUCKDB_TYPE_INTEGER, SecondAsInteger);
  like.Add({DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT}, DUCKDB_TYPE_BIGINT, Second<int64_t>);
  return like.Register(connection);
}

Status RegisterOne(duckdb_connection connection, const char* name, duckdb_type returns,
                   duckdb_scalar_function_t body) {
  FunctionSet set(name);
  set.Add({DUCKDB_TYPE_ANY}, returns, body);
  return set.Register(connection);
}

}  // namespace

Status RegisterSparkCasts(duckdb_connection connection) {
  const auto one = [&](const char* name, duckdb_type returns, duckdb_scalar_function_t body) {
    return RegisterOne(connection, name, returns, body);
  };
  RETURN_IF_ERROR(one("spark_whole", DUCKDB_TYPE_BIGINT, ToWhole<false>));
  RETURN_IF_ERROR(one("spark_try_whole", DUCKDB_TYPE_BIGINT, ToWhole<true>));
  RETURN_IF_ERROR(one("spark_text", DUCKDB_TYPE_VARCHAR, ToText));
  RETURN_IF_ERROR(one("spark_bytes", DUCKDB_TYPE_BLOB, ToBytes));
  FunctionSet date("spark_text_date");
  date.Add({DUCKDB_TYPE_ANY, DUCKDB_TYPE_DATE}, DUCKDB_TYPE_DATE, ToDate<false>);
  RETURN_IF_ERROR(date.Register(connection));
  FunctionSet try_date("spark_try_text_date");
  try_date.Add({DUCKDB_TYPE_ANY, DUCKDB_TYPE_DATE}, DUCKDB_TYPE_DATE, ToDate<true>);
  RETURN_IF_ERROR(try_date.Register(connection));
  FunctionSet found("spark_found");
  found.Add({DUCKDB_TYPE_ANY, DUCKDB_TYPE_TIMESTAMP_TZ}, DUCKDB_TYPE_TIMESTAMP_TZ, Found);
  RETURN_IF_ERROR(found.Register(connection));
  RETURN_IF_ERROR(one("spark_number_micros", DUCKDB_TYPE_BIGINT, ToMicros));
  return RegisterLike(connection);
}

}  // namespace penstock::duck
