#include "duck/scan/scan_value.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace penstock::duck {
namespace {

bool IsDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Takes up to `most` digits off the front; how many there were.
int TakeDigits(std::string_view* text, int most, int64_t* value) {
  int count = 0;
  *value = 0;
  while (count < most && !text->empty() && IsDigit(text->front())) {
    *value = *value * 10 + (text->front() - '0');
    text->remove_prefix(1);
    ++count;
  }
  return count;
}

bool Take(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Plain decimals of at most 15 digits: mantissa and power of ten are exact, so one division rounds
// correctly.
bool ParseShortDouble(std::string_view text, double* value) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p < end && *p == '-';
  if (negative) ++p;
  uint64_t mantissa = 0;
  const char* const digits = p;
  while (p < end && IsDigit(*p)) mantissa = mantissa * 10 + (*p++ - '0');
  int fraction = 0;
  if (p == digits) return false;
  if (p < end && *p == '.') {
    const char* const first = ++p;
    while (p < end && IsDigit(*p)) mantissa = mantissa * 10 + (*p++ - '0');
    fraction = static_cast<int>(p - first);
  }
  if (p != end || p - digits > 16) return false;
  const double magnitude = static_cast<double>(mantissa) / kPowers[fraction];
  *value = negative ? -magnitude : magnitude;
  return true;
}

bool ParseSpecialDouble(std::string_view text, double* value) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (negative || text.front() == '+')) text.remove_prefix(1);
  if (text == "NaN") {
    *value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (text != "Infinity" && text != "INF" && text != "Inf") return false;
  *value =
      negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  return true;
}

struct Clock {
  int64_t micros = 0;
  bool has_zone = false;
};

// Z, UTC, GMT, UT, each with an optional offset, or ±h[h][[:]mm[:ss]]; nothing else may follow.
bool ParseZone(std::string_view text, int64_t* offset_seconds) {
  *offset_seconds = 0;
  if (text == "Z" || text == "z") return true;
  for (const std::string_view name : {"UTC", "GMT", "UT"}) {
    if (text.starts_with(name)) {
      text.remove_prefix(name.size());
      if (text.empty()) return true;
      break;
    }
  }
  const bool negative = !text.empty() && text.front() == '-';
  if (!negative && (text.empty() || text.front() != '+')) return false;
  text.remove_prefix(1);
  int64_t hours = 0;
  int64_t minutes = 0;
  int64_t seconds = 0;
  if (TakeDigits(&text, 2, &hours) == 0 || hours > 18) return false;
  if (!text.empty()) {
    Take(&text, ':');
    if (TakeDigits(&text, 2, &minutes) == 0 || minutes > 59) return false;
  }
  if (!text.empty()) {
    Take(&text, ':');
    if (TakeDigits(&text, 2, &seconds) != 2 || seconds > 59) return false;
  }
  *offset_seconds = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
  return text.empty();
}

// [+|-]yyyy[-m[m][-d[d]]] off the front.
bool TakeDate(std::string_view* text, int32_t* days) {
  const bool negative = Take(text, '-');
  if (!negative) Take(text, '+');
  int64_t year = 0;
  int64_t month = 1;
  int64_t day = 1;
  if (TakeDigits(text, 7, &year) < 4) return false;
  if (Take(text, '-')) {
    if (TakeDigits(text, 2, &month) == 0) return false;
    if (Take(text, '-') && TakeDigits(text, 2, &day) == 0) return false;
  }
  if (negative) year = -year;
  if (!IsValidDay(year, static_cast<int>(month), static_cast<int>(day))) return false;
  *days = DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day));
  return true;
}

// h[h]:m[m][:s[s][.fraction]] off the front, in microseconds.
bool TakeTime(std::string_view* text, int64_t* micros) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t fraction = 0;
  if (TakeDigits(text, 2, &hour) == 0 || hour > 23) return false;
  if (Take(text, ':')) {
    if (TakeDigits(text, 2, &minute) == 0 || minute > 59) return false;
    if (Take(text, ':')) {
      if (TakeDigits(text, 2, &second) == 0 || second > 59) return false;
      if (Take(text, '.')) {
        int digits = TakeDigits(text, 6, &fraction);
        for (; digits < 6; ++digits) fraction *= 10;
        int64_t ignored = 0;
        TakeDigits(text, 3, &ignored);
      }
    }
  }
  *micros = ((hour * 60 + minute) * 60 + second) * 1000000 + fraction;
  return true;
}

}  // namespace

