#include "delta/comparable_value.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "base/text.h"

namespace penstock::delta {
namespace {

constexpr int64_t kMicrosPerSecond = 1000000;
constexpr int kMaxDigits = 38;

// Takes digits off the front: their number, at least `least` and at most `most` of them.
std::optional<int64_t> TakeDigits(std::string_view* text, size_t least, size_t most) {
  size_t count = 0;
  int64_t number = 0;
  while (count < most && count < text->size() && (*text)[count] >= '0' && (*text)[count] <= '9') {
    number = number * 10 + ((*text)[count++] - '0');
  }
  if (count < least) return std::nullopt;
  text->remove_prefix(count);
  return number;
}

bool Take(std::string_view* text, char wanted) {
  if (text->empty() || text->front() != wanted) return false;
  text->remove_prefix(1);
  return true;
}

std::optional<int64_t> TakeDate(std::string_view* text) {
  const auto year = TakeDigits(text, 4, 4);
  if (!year || !Take(text, '-')) return std::nullopt;
  const auto month = TakeDigits(text, 1, 2);
  if (!month || !Take(text, '-')) return std::nullopt;
  const auto day = TakeDigits(text, 1, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// Microseconds since midnight.
std::optional<int64_t> TakeTime(std::string_view* text) {
  const auto hour = TakeDigits(text, 2, 2);
  if (!hour || !Take(text, ':')) return std::nullopt;
  const auto minute = TakeDigits(text, 2, 2);
  if (!minute) return std::nullopt;
  int64_t micros = (*hour * 60 + *minute) * 60 * kMicrosPerSecond;
  if (!Take(text, ':')) return micros;
  const auto second = TakeDigits(text, 2, 2);
  if (!second) return std::nullopt;
  micros += *second * kMicrosPerSecond;
  if (Take(text, '.')) {
    const size_t before = text->size();
    auto fraction = TakeDigits(text, 1, 6);
    if (!fraction) return std::nullopt;
    for (size_t digits = before - text->size(); digits < 6; ++digits) *fraction *= 10;
    (void)TakeDigits(text, 0, 9);
    micros += *fraction;
  }
  return micros;
}

// Microseconds that the zone is east of UTC.
std::optional<int64_t> TakeZone(std::string_view* text) {
  if (text->empty() || Take(text, 'Z')) return 0;
  const bool west = text->front() == '-';
  if (!west && text->front() != '+') return std::nullopt;
  text->remove_prefix(1);
  const auto hours = TakeDigits(text, 2, 2);
  (void)Take(text, ':');
  const auto minutes = text->empty() ? std::optional<int64_t>(0) : TakeDigits(text, 2, 2);
  if (!hours || !minutes) return std::nullopt;
  const int64_t micros = (*hours * 60 + *minutes) * 60 * kMicrosPerSecond;
  return west ? -micros : micros;
}

std::optional<__int128> ParseTime(std::string_view text, bool is_instant) {
  const auto days = TakeDate(&text);
  if (!days) return std::nullopt;
  const int64_t midnight = *days * 86400 * kMicrosPerSecond;
  if (text.empty()) return midnight;
  if (!Take(&text, 'T') && !Take(&text, ' ')) return std::nullopt;
  const auto time = TakeTime(&text);
  if (!time) return std::nullopt;
  const auto zone = TakeZone(&text);
  if (!zone || !text.empty()) return std::nullopt;
  return midnight + *time - (is_instant ? *zone : 0);
}

std::optional<__int128> ParseInteger(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The unscaled number; nothing when the text has more digits than the scale keeps.
std::optional<__int128> ParseDecimal(std::string_view text, int scale) {
  const bool negative = Take(&text, '-');
  __int128 number = 0;
  int digits = 0;
  int fraction = -1;
  for (const char c : text) {
    if (c == '.' && fraction < 0) {
      fraction = 0;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > kMaxDigits) return std::nullopt;
    if (fraction >= scale) {
      if (c != '0') return std::nullopt;
      continue;
    }
    number = number * 10 + (c - '0');
    if (fraction >= 0) ++fraction;
  }
  if (digits == 0) return std::nullopt;
  for (int i = std::max(fraction, 0); i < scale; ++i) {
    if (++digits > kMaxDigits + scale || number > (__int128{1} << 122)) return std::nullopt;
    number *= 10;
  }
  return negative ? -number : number;
}

std::optional<double> ParseFraction(std::string_view text, bool single) {
  const std::string copy(text);
  char* end = nullptr;
  const double number = single ? std::strtof(copy.c_str(), &end) : std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != '\0' || std::isnan(number)) return std::nullopt;
  return number;
}

template <typename Member, typename Value>
std::optional<ComparableValue> Wrap(Member ComparableValue::* member, std::optional<Value> value) {
  if (!value) return std::nullopt;
  ComparableValue result;
  result.*member = *std::move(value);
  return result;
}

}  // namespace

int Compare(const ComparableValue& a, const ComparableValue& b) {
  if (a.number != b.number) return a.number < b.number ? -1 : 1;
  if (a.real != b.real) return a.real < b.real ? -1 : 1;
  return a.text.compare(b.text);
}

bool IsFraction(const DataType& type) {
  return type.id == TypeId::kFloat || type.id == TypeId::kDouble;
}

bool IsTime(const DataType& type) {
  return type.id == TypeId::kTimestamp || type.id == TypeId::kTimestampNtz;
}

std::optional<ComparableValue> ParseComparable(std::string_view text, const DataType& type) {
  switch (type.id) {
    case TypeId::kBoolean:
      if (EqualsIgnoreCase(text, "true")) return ComparableValue{1, 0, ""};
      if (EqualsIgnoreCase(text, "false")) return ComparableValue{};
      return std::nullopt;
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInteger:
    case TypeId::kLong:
      return Wrap(&ComparableValue::number, ParseInteger(text));
    case TypeId::kDecimal:
      return Wrap(&ComparableValue::number, ParseDecimal(text, type.scale));
    case TypeId::kFloat:
    case TypeId::kDouble:
      return Wrap(&ComparableValue::real, ParseFraction(text, type.id == TypeId::kFloat));
    case TypeId::kString:
      return ComparableValue{0, 0, std::string(text)};
    case TypeId::kDate: {
      const auto days = TakeDate(&text);
      if (!days || !text.empty()) return std::nullopt;
      return ComparableValue{*days, 0, ""};
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
      return Wrap(&ComparableValue::number, ParseTime(text, type.id == TypeId::kTimestamp));
    default:
      return std::nullopt;
  }
}

}  // namespace penstock::delta
