#include <array>

#include "base/text.h"
#include "duck/scan/scan_value.h"

namespace penstock::duck {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};
constexpr std::string_view kSupported = "yuMLdHhmsSaEXxZzV";

bool IsDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

bool TakeNumber(std::string_view* text, int least, int most, int64_t* value) {
  int count = 0;
  *value = 0;
  while (count < most && !text->empty() && IsDigit(text->front())) {
    *value = *value * 10 + (text->front() - '0');
    text->remove_prefix(1);
    ++count;
  }
  return count >= least;
}

// The index of the name (or its first three letters) that the text begins with.
template <size_t N>
bool TakeName(std::string_view* text, const std::array<std::string_view, N>& names, bool full,
              int64_t* index) {
  for (size_t i = 0; i < N; ++i) {
    const std::string_view name = full ? names[i] : names[i].substr(0, 3);
    if (EqualsIgnoreCase(text->substr(0, name.size()), name)) {
      text->remove_prefix(name.size());
      *index = static_cast<int64_t>(i);
      return true;
    }
  }
  return false;
}

// Z or an offset such as +01, +0130 or +01:30.
bool TakeOffset(std::string_view* text, int64_t* seconds) {
  *seconds = 0;
  if (text->empty()) return false;
  for (const std::string_view name : {"UTC", "GMT", "Z"}) {
    if (text->starts_with(name)) {
      text->remove_prefix(name.size());
      return true;
    }
  }
  const char sign = text->front();
  if (sign != '+' && sign != '-') return false;
  text->remove_prefix(1);
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!TakeNumber(text, 2, 2, &hours)) return false;
  if (!text->empty() && text->front() == ':') text->remove_prefix(1);
  if (!text->empty() && IsDigit(text->front()) && !TakeNumber(text, 2, 2, &minutes)) return false;
  if (hours > 18 || minutes > 59) return false;
  *seconds = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
  return true;
}

}  // namespace

struct TimePattern::Fields {
  int64_t year = 1970;
  int64_t month = 1;
  int64_t day = 1;
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t micros = 0;
  int64_t offset = 0;
  int afternoon = -1;  // 0: AM, 1: PM
};

Result<TimePattern> TimePattern::Compile(const std::string& pattern) {
  TimePattern compiled;
  const auto bad = [&](const std::string& why) {
    return UserError("BAD_OPTION", "cannot use the time pattern \"" + pattern + "\": " + why,
                     "Use the letters y M d H h m s S a E X x Z z V, e.g. "
                     "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX].");
  };
  std::vector<size_t> open;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    Part part;
    size_t next = i + 1;
    if (c == '\'') {
      const size_t close = pattern.find('\'', i + 1);
      if (close == pattern.npos) return bad("a quote is not closed");
      part.literal = close == i + 1 ? "'" : pattern.substr(i + 1, close - i - 1);
      next = close + 1;
    } else if (c == '[') {
      part.letter = '[';
      open.push_back(compiled.parts_.size());
    } else if (c == ']') {
      if (open.empty()) return bad("a ] has no [");
      compiled.parts_[open.back()].jump = compiled.parts_.size();
      open.pop_back();
      part.letter = ']';
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      if (kSupported.find(c) == kSupported.npos) return bad(std::string("the letter ") + c);
      while (next < pattern.size() && pattern[next] == c) ++next;
      part.letter = c;
      part.count = static_cast<int>(next - i);
    } else {
      part.literal = c;
    }
    compiled.parts_.push_back(std::move(part));
    i = next;
  }
  if (!open.empty()) return bad("a [ is not closed");
  return compiled;
}

bool TimePattern::MatchPart(const Part& part, bool adjacent, std::string_view* text,
                            Fields* fields) {
  const int digits = part.count;
  const auto number = [&](int64_t* value) {
    return TakeNumber(text, digits, adjacent || digits > 1 ? digits : 2, value);
  };
  int64_t ignored = 0;
  switch (part.letter) {
    case 0:
      if (!text->starts_with(part.literal)) return false;
      text->remove_prefix(part.literal.size());
      return true;
    case 'y':
    case 'u':
      if (digits != 2) return TakeNumber(text, digits, adjacent ? digits : 7, &fields->year);
      if (!TakeNumber(text, 2, 2, &fields->year)) return false;
      fields->year += 2000;
      return true;
    case 'M':
    case 'L':
      if (digits < 3) return number(&fields->month);
      if (!TakeName(text, kMonths, digits > 3, &fields->month)) return false;
      ++fields->month;
      return true;
    case 'd':
      return number(&fields->day);
    case 'H':
    case 'h':
      return number(&fields->hour);
    case 'm':
      return number(&fields->minute);
    case 's':
      return number(&fields->second);
    case 'S': {
      const int most = digits > 9 ? 9 : digits;
      if (!TakeNumber(text, most, most, &fields->micros)) return false;
      for (int d = digits; d < 6; ++d) fields->micros *= 10;
      for (int d = 6; d < most; ++d) fields->micros /= 10;
      return true;
    }
    case 'a':
      if (text->size() < 2) return false;
      fields->afternoon = EqualsIgnoreCase(text->substr(0, 2), "PM")   ? 1
                          : EqualsIgnoreCase(text->substr(0, 2), "AM") ? 0
                                                                       : -1;
      text->remove_prefix(2);
      return fields->afternoon >= 0;
    case 'E':
      return TakeName(text, kDays, digits > 3, &ignored);
    default:
      return TakeOffset(text, &fields->offset);
  }
}

bool TimePattern::Match(size_t begin, size_t end, std::string_view* text, Fields* fields) const {
  for (size_t i = begin; i < end; ++i) {
    const Part& part = parts_[i];
    if (part.letter == '[') {
      std::string_view rest = *text;
      Fields tried = *fields;
      if (Match(i + 1, part.jump, &rest, &tried)) {
        *text = rest;
        *fields = tried;
      }
      i = part.jump;
      continue;
    }
    const bool adjacent = i + 1 < end && std::string_view("yuMdHhmsS").find(parts_[i + 1].letter) !=
                                             std::string_view::npos;
    if (part.letter != ']' && !MatchPart(part, adjacent, text, fields)) return false;
  }
  return true;
}

bool TimePattern::MatchAll(std::string_view text, Fields* fields) const {
  if (!Match(0, parts_.size(), &text, fields) || !text.empty()) return false;
  if (fields->afternoon >= 0) {
    if (fields->hour < 1 || fields->hour > 12) return false;
    fields->hour = fields->hour % 12 + 12 * fields->afternoon;
  }
  return fields->hour < 24 && fields->minute < 60 && fields->second < 60 &&
         IsValidDay(fields->year, static_cast<int>(fields->month), static_cast<int>(fields->day));
}

bool TimePattern::ParseDate(std::string_view text, int32_t* days) const {
  Fields fields;
  if (!MatchAll(text, &fields)) return false;
  *days = DaysFromCivil(fields.year, static_cast<int>(fields.month), static_cast<int>(fields.day));
  return true;
}

bool TimePattern::ParseTimestamp(std::string_view text, int64_t* micros) const {
  Fields fields;
  if (!MatchAll(text, &fields)) return false;
  const int64_t days =
      DaysFromCivil(fields.year, static_cast<int>(fields.month), static_cast<int>(fields.day));
  const int64_t seconds =
      ((days * 24 + fields.hour) * 60 + fields.minute) * 60 + fields.second - fields.offset;
  *micros = seconds * 1000000 + fields.micros;
  return true;
}

}  // namespace penstock::duck
