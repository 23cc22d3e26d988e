#include "sql/token_cursor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"

namespace penstock::sql {
namespace {

std::string Shown(const Token& token) {
  constexpr size_t kLongest = 40;
  if (token.kind == TokenKind::kEnd) return "the end of the statement";
  if (token.text.size() <= kLongest) return fmt::format("{}", token.text);
  return fmt::format("{}…", token.text.substr(0, kLongest));
}

}  // namespace

TokenCursor::TokenCursor(model::QueryText statement, model::Dialect dialect)
    : statement_(std::move(statement)),
      dialect_(dialect),
      places_(statement_),
      tokens_(Lex(statement_.text, dialect)) {}

Status TokenCursor::Lexed() const {
  if (tokens_.error) {
    return UserError(tokens_.error->code, tokens_.error->message, tokens_.error->remedy)
        .At(places_.At(tokens_.error->offset));
  }
  for (const Token& token : tokens_.tokens) {
    if (!IsOperator(token, ";")) continue;
    return ErrorAt(token, "SQL_SYNTAX", "the value of this parameter holds a semicolon",
                   "A parameter stands for a part of one statement; leave the semicolon out.");
  }
  return OkStatus();
}

const Token& TokenCursor::Peek(size_t ahead) const {
  return tokens_.tokens[std::min(index_ + ahead, tokens_.tokens.size() - 1)];
}

const Token& TokenCursor::Next() {
  const Token& token = Peek();
  if (token.kind != TokenKind::kEnd) ++index_;
  return token;
}

bool TokenCursor::LooksAt(std::initializer_list<std::string_view> words) const {
  size_t ahead = 0;
  return std::all_of(words.begin(), words.end(),
                     [&](std::string_view word) { return IsWord(Peek(ahead++), word); });
}

bool TokenCursor::Accept(std::initializer_list<std::string_view> words) {
  if (!LooksAt(words)) return false;
  index_ += words.size();
  return true;
}

bool TokenCursor::AcceptOperator(std::string_view text) {
  if (!IsOperator(Peek(), text)) return false;
  ++index_;
  return true;
}

Status TokenCursor::Expect(std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) {
    if (!Accept({word})) return Unexpected(word, {std::string(word)});
  }
  return OkStatus();
}

Status TokenCursor::ExpectOperator(std::string_view text) {
  if (!AcceptOperator(text)) return Unexpected(fmt::format("'{}'", text));
  return OkStatus();
}

Result<std::string> TokenCursor::ExpectName(std::string_view what) {
  if (!IsName(Peek())) return Unexpected(what);
  const Token& token = Next();
  std::string name = NameOf(token);
  if (name.empty()) {
    return ErrorAt(token, "SQL_SYNTAX", fmt::format("{} is empty", what), "Give it a name.");
  }
  return name;
}

Result<std::vector<std::string>> TokenCursor::ExpectNameParts(std::string_view what) {
  std::vector<std::string> parts;
  do {
    ASSIGN_OR_RETURN(std::string part, ExpectName(what));
    parts.push_back(std::move(part));
  } while (AcceptOperator("."));
  if (IsOperator(Peek(), "-") && Peek().offset == TokenAt(index_ - 1).end()) {
    return ErrorAt(Peek(), "SQL_SYNTAX", fmt::format("'-' cannot stand in {}", what),
                   "Put the name in backticks: `a-b`.");
  }
  return parts;
}

Result<std::vector<std::string>> TokenCursor::ExpectNameList(std::string_view what) {
  RETURN_IF_ERROR(ExpectOperator("("));
  std::vector<std::string> names;
  do {
    ASSIGN_OR_RETURN(std::string name, ExpectName(what));
    names.push_back(std::move(name));
  } while (AcceptOperator(","));
  if (!AcceptOperator(")")) return Unexpected("',' or ')'");
  return names;
}

Result<std::string> TokenCursor::ExpectString(std::string_view what) {
  if (!IsString(Peek())) {
    return Unexpected(fmt::format("{} in quotes", what), {},
                      dialect_ == model::Dialect::kDuckdb ? "Strings stand in single quotes."
                                                          : "Put it in quotes: '…'.");
  }
  std::string value;
  while (IsString(Peek())) value += StringValue(Next(), dialect_);
  return value;
}

Result<model::QueryText> TokenCursor::ExpectParenthesized(std::string_view what) {
  const Token& open = Peek();
  RETURN_IF_ERROR(ExpectOperator("("));
  size_t depth = 1;
  const size_t first = index_;
  while (!AtEnd()) {
    const Token& token = Next();
    if (IsOperator(token, "(")) ++depth;
    if (!IsOperator(token, ")") || --depth > 0) continue;
    if (index_ - 1 == first) {
      return ErrorAt(token, "SQL_SYNTAX", fmt::format("{} is empty", what),
                     fmt::format("Write {} between the parentheses.", what));
    }
    return Slice(TokenAt(first).offset, TokenAt(index_ - 2).end());
  }
  return ErrorAt(open, "SQL_SYNTAX", "the parenthesis that opens here is not closed",
                 "Close it with ).");
}

model::QueryText TokenCursor::Rest() {
  const size_t begin = Peek().offset;
  index_ = tokens_.tokens.size() - 1;
  const size_t end = index_ == 0 ? begin : TokenAt(index_ - 1).end();
  return Slice(begin, std::max(begin, end));
}

model::QueryText TokenCursor::Slice(size_t begin_offset, size_t end_offset) const {
  return {statement_.text.substr(begin_offset, end_offset - begin_offset), places_.At(begin_offset),
          places_.Anchors(begin_offset, end_offset)};
}

Error TokenCursor::Unexpected(std::string_view wanted, const std::vector<std::string>& words,
                              std::string_view remedy) const {
  const Token& token = Peek();
  std::string help(remedy);
  if (token.kind == TokenKind::kIdentifier) {
    const auto nearest = NearestName(token.text, words);
    if (nearest) help = fmt::format("Did you mean {}?", *nearest);
  }
  if (help.empty() && words.size() > 1) {
    help = fmt::format("What may stand here: {}.", fmt::join(words, ", "));
  }
  return ErrorAt(token, "SQL_SYNTAX", fmt::format("expected {}, found {}", wanted, Shown(token)),
                 std::move(help));
}

Error TokenCursor::ErrorAt(const Token& token, std::string code, std::string message,
                           std::string remedy) const {
  return UserError(std::move(code), std::move(message), std::move(remedy)).At(Where(token));
}

}  // namespace penstock::sql
