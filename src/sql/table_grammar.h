#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/table_statement.h"
#include "sql/token_cursor.h"

// The rules that statements on tables share, and one function for each family of them. A cursor
// stands behind the statement's first word.
namespace penstock::sql {

// A table as the target or source of a statement; `parquet` also allows parquet.`/path`.
Result<TableReference> ParseTableReference(TokenCursor& cursor, std::string_view what,
                                           bool parquet = false);
// The same, or its path in quotes: '/path'.
Result<TableReference> ParseTableOrPath(TokenCursor& cursor, std::string_view what);
// [AS] alias; the words in `never` are none. Without one: the table's own name.
Result<std::string> ParseTableAlias(TokenCursor& cursor, const TableReference& table,
                                    std::initializer_list<std::string_view> never);
// VERSION AS OF 3, TIMESTAMP AS OF '…', @v3, @20260131000000000; nothing when there is none.
Result<TableVersion> ParseTableVersion(TokenCursor& cursor);
// An expression's text up to a comma or one of the words, outside of parentheses and CASE … END, or
// up to the end or an unopened ")". `what` is for the error when it is empty.
Result<model::QueryText> ParseExpressionText(TokenCursor& cursor, std::string_view what,
                                             std::initializer_list<std::string_view> until);
// ('key' = 'value', …), each key once.
Result<std::map<std::string, std::string>> ParsePropertyList(TokenCursor& cursor);
// The key of a property: a string, or words joined by dots and dashes.
Result<std::string> ParsePropertyKey(TokenCursor& cursor);
// A column's name and path, type, and clauses. `position` allows FIRST and AFTER; without `typed`
// the type may be missing (then it is VOID).
struct ColumnGrammar {
  bool position = false;
  bool nested = false;
};
Result<ColumnDefinition> ParseColumnDefinition(TokenCursor& cursor, const ColumnGrammar& grammar);
// A type that ends where a clause or the list does.
Result<DataType> ParseTypeText(TokenCursor& cursor, std::string_view column);
// CHECK (condition) behind CONSTRAINT name; keys that are declared and not checked are refused.
Result<CheckConstraint> ParseCheckConstraint(TokenCursor& cursor);
// a, (a, b), with paths.
Result<std::vector<std::vector<std::string>>> ParseColumnPaths(TokenCursor& cursor);
Status ExpectEnd(const TokenCursor& cursor);
// UNSUPPORTED_CLAUSE at the cursor.
Error RefusedClause(const TokenCursor& cursor, std::string clause, std::string remedy);

Result<TableStatement> ParseInsertRows(TokenCursor& cursor);
Result<TableStatement> ParseCopy(TokenCursor& cursor);
Result<TableStatement> ParseDelete(TokenCursor& cursor);
Result<TableStatement> ParseTruncate(TokenCursor& cursor);
Result<TableStatement> ParseUpdate(TokenCursor& cursor);
Result<TableStatement> ParseMerge(TokenCursor& cursor);
// a = 1, b.c = DEFAULT up to one of the words.
Result<std::vector<ColumnAssignment>> ParseAssignments(
    TokenCursor& cursor, std::initializer_list<std::string_view> until);
// CREATE [OR REPLACE] TABLE …; `replace_only` behind REPLACE.
Result<TableStatement> ParseCreateTable(TokenCursor& cursor, bool replace_only);
Result<TableStatement> ParseDrop(TokenCursor& cursor);
Result<TableStatement> ParseAlter(TokenCursor& cursor);
Result<TableStatement> ParseComment(TokenCursor& cursor);
Result<TableStatement> ParseOptimize(TokenCursor& cursor);
Result<TableStatement> ParseReorg(TokenCursor& cursor);
Result<TableStatement> ParseVacuum(TokenCursor& cursor);
Result<TableStatement> ParseRestore(TokenCursor& cursor);
Result<TableStatement> ParseConvert(TokenCursor& cursor);

}  // namespace penstock::sql
