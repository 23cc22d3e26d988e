#include "sql/token.h"

#include <fmt/format.h>

#include <array>
#include <cctype>

#include "base/text.h"

namespace penstock::sql {
namespace {

// Longest first.
constexpr std::array<std::string_view, 19> kOperators = {
    "<=>", "->>", "?::", "::", "=>", "->", "||", "!=", "<>", "==",
    "<=",  ">=",  ":=",  "**", "//", "|>", "?.", "!~", "@>"};
constexpr std::string_view kPunctuation = "()[]{},.;:+-*/%=<>!&|^~?@#$\\";
// Blanks of more than one byte that people paste: no-break space, zero-width space, line and
// paragraph separators, ideographic space, byte-order mark, narrow no-break space.
constexpr std::array<std::string_view, 7> kWideBlanks = {
    "\xC2\xA0",     "\xE2\x80\x8B", "\xE2\x80\xA8", "\xE2\x80\xA9",
    "\xE3\x80\x80", "\xEF\xBB\xBF", "\xE2\x80\xAF"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsWordByte(char c) { return IsLetter(c) || IsDigit(c); }
bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

class Lexer {
 public:
  Lexer(std::string_view text, model::Dialect dialect)
      : text_(text), spark_(dialect == model::Dialect::kSpark) {}

  Tokens Run() {
    while (!out_.error) {
      SkipBlanksAndComments();
      if (out_.error || at_ >= text_.size()) break;
      ReadToken();
    }
    out_.tokens.push_back({TokenKind::kEnd, text_.size(), text_.substr(text_.size())});
    return std::move(out_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool StartsWith(std::string_view prefix) const {
    return text_.substr(at_, prefix.size()) == prefix;
  }
  void Fail(size_t offset, std::string code, std::string message, std::string remedy) {
    out_.error = LexError{offset, std::move(code), std::move(message), std::move(remedy)};
  }
  void Emit(TokenKind kind, size_t end) {
    out_.tokens.push_back({kind, at_, text_.substr(at_, end - at_)});
    at_ = end;
  }

  // The bytes of a wide blank at `at`, or 0.
  size_t WideBlank(size_t at) const {
    if (static_cast<unsigned char>(text_[at]) < 0x80) return 0;
    for (std::string_view blank : kWideBlanks) {
      if (text_.substr(at, blank.size()) == blank) return blank.size();
    }
    return 0;
  }

  size_t SkipWord(size_t i) const {
    while (i < text_.size() && IsWordByte(text_[i]) && WideBlank(i) == 0) ++i;
    return i;
  }

  void SkipBlanksAndComments() {
    while (at_ < text_.size() && !out_.error) {
      if (IsBlank(Peek())) {
        ++at_;
      } else if (const size_t wide = WideBlank(at_); wide > 0) {
        at_ += wide;
      } else if (StartsWith("--")) {
        const size_t end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end;
      } else if (StartsWith("/*")) {
        SkipBlockComment();
      } else {
        return;
      }
    }
  }

  void SkipBlockComment() {
    const size_t begin = at_;
    size_t depth = 0;
    while (at_ < text_.size()) {
      if (StartsWith("/*")) {
        ++depth;
        at_ += 2;
      } else if (StartsWith("*/")) {
        at_ += 2;
        if (--depth == 0) return;
      } else {
        ++at_;
      }
    }
    Fail(begin, "UNTERMINATED_COMMENT", "the comment that begins here is not closed",
         "Close it with */; comments nest, so each /* needs its own */.");
  }

  void ReadToken() {
    const char c = Peek();
    if (c == '\'') return ReadString(TokenKind::kString, 0, spark_);
    if (c == '"') {
      return spark_ ? ReadString(TokenKind::kString, 0, true)
                    : ReadString(TokenKind::kQuotedIdentifier, 0, false);
    }
    if (c == '`') return ReadString(TokenKind::kQuotedIdentifier, 0, false);
    if (ReadPrefixedString()) return;
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)) && !FollowsName())) return ReadNumber();
    if (IsLetter(c)) return ReadWordAs(TokenKind::kIdentifier);
    if (c == '$' && Peek(1) == '{') return ReadParameter();
    if (c == '$' && !spark_ && ReadDollarString()) return;
    ReadOperator();
  }

  // t.1a and f(x).1: after a name the dot separates.
  bool FollowsName() const {
    if (out_.tokens.empty() || out_.tokens.back().end() != at_) return false;
    const Token& last = out_.tokens.back();
    return IsName(last) || IsOperator(last, ")") || IsOperator(last, "]");
  }

  // Reads from the quote at at_ + prefix; a doubled quote stays inside, a backslash escapes if
  // `escapes`.
  void ReadString(TokenKind kind, size_t prefix, bool escapes) {
    const char quote = text_[at_ + prefix];
    size_t i = at_ + prefix + 1;
    while (i < text_.size()) {
      if (escapes && text_[i] == '\\') {
        i += 2;
      } else if (text_[i] != quote) {
        ++i;
      } else if (kind != TokenKind::kRawString && i + 1 < text_.size() && text_[i + 1] == quote) {
        i += 2;
      } else {
        return Emit(kind, i + 1);
      }
    }
    const std::string_view what =
        kind == TokenKind::kQuotedIdentifier ? "the quoted name" : "the string";
    Fail(at_, "UNTERMINATED_STRING", fmt::format("{} that begins here is not closed", what),
         fmt::format("Close it with {}.", quote));
  }

