#include <fmt/format.h>

#include "base/text.h"
#include "sql/statement.h"

namespace penstock::sql {
namespace {

// The text of the key: words with dots and dashes and no blanks, or one quoted name or string.
Result<std::string> ParseKey(TokenCursor& cursor) {
  const Token& first = cursor.Peek();
  if (IsString(first)) return cursor.ExpectString("the key");
  if (first.kind == TokenKind::kQuotedIdentifier) return cursor.ExpectName("the key");
  size_t end = first.offset;
  while (!cursor.AtEnd() && !IsOperator(cursor.Peek(), "=") && cursor.Peek().offset == end) {
    end = cursor.Next().end();
  }
  if (end == first.offset) return cursor.Unexpected("a key", {}, "Write SET key = value.");
  return cursor.Slice(first.offset, end).text;
}

}  // namespace

Status ParseSet(TokenCursor& cursor, FileContext* context) {
  const Token& first = cursor.Peek();
  const bool other = cursor.LooksAt({"TIME", "ZONE"}) || cursor.LooksAt({"VAR"}) ||
                     cursor.LooksAt({"VARIABLE"}) || cursor.LooksAt({"CATALOG"}) ||
                     cursor.LooksAt({"ROLE"});
  if (other && !IsOperator(cursor.Peek(1), "=")) {
    return cursor.ErrorAt(first, "UNSUPPORTED_STATEMENT",
                          fmt::format("SET {} in a pipeline file", AsciiUpper(first.text)),
                          cursor.LooksAt({"CATALOG"})
                              ? "Write USE CATALOG name."
                              : "SET key = value sets a parameter for the statements below it.");
  }
  if (cursor.AtEnd()) return OkStatus();  // SET alone shows the settings
  ASSIGN_OR_RETURN(std::string key, ParseKey(cursor));
  if (cursor.AtEnd()) return OkStatus();  // SET key shows one
  if (!cursor.AcceptOperator("=")) {
    return cursor.Unexpected(fmt::format("'=' behind {}", key), {}, "Write SET key = value.");
  }
  context->configuration[std::move(key)] = cursor.Rest().text;
  return OkStatus();
}

Status ParseUse(TokenCursor& cursor, FileContext* context) {
  if (cursor.Accept({"CATALOG"})) {
    ASSIGN_OR_RETURN(context->catalog, cursor.ExpectName("the name of the catalog"));
  } else {
    cursor.Accept({"SCHEMA"}) || cursor.Accept({"DATABASE"}) || cursor.Accept({"NAMESPACE"});
    const Token& first = cursor.Peek();
    ASSIGN_OR_RETURN(auto parts, cursor.ExpectNameParts("the name of the schema"));
    if (parts.size() > 2) {
      return cursor.ErrorAt(first, "SQL_SYNTAX",
                            fmt::format("a schema's name has {} parts", parts.size()),
                            "Write USE schema or USE catalog.schema.");
    }
    if (parts.size() == 2) context->catalog = std::move(parts.front());
    context->schema = std::move(parts.back());
  }
  if (!cursor.AtEnd()) return cursor.Unexpected("the end of the statement");
  return OkStatus();
}

}  // namespace penstock::sql
