#include "sql/inspect_statement.h"

#include <gtest/gtest.h>

namespace penstock::sql {
namespace {

Result<InspectStatement> Parse(std::string_view text) {
  model::Project project;
  project.configuration["n"] = "10";
  return ParseInspectStatement(text, project);
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

TEST(InspectStatementTest, ShowTablesTakesASchemaAndAPattern) {
  EXPECT_EQ(As<ShowTables>("SHOW TABLES"), ShowTables{});
  EXPECT_EQ(As<ShowTables>("show tables in c.s like 'a*|b';"), (ShowTables{{"c", "s"}, "a*|b"}));
  EXPECT_EQ(As<ShowTables>("SHOW TABLES FROM s 'x'"), (ShowTables{{"s"}, "x"}));
  EXPECT_EQ(As<ShowTables>("SHOW VIEWS IN s LIKE 'x*'"), (ShowTables{{"s"}, "x*", true}));
}

TEST(InspectStatementTest, DescribeTakesATableAndExtended) {
  EXPECT_EQ(As<DescribeTable>("DESCRIBE t"), (DescribeTable{{"t"}, false}));
  EXPECT_EQ(As<DescribeTable>("desc table extended c.s.`a b`"),
            (DescribeTable{{"c", "s", "a b"}, true}));
  EXPECT_EQ(As<DescribeTable>("DESCRIBE EXTENDED t;"), (DescribeTable{{"t"}, true}));
}

TEST(InspectStatementTest, TablesMayBeNamedLikeTheWordsOfDescribe) {
  EXPECT_EQ(As<DescribeTable>("DESCRIBE extended"), (DescribeTable{{"extended"}, false}));
  EXPECT_EQ(As<DescribeTable>("DESCRIBE table"), (DescribeTable{{"table"}, false}));
}

TEST(InspectStatementTest, QueriesKeepTheirTextAndPlace) {
  const auto query = As<model::QueryText>("-- note\n  SELECT ${n} AS x; ");
  EXPECT_EQ(query.text, "SELECT 10 AS x");
  EXPECT_EQ(query.where, (SourceLocation{"", 2, 3}));
}

TEST(InspectStatementTest, WhatDoesNotReadIsRefused) {
  EXPECT_EQ(CodeOf("DROP TABLE t"), "UNSUPPORTED_STATEMENT");
  EXPECT_EQ(CodeOf("DESCRIBE HISTORY t"), "UNSUPPORTED_STATEMENT");
  EXPECT_EQ(CodeOf("SELECT 1; SELECT 2"), "SQL_SYNTAX");
  EXPECT_EQ(CodeOf("SHOW TABLE t"), "SQL_SYNTAX");
  EXPECT_EQ(CodeOf("DESCRIBE a.b.c.d"), "SQL_SYNTAX");
  EXPECT_EQ(CodeOf("SELECT 'x"), "UNTERMINATED_STRING");
  EXPECT_EQ(CodeOf(" ; "), "MISSING_QUERY");
  EXPECT_EQ(CodeOf("SELEKT 1"), "SQL_SYNTAX");
}

}  // namespace
}  // namespace penstock::sql
