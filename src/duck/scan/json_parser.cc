#include "duck/scan/json_parser.h"

#include <cmath>
#include <cstring>
#include <utility>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/text.h"

namespace penstock::duck {
namespace {

constexpr int kMaxDepth = 500;

bool IsDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// From behind the opening quote to the closing one; null when the string does not end in its line.
const char* EndOfString(const char* p, bool* escaped) {
  while (true) {
#if defined(__SSE2__)
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i special =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
                     _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x1F)), _mm_set1_epi8(0x1F)));
    const int mask = _mm_movemask_epi8(special);
    if (mask == 0) {
      p += 16;
      continue;
    }
    p += __builtin_ctz(mask);
#else
    while (*p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
#endif
    if (*p == '"') return p;
    if (*p != '\\') return nullptr;
    *escaped = true;
    if (static_cast<unsigned char>(p[1]) < 0x20) return nullptr;
    p += 2;
  }
}

const char* EndOfNumber(const char* p) {
  if (*p == '-') ++p;
  if (!IsDigit(*p)) return nullptr;
  if (*p == '0' && IsDigit(p[1])) return nullptr;
  while (IsDigit(*p)) ++p;
  if (*p == '.') {
    if (!IsDigit(*++p)) return nullptr;
    while (IsDigit(*p)) ++p;
  }
  if (*p == 'e' || *p == 'E') {
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!IsDigit(*p)) return nullptr;
    while (IsDigit(*p)) ++p;
  }
  return p;
}

const char* EndOfWord(const char* p, std::string_view word) {
  return std::strncmp(p, word.data(), word.size()) == 0 ? p + word.size() : nullptr;
}

}  // namespace

JsonParser::JsonParser(const TimeFormats& formats, bool breaks_are_space, bool rescue)
    : formats_(formats), breaks_are_space_(breaks_are_space), rescue_(rescue) {}

const char* JsonParser::SkipSpace(const char* p) const {
  while (*p == ' ' || *p == '\t' || (breaks_are_space_ && (*p == '\n' || *p == '\r'))) ++p;
  return p;
}

const char* JsonParser::Broken(const char* why) {
  reason_ = why;
  return nullptr;
}

void JsonParser::Rescue(const char* begin, const char* end) {
  const bool nested = *begin == '{' || *begin == '[';
  const std::string_view raw(begin, end - begin);
  rescued_.push_back({path_, nested ? QuoteJson(raw) : std::string(raw)});
}

const char* JsonParser::Mismatch(const char* value, const char* end, ColumnWriter& writer,
                                 idx_t row) {
  writer.SetNull(row);
  if (end == nullptr) return nullptr;
  bad_ = true;
  reason_ = "the value " + std::string(value, std::min<size_t>(end - value, 100)) +
            (path_.empty() ? "" : " of \"" + path_ + "\"") + " is no " + ToString(writer.type());
  return end;
}

const char* JsonParser::ReadRecord(const char* p, ObjectTarget& target, idx_t row) {
  bad_ = false;
  path_.clear();
  rescued_.clear();
  const char* const end = ReadObject(p, target, row, 0);
  if (rescue_ && !rescued_.empty()) bad_ = false;
  return end;
}

// From an opening bracket to behind the closing one; `read_one` reads a member.
template <typename ReadOne>
const char* JsonParser::ReadMembers(const char* p, char close, const ReadOne& read_one) {
  p = SkipSpace(p + 1);
  if (*p == close) return p + 1;
  while (true) {
    p = read_one(p);
    if (p == nullptr) return nullptr;
    p = SkipSpace(p);
    if (*p == close) return p + 1;
    if (*p != ',') {
      return Broken(close == ']' ? "a comma or ] is expected" : "a comma or } is expected");
    }
    p = SkipSpace(p + 1);
  }
}

const char* JsonParser::SkipName(const char* p, const char** close, bool* escaped) {
  if (*p != '"') return Broken("a key in double quotes is expected");
  p = EndOfString(p + 1, escaped);
  if (p == nullptr) return Broken("a key does not end");
  *close = p;
  p = SkipSpace(p + 1);
  return *p == ':' ? p + 1 : Broken("a colon is expected after a key");
}

const char* JsonParser::ReadName(const char* p, std::string* name, bool* plain) {
  const char* const begin = p + 1;
  const char* close = nullptr;
  bool escaped = false;
  p = SkipName(p, &close, &escaped);
  if (p == nullptr) return nullptr;
  name->assign(begin, close);
  if (escaped && !UnescapeJson(std::string_view(begin, close - begin), name)) {
    return Broken("a key has a wrong escape");
  }
  *plain = !escaped && p == close + 2;
  return p;
}

