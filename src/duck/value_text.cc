#include "duck/value_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace penstock::duck {
namespace {

using Wide = unsigned __int128;

template <typename T>
void AppendNumber(T value, std::string* out) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out->append(text.data(), end);
}

void AppendPadded(int64_t value, int width, std::string* out) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const int digits = static_cast<int>(end - text.data());
  if (digits < width) out->append(width - digits, '0');
  out->append(text.data(), end);
}

void AppendWide(Wide magnitude, bool negative, int scale, std::string* out) {
  std::array<char, 48> digits;
  size_t begin = digits.size();
  do {
    digits[--begin] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  } while (magnitude != 0);
  while (digits.size() - begin <= static_cast<size_t>(scale)) digits[--begin] = '0';
  if (negative) *out += '-';
  const size_t whole = digits.size() - begin - scale;
  out->append(&digits[begin], whole);
  if (scale == 0) return;
  *out += '.';
  out->append(digits.data() + begin + whole, scale);
}

template <typename T>
void AppendFloating(T value, std::string* out) {
  if (std::isnan(value)) {
    *out += "NaN";
  } else if (std::isinf(value)) {
    *out += value < 0 ? "-Infinity" : "Infinity";
  } else {
    const size_t begin = out->size();
    AppendNumber(value, out);
    if (out->find_first_of(".e", begin) == out->npos) *out += ".0";
  }
}

int64_t FloorDivide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

// Proleptic Gregorian date of a day number, by eras of 400 years that begin in March.
void AppendDay(int64_t days, std::string* out) {
  constexpr int64_t kDaysPerEra = 146097;
  const int64_t shifted = days + 719468;
  const int64_t era = FloorDivide(shifted, kDaysPerEra);
  const int64_t day_of_era = shifted - era * kDaysPerEra;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  if (year < 0) {
    *out += '-';
  } else if (year > 9999) {
    *out += '+';
  }
  AppendPadded(year < 0 ? -year : year, 4, out);
  *out += '-';
  AppendPadded(month, 2, out);
  *out += '-';
  AppendPadded(day, 2, out);
}

void AppendTimeOfDay(int64_t seconds, int64_t fraction, int64_t per_second, std::string* out) {
  AppendPadded(seconds / 3600, 2, out);
  *out += ':';
  AppendPadded(seconds / 60 % 60, 2, out);
  *out += ':';
  AppendPadded(seconds % 60, 2, out);
  if (fraction == 0) return;
  *out += '.';
  int width = 0;
  for (int64_t unit = per_second; unit > 1; unit /= 10) ++width;
  AppendPadded(fraction, width, out);
  while (out->back() == '0') out->pop_back();
}

}  // namespace

void AppendInteger(int64_t value, std::string* out) { AppendNumber(value, out); }
void AppendUnsigned(uint64_t value, std::string* out) { AppendNumber(value, out); }

void AppendHugeint(duckdb_hugeint value, int scale, std::string* out) {
  const Wide bits = Wide{static_cast<uint64_t>(value.upper)} << 64 | value.lower;
  const bool negative = value.upper < 0;
  AppendWide(negative ? -bits : bits, negative, scale, out);
}

void AppendUhugeint(duckdb_uhugeint value, std::string* out) {
  AppendWide(Wide{value.upper} << 64 | value.lower, false, 0, out);
}

void AppendFloat(float value, std::string* out) { AppendFloating(value, out); }
void AppendDouble(double value, std::string* out) { AppendFloating(value, out); }

void AppendDate(int32_t days, std::string* out) {
  // The engine's infinite dates.
  if (days == std::numeric_limits<int32_t>::max()) {
    *out += "infinity";
  } else if (days == -std::numeric_limits<int32_t>::max()) {
    *out += "-infinity";
  } else {
    AppendDay(days, out);
  }
}

void AppendTimestamp(int64_t ticks, int64_t per_second, std::string* out) {
  if (ticks == std::numeric_limits<int64_t>::max()) {
    *out += "infinity";
    return;
  }
  if (ticks == -std::numeric_limits<int64_t>::max()) {
    *out += "-infinity";
    return;
  }
  constexpr int64_t kSecondsPerDay = 86400;
  const int64_t seconds = FloorDivide(ticks, per_second);
  const int64_t day = FloorDivide(seconds, kSecondsPerDay);
  AppendDay(day, out);
  *out += 'T';
  AppendTimeOfDay(seconds - day * kSecondsPerDay, ticks - seconds * per_second, per_second, out);
}

void AppendTime(int64_t micros, std::string* out) {
  AppendTimeOfDay(micros / 1000000, micros % 1000000, 1000000, out);
}

void AppendBase64(std::string_view bytes, std::string* out) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < left ? static_cast<unsigned char>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      *out += j <= left ? kAlphabet[group >> (18 - 6 * j) & 63] : '=';
    }
  }
}

}  // namespace penstock::duck
