#include "duck/variant_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <duckdb.hpp>
#include <duckdb/common/types/uuid.hpp>
#include <duckdb/common/types/variant_visitor.hpp>

#include "base/text.h"
#include "duck/native.h"
#include "duck/value_text.h"

namespace penstock::duck {
namespace {

using duckdb::idx_t;
using Variants = duckdb::UnifiedVariantVectorData;

// A text of the form "2024-01-01T10:00:00" with a blank in the place of the T, in quotes.
void AppendMoment(int64_t ticks, int64_t per_second, const char* zone, std::string* out) {
  *out += '"';
  const size_t begin = out->size();
  AppendTimestamp(ticks, per_second, out);
  if (const size_t t = out->find('T', begin); t != std::string::npos) (*out)[t] = ' ';
  *out += zone;
  *out += '"';
}

void AppendTrimmedDecimal(__int128 value, uint32_t scale, std::string* out) {
  for (; scale > 0 && value % 10 == 0; --scale) value /= 10;
  AppendHugeint(ToHugeint(value), static_cast<int>(scale), out);
}

std::string_view View(const duckdb::string_t& text) { return {text.GetData(), text.GetSize()}; }

// Writes a value and those in it.
struct JsonVisitor {
  using result_type = void;
  using Visitor = duckdb::VariantVisitor<JsonVisitor>;

  static void VisitNull(std::string* out) { *out += "null"; }
  static void VisitBoolean(bool value, std::string* out) { *out += value ? "true" : "false"; }

  template <typename T>
  static void VisitInteger(T value, std::string* out) {
    *out += duckdb::Value::CreateValue<T>(value).ToString();
  }
  static void VisitFloat(float value, std::string* out) { *out += Number(JavaNumber(value)); }
  static void VisitDouble(double value, std::string* out) { *out += Number(JavaNumber(value)); }
  template <typename T>
  static void VisitDecimal(T value, uint32_t, uint32_t scale, std::string* out) {
    if constexpr (std::is_same_v<T, duckdb::hugeint_t>) {
      AppendTrimmedDecimal(FromHugeint({value.lower, value.upper}), scale, out);
    } else {
      AppendTrimmedDecimal(value, scale, out);
    }
  }

  static void VisitString(const duckdb::string_t& text, std::string* out) {
    AppendJsonString(View(text), out);
  }
  static void VisitBlob(const duckdb::string_t& bytes, std::string* out) {
    *out += '"';
    AppendBase64(View(bytes), out);
    *out += '"';
  }
  static void VisitBignum(const duckdb::string_t& digits, std::string* out) {
    Quoted(duckdb::Value::BIGNUM(duckdb::const_data_ptr_cast(digits.GetData()), digits.GetSize()),
           out);
  }
  static void VisitBitstring(const duckdb::string_t& bits, std::string* out) {
    Quoted(duckdb::Value::BIT(duckdb::const_data_ptr_cast(bits.GetData()), bits.GetSize()), out);
  }
  static void VisitGeometry(const duckdb::string_t& bytes, std::string* out) {
    VisitBlob(bytes, out);
  }