  bool ReadPrefixedString() {
    if (Peek(1) != '\'' && !(Peek(1) == '"' && spark_)) return false;
    switch (Peek()) {
      case 'r':
      case 'R':
        if (!spark_) return false;
        ReadString(TokenKind::kRawString, 1, false);
        return true;
      case 'x':
      case 'X':
        ReadString(TokenKind::kHexString, 1, false);
        return true;
      case 'e':
      case 'E':
        if (spark_) return false;
        ReadString(TokenKind::kEscapeString, 1, true);
        return true;
      default:
        return false;
    }
  }

  void ReadWordAs(TokenKind kind) { Emit(kind, SkipWord(at_)); }

  size_t SkipDigits(size_t i) const {
    while (i < text_.size() && (IsDigit(text_[i]) || (!spark_ && text_[i] == '_'))) ++i;
    return i;
  }

  size_t SkipExponent(size_t i) const {
    if (i >= text_.size() || (text_[i] != 'e' && text_[i] != 'E')) return i;
    size_t digits = i + 1;
    if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-')) ++digits;
    return digits < text_.size() && IsDigit(text_[digits]) ? SkipDigits(digits) : i;
  }

  size_t SkipSuffix(size_t i) const {
    if (!spark_) return i;
    size_t length = 0;
    while (length < 3 && i + length < text_.size() && IsWordByte(text_[i + length])) ++length;
    const std::string suffix = AsciiUpper(text_.substr(i, length));
    const bool known =
        suffix == "BD" ||
        (suffix.size() == 1 && std::string_view("LSYDF").find(suffix) != std::string_view::npos);
    return known ? i + length : i;
  }

  void ReadNumber() {
    if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X') &&
        std::isxdigit(static_cast<unsigned char>(Peek(2)))) {
      return ReadWordAs(TokenKind::kNumber);
    }
    size_t end = SkipDigits(at_);
    bool whole = true;
    if (end < text_.size() && text_[end] == '.' && !(spark_ && FollowsDot())) {
      whole = false;
      end = SkipDigits(end + 1);
    }
    const size_t exponent = SkipExponent(end);
    const size_t suffix = SkipSuffix(exponent);
    const bool glued = suffix < text_.size() && IsWordByte(text_[suffix]);
    // Spark's names may begin with a digit: 2024_sales.
    if (glued && whole && spark_) return ReadWordAs(TokenKind::kIdentifier);
    Emit(TokenKind::kNumber, suffix);
  }

  // In a.2024.b the number is a part of a name.
  bool FollowsDot() const {
    return !out_.tokens.empty() && IsOperator(out_.tokens.back(), ".") &&
           out_.tokens.back().end() == at_;
  }

  void ReadParameter() {
    size_t end = at_ + 2;
    while (end < text_.size() && text_[end] != '}' && text_[end] != '\n') ++end;
    if (end < text_.size() && text_[end] == '}') return Emit(TokenKind::kParameter, end + 1);
    Fail(at_, "UNTERMINATED_PARAMETER", "the parameter that begins here is not closed",
         "Close it with } on the same line: ${key}.");
  }

  bool ReadDollarString() {
    size_t tag_end = at_ + 1;
    if (tag_end < text_.size() && IsDigit(text_[tag_end])) return false;
    while (tag_end < text_.size() && IsWordByte(text_[tag_end])) ++tag_end;
    if (tag_end >= text_.size() || text_[tag_end] != '$') return false;
    const std::string_view tag = text_.substr(at_, tag_end + 1 - at_);
    const size_t close = text_.find(tag, tag_end + 1);
    if (close == std::string_view::npos) {
      Fail(at_, "UNTERMINATED_STRING", "the string that begins here is not closed",
           fmt::format("Close it with {}.", tag));
    } else {
      Emit(TokenKind::kDollarString, close + tag.size());
    }
    return true;
  }

  void ReadOperator() {
    for (std::string_view op : kOperators) {
      if (StartsWith(op)) return Emit(TokenKind::kOperator, at_ + op.size());
    }
    if (Peek() != '\0' && kPunctuation.find(Peek()) != std::string_view::npos) {
      return Emit(TokenKind::kOperator, at_ + 1);
    }
    static constexpr char kHex[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(Peek());
    Fail(at_, "UNEXPECTED_CHARACTER",
         std::string("a byte that SQL does not know: 0x") + kHex[byte >> 4] + kHex[byte & 15],
         "Remove it; save the file as UTF-8 text.");
  }

  std::string_view text_;
  bool spark_;
  size_t at_ = 0;
  Tokens out_;
};

std::string UndoubleQuotes(std::string_view body, char quote) {
  std::string value;
  for (size_t i = 0; i < body.size(); ++i) {
    value += body[i];
    if (body[i] == quote && i + 1 < body.size() && body[i + 1] == quote) ++i;
  }
  return value;
}

}  // namespace

Tokens Lex(std::string_view text, model::Dialect dialect) { return Lexer(text, dialect).Run(); }

bool IsWord(const Token& token, std::string_view upper_case_word) {
  return token.kind == TokenKind::kIdentifier && EqualsIgnoreCase(token.text, upper_case_word);
}

bool IsOperator(const Token& token, std::string_view text) {
  return token.kind == TokenKind::kOperator && token.text == text;
}

bool IsString(const Token& token) {
  switch (token.kind) {
    case TokenKind::kString:
    case TokenKind::kRawString:
    case TokenKind::kEscapeString:
    case TokenKind::kHexString:
    case TokenKind::kDollarString:
      return true;
    default:
      return false;
  }
}

bool IsName(const Token& token) {
  return token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kQuotedIdentifier;
}

std::string NameOf(const Token& token) {
  if (token.kind != TokenKind::kQuotedIdentifier) return std::string(token.text);
  return UndoubleQuotes(token.text.substr(1, token.text.size() - 2), token.text.front());
}

}  // namespace penstock::sql
