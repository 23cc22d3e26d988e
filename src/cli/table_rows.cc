#include "cli/table_rows.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace penstock::cli {
namespace {

Error BadTimestamp(const std::string& text) {
  return UserError(
      "INVALID_TIMESTAMP", "'" + text + "' is not a time",
      "Write for example 2026-01-31T12:00:00Z, 2026-01-31 12:00:00+01:00 or 2026-01-31.");
}

// Minutes east of UTC of "Z", "+01:00", "-0130", "+01"; nothing when it is none of these.
std::optional<int> ZoneMinutes(std::string_view zone) {
  if (zone.empty() || zone == "Z" || zone == "z") return 0;
  if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
  std::string digits;
  for (const char c : zone.substr(1)) {
    if (c != ':') digits += c;
  }
  if (digits.size() != 2 && digits.size() != 4) return std::nullopt;
  if (digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
  const int minutes =
      std::stoi(digits.substr(0, 2)) * 60 + (digits.size() == 4 ? std::stoi(digits.substr(2)) : 0);
  return zone[0] == '-' ? -minutes : minutes;
}

}  // namespace

Result<lake::Relation> TableRelation(const Target& target, const delta::SnapshotPtr& snapshot) {
  return lake::SnapshotRelation(target.table->path(), *snapshot);
}

Result<int64_t> ParseTimestampMs(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, read = 0, time_read = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &read) != 3 || read < 8) {
    return BadTimestamp(text);
  }
  std::string_view rest = std::string_view(text).substr(read);
  int64_t millis = 0;
  if (!rest.empty() && (rest[0] == 'T' || rest[0] == 't' || rest[0] == ' ')) {
    if (std::sscanf(text.c_str() + read + 1, "%2d:%2d%n", &hour, &minute, &time_read) != 2)
      return BadTimestamp(text);
    rest.remove_prefix(1 + time_read);
    if (!rest.empty() && rest[0] == ':') {
      if (std::sscanf(rest.data() + 1, "%2d%n", &second, &time_read) != 1)
        return BadTimestamp(text);
      rest.remove_prefix(1 + time_read);
    }
    if (!rest.empty() && rest[0] == '.') {
      size_t digits = 1;
      for (int unit = 100;
           digits < rest.size() && std::isdigit(static_cast<unsigned char>(rest[digits]));
           ++digits) {
        millis += unit * (rest[digits] - '0');
        unit /= 10;
      }
      rest.remove_prefix(digits);
    }
  }
  const std::optional<int> zone = ZoneMinutes(rest);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!zone || !date.ok() || hour > 23 || minute > 59 || second > 59) return BadTimestamp(text);
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + hour) * 60 + minute - *zone) * 60 + second) * 1000 + millis;
}

}  // namespace penstock::cli
