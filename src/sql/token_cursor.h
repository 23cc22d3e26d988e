#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dataset.h"
#include "sql/text_places.h"
#include "sql/token.h"

namespace penstock::sql {

// A place in the tokens of one statement, with what every rule of the grammar needs: looking ahead,
// accepting, expecting, and errors that name place, finding and remedy. Words are given in upper
// case. Not thread-safe.
class TokenCursor {
 public:
  TokenCursor(model::QueryText statement, model::Dialect dialect);
  TokenCursor(const TokenCursor&) = delete;
  TokenCursor& operator=(const TokenCursor&) = delete;

  // What is wrong with the words themselves; to be asked first.
  Status Lexed() const;

  const Token& Peek(size_t ahead = 0) const;
  const Token& Next();
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  size_t index() const { return index_; }
  const Token& TokenAt(size_t index) const { return tokens_.tokens[index]; }
  model::Dialect dialect() const { return dialect_; }

  bool LooksAt(std::initializer_list<std::string_view> words) const;
  bool Accept(std::initializer_list<std::string_view> words);  // all of them or none
  bool AcceptOperator(std::string_view text);
  Status Expect(std::initializer_list<std::string_view> words);
  Status ExpectOperator(std::string_view text);

  // A name without its quotes; `what` says of what, for the error.
  Result<std::string> ExpectName(std::string_view what);
  // a, a.b, a.b.c …
  Result<std::vector<std::string>> ExpectNameParts(std::string_view what);
  // (a, b)
  Result<std::vector<std::string>> ExpectNameList(std::string_view what);
  // A string's value; adjacent strings are joined.
  Result<std::string> ExpectString(std::string_view what);
  // At "(": the text between it and its ")", which the cursor passes.
  Result<model::QueryText> ExpectParenthesized(std::string_view what);
  // Everything that is left.
  model::QueryText Rest();

  SourceLocation Where() const { return Where(Peek()); }
  SourceLocation Where(const Token& token) const { return places_.At(token.offset); }
  model::QueryText Slice(size_t begin_offset, size_t end_offset) const;

  // SQL_SYNTAX at the current token: "expected <wanted>, found <token>"; the nearest of `words` is
  // proposed.
  Error Unexpected(std::string_view wanted, const std::vector<std::string>& words = {},
                   std::string_view remedy = "") const;
  // An error of any code at the token.
  Error ErrorAt(const Token& token, std::string code, std::string message,
                std::string remedy) const;

 private:
  model::QueryText statement_;
  model::Dialect dialect_;
  TextPlaces places_;
  Tokens tokens_;
  size_t index_ = 0;
};

}  // namespace penstock::sql