// Behind the colon; `column` is the declared column or -1.
const char* JsonParser::ReadKey(const char* p, ObjectTarget& target, size_t position, int* column) {
  const char* const begin = p;
  if (const int* const expected = target.order.Take(position, &p)) {
    *column = *expected;
    if (rescue_) key_.assign(begin + 1, p - 2);
    return p;
  }
  bool plain = false;
  p = ReadName(p, &key_, &plain);
  if (p == nullptr) return nullptr;
  *column = target.Find(key_);
  if (plain) target.order.Keep(position, std::string_view(begin, p - begin), *column);
  return p;
}

const char* JsonParser::ReadMember(const char* p, ObjectTarget& target, int column, idx_t row,
                                   int depth) {
  ColumnWriter* const writer = column < 0 ? nullptr : target.columns[column];
  if (column >= 0) target.seen[column] = target.stamp;
  if (!rescue_) {
    return writer == nullptr ? SkipValue(p, depth) : ReadValue(p, *writer, row, depth);
  }
  const size_t outer = path_.size();
  path_ += (outer == 0 ? "" : ".") + key_;
  const bool bad = bad_;
  const size_t rescued = rescued_.size();
  bad_ = false;
  const char* const end =
      writer == nullptr ? SkipValue(p, depth) : ReadValue(p, *writer, row, depth);
  if (end != nullptr && rescued_.size() == rescued && (column < 0 || bad_)) Rescue(p, end);
  bad_ = bad_ || bad;
  path_.resize(outer);
  return end;
}

const char* JsonParser::ReadObject(const char* p, ObjectTarget& target, idx_t row, int depth) {
  if (depth > kMaxDepth) return Broken("it nests too deep");
  ++target.stamp;
  size_t position = 0;
  p = ReadMembers(p, '}', [&](const char* member) {
    int column = -1;
    const char* const value = ReadKey(member, target, position++, &column);
    return value == nullptr ? nullptr
                            : ReadMember(SkipSpace(value), target, column, row, depth + 1);
  });
  if (p == nullptr) return nullptr;
  for (size_t i = 0; i < target.columns.size(); ++i) {
    if (target.seen[i] != target.stamp && target.columns[i] != nullptr) {
      target.columns[i]->SetNull(row);
    }
  }
  return p;
}

const char* JsonParser::ReadValue(const char* p, ColumnWriter& writer, idx_t row, int depth) {
  switch (*p) {
    case '"':
      return ReadString(p, writer, row);
    case '{':
      if (writer.id() == TypeId::kStruct) {
        writer.SetValid(row);
        return ReadObject(p, writer.object(), row, depth);
      }
      if (writer.id() == TypeId::kMap) return ReadMap(p, writer, row, depth);
      return ReadRaw(p, writer, row, depth);
    case '[':
      if (writer.id() == TypeId::kArray) return ReadArray(p, writer, row, depth);
      return ReadRaw(p, writer, row, depth);
    case 'n': {
      const char* const end = EndOfWord(p, "null");
      if (end == nullptr) return Broken("an unknown word");
      writer.SetNull(row);
      return end;
    }
    case 't':
    case 'f': {
      const bool value = *p == 't';
      const char* const end = EndOfWord(p, value ? "true" : "false");
      if (end == nullptr) return Broken("an unknown word");
      if (writer.id() == TypeId::kBoolean) {
        writer.Set(row, value);
      } else if (writer.id() == TypeId::kString) {
        writer.CopyString(row, value ? "true" : "false");
      } else {
        return Mismatch(p, end, writer, row);
      }
      return end;
    }
    default:
      return ReadNumber(p, writer, row);
  }
}

const char* JsonParser::ReadString(const char* p, ColumnWriter& writer, idx_t row) {
  bool escaped = false;
  const char* const close = EndOfString(p + 1, &escaped);
  if (close == nullptr) return Broken("a string does not end");
  std::string_view text(p + 1, close - p - 1);
  if (!escaped && writer.id() == TypeId::kString) {
    writer.ReferString(row, text.data(), text.size());
    return close + 1;
  }
  if (escaped) {
    if (!UnescapeJson(text, &scratch_)) return Broken("a string has a wrong escape");
    text = scratch_;
  }
  if (writer.id() == TypeId::kBinary) {
    std::string bytes;
    if (!DecodeBase64(text, &bytes)) return Mismatch(p, close + 1, writer, row);
    writer.CopyString(row, bytes);
    return close + 1;
  }
  if (writer.SetText(row, text, formats_)) return close + 1;
  double number = 0;
  const bool whole = writer.id() <= TypeId::kLong && writer.id() != TypeId::kBoolean;
  if (whole && ParseDouble(text, &number) && SetNumber(text, writer, row)) return close + 1;
  return Mismatch(p, close + 1, writer, row);
}