int32_t DaysFromCivil(int64_t year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<int32_t>(era * 146097 + day_of_era - 719468);
}

bool IsValidDay(int64_t year, int month, int day) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || year < -290000 || year > 290000) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool ParseInteger(std::string_view text, int64_t* value) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return false;
  }
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, *value);
  return failure == std::errc{} && rest == end && !text.empty();
}

bool ParseDouble(std::string_view text, double* value) {
  if (ParseShortDouble(text, value)) return true;
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
  if (digits.empty()) return false;
  const char first = digits.front() == '-' && digits.size() > 1 ? digits[1] : digits.front();
  if (!IsDigit(first) && first != '.') return ParseSpecialDouble(text, value);
  const char* const end = digits.data() + digits.size();
  const auto [rest, failure] = std::from_chars(digits.data(), end, *value);
  if (failure == std::errc::result_out_of_range && rest == end) {
    // Too large is infinite and too small is zero, as in Java.
    *value = std::strtod(std::string(digits).c_str(), nullptr);
    return true;
  }
  return failure == std::errc{} && rest == end;
}

bool ParseBoolean(std::string_view text, bool* value) {
  if (EqualsIgnoreCase(text, "true")) {
    *value = true;
    return true;
  }
  *value = false;
  return EqualsIgnoreCase(text, "false");
}

bool ParseDecimal(std::string_view text, int precision, int scale, __int128* value) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  std::string digits;
  int64_t point = 0;  // digits before the decimal point
  bool has_point = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    if (IsDigit(text[i])) {
      digits += text[i];
      if (!has_point) ++point;
    } else if (text[i] == '.' && !has_point) {
      has_point = true;
    } else {
      break;
    }
  }
  if (digits.empty()) return false;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return false;
    int64_t exponent = 0;
    if (!ParseInteger(text.substr(i + 1), &exponent) || exponent > 10000 || exponent < -10000)
      return false;
    point += exponent;
  }
  const int64_t kept = point + scale;  // digits of the unscaled value
  __int128 unscaled = 0;
  __int128 limit = 1;
  for (int p = 0; p < precision; ++p) limit *= 10;
  for (int64_t d = 0; d < kept; ++d) {
    const int digit = d < static_cast<int64_t>(digits.size()) ? digits[d] - '0' : 0;
    if (unscaled >= limit / 10) return false;
    unscaled = unscaled * 10 + digit;
    if (unscaled == 0 && d >= static_cast<int64_t>(digits.size())) break;
  }
  if (kept >= 0 && kept < static_cast<int64_t>(digits.size()) && digits[kept] >= '5') ++unscaled;
  if (unscaled >= limit) return false;
  *value = negative ? -unscaled : unscaled;
  return true;
}

bool ParseDate(std::string_view text, int32_t* days) {
  text = Trim(text);
  if (!TakeDate(&text, days)) return false;
  return text.empty() || text.front() == 'T' || text.front() == ' ';
}

bool ParseTimestamp(std::string_view text, bool zone_allowed, int64_t* micros) {
  text = Trim(text);
  int32_t days = 0;
  int64_t time = 0;
  int64_t offset = 0;
  if (!TakeDate(&text, &days)) return false;
  if (!text.empty()) {
    if (!Take(&text, 'T') && !Take(&text, ' ')) return false;
    if (!TakeTime(&text, &time)) return false;
    Take(&text, ' ');
    if (!text.empty() && (!zone_allowed || !ParseZone(text, &offset))) return false;
  }
  *micros = int64_t{days} * 86400000000 + time - offset * 1000000;
  return true;
}

bool DecodeBase64(std::string_view text, std::string* bytes) {
  bytes->clear();
  uint32_t bits = 0;
  int count = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char c : text) {
    int digit = 0;
    if (c >= 'A' && c <= 'Z') {
      digit = c - 'A';
    } else if (c >= 'a' && c <= 'z') {
      digit = c - 'a' + 26;
    } else if (IsDigit(c)) {
      digit = c - '0' + 52;
    } else if (c == '+' || c == '-') {
      digit = 62;
    } else if (c == '/' || c == '_') {
      digit = 63;
    } else {
      return false;
    }
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if (++count % 4 != 1) *bytes += static_cast<char>(bits >> (6 - 2 * ((count - 1) % 4)));
  }
  return count % 4 != 1;
}

}  // namespace penstock::duck
