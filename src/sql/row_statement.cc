#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "sql/statement.h"
#include "sql/table_grammar.h"

namespace penstock::sql {
namespace {

// PARTITION (a = 1, b)
Status ParsePartition(TokenCursor& cursor, InsertRows* insert) {
  RETURN_IF_ERROR(cursor.ExpectOperator("("));
  do {
    PartitionEntry entry;
    ASSIGN_OR_RETURN(entry.column, cursor.ExpectName("a partition column"));
    if (cursor.AcceptOperator("=")) {
      ASSIGN_OR_RETURN(entry.value, ParseExpressionText(cursor, "the value", {}));
    }
    insert->partition.push_back(std::move(entry));
  } while (cursor.AcceptOperator(","));
  if (!cursor.AcceptOperator(")")) return cursor.Unexpected("',' or ')'");
  return OkStatus();
}

// Whether "(" opens a list of columns and no query.
bool LooksAtColumnList(const TokenCursor& cursor) {
  if (!IsOperator(cursor.Peek(), "(") || !IsName(cursor.Peek(1))) return false;
  return IsOperator(cursor.Peek(2), ",") || IsOperator(cursor.Peek(2), ")");
}

// The condition of REPLACE WHERE, which ends where a query begins.
Result<model::QueryText> ParseReplaced(TokenCursor& cursor) {
  const Token& first = cursor.Peek();
  size_t depth = 0;
  size_t end = first.offset;
  for (; !cursor.AtEnd(); cursor.Next()) {
    const Token& token = cursor.Peek();
    const bool from =
        IsWord(token, "FROM") && !IsWord(cursor.TokenAt(cursor.index() - 1), "DISTINCT");
    if (depth == 0 && (from || IsWord(token, "SELECT") || IsWord(token, "WITH") ||
                       IsWord(token, "VALUES") || IsWord(token, "TABLE"))) {
      break;
    }
    if (IsOperator(token, "(")) ++depth;
    if (IsOperator(token, ")")) depth -= depth > 0 ? 1 : 0;
    end = token.end();
  }
  if (end == first.offset) return cursor.Unexpected("the condition of REPLACE WHERE");
  return cursor.Slice(first.offset, end);
}

bool EndsValue(const Token& token) {
  return token.kind == TokenKind::kEnd || IsOperator(token, ",") || IsOperator(token, ")");
}

// Whether VALUES follows with DEFAULT among its values.
bool LooksAtDefaults(const TokenCursor& cursor) {
  if (!cursor.LooksAt({"VALUES"})) return false;
  for (size_t i = cursor.index(); cursor.TokenAt(i).kind != TokenKind::kEnd; ++i) {
    if (!IsWord(cursor.TokenAt(i + 1), "DEFAULT")) continue;
    const Token& before = cursor.TokenAt(i);
    const bool begins =
        IsOperator(before, "(") || IsOperator(before, ",") || IsWord(before, "VALUES");
    if (begins && EndsValue(cursor.TokenAt(i + 2))) return true;
  }
  return false;
}

Status ParseValue(TokenCursor& cursor, std::vector<std::optional<model::QueryText>>* row) {
  if (EndsValue(cursor.Peek(1)) && cursor.Accept({"DEFAULT"})) {
    row->push_back(std::nullopt);
    return OkStatus();
  }
  ASSIGN_OR_RETURN(model::QueryText value, ParseExpressionText(cursor, "a value", {}));
  row->push_back(std::move(value));
  return OkStatus();
}

// VALUES (1, DEFAULT), (2, 'x')
Status ParseValues(TokenCursor& cursor, InsertRows* insert) {
  insert->query.where = cursor.Where();
  RETURN_IF_ERROR(cursor.Expect({"VALUES"}));
  do {
    std::vector<std::optional<model::QueryText>> row;
    const bool several = cursor.AcceptOperator("(");
    do {
      RETURN_IF_ERROR(ParseValue(cursor, &row));
    } while (several && cursor.AcceptOperator(","));
    if (several && !cursor.AcceptOperator(")")) return cursor.Unexpected("',' or ')'");
    insert->values.push_back(std::move(row));
  } while (cursor.AcceptOperator(","));
  return ExpectEnd(cursor);
}

Status ParseInsertTail(TokenCursor& cursor, InsertRows* insert) {
  if (cursor.Accept({"PARTITION"})) RETURN_IF_ERROR(ParsePartition(cursor, insert));
  if (cursor.LooksAt({"IF", "NOT", "EXISTS"})) {
    return RefusedClause(cursor, "INSERT OVERWRITE … IF NOT EXISTS",
                         "Ask with SELECT whether the partition has rows.");
  }
  if (LooksAtColumnList(cursor)) {
    ASSIGN_OR_RETURN(insert->columns, cursor.ExpectNameList("a column"));
  }
  if (cursor.Accept({"BY", "NAME"})) {
    if (!insert->columns.empty()) {
      return cursor.ErrorAt(cursor.TokenAt(cursor.index() - 2), "SQL_SYNTAX",
                            "BY NAME behind a list of columns", "Keep one of them.");
    }
    insert->by_name = true;
  }
  if (cursor.LooksAt({"REPLACE", "USING"}) || cursor.LooksAt({"REPLACE", "ON"})) {
    return RefusedClause(cursor, "REPLACE " + AsciiUpper(cursor.Peek(1).text),
                         "Write REPLACE WHERE condition, or MERGE INTO.");
  }
  if (cursor.Accept({"REPLACE", "WHERE"})) {
    ASSIGN_OR_RETURN(insert->replace_where, ParseReplaced(cursor));
  }
  if (LooksAtDefaults(cursor)) {
    if (!insert->by_name) return ParseValues(cursor, insert);
    return RefusedClause(cursor, "DEFAULT among the values of INSERT … BY NAME",
                         "Leave BY NAME out, and name the columns: INSERT INTO t (columns) VALUES "
                         "….");
  }
  ASSIGN_OR_RETURN(insert->query, ParseQuery(cursor));
  return OkStatus();
}

Status CheckInsert(const TokenCursor& cursor, const Token& first, const InsertRows& insert) {
  if (insert.replace_where && (insert.overwrite || !insert.partition.empty())) {
    return cursor.ErrorAt(
        first, "SQL_SYNTAX",
        insert.overwrite ? "INSERT OVERWRITE with REPLACE WHERE" : "PARTITION with REPLACE WHERE",
        "Write INSERT INTO t REPLACE WHERE condition query.");
  }
  if (insert.by_name && !insert.partition.empty()) {
    return cursor.ErrorAt(first, "UNSUPPORTED_CLAUSE", "PARTITION together with BY NAME",
                          "Give the partition's value as a column of the query.");
  }
  return OkStatus();
}

}  // namespace

Result<TableStatement> ParseInsertRows(TokenCursor& cursor) {
  const Token& first = cursor.Peek();
  InsertRows insert;
  insert.schema_evolution = cursor.Accept({"WITH", "SCHEMA", "EVOLUTION"});
  insert.overwrite = cursor.Accept({"OVERWRITE"});
  if (insert.overwrite && (cursor.LooksAt({"DIRECTORY"}) || cursor.LooksAt({"LOCAL"}))) {
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT", "INSERT OVERWRITE DIRECTORY",
                          "penstock export writes a query's rows to a file.");
  }
  if (insert.overwrite) {
    cursor.Accept({"INTO"});
  } else if (!cursor.Accept({"INTO"})) {
    return cursor.Unexpected("INTO or OVERWRITE", {"INTO", "OVERWRITE"});
  }
  // A table may be named table: then no name follows the word.
  if (IsName(cursor.Peek(1)) && !IsWord(cursor.Peek(1), "VALUES")) cursor.Accept({"TABLE"});
  ASSIGN_OR_RETURN(insert.table, ParseTableReference(cursor, "the table to insert into"));
  RETURN_IF_ERROR(ParseInsertTail(cursor, &insert));
  RETURN_IF_ERROR(CheckInsert(cursor, first, insert));
  return TableStatement(std::move(insert));
}

