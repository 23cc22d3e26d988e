#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/project.h"

// The words of SQL text: what the statement parser and the dialects read. One pass, no recursion,
// any bytes.
namespace penstock::sql {

enum class TokenKind {
  kIdentifier,        // bare name or keyword; may hold any byte above 0x7f
  kQuotedIdentifier,  // `a``b`; "a" in DuckDB's dialect
  kString,            // 'a\'b' or "a" in Spark's dialect; 'a''b' in both
  kRawString,         // r'a\b', r"a"
  kEscapeString,      // E'a\n' (DuckDB)
  kHexString,         // X'1F'
  kDollarString,      // $$a$$, $tag$a$tag$ (DuckDB)
  kNumber,            // 1, 1.5, .5, 1e3, 0x1F, with Spark's suffixes (1L, 1.5D, 2BD …)
  kParameter,         // ${key} outside of strings and comments
  kOperator,  // punctuation, the longest that is known: "<=>", "::", "(", …; ">" is never doubled
  kEnd,       // once, last, at the end of the text
};

// `text` is the token as written, quotes included, and points into the text that was read.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t offset = 0;
  std::string_view text;

  size_t end() const { return offset + text.size(); }
  bool operator==(const Token&) const = default;
};

// Where and why reading stopped: UNTERMINATED_STRING, UNTERMINATED_COMMENT, UNTERMINATED_PARAMETER
// or UNEXPECTED_CHARACTER. `offset` is where the unfinished thing begins.
struct LexError {
  size_t offset = 0;
  std::string code;
  std::string message;
  std::string remedy;
};

// The tokens up to the error, if any, always closed by a kEnd. Comments and blanks are left out.
struct Tokens {
  std::vector<Token> tokens;
  std::optional<LexError> error;
};

// `text` must outlive the tokens.
Tokens Lex(std::string_view text, model::Dialect dialect);

// Whether the token is this bare word (given in upper case); a quoted identifier never is.
bool IsWord(const Token& token, std::string_view upper_case_word);
bool IsOperator(const Token& token, std::string_view text);
// Whether the token is any of the string kinds.
bool IsString(const Token& token);
// Whether the token can be a name: bare or quoted.
bool IsName(const Token& token);

// The name without quotes, doubled quotes undone.
std::string NameOf(const Token& token);
// What a string token stands for: quotes taken off, escapes undone by the rules of the dialect. A
// kHexString gives its digits.
std::string StringValue(const Token& token, model::Dialect dialect);

}  // namespace penstock::sql
