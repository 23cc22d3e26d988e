#include "sql/sql_statement.h"

#include <gtest/gtest.h>

namespace penstock::sql {
namespace {

Result<std::vector<ScriptStatement>> Script(std::string_view text) {
  model::Project project;
  project.configuration["n"] = "10";
  return ParseScript(text, project);
}

Result<SqlStatement> Parse(std::string_view text) {
  ASSIGN_OR_RETURN(auto script, Script(text));
  return std::move(script.front().statement);
}

template <typename T>
T As(std::string_view text) {
  const auto parsed = Parse(text);
  if (!parsed.ok()) {
    ADD_FAILURE() << ToString(parsed.error());
    return {};
  }
  const T* statement = std::get_if<T>(&*parsed);
  EXPECT_NE(statement, nullptr) << text;
  return statement == nullptr ? T{} : *statement;
}

std::string CodeOf(std::string_view text) {
  const auto parsed = Parse(text);
  return parsed.ok() ? "" : parsed.error().code;
}

TEST(SqlStatementTest, ShowTablesTakesASchemaAndAPattern) {
  EXPECT_EQ(As<ShowTables>("SHOW TABLES"), ShowTables{});
  EXPECT_EQ(As<ShowTables>("show tables in c.s like 'a*|b';"), (ShowTables{{"c", "s"}, "a*|b"}));
  EXPECT_EQ(As<ShowTables>("SHOW TABLES FROM s 'x'"), (ShowTables{{"s"}, "x"}));
  EXPECT_EQ(As<ShowTables>("SHOW VIEWS IN s LIKE 'x*'"), (ShowTables{{"s"}, "x*", true}));
}

TEST(SqlStatementTest, DescribeTakesATableAndExtended) {
  EXPECT_EQ(As<DescribeTable>("DESCRIBE t"), (DescribeTable{{"t"}, false}));
  EXPECT_EQ(As<DescribeTable>("desc table extended c.s.`a b`"),
            (DescribeTable{{"c", "s", "a b"}, true}));
  EXPECT_EQ(As<DescribeTable>("DESCRIBE EXTENDED t;"), (DescribeTable{{"t"}, true}));
}

TEST(SqlStatementTest, TablesMayBeNamedLikeTheWordsOfDescribe) {
  EXPECT_EQ(As<DescribeTable>("DESCRIBE extended"), (DescribeTable{{"extended"}, false}));
  EXPECT_EQ(As<DescribeTable>("DESCRIBE table"), (DescribeTable{{"table"}, false}));
}

TEST(SqlStatementTest, QueriesKeepTheirTextAndPlace) {
  const auto query = As<model::QueryText>("-- note\n  SELECT ${n} AS x; ");
  EXPECT_EQ(query.text, "SELECT 10 AS x");
  EXPECT_EQ(query.where, (SourceLocation{"", 2, 3}));
}

TEST(SqlStatementTest, StatementsOfOneTextStandInTheSurroundingsThatSetAndUseMade) {
  const auto script = Script("SET m = 3; SELECT ${m};; USE c.s; DESCRIBE HISTORY t LIMIT 2");
  ASSERT_TRUE(script.ok());
  ASSERT_EQ(script->size(), 2u);
  EXPECT_EQ(std::get<model::QueryText>((*script)[0].statement).text, "SELECT 3");
  EXPECT_EQ((*script)[0].catalog, "main");
  EXPECT_EQ((*script)[1].catalog, "c");
  EXPECT_EQ((*script)[1].schema, "s");
  EXPECT_EQ((*script)[1].where, (SourceLocation{"", 1, 35}));
}

TEST(SqlStatementTest, AnErrorInALaterStatementLeavesNothingToRun) {
  const auto script = Script("DELETE FROM t;\n  DELET FROM t");
  ASSERT_FALSE(script.ok());
  EXPECT_EQ(script.error().where, (SourceLocation{"", 2, 3}));
}

TEST(SqlStatementTest, WhatIsNotSupportedIsRefusedByName) {
  EXPECT_EQ(CodeOf("GRANT SELECT ON t TO a"), "UNSUPPORTED_STATEMENT");
  EXPECT_EQ(CodeOf("REFRESH TABLE t"), "UNSUPPORTED_STATEMENT");
  EXPECT_EQ(CodeOf("CREATE VIEW v AS SELECT 1"), "UNSUPPORTED_STATEMENT");
  EXPECT_EQ(CodeOf("SHOW DATABASES"), "UNSUPPORTED_STATEMENT");
  EXPECT_EQ(CodeOf("SET a"), "UNSUPPORTED_STATEMENT");
  EXPECT_EQ(CodeOf("EXPLAIN FORMATTED SELECT 1"), "UNSUPPORTED_CLAUSE");
  EXPECT_EQ(CodeOf("SHOW TABLE t"), "SQL_SYNTAX");
  EXPECT_EQ(CodeOf("DESCRIBE a.b.c.d"), "SQL_SYNTAX");
  EXPECT_EQ(CodeOf("DESCRIBE HISTORY t LIMIT x"), "SQL_SYNTAX");
  EXPECT_EQ(CodeOf("SELECT 'x"), "UNTERMINATED_STRING");
  EXPECT_EQ(CodeOf(" ; "), "MISSING_QUERY");
  EXPECT_EQ(CodeOf("SELEKT 1"), "SQL_SYNTAX");
}

}  // namespace
}  // namespace penstock::sql
