#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "sql/statement.h"
#include "sql/table_grammar.h"

namespace penstock::sql {
namespace {

Result<std::vector<std::string>> ParseColumns(TokenCursor& cursor) {
  const bool list = cursor.AcceptOperator("(");
  std::vector<std::string> columns;
  do {
    ASSIGN_OR_RETURN(auto name, cursor.ExpectName("a column"));
    columns.push_back(std::move(name));
  } while (cursor.AcceptOperator(","));
  if (list && !cursor.AcceptOperator(")")) return cursor.Unexpected("',' or ')'");
  return columns;
}

Result<double> ParseNumber(TokenCursor& cursor, std::string_view what) {
  const Token& token = cursor.Peek();
  double number = 0;
  const char* end = token.text.data() + token.text.size();
  const auto read = std::from_chars(token.text.data(), end, number);
  if (token.kind != TokenKind::kNumber || read.ec != std::errc{} || read.ptr != end) {
    return cursor.Unexpected(what);
  }
  cursor.Next();
  return number;
}

}  // namespace

Result<TableStatement> ParseOptimize(TokenCursor& cursor) {
  OptimizeTable optimize;
  if (IsName(cursor.Peek(1))) cursor.Accept({"TABLE"});
  ASSIGN_OR_RETURN(optimize.table, ParseTableOrPath(cursor, "the table to optimize"));
  optimize.full = cursor.Accept({"FULL"});
  if (cursor.Accept({"WHERE"})) {
    ASSIGN_OR_RETURN(optimize.condition, ParseExpressionText(cursor, "a condition", {"ZORDER"}));
  }
  if (cursor.Accept({"ZORDER"})) {
    RETURN_IF_ERROR(cursor.Expect({"BY"}));
    ASSIGN_OR_RETURN(optimize.zorder_by, ParseColumns(cursor));
  }
  if (!cursor.AtEnd()) {
    return cursor.Unexpected("FULL, WHERE, ZORDER BY or the end of the statement",
                             {"FULL", "WHERE", "ZORDER"});
  }
  return TableStatement(std::move(optimize));
}

Result<TableStatement> ParseReorg(TokenCursor& cursor) {
  OptimizeTable reorg;
  reorg.purge = true;
  if (IsName(cursor.Peek(1))) cursor.Accept({"TABLE"});
  ASSIGN_OR_RETURN(reorg.table, ParseTableReference(cursor, "the table to reorganize"));
  if (cursor.Accept({"WHERE"})) {
    ASSIGN_OR_RETURN(reorg.condition, ParseExpressionText(cursor, "a condition", {"APPLY"}));
  }
  RETURN_IF_ERROR(cursor.Expect({"APPLY"}));
  RETURN_IF_ERROR(cursor.ExpectOperator("("));
  if (!cursor.Accept({"PURGE"})) {
    if (cursor.LooksAt({"UPGRADE"})) {
      return RefusedClause(cursor, "APPLY (UPGRADE UNIFORM …)", "Write APPLY (PURGE).");
    }
    return cursor.Unexpected("PURGE", {"PURGE"});
  }
  RETURN_IF_ERROR(cursor.ExpectOperator(")"));
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return TableStatement(std::move(reorg));
}

Result<TableStatement> ParseVacuum(TokenCursor& cursor) {
  VacuumTable vacuum;
  if (IsName(cursor.Peek(1))) cursor.Accept({"TABLE"});
  ASSIGN_OR_RETURN(vacuum.table, ParseTableOrPath(cursor, "the table to vacuum"));
  while (!cursor.AtEnd()) {
    if (cursor.Accept({"RETAIN"})) {
      ASSIGN_OR_RETURN(vacuum.retain_hours, ParseNumber(cursor, "a number of hours"));
      if (!cursor.Accept({"HOURS"}) && !cursor.Accept({"HOUR"})) {
        return cursor.Unexpected("HOURS", {"HOURS"});
      }
    } else if (cursor.Accept({"DRY", "RUN"})) {
      vacuum.dry_run = true;
    } else if (cursor.Accept({"FULL"})) {
      continue;  // what it does anyway
    } else if (cursor.LooksAt({"LITE"})) {
      return RefusedClause(cursor, "VACUUM … LITE", "Leave LITE out.");
    } else if (cursor.LooksAt({"USING", "INVENTORY"})) {
      return RefusedClause(cursor, "USING INVENTORY", "Leave it out: the folder is listed.");
    } else {
      return cursor.Unexpected("RETAIN, DRY RUN or the end of the statement", {"RETAIN", "DRY"});
    }
  }
  return TableStatement(std::move(vacuum));
}

Result<TableStatement> ParseRestore(TokenCursor& cursor) {
  RestoreTable restore;
  if (IsName(cursor.Peek(1)) && !IsWord(cursor.Peek(1), "TO")) cursor.Accept({"TABLE"});
  ASSIGN_OR_RETURN(restore.table, ParseTableReference(cursor, "the table to restore"));
  if (!cursor.Accept({"TO"})) {
    return cursor.Unexpected("TO VERSION AS OF or TO TIMESTAMP AS OF", {"TO"});
  }
  ASSIGN_OR_RETURN(restore.to, ParseTableVersion(cursor));
  if (!restore.to.version && !restore.to.timestamp) {
    return cursor.Unexpected("VERSION AS OF or TIMESTAMP AS OF", {"VERSION", "TIMESTAMP"});
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return TableStatement(std::move(restore));
}

Result<TableStatement> ParseConvert(TokenCursor& cursor) {
  ConvertTable convert;
  RETURN_IF_ERROR(cursor.Expect({"TO", "DELTA"}));
  const Token& first = cursor.Peek();
  ASSIGN_OR_RETURN(convert.table, ParseTableReference(cursor, "the folder", /*parquet=*/true));
  if (convert.table.format != "parquet") {
    return cursor.ErrorAt(first, "UNSUPPORTED_STATEMENT",
                          "CONVERT TO DELTA takes a folder of Parquet files",
                          "Write CONVERT TO DELTA parquet.`/path`.");
  }
  if (cursor.Accept({"NO", "STATISTICS"})) convert.statistics = false;
  if (cursor.Accept({"PARTITIONED", "BY"})) {
    RETURN_IF_ERROR(cursor.ExpectOperator("("));
    do {
      ASSIGN_OR_RETURN(auto column, ParseColumnDefinition(cursor, {}));
      convert.partition_columns.push_back(std::move(column.field));
    } while (cursor.AcceptOperator(","));
    RETURN_IF_ERROR(cursor.ExpectOperator(")"));
  }
  if (!cursor.AtEnd()) {
    return cursor.Unexpected("NO STATISTICS, PARTITIONED BY or the end of the statement",
                             {"NO STATISTICS", "PARTITIONED BY"});
  }
  return TableStatement(std::move(convert));
}

// FROM 'path' [FILEFORMAT = f] [PATTERN = 'p'] [FORMAT_OPTIONS (…)] [COPY_OPTIONS (…)]
Result<TableStatement> ParseCopy(TokenCursor& cursor) {
  CopyFiles copy;
  copy.where = cursor.Where();
  RETURN_IF_ERROR(cursor.Expect({"INTO"}));
  ASSIGN_OR_RETURN(copy.table, ParseTableReference(cursor, "the table to copy into"));
  RETURN_IF_ERROR(cursor.Expect({"FROM"}));
  if (!IsString(cursor.Peek())) {
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_CLAUSE", "COPY INTO … FROM a query",
                          "Write INSERT INTO t SELECT … FROM read_files('path', format => 'csv').");
  }
  ASSIGN_OR_RETURN(copy.path, cursor.ExpectString("the path"));
  while (!cursor.AtEnd()) {
    const Token& first = cursor.Peek();
    if (cursor.Accept({"FILEFORMAT"})) {
      RETURN_IF_ERROR(cursor.ExpectOperator("="));
      ASSIGN_OR_RETURN(copy.format, cursor.ExpectName("the format of the files"));
      copy.format = AsciiLower(copy.format);
    } else if (cursor.Accept({"PATTERN"})) {
      RETURN_IF_ERROR(cursor.ExpectOperator("="));
      ASSIGN_OR_RETURN(copy.pattern, cursor.ExpectString("the pattern"));
    } else if (cursor.Accept({"FORMAT_OPTIONS"})) {
      ASSIGN_OR_RETURN(copy.format_options, ParsePropertyList(cursor));
    } else if (cursor.Accept({"COPY_OPTIONS"})) {
      ASSIGN_OR_RETURN(const auto options, ParsePropertyList(cursor));
      for (const auto& [key, value] : options) {
        const bool merge = EqualsIgnoreCase(key, "mergeSchema");
        if (!merge && !EqualsIgnoreCase(key, "force")) {
          return cursor.ErrorAt(first, "UNSUPPORTED_CLAUSE",
                                fmt::format("the option '{}' of COPY INTO", key),
                                "COPY_OPTIONS takes 'mergeSchema' and 'force'.");
        }
        (merge ? copy.merge_schema : copy.force) = EqualsIgnoreCase(value, "true");
      }
    } else if (cursor.LooksAt({"FILES"}) || cursor.LooksAt({"VALIDATE"}) ||
               cursor.LooksAt({"WITH"})) {
      return RefusedClause(cursor, AsciiUpper(first.text) + " in COPY INTO",
                           "Choose files by the path or PATTERN = 'glob'.");
    } else {
      return cursor.Unexpected("a clause of COPY INTO",
                               {"FILEFORMAT", "PATTERN", "FORMAT_OPTIONS", "COPY_OPTIONS"});
    }
  }
  if (copy.format.empty()) {
    return cursor.Unexpected("FILEFORMAT = format", {"FILEFORMAT"},
                             "For example FILEFORMAT = PARQUET.");
  }
  return TableStatement(std::move(copy));
}

}  // namespace penstock::sql