Result<TableStatement> ParseDelete(TokenCursor& cursor) {
  DeleteRows statement;
  RETURN_IF_ERROR(cursor.Expect({"FROM"}));
  ASSIGN_OR_RETURN(statement.table, ParseTableReference(cursor, "the table to delete from"));
  ASSIGN_OR_RETURN(statement.alias, ParseTableAlias(cursor, statement.table, {"WHERE", "USING"}));
  if (cursor.LooksAt({"USING"})) {
    return RefusedClause(
        cursor, "DELETE … USING",
        "Write WHERE EXISTS (SELECT …), or MERGE INTO … WHEN MATCHED THEN DELETE.");
  }
  if (cursor.Accept({"WHERE"})) {
    if (cursor.AtEnd()) return cursor.Unexpected("a condition");
    statement.condition = cursor.Rest();
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return TableStatement(std::move(statement));
}

Result<TableStatement> ParseTruncate(TokenCursor& cursor) {
  DeleteRows statement;
  statement.truncate = true;
  RETURN_IF_ERROR(cursor.Expect({"TABLE"}));
  ASSIGN_OR_RETURN(statement.table, ParseTableReference(cursor, "the table to empty"));
  statement.alias = statement.table.parts.empty() ? "" : statement.table.parts.back();
  if (cursor.LooksAt({"PARTITION"})) {
    return RefusedClause(cursor, "TRUNCATE TABLE … PARTITION", "Write DELETE FROM t WHERE …");
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return TableStatement(std::move(statement));
}

Result<std::vector<ColumnAssignment>> ParseAssignments(
    TokenCursor& cursor, std::initializer_list<std::string_view> until) {
  std::vector<ColumnAssignment> assignments;
  do {
    ColumnAssignment assignment;
    ASSIGN_OR_RETURN(assignment.column, cursor.ExpectNameParts("a column"));
    if (!cursor.AcceptOperator("=")) cursor.AcceptOperator("==");
    const Token& first = cursor.Peek();
    ASSIGN_OR_RETURN(assignment.value, ParseExpressionText(cursor, "a value", until));
    if (IsWord(first, "DEFAULT") && assignment.value.text.size() == first.text.size()) {
      assignment.is_default = true;
      assignment.value = {};
    }
    assignments.push_back(std::move(assignment));
  } while (cursor.AcceptOperator(","));
  return assignments;
}

Result<TableStatement> ParseUpdate(TokenCursor& cursor) {
  UpdateRows update;
  ASSIGN_OR_RETURN(update.table, ParseTableReference(cursor, "the table to update"));
  ASSIGN_OR_RETURN(update.alias, ParseTableAlias(cursor, update.table, {"SET", "FROM"}));
  RETURN_IF_ERROR(cursor.Expect({"SET"}));
  ASSIGN_OR_RETURN(update.assignments, ParseAssignments(cursor, {"WHERE", "FROM"}));
  if (cursor.LooksAt({"FROM"})) {
    return RefusedClause(cursor, "UPDATE … FROM", "Write MERGE INTO … WHEN MATCHED THEN UPDATE.");
  }
  if (cursor.Accept({"WHERE"})) {
    if (cursor.AtEnd()) return cursor.Unexpected("a condition");
    update.condition = cursor.Rest();
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return TableStatement(std::move(update));
}

}  // namespace penstock::sql
