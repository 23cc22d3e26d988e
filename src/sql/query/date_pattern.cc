#include "sql/query/date_pattern.h"

#include <cctype>

namespace penstock::sql {
namespace {

struct PatternLetters {
  std::string_view java;
  std::string_view formatting;
  std::string_view parsing;
};

// Longer runs of a letter than the longest here have no counterpart. An empty cell has none either.
constexpr PatternLetters kLetters[] = {
    {"yyyy", "%Y", "%Y"}, {"y", "%Y", "%Y"},    {"yy", "%y", "%y"},  {"uuuu", "%Y", "%Y"},
    {"u", "%Y", "%Y"},    {"MMMM", "%B", "%B"}, {"MMM", "%b", "%b"}, {"MM", "%m", "%m"},
    {"M", "%-m", "%m"},   {"LLLL", "%B", "%B"}, {"LLL", "%b", "%b"}, {"LL", "%m", "%m"},
    {"L", "%-m", "%m"},   {"dd", "%d", "%d"},   {"d", "%-d", "%d"},  {"DDD", "%j", "%j"},
    {"D", "%-j", "%j"},   {"EEEE", "%A", "%A"}, {"EEE", "%a", "%a"}, {"EE", "%a", "%a"},
    {"E", "%a", "%a"},    {"a", "%p", "%p"},    {"HH", "%H", "%H"},  {"H", "%-H", "%H"},
    {"hh", "%I", "%I"},   {"h", "%-I", "%I"},   {"mm", "%M", "%M"},  {"m", "%-M", "%M"},
    {"ss", "%S", "%S"},   {"s", "%-S", "%S"},   {"SSS", "%g", "%g"}, {"SSSSSS", "%f", "%f"},
    {"Z", "", "%z"},      {"X", "", "%z"},      {"XX", "", "%z"},    {"XXX", "", "%z"},
    {"x", "", "%z"},      {"xx", "", "%z"},     {"xxx", "", "%z"},   {"z", "%Z", "%Z"},
    {"VV", "%Z", "%Z"}};

bool IsLetter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

void AppendText(char c, std::string* out) {
  *out += c;
  if (c == '%') *out += '%';
}

Result<std::string> Translate(std::string_view java, bool formatting) {
  std::string out;
  for (size_t i = 0; i < java.size();) {
    if (java[i] == '\'') {
      if (i + 1 < java.size() && java[i + 1] == '\'') {
        out += '\'';
        i += 2;
        continue;
      }
      for (++i; i < java.size() && java[i] != '\''; ++i) AppendText(java[i], &out);
      ++i;
      continue;
    }
    if (java[i] == '[' || java[i] == ']') {
      return UserError(
          "UNSUPPORTED_PATTERN",
          "optional parts […] of the pattern \"" + std::string(java) + "\" are not supported",
          "Use one pattern for each form, with coalesce(try_to_timestamp(…), …).");
    }
    if (!IsLetter(java[i])) {
      AppendText(java[i++], &out);
      continue;
    }
    size_t end = i;
    while (end < java.size() && java[end] == java[i]) ++end;
    const std::string_view run = java.substr(i, end - i);
    std::string_view found;
    for (const PatternLetters& letters : kLetters) {
      if (letters.java == run) found = formatting ? letters.formatting : letters.parsing;
    }
    if (found.empty()) {
      return UserError("UNSUPPORTED_PATTERN",
                       "the letters \"" + std::string(run) + "\" of the pattern \"" +
                           std::string(java) + "\" are not supported",
                       "Supported are y, M, d, D, E, a, H, h, m, s, SSS, SSSSSS and, for reading, "
                       "zones.");
    }
    out += found;
    i = end;
  }
  return out;
}

}  // namespace

Result<std::string> FormattingPattern(std::string_view java) { return Translate(java, true); }

Result<std::string> ParsingPattern(std::string_view java) { return Translate(java, false); }

}  // namespace penstock::sql