  static void VisitUUID(duckdb::hugeint_t value, std::string* out) {
    Quoted(duckdb::Value::UUID(value), out);
  }
  static void VisitDate(duckdb::date_t value, std::string* out) {
    *out += '"';
    AppendDate(value.days, out);
    *out += '"';
  }
  static void VisitInterval(duckdb::interval_t value, std::string* out) {
    Quoted(duckdb::Value::INTERVAL(value), out);
  }
  static void VisitTime(duckdb::dtime_t value, std::string* out) {
    Quoted(duckdb::Value::TIME(value), out);
  }
  static void VisitTimeNanos(duckdb::dtime_ns_t value, std::string* out) {
    Quoted(duckdb::Value::TIME_NS(value), out);
  }
  static void VisitTimeTZ(duckdb::dtime_tz_t value, std::string* out) {
    Quoted(duckdb::Value::TIMETZ(value), out);
  }
  static void VisitTimestampSec(duckdb::timestamp_sec_t value, std::string* out) {
    AppendMoment(value.value, 1, "", out);
  }
  static void VisitTimestampMs(duckdb::timestamp_ms_t value, std::string* out) {
    AppendMoment(value.value, 1000, "", out);
  }
  static void VisitTimestamp(duckdb::timestamp_t value, std::string* out) {
    AppendMoment(value.value, 1'000'000, "", out);
  }
  static void VisitTimestampNanos(duckdb::timestamp_ns_t value, std::string* out) {
    AppendMoment(value.value, 1'000'000'000, "", out);
  }
  static void VisitTimestampTZ(duckdb::timestamp_tz_t value, std::string* out) {
    AppendMoment(value.value, 1'000'000, "+00:00", out);
  }

  static void VisitArray(const Variants& variants, idx_t row,
                         const duckdb::VariantNestedData& array, std::string* out) {
    *out += '[';
    for (uint32_t i = 0; i < array.child_count; ++i) {
      if (i > 0) *out += ',';
      Visitor::Visit(variants, row, variants.GetValuesIndex(row, array.children_idx + i), out);
    }
    *out += ']';
  }

  static void VisitObject(const Variants& variants, idx_t row,
                          const duckdb::VariantNestedData& object, std::string* out) {
    std::vector<std::pair<std::string_view, uint32_t>> fields;
    for (uint32_t i = 0; i < object.child_count; ++i) {
      const idx_t child = object.children_idx + i;
      fields.emplace_back(View(variants.GetKey(row, variants.GetKeysIndex(row, child))),
                          variants.GetValuesIndex(row, child));
    }
    std::sort(fields.begin(), fields.end());
    *out += '{';
    for (const auto& [key, value] : fields) {
      if (out->back() != '{' || &key != &fields.front().first) *out += ',';
      AppendJsonString(key, out);
      *out += ':';
      Visitor::Visit(variants, row, value, out);
    }
    *out += '}';
  }

  static void VisitDefault(duckdb::VariantLogicalType, duckdb::const_data_ptr_t, std::string* out) {
    *out += "null";
  }

 private:
  // NaN and the infinities are no numbers of JSON.
  static std::string Number(std::string text) {
    return std::isalpha(static_cast<unsigned char>(text.back())) != 0 ? QuoteJson(text) : text;
  }
  static void Quoted(const duckdb::Value& value, std::string* out) {
    AppendJsonString(value.ToString(), out);
  }
};

template <typename T>
std::string JavaText(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  const T size = std::fabs(value);
  char buffer[64];
  if (size >= static_cast<T>(1e-3) && size < static_cast<T>(1e7)) {
    const auto done = std::to_chars(buffer, std::end(buffer), value, std::chars_format::fixed);
    std::string text(buffer, done.ptr);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }
  const auto done = std::to_chars(buffer, std::end(buffer), value, std::chars_format::scientific);
  std::string text(buffer, done.ptr);
  const size_t e = text.find('e');
  std::string digits = text.substr(0, e);
  if (digits.find('.') == std::string::npos) digits += ".0";
  return digits + "E" + std::to_string(std::stoi(text.substr(e + 1)));
}

template <typename Append>
void WithVariants(duckdb_vector vector, idx_t row, Append append) {
  duckdb::RecursiveUnifiedVectorFormat format;
  duckdb::Vector::RecursiveToUnifiedFormat(*reinterpret_cast<duckdb::Vector*>(vector), row + 1,
                                           format);
  append(Variants(format));
}

}  // namespace

duckdb_logical_type MakeVariantType() {
  return reinterpret_cast<duckdb_logical_type>(
      new duckdb::LogicalType(duckdb::LogicalType::VARIANT()));
}

std::string JavaNumber(double value) { return JavaText(value); }
std::string JavaNumber(float value) { return JavaText(value); }

void AppendVariantJson(const Variants& variants, idx_t row, std::string* out) {
  JsonVisitor::Visitor::Visit(variants, row, 0, out);
}

void AppendVariantJson(duckdb_vector vector, idx_t row, std::string* out) {
  WithVariants(vector, row,
               [&](const Variants& variants) { AppendVariantJson(variants, row, out); });
}

void AppendVariantText(const Variants& variants, idx_t row, std::string* out) {
  if (variants.RowIsValid(row) &&
      variants.GetTypeId(row, 0) == duckdb::VariantLogicalType::VARCHAR) {
    *out += View(duckdb::VariantUtils::DecodeStringData(variants, row, 0));
    return;
  }
  const size_t begin = out->size();
  AppendVariantJson(variants, row, out);
  if ((*out)[begin] != '"') return;
  // Dates, times and bytes: nothing in them needed to be escaped.
  out->erase(begin, 1);
  out->pop_back();
}

void AppendVariantText(duckdb_vector vector, idx_t row, std::string* out) {
  WithVariants(vector, row,
               [&](const Variants& variants) { AppendVariantText(variants, row, out); });
}

}  // namespace penstock::duck
