#include <fmt/format.h>

#include "base/text.h"
#include "sql/table_grammar.h"

namespace penstock::sql {
namespace {

// GENERATED ALWAYS AS (expression) | GENERATED ALWAYS|BY DEFAULT AS IDENTITY.
Status ParseGenerated(TokenCursor& cursor, ColumnDefinition* column) {
  const Token& first = cursor.Peek();
  RETURN_IF_ERROR(cursor.Expect({"GENERATED"}));
  const bool by_default = cursor.Accept({"BY", "DEFAULT"});
  if (!by_default) RETURN_IF_ERROR(cursor.Expect({"ALWAYS"}));
  RETURN_IF_ERROR(cursor.Expect({"AS"}));
  if (cursor.LooksAt({"IDENTITY"})) {
    return cursor.ErrorAt(
        first, "UNSUPPORTED_CLAUSE",
        fmt::format("column '{}' is an IDENTITY column, which is not supported",
                    column->field.name),
        "Give the numbers in the query, e.g. row_number() OVER (ORDER BY …), or use uuid().");
  }
  if (by_default || !IsOperator(cursor.Peek(), "(")) {
    return cursor.Unexpected("(expression)", {}, "Write GENERATED ALWAYS AS (expression).");
  }
  ASSIGN_OR_RETURN(column->generated, cursor.ExpectParenthesized("the expression"));
  return OkStatus();
}

// Whether there was one of the clauses behind a column's type.
Result<bool> ParseColumnClause(TokenCursor& cursor, const ColumnGrammar& grammar,
                               ColumnDefinition* column) {
  if (cursor.Accept({"NOT", "NULL"})) {
    column->field.nullable = false;
  } else if (cursor.Accept({"NULL"})) {
    column->field.nullable = true;
  } else if (cursor.Accept({"COMMENT"})) {
    ASSIGN_OR_RETURN(column->field.comment, cursor.ExpectString("the comment"));
  } else if (cursor.LooksAt({"GENERATED"})) {
    RETURN_IF_ERROR(ParseGenerated(cursor, column));
  } else if (cursor.Accept({"DEFAULT"})) {
    ASSIGN_OR_RETURN(column->default_value,
                     ParseExpressionText(cursor, "the default value",
                                         {"COMMENT", "NOT", "GENERATED", "FIRST", "AFTER"}));
  } else if (grammar.position && cursor.Accept({"FIRST"})) {
    column->first = true;
  } else if (grammar.position && cursor.Accept({"AFTER"})) {
    ASSIGN_OR_RETURN(column->after, cursor.ExpectName("the column before"));
  } else {
    return false;
  }
  return true;
}

Error RefusedColumnClause(const TokenCursor& cursor, const ColumnDefinition& column) {
  const std::string word = AsciiUpper(cursor.Peek().text);
  const bool mask = word == "MASK";
  for (const std::string_view known :
       {"MASK", "COLLATE", "PRIMARY", "FOREIGN", "REFERENCES", "CHECK", "CONSTRAINT", "AS"}) {
    if (word != known) continue;
    return RefusedClause(cursor, fmt::format("{} on column '{}'", word, column.field.name),
                         word == "CHECK" || word == "CONSTRAINT"
                             ? "Write CONSTRAINT name CHECK (condition) as an entry of its own."
                         : mask ? "Mask the value before it is stored."
                                : "Leave it out.");
  }
  return cursor.Unexpected("',' or ')'", {"NOT NULL", "COMMENT", "DEFAULT", "GENERATED"});
}

}  // namespace

Result<ColumnDefinition> ParseColumnDefinition(TokenCursor& cursor, const ColumnGrammar& grammar) {
  ColumnDefinition column;
  column.where = cursor.Where();
  ASSIGN_OR_RETURN(column.parents, cursor.ExpectNameParts("a column"));
  column.field.name = std::move(column.parents.back());
  column.parents.pop_back();
  if (!column.parents.empty() && !grammar.nested) {
    return cursor.Unexpected("a type", {}, "A column's name with a dot stands in backticks.");
  }
  cursor.AcceptOperator(":");
  ASSIGN_OR_RETURN(column.field.type, ParseTypeText(cursor, column.field.name));
  while (!cursor.AtEnd() && !IsOperator(cursor.Peek(), ",") && !IsOperator(cursor.Peek(), ")")) {
    ASSIGN_OR_RETURN(const bool known, ParseColumnClause(cursor, grammar, &column));
    if (!known) return RefusedColumnClause(cursor, column);
  }
  if (column.generated && column.default_value) {
    return UserError("SQL_SYNTAX",
                     fmt::format("column '{}' has a DEFAULT and is GENERATED", column.field.name),
                     "Keep one of them.")
        .At(column.where);
  }
  return column;
}

}  // namespace penstock::sql
