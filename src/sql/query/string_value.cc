#include <cstdint>

#include "base/text.h"
#include "sql/token.h"

namespace penstock::sql {
namespace {

// Reads `digits` hex digits at body[at]; appends the character and returns the bytes read, or 0.
size_t ReadUnicode(std::string_view body, size_t at, size_t digits, std::string* out) {
  if (at + digits > body.size()) return 0;
  uint32_t code = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int digit = HexDigit(body[at + i]);
    if (digit < 0) return 0;
    code = code * 16 + static_cast<uint32_t>(digit);
  }
  AppendUtf8(code, out);
  return digits;
}

// \101 is one character by its octal number, at most \377.
size_t ReadOctal(std::string_view body, size_t at, std::string* out) {
  if (at + 3 > body.size() || body[at] < '0' || body[at] > '3') return 0;
  uint32_t code = 0;
  for (size_t i = 0; i < 3; ++i) {
    if (body[at + i] < '0' || body[at + i] > '7') return 0;
    code = code * 8 + static_cast<uint32_t>(body[at + i] - '0');
  }
  AppendUtf8(code, out);
  return 3;
}

// Appends what the escape after a backslash stands for; returns the bytes it took.
size_t AppendEscape(std::string_view body, size_t at, std::string* out) {
  const char c = body[at];
  if (c == 'u' || c == 'U') {
    const size_t read = ReadUnicode(body, at + 1, c == 'u' ? 4 : 8, out);
    if (read > 0) return read + 1;
  }
  if (const size_t read = ReadOctal(body, at, out); read > 0) return read;
  switch (c) {
    case '0':
      *out += '\0';
      break;
    case 'b':
      *out += '\b';
      break;
    case 'n':
      *out += '\n';
      break;
    case 'r':
      *out += '\r';
      break;
    case 't':
      *out += '\t';
      break;
    case 'Z':
      *out += '\x1A';
      break;
    // LIKE reads these two itself.
    case '%':
    case '_':
      *out += '\\';
      *out += c;
      break;
    default:
      *out += c;
  }
  return 1;
}

std::string Unescape(std::string_view body, char quote, bool escapes) {
  std::string value;
  value.reserve(body.size());
  for (size_t i = 0; i < body.size();) {
    if (escapes && body[i] == '\\' && i + 1 < body.size()) {
      i += 1 + AppendEscape(body, i + 1, &value);
      continue;
    }
    value += body[i];
    i += body[i] == quote && i + 1 < body.size() && body[i + 1] == quote ? 2 : 1;
  }
  return value;
}

}  // namespace

std::string StringValue(const Token& token, model::Dialect dialect) {
  const std::string_view text = token.text;
  switch (token.kind) {
    case TokenKind::kString:
      return Unescape(text.substr(1, text.size() - 2), text.front(),
                      dialect == model::Dialect::kSpark);
    case TokenKind::kEscapeString:
      return Unescape(text.substr(2, text.size() - 3), '\'', true);
    case TokenKind::kRawString:
    case TokenKind::kHexString:
      return std::string(text.substr(2, text.size() - 3));
    case TokenKind::kDollarString: {
      const size_t tag = text.find('$', 1) + 1;
      return std::string(text.substr(tag, text.size() - 2 * tag));
    }
    default:
      return std::string(text);
  }
}

}  // namespace penstock::sql