// A number token as the column's type.
bool JsonParser::SetNumber(std::string_view text, ColumnWriter& writer, idx_t row) {
  switch (writer.id()) {
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInteger:
    case TypeId::kLong: {
      if (writer.SetText(row, text, formats_)) return true;
      __int128 value = 0;
      double number = 0;
      if (!ParseDouble(text, &number) || number != std::floor(number)) return false;
      if (!ParseDecimal(text, 19, 0, &value)) return false;
      return writer.SetText(row, std::to_string(static_cast<int64_t>(value)), formats_) &&
             value == static_cast<int64_t>(value);
    }
    case TypeId::kTimestamp: {
      int64_t seconds = 0;
      int64_t micros = 0;
      if (!ParseInteger(text, &seconds)) return false;
      if (__builtin_mul_overflow(seconds, int64_t{1000000}, &micros)) return false;
      writer.Set(row, micros);
      return true;
    }
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDecimal:
      return writer.SetText(row, text, formats_);
    default:
      return false;
  }
}

const char* JsonParser::ReadNumber(const char* p, ColumnWriter& writer, idx_t row) {
  const char* const end = EndOfNumber(p);
  if (end == nullptr) return Broken("a value is expected");
  if (writer.id() == TypeId::kString) {
    writer.ReferString(row, p, end - p);
    return end;
  }
  if (SetNumber(std::string_view(p, end - p), writer, row)) return end;
  return Mismatch(p, end, writer, row);
}

const char* JsonParser::ReadRaw(const char* p, ColumnWriter& writer, idx_t row, int depth) {
  const char* const end = SkipValue(p, depth);
  if (end == nullptr || writer.id() != TypeId::kString) return Mismatch(p, end, writer, row);
  writer.ReferString(row, p, end - p);
  return end;
}

// Reads the members of an array or map as elements of a list. One that is bad makes all of it NULL.
template <typename ReadOne>
const char* JsonParser::ReadList(const char* p, char close, ColumnWriter& writer, idx_t row,
                                 const ReadOne& read_one) {
  const char* const begin = p;
  const idx_t first = writer.elements();
  const bool bad_before = std::exchange(bad_, false);
  p = ReadMembers(p, close, read_one);
  if (p == nullptr) return nullptr;
  if (bad_) {
    writer.DropElements(first);
    return Mismatch(begin, p, writer, row);
  }
  bad_ = bad_before;
  writer.SetList(row, first);
  return p;
}

const char* JsonParser::ReadArray(const char* p, ColumnWriter& writer, idx_t row, int depth) {
  if (depth > kMaxDepth) return Broken("it nests too deep");
  return ReadList(p, ']', writer, row, [&](const char* value) {
    const idx_t element = writer.AddElement();
    return ReadValue(value, writer.element(), element, depth + 1);
  });
}

// Of equal keys the last wins.
const char* JsonParser::ReadMap(const char* p, ColumnWriter& writer, idx_t row, int depth) {
  if (depth > kMaxDepth) return Broken("it nests too deep");
  std::unordered_map<std::string, idx_t> keys;
  return ReadList(p, '}', writer, row, [&](const char* member) -> const char* {
    std::string key;
    bool plain = false;
    const char* const value = ReadName(member, &key, &plain);
    if (value == nullptr) return nullptr;
    const auto known = keys.find(key);
    const idx_t element = known != keys.end() ? known->second : writer.AddElement();
    keys[key] = element;
    if (!writer.map_key().SetText(element, key, formats_)) bad_ = true;
    return ReadValue(SkipSpace(value), writer.map_value(), element, depth + 1);
  });
}

const char* JsonParser::SkipValue(const char* p, int depth) {
  if (depth > kMaxDepth) return Broken("it nests too deep");
  const char* end = nullptr;
  bool escaped = false;
  switch (*p) {
    case '"':
      end = EndOfString(p + 1, &escaped);
      if (end == nullptr) return Broken("a string does not end");
      return end + 1;
    case '{':
    case '[': {
      const bool object = *p == '{';
      return ReadMembers(p, object ? '}' : ']', [&](const char* member) -> const char* {
        if (object) {
          const char* close = nullptr;
          member = SkipName(member, &close, &escaped);
          if (member == nullptr) return nullptr;
          member = SkipSpace(member);
        }
        return SkipValue(member, depth + 1);
      });
    }
    case 't':
      end = EndOfWord(p, "true");
      break;
    case 'f':
      end = EndOfWord(p, "false");
      break;
    case 'n':
      end = EndOfWord(p, "null");
      break;
    default:
      end = EndOfNumber(p);
  }
  return end != nullptr ? end : Broken("a value is expected");
}

}  // namespace penstock::duck
