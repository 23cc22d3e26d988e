#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "duck/scan/column_writer.h"
#include "duck/scan/file_scan.h"

namespace penstock::duck {

struct RescuedValue {
  std::string path;  // column, dotted for a field of a struct
  std::string json;
};

// Reads JSON objects into column writers. The text must end in a byte below 0x20 that no value
// spans: a line break for lines, NUL for whole documents; kBlockPadding bytes behind it are
// readable. Functions return the place behind what they read, or null when the syntax is broken.
// Not thread-safe.
class JsonParser {
 public:
  // `breaks_are_space`: line breaks may stand between tokens.
  JsonParser(const TimeFormats& formats, bool breaks_are_space, bool rescue);

  // Reads the object at `p` (an open brace) into a row. Fields that do not fit are NULL and make
  // bad() true.
  const char* ReadRecord(const char* p, ObjectTarget& target, idx_t row);
  const char* SkipValue(const char* p, int depth = 0);
  const char* SkipSpace(const char* p) const;

  bool bad() const { return bad_; }
  const std::string& reason() const {
    return reason_;
  }  // of the last record that was bad or broken
  std::vector<RescuedValue>& rescued() { return rescued_; }

 private:
  const char* ReadObject(const char* p, ObjectTarget& target, idx_t row, int depth);
  template <typename ReadOne>
  const char* ReadMembers(const char* p, char close, const ReadOne& read_one);
  template <typename ReadOne>
  const char* ReadList(const char* p, char close, ColumnWriter& writer, idx_t row,
                       const ReadOne& read_one);
  // Passes a key and its colon; `close` is its closing quote.
  const char* SkipName(const char* p, const char** close, bool* escaped);
  // The same, taking the key; `plain`: without escapes and blanks.
  const char* ReadName(const char* p, std::string* name, bool* plain);
  const char* ReadKey(const char* p, ObjectTarget& target, size_t position, int* column);
  const char* ReadMember(const char* p, ObjectTarget& target, int column, idx_t row, int depth);
  const char* ReadValue(const char* p, ColumnWriter& writer, idx_t row, int depth);
  const char* ReadString(const char* p, ColumnWriter& writer, idx_t row);
  const char* ReadNumber(const char* p, ColumnWriter& writer, idx_t row);
  const char* ReadArray(const char* p, ColumnWriter& writer, idx_t row, int depth);
  const char* ReadMap(const char* p, ColumnWriter& writer, idx_t row, int depth);
  const char* ReadRaw(const char* p, ColumnWriter& writer, idx_t row, int depth);
  bool SetNumber(std::string_view text, ColumnWriter& writer, idx_t row);
  const char* Mismatch(const char* value, const char* end, ColumnWriter& writer, idx_t row);
  const char* Broken(const char* why);
  void Rescue(const char* begin, const char* end);

  const TimeFormats& formats_;
  bool breaks_are_space_;
  bool rescue_;
  bool bad_ = false;
  std::string reason_;
  std::string path_;  // of the field being read, kept only to rescue and to explain
  std::vector<RescuedValue> rescued_;
  std::string scratch_;
  std::string key_;
};

// The text of a JSON string's inside; false for a wrong escape. A lone surrogate becomes U+FFFD.
bool UnescapeJson(std::string_view text, std::string* plain);
// Rewrites single-quoted strings, NaN and Infinity, and comments to strict JSON, as far as allowed.
std::string StrictJson(std::string_view text, const ScanSpec& spec);

}  // namespace penstock::duck
