#include "sql/table_grammar.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace penstock::sql {
namespace {

bool IsAnyWord(const Token& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return IsWord(token, word); });
}

bool Opens(const Token& token) {
  return IsOperator(token, "(") || IsOperator(token, "[") || IsOperator(token, "{");
}
bool Closes(const Token& token) {
  return IsOperator(token, ")") || IsOperator(token, "]") || IsOperator(token, "}");
}

// The number of a token such as v3; nothing when it is none.
std::optional<int64_t> VersionOf(std::string_view text) {
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  int64_t version = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return version;
}

Error BadVersion(const TokenCursor& cursor, const Token& token) {
  return cursor.ErrorAt(token, "BAD_VERSION",
                        fmt::format("the version {} is not a number", token.text.substr(0, 40)),
                        "DESCRIBE HISTORY lists the versions of a table.");
}

}  // namespace

Status ExpectEnd(const TokenCursor& cursor) {
  if (!cursor.AtEnd()) return cursor.Unexpected("the end of the statement");
  return OkStatus();
}

Error RefusedClause(const TokenCursor& cursor, std::string clause, std::string remedy) {
  return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_CLAUSE",
                        fmt::format("{} is not supported", clause), std::move(remedy));
}

Result<TableReference> ParseTableReference(TokenCursor& cursor, std::string_view what,
                                           bool parquet) {
  const Token& first = cursor.Peek();
  TableReference table;
  ASSIGN_OR_RETURN(table.parts, cursor.ExpectNameParts(what));
  table.text = cursor.Slice(first.offset, cursor.TokenAt(cursor.index() - 1).end());
  const bool quoted = cursor.TokenAt(cursor.index() - 1).kind == TokenKind::kQuotedIdentifier;
  const bool path = table.parts.size() == 2 &&
                    (table.parts[1].find('/') != std::string::npos || table.parts[1] == "." ||
                     (quoted && EqualsIgnoreCase(table.parts[0], "delta")));
  if (path) {
    table.format = AsciiLower(table.parts[0]);
    table.path = std::move(table.parts[1]);
    table.parts.clear();
    if (table.format == "delta" || (parquet && table.format == "parquet")) return table;
    return cursor.ErrorAt(first, "UNSUPPORTED_STATEMENT",
                          fmt::format("{}.`{}` is no table", table.format, table.path),
                          parquet ? "Write parquet.`/path`."
                                  : "Write delta.`/path`; CONVERT TO DELTA parquet.`/path` makes "
                                    "a folder of Parquet files a Delta table.");
  }
  if (table.parts.size() > 3) {
    return cursor.ErrorAt(first, "SQL_SYNTAX", "a table's name has more than three parts",
                          "A table's name is table, schema.table or catalog.schema.table.");
  }
  return table;
}

Result<TableReference> ParseTableOrPath(TokenCursor& cursor, std::string_view what) {
  if (!IsString(cursor.Peek())) return ParseTableReference(cursor, what);
  const Token& token = cursor.Peek();
  TableReference table;
  table.format = "delta";
  ASSIGN_OR_RETURN(table.path, cursor.ExpectString(what));
  table.text = cursor.Slice(token.offset, token.end());
  table.text.text = "delta.`";
  for (const char c : table.path)
    table.text.text += c == '`' ? std::string("``") : std::string(1, c);
  table.text.text += "`";
  if (!table.path.empty()) return table;
  return cursor.ErrorAt(token, "SQL_SYNTAX", "the path of the table is empty", "Write '/path'.");
}

Result<std::string> ParseTableAlias(TokenCursor& cursor, const TableReference& table,
                                    std::initializer_list<std::string_view> never) {
  const bool as = cursor.Accept({"AS"});
  if (as || (IsName(cursor.Peek()) && !IsAnyWord(cursor.Peek(), never))) {
    return cursor.ExpectName("the alias of the table");
  }
  return table.parts.empty() ? std::string() : table.parts.back();
}

Result<TableVersion> ParseTableVersion(TokenCursor& cursor) {
  TableVersion version;
  if (cursor.AcceptOperator("@")) {
    const Token& token = cursor.Next();
    version.version = VersionOf(token.text);
    const bool marked = token.text.starts_with('v') || token.text.starts_with('V');
    if (!version.version || !marked) return BadVersion(cursor, token);
    return version;
  }
  const bool needed = cursor.Accept({"FOR"});
  if (cursor.Accept({"VERSION"}) || cursor.Accept({"SYSTEM_VERSION"})) {
    RETURN_IF_ERROR(cursor.Expect({"AS", "OF"}));
    const Token& token = cursor.Next();
    version.version =
        IsString(token) ? VersionOf(StringValue(token, cursor.dialect())) : VersionOf(token.text);
    if (!version.version) return BadVersion(cursor, token);
  } else if (cursor.Accept({"TIMESTAMP"}) || cursor.Accept({"SYSTEM_TIME"})) {
    RETURN_IF_ERROR(cursor.Expect({"AS", "OF"}));
    ASSIGN_OR_RETURN(
        version.timestamp,
        ParseExpressionText(cursor, "a time", {"LOCATION", "TBLPROPERTIES", "AS", "ON"}));
  } else if (needed) {
    return cursor.Unexpected("VERSION AS OF or TIMESTAMP AS OF", {"VERSION", "TIMESTAMP"});
  }
  return version;
}

