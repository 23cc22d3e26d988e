#include <algorithm>
#include <cctype>
#include <string>

#include "duck/spark/scalar.h"

namespace penstock::duck {
namespace {

// One letter and three digits for how an English name sounds; what begins with no letter stays.
std::string Soundex(std::string_view text) {
  static constexpr std::string_view kCodes = "01230120022455012623010202";
  static constexpr std::string_view kSilent = "HW";
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text[0])) == 0) {
    return std::string(text);
  }
  std::string code;
  char last = '0';
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) {
      last = '0';
      continue;
    }
    const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const char digit = kCodes[static_cast<size_t>(letter - 'A')];
    if (code.empty()) {
      code += letter;
    } else if (digit != '0' && digit != last) {
      code += digit;
    }
    if (kSilent.find(letter) == std::string_view::npos) last = digit;
    if (code.size() == 4) break;
  }
  code.resize(4, '0');
  return code;
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

// The number written with base `from`, written with base `to`; a negative `to` keeps the sign.
// Stops at the first digit that is none.
std::string Convert(std::string_view text, int from, int to) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  uint64_t value = 0;
  bool overflow = false;
  for (const char c : text) {
    const int digit = DigitOf(c);
    if (digit >= from) break;
    overflow = overflow ||
               value > (UINT64_MAX - static_cast<uint64_t>(digit)) / static_cast<uint64_t>(from);
    value = value * static_cast<uint64_t>(from) + static_cast<uint64_t>(digit);
  }
  if (overflow) value = UINT64_MAX;
  if (negative && to > 0) value = 0 - value;
  const auto base = static_cast<uint64_t>(to < 0 ? -to : to);
  std::string digits;
  do {
    digits += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % base];
    value /= base;
  } while (value > 0);
  if (negative && to < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// A text from a text; NULL from NULL.
template <auto kConvert>
void MapTexts(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (IsNativeNull(vector, row)) {
      SetNull(output, row);
    } else {
      SetText(output, row, kConvert(NativeString(vector, row)));
    }
  }
}

void ConvertRows(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const auto base_at = [&](idx_t column, idx_t row) {
    return static_cast<const int32_t*>(
        duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, column)))[row];
  };
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (AnyArgumentNull(input, row)) {
      SetNull(output, row);
      continue;
    }
    const int from = base_at(1, row);
    const int to = base_at(2, row);
    const std::string_view text = NativeString(vector, row);
    if (from < 2 || from > 36 || std::abs(to) < 2 || std::abs(to) > 36 || text.empty()) {
      SetNull(output, row);
    } else {
      SetText(output, row, Convert(text, from, to));
    }
  }
}

void SizeRows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* values = static_cast<int32_t*>(duckdb_vector_get_data(output));
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const NativeType type(duckdb_vector_get_column_type(vector));
  const duckdb_type id = duckdb_get_type_id(type.get());
  if (id != DUCKDB_TYPE_LIST && id != DUCKDB_TYPE_MAP && id != DUCKDB_TYPE_SQLNULL) {
    return FailRow(info, "WRONG_TYPE", "size() counts the elements of an array or a map only",
                   "Use length() for text.");
  }
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (id == DUCKDB_TYPE_SQLNULL || IsNativeNull(vector, row)) {
      SetNull(output, row);
      continue;
    }
    values[row] = static_cast<int32_t>(
        static_cast<const duckdb_list_entry*>(duckdb_vector_get_data(vector))[row].length);
  }
}

// An index from 0 (or, with kFromOne, from 1 and from the end when negative) as the engine counts
// it.
template <bool kFromOne>
void OffsetRows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto* indices =
      static_cast<const int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0)));
  const auto* sizes =
      static_cast<const int32_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 1)));
  auto* values = static_cast<int64_t*>(duckdb_vector_get_data(output));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (AnyArgumentNull(input, row)) {
      SetNull(output, row);
      continue;
    }
    const int64_t index = indices[row];
    const bool inside = kFromOne ? index != 0 && index <= sizes[row] && -index <= sizes[row]
                                 : index >= 0 && index < sizes[row];
    if (!inside) {
      return FailRow(info, "INVALID_ARRAY_INDEX",
                     "the index " + std::to_string(index) + " is outside of an array of " +
                         std::to_string(sizes[row]) + " elements",
                     kFromOne ? "try_element_at gives NULL instead."
                              : "get(array, index) gives NULL instead.");
    }
    values[row] = kFromOne ? index : index + 1;
  }
}

// The key of a map stays as it is.
std::string_view Same(std::string_view text) { return text; }

Status RegisterOffset(duckdb_connection connection, const char* name,
                      duckdb_scalar_function_t body) {
  FunctionSet offset(name);
  offset.Add({DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_INTEGER}, DUCKDB_TYPE_BIGINT, body);
  offset.Add({DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_INTEGER}, DUCKDB_TYPE_VARCHAR, MapTexts<Same>);
  return offset.Register(connection);
}

}  // namespace

Status RegisterSparkTexts(duckdb_connection connection) {
  FunctionSet soundex("spark_soundex");
  soundex.Add({DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_VARCHAR, MapTexts<Soundex>);
  RETURN_IF_ERROR(soundex.Register(connection));
  FunctionSet conv("spark_conv");
  conv.Add({DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_INTEGER}, DUCKDB_TYPE_VARCHAR,
           ConvertRows);
  RETURN_IF_ERROR(conv.Register(connection));
  FunctionSet size("spark_size");
  size.Add({DUCKDB_TYPE_ANY}, DUCKDB_TYPE_INTEGER, SizeRows);
  RETURN_IF_ERROR(size.Register(connection));
  RETURN_IF_ERROR(RegisterOffset(connection, "spark_checked_offset", OffsetRows<false>));
  return RegisterOffset(connection, "spark_checked_position", OffsetRows<true>);
}

}  // namespace penstock::duck
