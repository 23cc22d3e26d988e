#include "duck/json_parser.h"

namespace penstock::duck {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ReadHex4(std::string_view text, size_t at, uint32_t* value) {
  if (at + 4 > text.size()) return false;
  *value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const int digit = HexValue(text[i]);
    if (digit < 0) return false;
    *value = *value * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xC0 | code >> 6);
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xE0 | code >> 12);
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | code >> 18);
    *out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// \uXXXX at text[at] == 'u'; moves `at` to its last character.
bool ReadUnicode(std::string_view text, size_t* at, std::string* plain) {
  constexpr uint32_t kReplacement = 0xFFFD;
  uint32_t code = 0;
  if (!ReadHex4(text, *at + 1, &code)) return false;
  *at += 4;
  if (code >= 0xD800 && code < 0xDC00) {
    uint32_t low = 0;
    if (*at + 2 < text.size() && text[*at + 1] == '\\' && text[*at + 2] == 'u' &&
        ReadHex4(text, *at + 3, &low) && low >= 0xDC00 && low < 0xE000) {
      *at += 6;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else {
      code = kReplacement;
    }
  } else if (code >= 0xDC00 && code < 0xE000) {
    code = kReplacement;
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

std::string QuoteJson(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (c == '\r') {
      quoted += "\\r";
    } else if (byte < 0x20) {
      quoted += "\\u00";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
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