Result<model::QueryText> ParseExpressionText(TokenCursor& cursor, std::string_view what,
                                             std::initializer_list<std::string_view> until) {
  const Token& first = cursor.Peek();
  size_t depth = 0;
  size_t cases = 0;
  size_t end = first.offset;
  while (!cursor.AtEnd()) {
    const Token& token = cursor.Peek();
    if (depth == 0) {
      if (Closes(token)) break;
      if (cases == 0 && (IsOperator(token, ",") || IsAnyWord(token, until))) break;
    }
    if (Opens(token)) ++depth;
    if (Closes(token)) --depth;
    if (depth == 0 && IsWord(token, "CASE")) ++cases;
    if (depth == 0 && IsWord(token, "END") && cases > 0) --cases;
    end = token.end();
    cursor.Next();
  }
  if (end == first.offset) return cursor.Unexpected(what);
  return cursor.Slice(first.offset, end);
}

Result<std::string> ParsePropertyKey(TokenCursor& cursor) {
  if (IsString(cursor.Peek())) return cursor.ExpectString("the key");
  const Token& first = cursor.Peek();
  size_t end = first.offset;
  while (IsName(cursor.Peek()) || cursor.Peek().kind == TokenKind::kNumber) {
    end = cursor.Next().end();
    if (!IsOperator(cursor.Peek(), ".") && !IsOperator(cursor.Peek(), "-")) break;
    end = cursor.Next().end();
  }
  if (end == first.offset) return cursor.Unexpected("a property's key");
  return cursor.Slice(first.offset, end).text;
}

Result<std::map<std::string, std::string>> ParsePropertyList(TokenCursor& cursor) {
  std::map<std::string, std::string> properties;
  RETURN_IF_ERROR(cursor.ExpectOperator("("));
  do {
    const Token& first = cursor.Peek();
    ASSIGN_OR_RETURN(std::string key, ParsePropertyKey(cursor));
    if (!cursor.AcceptOperator("=")) cursor.AcceptOperator("==");
    std::string value;
    if (IsString(cursor.Peek())) {
      ASSIGN_OR_RETURN(value, cursor.ExpectString("the value"));
    } else {
      const Token& from = cursor.Peek();
      cursor.AcceptOperator("-");
      if (cursor.Peek().kind != TokenKind::kNumber && !IsName(cursor.Peek())) {
        return cursor.Unexpected(fmt::format("the value of '{}'", key));
      }
      value = cursor.Slice(from.offset, cursor.Next().end()).text;
    }
    if (!properties.emplace(key, std::move(value)).second) {
      return cursor.ErrorAt(first, "SQL_SYNTAX", fmt::format("property '{}' is given twice", key),
                            "Keep one of them.");
    }
  } while (cursor.AcceptOperator(","));
  if (!cursor.AcceptOperator(")")) return cursor.Unexpected("',' or ')'");
  return properties;
}

Result<DataType> ParseTypeText(TokenCursor& cursor, std::string_view column) {
  const auto ends = [](const Token& token) {
    return IsAnyWord(token,
                     {"NOT", "NULL", "COMMENT", "GENERATED", "DEFAULT", "PRIMARY", "REFERENCES",
                      "FOREIGN", "CONSTRAINT", "CHECK", "MASK", "COLLATE", "FIRST", "AFTER"});
  };
  const Token& first = cursor.Peek();
  size_t depth = 0;
  size_t end = first.offset;
  while (!cursor.AtEnd()) {
    const Token& token = cursor.Peek();
    if (depth == 0 && (IsOperator(token, ",") || IsOperator(token, ")") || ends(token))) break;
    if (IsOperator(token, "(") || IsOperator(token, "<")) ++depth;
    if (IsOperator(token, ")") || IsOperator(token, ">")) depth -= depth > 0 ? 1 : 0;
    end = token.end();
    cursor.Next();
  }
  if (end == first.offset) return cursor.Unexpected(fmt::format("the type of column '{}'", column));
  auto type = ParseDataType(cursor.Slice(first.offset, end).text);
  if (type.ok()) return type;
  return std::move(type)
      .error()
      .Because(fmt::format("column '{}'", column))
      .At(cursor.Where(first));
}

Result<std::vector<std::vector<std::string>>> ParseColumnPaths(TokenCursor& cursor) {
  std::vector<std::vector<std::string>> paths;
  const bool list = cursor.AcceptOperator("(");
  do {
    ASSIGN_OR_RETURN(auto path, cursor.ExpectNameParts("a column"));
    paths.push_back(std::move(path));
  } while (list && cursor.AcceptOperator(","));
  if (list && !cursor.AcceptOperator(")")) return cursor.Unexpected("',' or ')'");
  return paths;
}

Result<CheckConstraint> ParseCheckConstraint(TokenCursor& cursor) {
  CheckConstraint constraint;
  ASSIGN_OR_RETURN(constraint.name, cursor.ExpectName("the name of the constraint"));
  if (cursor.LooksAt({"PRIMARY"}) || cursor.LooksAt({"FOREIGN"}) || cursor.LooksAt({"UNIQUE"})) {
    return RefusedClause(cursor, fmt::format("{} KEY on a table", AsciiUpper(cursor.Peek().text)),
                         "Leave it out: such keys are declared and never checked. An EXPECT UNIQUE "
                         "in a pipeline file checks them.");
  }
  if (cursor.LooksAt({"EXPECT"})) {
    return RefusedClause(cursor, "EXPECT outside of a pipeline file",
                         "Write CONSTRAINT name CHECK (condition).");
  }
  RETURN_IF_ERROR(cursor.Expect({"CHECK"}));
  ASSIGN_OR_RETURN(constraint.condition, cursor.ExpectParenthesized("the condition"));
  cursor.Accept({"ENFORCED"});
  if (cursor.LooksAt({"NOT", "ENFORCED"})) {
    return RefusedClause(cursor, "a CHECK constraint that is NOT ENFORCED", "Leave it out.");
  }
  return constraint;
}

}  // namespace penstock::sql
