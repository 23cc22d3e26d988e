#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "duck/scan/file_scan.h"

namespace penstock::duck {

struct CsvValue {
  std::string_view text;  // into the line, or into CsvLine's own memory when escapes were resolved
  bool quoted = false;
};

// Takes CSV records apart by Spark's rules: the escape character is \ unless set otherwise, a quote
// only opens at the beginning of a value. Not thread-safe.
class CsvLine {
 public:
  explicit CsvLine(const CsvFormat& format, bool multi_line);

  // Reads the record at `begin`; returns the place behind it and its line break. Views live until
  // the next call.
  const char* Read(const char* begin, const char* end);
  const std::vector<CsvValue>& values() const { return values_; }
  // The record's end without its line break.
  const char* record_end() const { return record_end_; }
  // NULL by nullValue or by being empty; sets `text` to emptyValue for a quoted empty one.
  bool IsNull(const CsvValue& value, std::string_view* text) const;

 private:
  const char* ReadQuoted(const char* p, const char* end);
  const char* ReadPlain(const char* p, const char* end);
  bool AtBreak(const char* p) const { return *p == '\n' || *p == '\r'; }
  bool AtSeparator(const char* p, const char* end) const;

  const CsvFormat& format_;
  bool multi_line_;
  std::vector<CsvValue> values_;
  std::deque<std::string> unescaped_;  // grows without moving what values point to
  const char* record_end_ = nullptr;
};

// Whether the line at `p` is passed over: blank, or a comment.
bool IsBlankOrComment(const char* p, const char* end, const CsvFormat& format);

// Names of the columns by Spark's rules: blank ones are _c0 by position, repeated ones (case
// ignored) get their position appended.
std::vector<std::string> HeaderNames(const std::vector<CsvValue>& values);

}  // namespace penstock::duck
