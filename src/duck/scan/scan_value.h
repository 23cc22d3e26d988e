#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Values from text with the meaning Spark gives it. Every function takes the whole text or fails
// (false).
namespace penstock::duck {

// An optional sign and digits.
bool ParseInteger(std::string_view text, int64_t* value);
// Also NaN, Infinity, INF and their signed forms.
bool ParseDouble(std::string_view text, double* value);
bool ParseBoolean(std::string_view text, bool* value);
// The unscaled value, rounded half up; false when it needs more digits than the precision.
bool ParseDecimal(std::string_view text, int precision, int scale, __int128* value);
// Days since 1970-01-01 of 2024-01-31, 2024-1-1, 2024-01, 2024 or a timestamp, whose time is cut
// off.
bool ParseDate(std::string_view text, int32_t* days);
// Microseconds since 1970-01-01 of 2024-01-31[T| ]12:00[:00[.123456]][Z|±hh[:mm]|UTC|GMT]; UTC
// without a zone. `zone_allowed` false: a zone makes it fail.
bool ParseTimestamp(std::string_view text, bool zone_allowed, int64_t* micros);
bool DecodeBase64(std::string_view text, std::string* bytes);

int32_t DaysFromCivil(int64_t year, int month, int day);
bool IsValidDay(int64_t year, int month, int day);

// A pattern of Java's DateTimeFormatter, e.g. "dd/MM/yyyy HH:mm:ss[.SSS][XXX]".
class TimePattern {
 public:
  TimePattern() = default;
  // BAD_OPTION names a letter that is not supported.
  static Result<TimePattern> Compile(const std::string& pattern);
  bool empty() const { return parts_.empty(); }
  bool ParseDate(std::string_view text, int32_t* days) const;
  bool ParseTimestamp(std::string_view text, int64_t* micros) const;

 private:
  struct Part {
    char letter = 0;  // 0: literal text; '[' and ']' bound an optional part
    int count = 0;
    std::string literal;
    size_t jump = 0;  // of '[': the index of its ']'
  };
  struct Fields;
  bool Match(size_t begin, size_t end, std::string_view* text, Fields* fields) const;
  bool MatchAll(std::string_view text, Fields* fields) const;
  static bool MatchPart(const Part& part, bool adjacent, std::string_view* text, Fields* fields);

  std::vector<Part> parts_;
};

}  // namespace penstock::duck
