#include "sql/sql_statement.h"

#include <fmt/format.h>

#include <charconv>
#include <span>

#include "base/text.h"
#include "sql/parameters.h"
#include "sql/statement.h"
#include "sql/table_grammar.h"
#include "sql/text_places.h"

namespace penstock::sql {
namespace {

Result<SqlStatement> ParseShowTables(TokenCursor& cursor, bool views_only) {
  ShowTables show;
  show.views_only = views_only;
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
  return SqlStatement(std::move(show));
}

Result<SqlStatement> ParseShowProperties(TokenCursor& cursor) {
  ShowProperties show;
  ASSIGN_OR_RETURN(show.table, ParseTableReference(cursor, "the table"));
  if (cursor.AcceptOperator("(")) {
    ASSIGN_OR_RETURN(show.key, ParsePropertyKey(cursor));
    RETURN_IF_ERROR(cursor.ExpectOperator(")"));
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return SqlStatement(TableStatement(std::move(show)));
}

// SHOW COLUMNS IN t [IN schema]
Result<SqlStatement> ParseShowColumns(TokenCursor& cursor) {
  ShowColumns show;
  if (!cursor.Accept({"IN"})) RETURN_IF_ERROR(cursor.Expect({"FROM"}));
  ASSIGN_OR_RETURN(show.table, ParseTableReference(cursor, "the table"));
  if (cursor.Accept({"IN"}) || cursor.Accept({"FROM"})) {
    const Token& first = cursor.Peek();
    ASSIGN_OR_RETURN(std::vector<std::string> parts, cursor.ExpectNameParts("the schema"));
    if (show.table.parts.size() != 1 || parts.size() > 2) {
      return cursor.ErrorAt(first, "SQL_SYNTAX", "the schema of the table is given twice",
                            "Write SHOW COLUMNS IN t IN schema, or SHOW COLUMNS IN schema.t.");
    }
    parts.push_back(std::move(show.table.parts.front()));
    show.table.parts = std::move(parts);
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return SqlStatement(TableStatement(std::move(show)));
}

Result<SqlStatement> ParseShow(TokenCursor& cursor) {
  if (cursor.Accept({"TABLES"})) return ParseShowTables(cursor, false);
  if (cursor.Accept({"VIEWS"})) return ParseShowTables(cursor, true);
  if (cursor.Accept({"TBLPROPERTIES"})) return ParseShowProperties(cursor);
  if (cursor.Accept({"COLUMNS"})) return ParseShowColumns(cursor);
  if (cursor.Accept({"PARTITIONS"})) {
    ShowPartitions show;
    ASSIGN_OR_RETURN(show.table, ParseTableReference(cursor, "the table"));
    if (cursor.LooksAt({"PARTITION"})) {
      return RefusedClause(cursor, "SHOW PARTITIONS t PARTITION (…)",
                           "Write SELECT DISTINCT column FROM t WHERE ….");
    }
    RETURN_IF_ERROR(ExpectEnd(cursor));
    return SqlStatement(TableStatement(std::move(show)));
  }
  if (cursor.Accept({"CREATE", "TABLE"})) {
    ShowCreateTable show;
    ASSIGN_OR_RETURN(show.table, ParseTableReference(cursor, "the table"));
    RETURN_IF_ERROR(ExpectEnd(cursor));
    return SqlStatement(TableStatement(std::move(show)));
  }
  for (const std::string_view word :
       {"SCHEMAS", "DATABASES", "CATALOGS", "FUNCTIONS", "GRANTS", "USERS", "VOLUMES", "CURRENT"}) {
    if (!cursor.LooksAt({word})) continue;
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT", fmt::format("SHOW {}", word),
                          "Run penstock table list.");
  }
  return cursor.Unexpected("what to show", {"TABLES", "VIEWS", "TBLPROPERTIES", "COLUMNS",
                                            "PARTITIONS", "CREATE TABLE"});
}

Result<SqlStatement> ParseDescribeHistory(TokenCursor& cursor) {
  DescribeHistory history;
  ASSIGN_OR_RETURN(history.table, ParseTableOrPath(cursor, "the table"));
  if (cursor.Accept({"LIMIT"})) {
    const Token& token = cursor.Next();
    const char* end = token.text.data() + token.text.size();
    const auto read = std::from_chars(token.text.data(), end, history.limit);
    if (read.ec != std::errc{} || read.ptr != end || history.limit < 1) {
      return cursor.ErrorAt(token, "SQL_SYNTAX",
                            fmt::format("LIMIT {} is no number of rows", token.text.substr(0, 40)),
                            "Write for example LIMIT 10.");
    }
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return SqlStatement(TableStatement(std::move(history)));
}

Result<SqlStatement> ParseDescribe(TokenCursor& cursor) {
  const bool named = IsName(cursor.Peek(1)) || IsString(cursor.Peek(1));
  if (named && cursor.Accept({"HISTORY"})) return ParseDescribeHistory(cursor);
  if (named && cursor.Accept({"DETAIL"})) {
    DescribeDetail detail;
    ASSIGN_OR_RETURN(detail.table, ParseTableOrPath(cursor, "the table"));
    RETURN_IF_ERROR(ExpectEnd(cursor));
    return SqlStatement(TableStatement(std::move(detail)));
  }
  DescribeTable describe;
  const bool last = cursor.Peek(1).kind == TokenKind::kEnd;
  if (!last) cursor.Accept({"TABLE"});
  describe.extended = cursor.Peek(1).kind != TokenKind::kEnd && cursor.Accept({"EXTENDED"});
  ASSIGN_OR_RETURN(TableReference table, ParseTableReference(cursor, "the name of a table"));
  describe.name = table.path.empty() ? std::move(table.parts)
                                     : std::vector<std::string>{"delta", std::move(table.path)};
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return SqlStatement(std::move(describe));
}

Result<SqlStatement> ParseExplain(TokenCursor& cursor) {
  for (const std::string_view word :
       {"EXTENDED", "FORMATTED", "CODEGEN", "COST", "LOGICAL", "ANALYZE"}) {
    if (!cursor.LooksAt({word})) continue;
    return RefusedClause(cursor, fmt::format("EXPLAIN {}", word), "Write EXPLAIN query.");
  }
  ExplainQuery explain;
  ASSIGN_OR_RETURN(explain.query, ParseQuery(cursor));
  return SqlStatement(std::move(explain));
}

using ParseTable = Result<TableStatement> (*)(TokenCursor&);
struct TableRule {
  std::string_view word;
  ParseTable parse;
};
constexpr TableRule kTableRules[] = {
    {"INSERT", ParseInsertRows},
    {"COPY", ParseCopy},
    {"DELETE", ParseDelete},
    {"TRUNCATE", ParseTruncate},
    {"UPDATE", ParseUpdate},
    {"MERGE", ParseMerge},
    {"CREATE", [](TokenCursor& cursor) { return ParseCreateTable(cursor, false); }},
    {"REPLACE", [](TokenCursor& cursor) { return ParseCreateTable(cursor, true); }},
    {"DROP", ParseDrop},
    {"ALTER", ParseAlter},
    {"COMMENT", ParseComment},
    {"OPTIMIZE", ParseOptimize},
    {"REORG", ParseReorg},
    {"VACUUM", ParseVacuum},
    {"RESTORE", ParseRestore},
    {"CONVERT", ParseConvert},
};

struct RefusedWord {
  std::string_view word;
  std::string_view remedy;
};
constexpr RefusedWord kRefused[] = {
    {"REFRESH", "penstock run --refresh t updates a table of the project."},
    {"GRANT", "Access is the file system's matter."},
    {"REVOKE", "Access is the file system's matter."},
    {"CACHE", "Leave it out."},
    {"UNCACHE", "Leave it out."},
    {"CLEAR", "Leave it out."},
    {"ANALYZE", "Leave it out: statistics are written with every file."},
    {"MSCK", "Leave it out: a Delta table knows its partitions."},
    {"FSCK", "RESTORE goes back to a version whose files are there."},
    {"GENERATE", "Leave it out."},
    {"UNDROP", "A managed table's files are deleted with it."},
    {"LOAD", "Write COPY INTO t FROM 'path' FILEFORMAT = …"},
    {"CALL", "Write the statement itself."},
    {"EXECUTE", "Write the statement itself."},
    {"DECLARE", "SET key = value sets a parameter: ${key}."},
    {"BEGIN", "Every statement is a transaction of its own."},
    {"COMMIT", "Every statement is a transaction of its own."},
    {"ROLLBACK", "RESTORE TABLE t TO VERSION AS OF n goes back."},
    {"RESET", "SET key = value sets a parameter: ${key}."},
};

Result<SqlStatement> Parse(TokenCursor& cursor) {
  if (cursor.Accept({"SHOW"})) return ParseShow(cursor);
  if (cursor.Accept({"DESCRIBE"}) || cursor.Accept({"DESC"})) return ParseDescribe(cursor);
  if (cursor.Accept({"EXPLAIN"})) return ParseExplain(cursor);
  for (const TableRule& rule : kTableRules) {
    if (!cursor.Accept({rule.word})) continue;
    ASSIGN_OR_RETURN(TableStatement statement, rule.parse(cursor));
    return SqlStatement(std::move(statement));
  }
  for (const RefusedWord& refused : kRefused) {
    if (!cursor.LooksAt({refused.word})) continue;
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT",
                          fmt::format("{} is not supported", refused.word),
                          std::string(refused.remedy));
  }
  ASSIGN_OR_RETURN(model::QueryText query, ParseQuery(cursor));
  return SqlStatement(std::move(query));
}

class ScriptParser {
 public:
  ScriptParser(std::string_view text, const model::Project& project)
      : text_(text),
        places_({std::string(text), {"", 1, 1}, {}}),
        context_{project.configuration, project.catalog, project.schema, project.dialect} {}

  Result<std::vector<ScriptStatement>> Run() {
    const Tokens lexed = Lex(text_, context_.dialect);
    if (lexed.error) {
      return UserError(lexed.error->code, lexed.error->message, lexed.error->remedy)
          .At(places_.At(lexed.error->offset));
    }
    const std::span<const Token> tokens(lexed.tokens);
    size_t begin = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool end = tokens[i].kind == TokenKind::kEnd;
      if (!end && !IsOperator(tokens[i], ";")) continue;
      if (i > begin) RETURN_IF_ERROR(One(tokens.subspan(begin, i - begin)));
      begin = i + 1;
    }
    if (!any_) {
      return UserError("MISSING_QUERY", "there is no query",
                       "For example: penstock sql \"SELECT 1\"");
    }
    return std::move(statements_);
  }

 private:
  Status One(std::span<const Token> tokens) {
    any_ = true;
    ASSIGN_OR_RETURN(
        model::QueryText statement,
        ReplaceParameters(text_, places_, tokens, context_.configuration, context_.dialect));
    TokenCursor cursor(std::move(statement), context_.dialect);
    RETURN_IF_ERROR(cursor.Lexed());
    if (cursor.Accept({"USE"})) return ParseUse(cursor, &context_);
    if (cursor.Accept({"SET"})) return Set(cursor);
    ScriptStatement parsed;
    parsed.where = cursor.Where();
    ASSIGN_OR_RETURN(parsed.statement, Parse(cursor));
    parsed.configuration = context_.configuration;
    parsed.catalog = context_.catalog;
    parsed.schema = context_.schema;
    statements_.push_back(std::move(parsed));
    return OkStatus();
  }

  // Without a value Spark shows the setting.
  Status Set(TokenCursor& cursor) {
    bool assigns = false;
    for (size_t i = 0; cursor.Peek(i).kind != TokenKind::kEnd; ++i) {
      assigns = assigns || IsOperator(cursor.Peek(i), "=");
    }
    if (!assigns && !cursor.LooksAt({"TIME", "ZONE"}) && !cursor.LooksAt({"CATALOG"})) {
      return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT", "SET without a value",
                            "Write SET key = value.");
    }
    return ParseSet(cursor, &context_);
  }

  std::string_view text_;
  TextPlaces places_;
  FileContext context_;
  bool any_ = false;
  std::vector<ScriptStatement> statements_;
};

}  // namespace

Result<std::vector<ScriptStatement>> ParseScript(std::string_view text,
                                                 const model::Project& project) {
  return ScriptParser(text, project).Run();
}

}  // namespace penstock::sql
