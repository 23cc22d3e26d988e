#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "sql/table_clauses.h"

namespace penstock::sql {
namespace {

struct Column {
  Field field;
  bool typed = false;
};

bool EndsType(const Token& token) {
  if (IsOperator(token, ",") || IsOperator(token, ")") || token.kind == TokenKind::kEnd)
    return true;
  static constexpr std::string_view kWords[] = {"NOT",     "NULL",    "COMMENT",    "GENERATED",
                                                "DEFAULT", "PRIMARY", "REFERENCES", "CONSTRAINT",
                                                "MASK",    "COLLATE", "FOREIGN",    "AS"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return IsWord(token, word); });
}

// The type behind a column's name, if there is one.
Status ParseColumnType(TokenCursor& cursor, Column* column) {
  cursor.AcceptOperator(":");
  const Token& first = cursor.Peek();
  size_t depth = 0;
  size_t end = first.offset;
  while (!cursor.AtEnd() && (depth > 0 || !EndsType(cursor.Peek()))) {
    const Token& token = cursor.Next();
    if (IsOperator(token, "(") || IsOperator(token, "<")) ++depth;
    if (IsOperator(token, ")") || IsOperator(token, ">")) depth -= depth > 0 ? 1 : 0;
    end = token.end();
  }
  if (end == first.offset) return OkStatus();
  auto type = ParseDataType(cursor.Slice(first.offset, end).text);
  if (!type.ok()) {
    return std::move(type)
        .error()
        .Because(fmt::format("column '{}'", column->field.name))
        .At(cursor.Where(first));
  }
  column->field.type = std::move(type).value();
  column->typed = true;
  return OkStatus();
}

Error RefusedColumnPart(const TokenCursor& cursor, const Column& column) {
  const Token& token = cursor.Peek();
  const std::string word = AsciiUpper(token.text);
  const std::string remedy =
      word == "GENERATED" || word == "AS" || word == "DEFAULT"
          ? "Compute the value in the query: SELECT …, expression AS column."
          : (word == "MASK" ? "Mask the value in the query, so that nothing else is stored."
                            : "Leave it out.");
  return cursor.ErrorAt(token, "UNSUPPORTED_CLAUSE",
                        fmt::format("{} on column '{}' is not supported", word, column.field.name),
                        remedy);
}

Status ParseColumnParts(TokenCursor& cursor, Column* column,
                        std::vector<model::Warning>* warnings) {
  while (!IsOperator(cursor.Peek(), ",") && !IsOperator(cursor.Peek(), ")")) {
    if (cursor.Accept({"NOT", "NULL"})) {
      column->field.nullable = false;
    } else if (cursor.Accept({"NULL"})) {
      column->field.nullable = true;
    } else if (cursor.Accept({"COMMENT"})) {
      ASSIGN_OR_RETURN(column->field.comment, cursor.ExpectString("the comment"));
    } else if (cursor.LooksAt({"PRIMARY", "KEY"}) || cursor.LooksAt({"REFERENCES"}) ||
               cursor.LooksAt({"FOREIGN", "KEY"})) {
      RETURN_IF_ERROR(ParseInformationalKey(cursor, warnings));
    } else if (cursor.LooksAt({"GENERATED"}) || cursor.LooksAt({"DEFAULT"}) ||
               cursor.LooksAt({"MASK"}) || cursor.LooksAt({"COLLATE"}) || cursor.LooksAt({"AS"})) {
      return RefusedColumnPart(cursor, *column);
    } else if (cursor.LooksAt({"CONSTRAINT"}) && IsName(cursor.Peek(1)) &&
               (IsWord(cursor.Peek(2), "PRIMARY") || IsWord(cursor.Peek(2), "FOREIGN") ||
                IsWord(cursor.Peek(2), "REFERENCES"))) {
      cursor.Next();
      cursor.Next();
      RETURN_IF_ERROR(ParseInformationalKey(cursor, warnings));
    } else if (cursor.LooksAt({"CONSTRAINT"})) {
      return cursor.Unexpected("',' before CONSTRAINT", {},
                               "A constraint is an entry of its own: put a comma before it.");
    } else {
      return cursor.Unexpected("',' or ')'", {"NOT NULL", "COMMENT"});
    }
  }
  return OkStatus();
}

Result<Column> ParseColumn(TokenCursor& cursor, std::vector<model::Warning>* warnings) {
  Column column;
  ASSIGN_OR_RETURN(column.field.name, cursor.ExpectName("a column"));
  RETURN_IF_ERROR(ParseColumnType(cursor, &column));
  RETURN_IF_ERROR(ParseColumnParts(cursor, &column, warnings));
  return column;
}

// Fills the dataset from columns that either all have types or all have none.
void Declare(std::vector<Column> columns, model::Dataset* dataset) {
  if (columns.empty()) return;
  if (columns.front().typed) dataset->columns.emplace();
  for (Column& column : columns) {
    if (column.typed) {
      dataset->columns->push_back(std::move(column.field));
      continue;
    }
    dataset->column_names.push_back(column.field.name);
    if (!column.field.comment.empty()) {
      dataset->column_comments[column.field.name] = std::move(column.field.comment);
    }
  }
}

Status CheckColumn(const TokenCursor& cursor, const Token& name, const Column& column,
                   const std::vector<Column>& before, std::set<std::string>* names) {
  if (!names->insert(AsciiLower(column.field.name)).second) {
    return cursor.ErrorAt(name, "DUPLICATE_COLUMN",
                          fmt::format("column '{}' is declared twice", column.field.name),
                          "Names of columns differ in more than case; rename one.");
  }
  if (!before.empty() && before.front().typed != column.typed) {
    return cursor.ErrorAt(name, "SQL_SYNTAX",
                          fmt::format("column '{}' has {}", column.field.name,
                                      column.typed ? "a type, those before it have none"
                                                   : "no type, those before it have one"),
                          "Give every column a type, or none.");
  }
  return OkStatus();
}

}  // namespace

Status ParseColumnList(TokenCursor& cursor, const FileContext& context, model::Dataset* dataset,
                       std::vector<model::Warning>* warnings) {
  RETURN_IF_ERROR(cursor.ExpectOperator("("));
  std::vector<Column> columns;
  std::set<std::string> names;
  do {
    if (LooksAtConstraint(cursor)) {
      RETURN_IF_ERROR(ParseConstraint(cursor, context, dataset, warnings));
      continue;
    }
    const Token& name = cursor.Peek();
    ASSIGN_OR_RETURN(Column column, ParseColumn(cursor, warnings));
    RETURN_IF_ERROR(CheckColumn(cursor, name, column, columns, &names));
    columns.push_back(std::move(column));
  } while (cursor.AcceptOperator(","));
  if (!cursor.AcceptOperator(")")) {
    return cursor.Unexpected("',' or ')'", {},
                             "A condition stands in one pair of parentheses: EXPECT (a AND b).");
  }
  Declare(std::move(columns), dataset);
  return OkStatus();
}

}  // namespace penstock::sql
