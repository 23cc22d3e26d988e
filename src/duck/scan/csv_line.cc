#include "duck/scan/csv_line.h"

#include <map>

#include "base/text.h"
#include "duck/scan/scan_state.h"

namespace penstock::duck {

CsvLine::CsvLine(const CsvFormat& format, bool multi_line)
    : format_(format), multi_line_(multi_line) {}

bool CsvLine::AtSeparator(const char* p, const char* end) const {
  const std::string& separator = format_.separator;
  return *p == separator[0] && std::string_view(p, end - p).starts_with(separator);
}

// A quoted value at `p` (its quote); the place behind it.
const char* CsvLine::ReadQuoted(const char* p, const char* end) {
  const char* const first = p + 1;
  std::string plain;
  bool changed = false;
  for (p = first; p < end; ++p) {
    const char c = *p;
    const bool escapes = format_.escape != 0 && c == format_.escape && p + 1 < end &&
                         (p[1] == format_.quote || (p[1] == c && c != format_.quote));
    if (escapes) {
      if (!changed) plain.assign(first, p);
      changed = true;
      plain += *++p;
      continue;
    }
    if (c == format_.quote) {
      const char* next = p + 1;
      while (next < end && (*next == ' ' || *next == '\t') && !AtSeparator(next, end)) ++next;
      if (next == end || AtSeparator(next, end) || AtBreak(next)) {
        if (changed) {
          unescaped_.push_back(std::move(plain));
          values_.push_back({unescaped_.back(), true});
        } else {
          values_.push_back({std::string_view(first, p - first), true});
        }
        return next;
      }
    }
    if (!multi_line_ && AtBreak(p)) break;
    if (changed) plain += c;
  }
  // The quote is not closed: what follows is a plain value that keeps its quote.
  return ReadPlain(first - 1, end);
}

const char* CsvLine::ReadPlain(const char* p, const char* end) {
  const char* const first = p;
  while (p < end && !AtSeparator(p, end) && !AtBreak(p)) ++p;
  std::string_view text(first, p - first);
  while (format_.ignore_trailing_space && !text.empty() &&
         static_cast<unsigned char>(text.back()) <= ' ') {
    text.remove_suffix(1);
  }
  values_.push_back({text, false});
  return p;
}

const char* CsvLine::Read(const char* p, const char* end) {
  values_.clear();
  unescaped_.clear();
  while (true) {
    while (format_.ignore_leading_space && p < end && (*p == ' ' || *p == '\t') &&
           !AtSeparator(p, end)) {
      ++p;
    }
    const bool quoted = p < end && format_.quote != 0 && *p == format_.quote;
    p = quoted ? ReadQuoted(p, end) : ReadPlain(p, end);
    if (p >= end || AtBreak(p)) break;
    p += format_.separator.size();
  }
  record_end_ = p;
  if (p < end) p += *p == '\r' && p + 1 < end && p[1] == '\n' ? 2 : 1;
  return p;
}

bool CsvLine::IsNull(const CsvValue& value, std::string_view* text) const {
  *text = value.text;
  if (value.quoted && value.text.empty() && format_.empty_value) {
    *text = *format_.empty_value;
    return text->empty();
  }
  return value.text == format_.null_value || (value.text.empty() && !value.quoted) ||
         (value.text.empty() && format_.null_value.empty());
}

bool IsBlankOrComment(const char* p, const char* end, const CsvFormat& format) {
  if (format.comment != 0 && *p == format.comment) return true;
  if (format.separator != " ") {
    while (p < end && *p == ' ') ++p;
  }
  return p == end || *p == '\n' || *p == '\r';
}

std::vector<std::string> HeaderNames(const std::vector<CsvValue>& values) {
  std::map<std::string, int> uses;
  for (const CsvValue& value : values) ++uses[AsciiLower(value.text)];
  std::vector<std::string> names;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string position = std::to_string(i);
    std::string name = ValidUtf8(values[i].text);
    if (name.empty()) {
      name = "_c" + position;
    } else if (uses[AsciiLower(name)] > 1) {
      name += position;
    }
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace penstock::duck
