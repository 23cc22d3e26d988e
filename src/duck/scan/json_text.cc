#include "base/text.h"
#include "duck/scan/json_parser.h"

namespace penstock::duck {
namespace {

bool ReadHex4(std::string_view text, size_t at, uint32_t* value) {
  if (at + 4 > text.size()) return false;
  *value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0) return false;
    *value = *value * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

// \uXXXX at text[at] == 'u'; moves `at` to its last character. AppendUtf8 replaces lone surrogates.
bool ReadUnicode(std::string_view text, size_t* at, std::string* plain) {
  uint32_t code = 0;
  if (!ReadHex4(text, *at + 1, &code)) return false;
  *at += 4;
  if (code >= 0xD800 && code < 0xDC00) {
    uint32_t low = 0;
    if (*at + 2 < text.size() && text[*at + 1] == '\\' && text[*at + 2] == 'u' &&
        ReadHex4(text, *at + 3, &low) && low >= 0xDC00 && low < 0xE000) {
      *at += 6;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
  }
  AppendUtf8(code, plain);
  return true;
}

// Copies the string at text[i] (a quote of either kind) in double quotes; the index behind it.
size_t CopyQuoted(std::string_view text, size_t i, std::string* strict) {
  const char quote = text[i++];
  *strict += '"';
  for (; i < text.size() && text[i] != quote; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (text[i + 1] != '\'') *strict += '\\';
      *strict += text[++i];
    } else if (text[i] == '"') {
      *strict += "\\\"";
    } else {
      *strict += text[i];
    }
  }
  if (i == text.size()) return i;
  *strict += '"';
  return i + 1;
}

// The length of a comment at text[i], or 0.
size_t CommentLength(std::string_view text, size_t i) {
  const std::string_view rest = text.substr(i);
  if (rest.starts_with("//")) return std::min(rest.find_first_of("\r\n"), rest.size());
  if (!rest.starts_with("/*")) return 0;
  const size_t end = rest.find("*/", 2);
  return end == rest.npos ? 0 : end + 2;
}

}  // namespace

bool UnescapeJson(std::string_view text, std::string* plain) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return false;
    switch (text[i]) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case '"':
      case '\\':
      case '/':
        out += text[i];
        break;
      case 'u':
        if (!ReadUnicode(text, &i, &out)) return false;
        break;
      default:
        return false;
    }
  }
  *plain = std::move(out);
  return true;
}

std::string StrictJson(std::string_view text, const ScanSpec& spec) {
  std::string strict;
  strict.reserve(text.size() + 16);
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || (c == '\'' && spec.allow_single_quotes)) {
      i = CopyQuoted(text, i, &strict);
      continue;
    }
    if (c == '/' && spec.allow_comments) {
      const size_t length = CommentLength(text, i);
      i += length;
      if (length > 0) continue;
    }
    if (spec.allow_non_numeric) {
      bool found = false;
      for (const std::string_view word :
           {"NaN", "Infinity", "-Infinity", "+Infinity", "INF", "-INF", "+INF"}) {
        if (!text.substr(i).starts_with(word)) continue;
        strict += "\"" + std::string(word) + "\"";
        i += word.size();
        found = true;
        break;
      }
      if (found) continue;
    }
    strict += c;
    ++i;
  }
  return strict;
}

}  // namespace penstock::duck
