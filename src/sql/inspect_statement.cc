#include "sql/inspect_statement.h"

#include <fmt/format.h>

#include <span>

#include "base/text.h"
#include "sql/parameters.h"
#include "sql/statement.h"
#include "sql/text_places.h"

namespace penstock::sql {
namespace {

Status ExpectEnd(const TokenCursor& cursor) {
  if (!cursor.AtEnd()) return cursor.Unexpected("the end of the statement");
  return OkStatus();
}

Result<InspectStatement> ParseShow(TokenCursor& cursor) {
  ShowTables show;
  show.views_only = cursor.Accept({"VIEWS"});
  if (!show.views_only) RETURN_IF_ERROR(cursor.Expect({"TABLES"}));
  if (cursor.Accept({"IN"}) || cursor.Accept({"FROM"})) {
    const Token& first = cursor.Peek();
    ASSIGN_OR_RETURN(show.schema, cursor.ExpectNameParts("the name of the schema"));
    if (show.schema.size() > 2) {
      return cursor.ErrorAt(first, "SQL_SYNTAX", "a schema's name has more than two parts",
                            "Write SHOW TABLES IN schema or IN catalog.schema.");
    }
  }
  if (cursor.Accept({"LIKE"}) || IsString(cursor.Peek())) {
    ASSIGN_OR_RETURN(show.pattern, cursor.ExpectString("the pattern"));
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return InspectStatement(std::move(show));
}

Result<InspectStatement> ParseDescribe(TokenCursor& cursor) {
  if (cursor.LooksAt({"HISTORY"}) || cursor.LooksAt({"DETAIL"})) {
    const bool history = cursor.LooksAt({"HISTORY"});
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT",
                          fmt::format("DESCRIBE {}", AsciiUpper(cursor.Peek().text)),
                          fmt::format("Run penstock table {} t.", history ? "history" : "detail"));
  }
  DescribeTable describe;
  const bool last = cursor.Peek(1).kind == TokenKind::kEnd;
  if (!last) cursor.Accept({"TABLE"});
  describe.extended = cursor.Peek(1).kind != TokenKind::kEnd && cursor.Accept({"EXTENDED"});
  const Token& first = cursor.Peek();
  ASSIGN_OR_RETURN(describe.name, cursor.ExpectNameParts("the name of a table"));
  if (describe.name.size() > 3) {
    return cursor.ErrorAt(first, "SQL_SYNTAX", "a table's name has more than three parts",
                          "A table's name is table, schema.table or catalog.schema.table.");
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return InspectStatement(std::move(describe));
}

Result<InspectStatement> Parse(TokenCursor& cursor) {
  if (cursor.Accept({"SHOW"})) return ParseShow(cursor);
  if (cursor.Accept({"DESCRIBE"}) || cursor.Accept({"DESC"})) return ParseDescribe(cursor);
  static constexpr std::string_view kChanging[] = {
      "CREATE", "INSERT",   "UPDATE",   "DELETE", "MERGE", "DROP", "ALTER",
      "SET",    "TRUNCATE", "OPTIMIZE", "VACUUM", "USE",   "COPY", "REFRESH"};
  for (std::string_view word : kChanging) {
    if (!cursor.LooksAt({word})) continue;
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT",
                          fmt::format("{} in a query: penstock sql only reads", word),
                          "Declare tables in pipeline files; penstock table maintains them.");
  }
  ASSIGN_OR_RETURN(model::QueryText query, ParseQuery(cursor));
  return InspectStatement(std::move(query));
}

}  // namespace

Result<InspectStatement> ParseInspectStatement(std::string_view text,
                                               const model::Project& project) {
  const TextPlaces places({std::string(text), {"", 1, 1}, {}});
  const Tokens lexed = Lex(text, project.dialect);
  std::span<const Token> tokens(lexed.tokens);
  tokens = tokens.first(tokens.size() - 1);
  if (lexed.error) {
    return UserError(lexed.error->code, lexed.error->message, lexed.error->remedy)
        .At(places.At(lexed.error->offset));
  }
  while (!tokens.empty() && IsOperator(tokens.back(), ";"))
    tokens = tokens.first(tokens.size() - 1);
  if (tokens.empty()) {
    return UserError("MISSING_QUERY", "there is no query",
                     "For example: penstock sql \"SELECT 1\"");
  }
  for (const Token& token : tokens) {
    if (!IsOperator(token, ";")) continue;
    return UserError("SQL_SYNTAX", "there is more than one statement", "Run them one by one.")
        .At(places.At(token.offset));
  }
  ASSIGN_OR_RETURN(model::QueryText statement,
                   ReplaceParameters(text, places, tokens, project.configuration, project.dialect));
  TokenCursor cursor(std::move(statement), project.dialect);
  RETURN_IF_ERROR(cursor.Lexed());
  return Parse(cursor);
}

}  // namespace penstock::sql
