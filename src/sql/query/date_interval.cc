#include "sql/query/date_interval.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

namespace penstock::sql {
namespace {

constexpr std::array<std::string_view, 9> kUnits = {
    "year", "month", "day", "hour", "minute", "second", "week", "millisecond", "microsecond"};

std::string_view Singular(std::string_view unit) {
  if (unit.size() > 1 && (unit.back() == 's' || unit.back() == 'S')) unit.remove_suffix(1);
  return unit;
}

size_t UnitIndex(std::string_view word) {
  const std::string unit = AsciiLower(Singular(word));
  return static_cast<size_t>(std::find(kUnits.begin(), kUnits.end(), unit) - kUnits.begin());
}

// '1 2:03' DAY TO MINUTE and '1-2' YEAR TO MONTH: numbers from the first unit to the last.
Result<std::string> RangeText(const IntervalPart& part) {
  const size_t from = UnitIndex(part.unit);
  const size_t to = UnitIndex(part.to_unit);
  std::string value(Trim(part.value));
  const bool negative = value.starts_with('-');
  if (negative || value.starts_with('+')) value.erase(0, 1);
  std::string text;
  size_t unit = from;
  std::string number;
  const auto flush = [&] {
    if (number.empty()) return;
    text += (text.empty() ? "" : " ") + std::string(negative ? "-" : "") + number + " " +
            std::string(kUnits[unit]);
    number.clear();
    ++unit;
  };
  for (const char c : value) {
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') {
      number += c;
    } else {
      flush();
    }
    if (unit > to) break;
  }
  if (unit <= to) flush();
  if (unit != to + 1) {
    return UserError("BAD_INTERVAL",
                     "the interval '" + part.value + "' does not have the parts " +
                         AsciiUpper(part.unit) + " TO " + AsciiUpper(part.to_unit),
                     "For example INTERVAL '1 2' DAY TO HOUR.");
  }
  return text;
}

}  // namespace

bool IsIntervalUnit(std::string_view word) { return UnitIndex(word) < kUnits.size(); }

Result<std::string> IntervalText(const std::vector<IntervalPart>& parts) {
  std::string text;
  for (const IntervalPart& part : parts) {
    if (!text.empty()) text += " ";
    if (!part.to_unit.empty()) {
      ASSIGN_OR_RETURN(const std::string range, RangeText(part));
      text += range;
    } else if (!part.unit.empty()) {
      text += std::string(Trim(part.value)) + " " + std::string(kUnits[UnitIndex(part.unit)]);
    } else {
      std::string_view value = Trim(part.value);
      if (AsciiLower(value).starts_with("interval ")) value.remove_prefix(9);
      text += value;
    }
  }
  return text;
}

}  // namespace penstock::sql
