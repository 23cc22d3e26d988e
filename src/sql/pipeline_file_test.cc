#include "sql/pipeline_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <chrono>

namespace penstock::sql {
namespace {

using model::Dataset;
using model::Definitions;
using model::Expectation;
using model::Flow;

std::string Summary(const model::Rule& rule) {
  struct Visitor {
    std::string operator()(const model::RowRule& r) { return "row[" + r.condition + "]"; }
    std::string operator()(const model::AggregateRule& r) { return "whole[" + r.condition + "]"; }
    std::string operator()(const model::UniqueRule& r) {
      return fmt::format("unique[{}]", fmt::join(r.columns, ","));
    }
    std::string operator()(const model::NotEmptyRule&) { return "not-empty"; }
    std::string operator()(const model::ColumnsRule& r) {
      return fmt::format("columns[{}]", fmt::join(r.columns, ","));
    }
    std::string operator()(const model::ForeignKeyRule& r) {
      return fmt::format("fk[{}->{}({})]", fmt::join(r.columns, ","), ToString(r.references),
                         fmt::join(r.referenced_columns, ","));
    }
  };
  return std::visit(Visitor{}, rule);
}

std::string Summary(const Dataset& dataset) {
  std::string text = fmt::format("{} {}", ToString(dataset.kind), ToString(dataset.name));
  if (dataset.temporary) text += " temporary";
  if (dataset.if_not_exists) text += " if-not-exists";
  if (dataset.columns) text += fmt::format(" ({})", penstock::ToString(*dataset.columns));
  if (!dataset.column_names.empty()) {
    text += fmt::format(" names({})", fmt::join(dataset.column_names, ","));
  }
  for (const auto& [name, comment] : dataset.column_comments) {
    text += fmt::format(" {}:'{}'", name, comment);
  }
  if (!dataset.partitioned_by.empty()) {
    text += fmt::format(" partitioned({})", fmt::join(dataset.partitioned_by, ","));
  }
  if (!dataset.clustered_by.empty()) {
    text += fmt::format(" clustered({})", fmt::join(dataset.clustered_by, ","));
  }
  if (!dataset.comment.empty()) text += fmt::format(" comment'{}'", dataset.comment);
  for (const auto& [key, value] : dataset.properties) text += fmt::format(" {}={}", key, value);
  for (const Expectation& e : dataset.expectations) {
    text += fmt::format(" {}:{}:{}", e.name, Summary(e.rule), ToString(e.on_violation));
  }
  if (dataset.location) text += " at " + *dataset.location;
  if (dataset.refresh != model::RefreshPolicy::kAuto) {
    text += fmt::format(" refresh {}", ToString(dataset.refresh));
  }
  return text;
}

std::string Summary(const Flow& flow) {
  std::string text = fmt::format("flow {}", ToString(flow.name));
  if (flow.target != flow.name) text += " into " + ToString(flow.target);
  if (flow.once) text += " once";
  if (!flow.by_name) text += " by-position";
  if (!flow.comment.empty()) text += fmt::format(" comment'{}'", flow.comment);
  return text + " [" + flow.query.text + "]";
}

FileContext Context() { return {{{"day", "2024-01-31"}, {"n", "10"}}, "main", "default"}; }

struct Parsed {
  Definitions definitions;
  std::vector<Error> errors;
};

Parsed Parse(std::string_view text, const FileContext& context = Context()) {
  Parsed parsed;
  parsed.errors = ParsePipelineFile(text, "f.sql", context, &parsed.definitions);
  return parsed;
}

// Everything the text declares, a line each; errors and warnings as their places and messages.
std::string Summary(std::string_view text, const FileContext& context = Context()) {
  const Parsed parsed = Parse(text, context);
  std::vector<std::string> lines;
  for (const Dataset& dataset : parsed.definitions.datasets) lines.push_back(Summary(dataset));
  for (const Flow& flow : parsed.definitions.flows) lines.push_back(Summary(flow));
  for (const model::Warning& warning : parsed.definitions.warnings) {
    lines.push_back("warning " + warning.message);
  }
  for (const Error& error : parsed.errors) lines.push_back("error " + ToString(error));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

struct Row {
  const char* statement;
  const char* summary;
};

class StatementTest : public testing::TestWithParam<Row> {};

TEST_P(StatementTest, DeclaresWhatItSays) {
  EXPECT_EQ(Summary(GetParam().statement), GetParam().summary) << GetParam().statement;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, StatementTest,
    testing::Values(
        Row{"CREATE STREAMING TABLE t", "streaming table main.default.t"},
        Row{"create or refresh streaming table if not exists s.t as select 1",
            "streaming table main.s.t if-not-exists\nflow main.s.t [select 1]"},
        Row{"CREATE OR REPLACE MATERIALIZED VIEW c.s.t AS WITH x AS (SELECT 1) SELECT * FROM x;",
            "materialized view c.s.t\nflow c.s.t [WITH x AS (SELECT 1) SELECT * FROM x]"},
        Row{"CREATE PRIVATE MATERIALIZED VIEW t AS (SELECT 1)",
            "materialized view main.default.t temporary\nflow main.default.t [(SELECT 1)]\nwarning "
            "'main.default.t' is private: it is stored and listed like any other table all the "
            "same"},
        Row{"CREATE VIEW v AS FROM t", "view main.default.v\nflow main.default.v [FROM t]"},
        Row{"CREATE TEMP VIEW v AS VALUES (1)", "view v temporary\nflow v [VALUES (1)]"},
        Row{"CREATE OR REFRESH LIVE TABLE t AS SELECT 1",
            "materialized view main.default.t\nflow main.default.t [SELECT 1]"},
        Row{"CREATE OR REFRESH STREAMING LIVE TABLE t AS SELECT * FROM STREAM(LIVE.u)",
            "streaming table main.default.t\nflow main.default.t [SELECT * FROM STREAM(LIVE.u)]"},
        Row{"CREATE TEMPORARY STREAMING LIVE TABLE t AS SELECT 1",
            "streaming table main.default.t temporary\nflow main.default.t [SELECT 1]\nwarning "
            "'main.default.t' is private: it is stored and listed like any other table all the "
            "same"},
        Row{"CREATE INCREMENTAL LIVE TABLE t COMMENT 'c' SELECT 1",
            "streaming table main.default.t comment'c'\nflow main.default.t [SELECT 1]"},
        Row{"CREATE MATERIALIZED VIEW c.2_gold.t WITH x AS (SELECT 1) FROM x",
            "materialized view c.2_gold.t\nflow c.2_gold.t [WITH x AS (SELECT 1) FROM x]"},
        Row{"CREATE LIVE VIEW LIVE.v AS SELECT 1", "view v temporary\nflow v [SELECT 1]"},
        Row{"CREATE STREAMING LIVE VIEW v AS SELECT 1", "view v temporary\nflow v [SELECT 1]"},
        Row{"CREATE MATERIALIZED VIEW `my table` AS SELECT 1",
            "materialized view main.default.`my table`\nflow main.default.`my table` [SELECT 1]"}));

INSTANTIATE_TEST_SUITE_P(
    Clauses, StatementTest,
    testing::Values(
        Row{"CREATE STREAMING TABLE t (a INT NOT NULL COMMENT 'x', `b c` ARRAY<STRUCT<d: INT>>, e "
            "DECIMAL(10, 2))",
            "streaming table main.default.t (a INT NOT NULL, `b c` ARRAY<STRUCT<d: "
            "INT>>, e DECIMAL(10,2))"},
        Row{"CREATE VIEW v (a COMMENT 'first', b) AS SELECT 1, 2",
            "view main.default.v names(a,b) a:'first'\nflow main.default.v [SELECT 1, 2]"},
        Row{"CREATE STREAMING TABLE t PARTITIONED BY (a, `b`) COMMENT 'two ' \"parts\" LOCATION "
            "'/x' USING DELTA",
            "streaming table main.default.t partitioned(a,b) comment'two parts' at /x"},
        Row{"CREATE STREAMING TABLE t COMMENT 'c' CLUSTER BY (a, b) (a INT, b INT)",
            "streaming table main.default.t (a INT, b INT) clustered(a,b) comment'c'"},
        Row{"CREATE STREAMING TABLE t TBLPROPERTIES ('a.b' = 'c', quality = 'gold', "
            "pipelines.reset.allowed = false, d 'e', f.g=-1, `h` = 2)",
            "streaming table main.default.t `h`=2 a.b=c d=e f.g=-1 "
            "pipelines.reset.allowed=false quality=gold"},
        Row{"CREATE STREAMING TABLE t CLUSTER BY NONE", "streaming table main.default.t"},
        Row{"CREATE STREAMING TABLE t CLUSTER BY AUTO",
            "streaming table main.default.t\nwarning CLUSTER BY AUTO has no effect; name the "
            "columns "
            "to cluster by"},
        Row{"CREATE STREAMING TABLE t SCHEDULE EVERY 1 HOUR",
            "streaming table main.default.t\nwarning SCHEDULE has no effect: an update runs when "
            "penstock run is called"},
        Row{"CREATE STREAMING TABLE t SCHEDULE CRON '0 0 * * *' AT TIME ZONE 'UTC' COMMENT 'c'",
            "streaming table main.default.t comment'c'\nwarning SCHEDULE has no effect: an update "
            "runs when penstock run is called"},
        Row{"CREATE STREAMING TABLE t TRIGGER ON UPDATE AT MOST EVERY INTERVAL 1 MINUTE",
            "streaming table main.default.t\nwarning TRIGGER has no effect: an update runs when "
            "penstock run is called"},
        Row{"CREATE STREAMING TABLE t (a INT PRIMARY KEY, CONSTRAINT k FOREIGN KEY (a) REFERENCES "
            "u "
            "(b) NOT ENFORCED RELY)",
            "streaming table main.default.t (a INT)\nwarning PRIMARY KEY is informational and not "
            "checked; EXPECT UNIQUE (…) checks it\nwarning FOREIGN KEY is informational and not "
            "checked; EXPECT FOREIGN KEY (…) REFERENCES … checks it"}));

INSTANTIATE_TEST_SUITE_P(
    Expectations, StatementTest,
    testing::Values(
        Row{"CREATE STREAMING TABLE t (CONSTRAINT a EXPECT (x > 0 AND (y = ')')) ON VIOLATION DROP "
            "ROW, x INT, CONSTRAINT b EXPECT (x IS NOT NULL))",
            "streaming table main.default.t (x INT) a:row[x > 0 AND (y = ')')]:drop b:row[x IS NOT "
            "NULL]:warn"},
        Row{"CREATE STREAMING TABLE t CONSTRAINT a EXPECT (x) ON VIOLATION FAIL UPDATE, CONSTRAINT "
            "b "
            "EXPECT (y) ON VIOLATION QUARANTINE COMMENT 'c'",
            "streaming table main.default.t comment'c' a:row[x]:fail b:row[y]:quarantine"},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT u EXPECT UNIQUE (a, b) ON VIOLATION QUARANTINE, "
            "CONSTRAINT n EXPECT NOT EMPTY ON VIOLATION FAIL UPDATE, CONSTRAINT c EXPECT COLUMNS "
            "(a), CONSTRAINT f EXPECT FOREIGN KEY (a) REFERENCES LIVE.u (b))",
            "streaming table main.default.t u:unique[a,b]:quarantine n:not-empty:fail "
            "c:columns[a]:warn f:fk[a->main.default.u(b)]:warn"},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT w EXPECT (count(*) > 1000))",
            "streaming table main.default.t w:whole[count(*) > 1000]:warn"},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT w EXPECT (sum(x) FILTER (WHERE (y)) OVER () > "
            "1))",
            "streaming table main.default.t w:row[sum(x) FILTER (WHERE (y)) OVER () > 1]:warn"},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT w EXPECT (1 + Max(x) FILTER (WHERE y) > 1))",
            "streaming table main.default.t w:whole[1 + Max(x) FILTER (WHERE y) > 1]:warn"},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT w EXPECT (count > 1 AND s.count(1) = 2))",
            "streaming table main.default.t w:row[count > 1 AND s.count(1) = 2]:warn"},
        Row{"CREATE VIEW v (CONSTRAINT a EXPECT (x) ON VIOLATION DROP ROW) AS SELECT 1",
            "view main.default.v a:row[x]:drop\nflow main.default.v [SELECT 1]"}));

INSTANTIATE_TEST_SUITE_P(
    RefreshPolicy, StatementTest,
    testing::Values(
        Row{"CREATE MATERIALIZED VIEW v REFRESH POLICY AUTO AS SELECT 1",
            "materialized view main.default.v\nflow main.default.v [SELECT 1]"},
        Row{"CREATE MATERIALIZED VIEW v refresh policy incremental COMMENT 'c' AS SELECT 1",
            "materialized view main.default.v comment'c' refresh INCREMENTAL\n"
            "flow main.default.v [SELECT 1]"},
        Row{"CREATE LIVE TABLE v REFRESH POLICY INCREMENTAL STRICT AS SELECT 1",
            "materialized view main.default.v refresh INCREMENTAL STRICT\n"
            "flow main.default.v [SELECT 1]"},
        Row{"CREATE MATERIALIZED VIEW v REFRESH POLICY FULL SELECT 1",
            "materialized view main.default.v refresh FULL\nflow main.default.v [SELECT 1]"},
        Row{"CREATE MATERIALIZED VIEW v REFRESH POLICY NEVER AS SELECT 1",
            "error f.sql:1:43: expected AUTO, INCREMENTAL, INCREMENTAL STRICT or FULL, found "
            "NEVER\n  What may stand here: AUTO, INCREMENTAL, FULL."},
        Row{"CREATE STREAMING TABLE t REFRESH POLICY FULL",
            "error f.sql:1:26: REFRESH POLICY on the streaming table 'main.default.t'\n  Leave it "
            "out: only materialized views are refreshed."}));

INSTANTIATE_TEST_SUITE_P(
    Flows, StatementTest,
    testing::Values(Row{"CREATE FLOW f AS INSERT INTO t BY NAME SELECT 1",
                        "flow main.default.f into main.default.t [SELECT 1]"},
                    Row{"CREATE FLOW f COMMENT 'c' AS INSERT INTO ONCE s.t BY NAME SELECT 1",
                        "flow main.s.f into main.s.t once comment'c' [SELECT 1]"},
                    Row{"INSERT INTO t SELECT 1", "flow main.default.t by-position [SELECT 1]"},
                    Row{"INSERT INTO ONCE LIVE.t VALUES (1)",
                        "flow main.default.t once by-position [VALUES (1)]"},
                    Row{"INSERT INTO t BY NAME (SELECT 1)", "flow main.default.t [(SELECT 1)]"}));

INSTANTIATE_TEST_SUITE_P(
    Session, StatementTest,
    testing::Values(
        Row{"USE CATALOG c; USE SCHEMA s; CREATE STREAMING TABLE t", "streaming table c.s.t"},
        Row{"USE c.s; CREATE STREAMING TABLE t; USE DATABASE d; CREATE STREAMING TABLE t",
            "streaming table c.s.t\nstreaming table c.d.t"},
        Row{"SET a.b = x y -- note\n; CREATE VIEW v AS SELECT ${a.b}",
            "view main.default.v\nflow main.default.v [SELECT x y]"},
        Row{"SET start='2025-01-01'; CREATE VIEW v AS SELECT * FROM t WHERE d > ${start}",
            "view main.default.v\nflow main.default.v [SELECT * FROM t WHERE d > '2025-01-01']"},
        Row{"SET `k` = ${n}; SET l-m=; CREATE VIEW v AS SELECT ${k} ${l-m}",
            "view main.default.v\nflow main.default.v [SELECT 10]"},
        Row{";;-- nothing\n;", ""}));

INSTANTIATE_TEST_SUITE_P(
    Errors, StatementTest,
    testing::Values(
        Row{"CREATE STREEMING TABLE t",
            "error f.sql:1:8: expected what to create, found STREEMING\n  Did you mean STREAMING?"},
        Row{"CRATE VIEW v",
            "error f.sql:1:1: a statement cannot begin with CRATE\n  Did you mean CREATE?"},
        Row{"CREATE TABLE t AS SELECT 1",
            "error f.sql:1:8: CREATE TABLE in a pipeline file\n  Write CREATE STREAMING TABLE "
            "(each "
            "input row is processed once) or CREATE MATERIALIZED VIEW (the result of a query)."},
        Row{"SELECT 1",
            "error f.sql:1:1: SELECT does not stand on its own in a pipeline file\n  A pipeline "
            "file "
            "holds CREATE STREAMING TABLE, MATERIALIZED VIEW, VIEW and FLOW, INSERT INTO a "
            "streaming table, APPLY CHANGES INTO one, SET and USE."},
        Row{"CREATE MATERIALIZED VIEW t",
            "error f.sql:1:27: materialized view 'main.default.t' has no query\n  Add AS SELECT … "
            "at its end."},
        Row{"CREATE STREAMING TABLE t AS SELEKT 1",
            "error f.sql:1:29: expected a query, found SELEKT\n  Did you mean SELECT?"},
        Row{"CREATE STREAMING TABLE t COMENT 'x'",
            "error f.sql:1:26: expected a clause or AS and a query, found COMENT\n  Did you mean "
            "COMMENT?"},
        Row{"CREATE STREAMING TABLE t COMMENT 'x' COMMENT 'y'",
            "error f.sql:1:38: COMMENT is given twice\n  Keep one of them."},
        Row{"CREATE STREAMING TABLE t (a INT, A STRING)",
            "error f.sql:1:34: column 'A' is declared twice\n  Names of columns differ in more "
            "than "
            "case; rename one."},
        Row{"CREATE STREAMING TABLE t (a INT GENERATED ALWAYS AS (1))",
            "error f.sql:1:33: GENERATED on column 'a' is not supported\n  Compute the value in "
            "the "
            "query: SELECT …, expression AS column."},
        Row{"CREATE STREAMING TABLE t (a INT DEFAULT 1)",
            "error f.sql:1:33: DEFAULT on column 'a' is not supported\n  Compute the value in the "
            "query: SELECT …, expression AS column."},
        Row{"CREATE STREAMING TABLE t (a INT, b)",
            "error f.sql:1:34: column 'b' has no type, those before it have one\n  Give every "
            "column a type, or none."},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT a EXPECT (x) ON VIOLATION DRP ROW)",
            "error f.sql:1:64: expected an action, found DRP\n  Write ON VIOLATION DROP ROW, FAIL "
            "UPDATE or QUARANTINE."},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT a EXPECT (x) AND (y))",
            "error f.sql:1:51: expected ',' or ')', found AND\n  A condition stands in one pair of "
            "parentheses: EXPECT (a AND b)."},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT a EXPECT ())",
            "error f.sql:1:48: the condition is empty\n  Write the condition between the "
            "parentheses."},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT a EXPECT NOT EMPTY ON VIOLATION DROP ROW)",
            "error f.sql:1:57: 'a' judges the table as a whole: there is no row to drop\n  Use ON "
            "VIOLATION FAIL UPDATE, or no action to be warned."},
        Row{"CREATE VIEW v (CONSTRAINT a EXPECT (x) ON VIOLATION QUARANTINE) AS SELECT 1",
            "error f.sql:1:40: 'a' on a view: a view stores nothing, so it has no quarantine\n  "
            "Use "
            "DROP ROW here, or put the rule on a streaming table or materialized view."},
        Row{"CREATE STREAMING TABLE t (CONSTRAINT a EXPECT (x), CONSTRAINT A EXPECT (y))",
            "error f.sql:1:52: 'main.default.t' has two expectations named 'A'\n  Rename one: "
            "results are counted by name."},
        Row{"INSERT INTO t VALUES (1)",
            "error f.sql:1:15: INSERT … VALUES in a pipeline file would run at every update\n  "
            "Write "
            "INSERT INTO ONCE t VALUES … to add these rows once."},
        Row{"CREATE STREAMING TABLE a-b",
            "error f.sql:1:25: '-' cannot stand in the name of the streaming table\n  Put the name "
            "in backticks: `a-b`."},
        Row{"CREATE VIEW v AS SELECT ${dya}",
            "error f.sql:1:25: there is no parameter 'dya'\n  Did you mean 'day'? Define it: "
            "under "
            "configuration in the project file, with --set dya=VALUE, or with SET earlier in this "
            "file."}));

TEST(PipelineFileTest, EveryStatementWithoutErrorIsKeptAndEveryErrorReported) {
  const Parsed parsed = Parse(
      "CREATE STREEMING TABLE a;\nCREATE STREAMING TABLE b;\nDROP TABLE c;\nCREATE VIEW d AS "
      "SELECT 1");
  ASSERT_EQ(parsed.errors.size(), 2u);
  EXPECT_EQ(parsed.errors[0].where, (SourceLocation{"f.sql", 1, 8}));
  EXPECT_EQ(parsed.errors[1].where, (SourceLocation{"f.sql", 3, 1}));
  EXPECT_EQ(parsed.definitions.datasets.size(), 2u);
}

TEST(PipelineFileTest, AnErrorLeavesNothingOfItsStatement) {
  const Parsed parsed = Parse("CREATE STREAMING TABLE t CLUSTER BY AUTO AS SELEKT");
  Definitions expected;
  expected.unread = {"CREATE STREAMING TABLE t CLUSTER BY AUTO AS SELEKT"};
  EXPECT_EQ(parsed.definitions, expected);
}

TEST(PipelineFileTest, WhatAnUnfinishedStringSwallowsIsUnread) {
  const Parsed parsed =
      Parse("CREATE VIEW a AS SELECT 1;\nCREATE VIEW b AS SELECT 'x;\nCREATE VIEW c AS SELECT 2");
  ASSERT_EQ(parsed.definitions.unread.size(), 1u);
  EXPECT_EQ(parsed.definitions.unread[0], "CREATE VIEW b AS SELECT 'x;\nCREATE VIEW c AS SELECT 2");
}

TEST(PipelineFileTest, AnUnfinishedStringKeepsTheStatementsBeforeIt) {
  const Parsed parsed = Parse("CREATE STREAMING TABLE a;\nCREATE VIEW b AS SELECT 'x");
  ASSERT_EQ(parsed.errors.size(), 1u);
  EXPECT_EQ(parsed.errors[0].code, "UNTERMINATED_STRING");
  EXPECT_EQ(parsed.errors[0].where, (SourceLocation{"f.sql", 2, 25}));
  EXPECT_EQ(parsed.definitions.datasets.size(), 1u);
}

TEST(PipelineFileTest, SemicolonsInStringsAndCommentsEndNothing) {
  EXPECT_EQ(Summary("CREATE VIEW v AS SELECT ';' -- ;\n/* ; */ FROM t"),
            "view main.default.v\nflow main.default.v [SELECT ';' -- ;\n/* ; */ FROM t]");
}

TEST(PipelineFileTest, CellsOfANotebookEndStatements) {
  const std::string cells =
      "CREATE VIEW a AS SELECT 1\n\n-- COMMAND ----------\n-- MAGIC %md text\n"
      "-- COMMAND ----------\nCREATE VIEW b AS SELECT 2;\n-- COMMAND ----------\n";
  EXPECT_EQ(Summary("-- Databricks notebook source\n" + cells),
            "view main.default.a\nview main.default.b\nflow main.default.a [SELECT 1]\n"
            "flow main.default.b [SELECT 2]");
  EXPECT_EQ(Parse(cells).definitions.datasets.size(), 2u);  // the notebook's first line is missing
}

TEST(PipelineFileTest, SetWithoutAValueShowsASetting) {
  EXPECT_EQ(Summary("SET;\nSET spark.source;\nCREATE VIEW a AS SELECT 1"),
            "view main.default.a\nflow main.default.a [SELECT 1]");
}

TEST(PipelineFileTest, AColumnsKeyMayHaveAName) {
  const Parsed parsed = Parse(
      "CREATE MATERIALIZED VIEW t (a BIGINT CONSTRAINT fk FOREIGN KEY REFERENCES c.s.u NOT NULL, "
      "b INT CONSTRAINT pk PRIMARY KEY) AS SELECT 1");
  ASSERT_TRUE(parsed.errors.empty());
  EXPECT_EQ(parsed.definitions.datasets[0].columns->size(), 2u);
  EXPECT_FALSE(parsed.definitions.datasets[0].columns->at(0).nullable);
  EXPECT_EQ(parsed.definitions.warnings.size(), 2u);
}

TEST(PipelineFileTest, PlacesOfQueriesAndRulesAreThoseOfTheFile) {
  const Parsed parsed =
      Parse("-- note\nCREATE STREAMING TABLE t (\n  CONSTRAINT a EXPECT (x > 0)\n) AS\n  SELECT 1");
  ASSERT_TRUE(parsed.errors.empty());
  const Dataset& dataset = parsed.definitions.datasets[0];
  EXPECT_EQ(dataset.where, (SourceLocation{"f.sql", 2, 1}));
  EXPECT_EQ(dataset.expectations[0].where, (SourceLocation{"f.sql", 3, 3}));
  EXPECT_EQ(dataset.expectations[0].rule_where, (SourceLocation{"f.sql", 3, 24}));
  EXPECT_EQ(parsed.definitions.flows[0].query.where, (SourceLocation{"f.sql", 5, 3}));
}

TEST(PipelineFileTest, PlacesBehindAParameterAreThoseOfTheFile) {
  const std::string text = "CREATE VIEW v AS SELECT '${day}', ${n}, x\nFROM y";
  const Parsed parsed = Parse(text);
  ASSERT_TRUE(parsed.errors.empty());
  const model::QueryText& query = parsed.definitions.flows[0].query;
  EXPECT_EQ(query.text, "SELECT '2024-01-31', 10, x\nFROM y");
  const auto column = [&](std::string_view in_query) {
    return LocationAt(query, query.text.find(in_query)).column;
  };
  EXPECT_EQ(column("x"), static_cast<int>(text.find('x')) + 1);
  EXPECT_EQ(column("10"), static_cast<int>(text.find("${n}")) + 1);
  EXPECT_EQ(column("'2024"), static_cast<int>(text.find('\'')) + 1);
  EXPECT_EQ(LocationAt(query, query.text.find('y')), (SourceLocation{"f.sql", 2, 6}));
}

TEST(PipelineFileTest, PlacesInConditionsBehindAParameterAreThoseOfTheFile) {
  const std::string text = "CREATE STREAMING TABLE t (CONSTRAINT a EXPECT ('${day}' = d AND x))";
  const Parsed parsed = Parse(text);
  ASSERT_TRUE(parsed.errors.empty());
  const auto condition = ConditionText(parsed.definitions.datasets[0].expectations[0]);
  ASSERT_TRUE(condition.has_value());
  EXPECT_EQ(LocationAt(*condition, condition->text.find('x')).column,
            static_cast<int>(text.find("x)")) + 1);
}

TEST(PipelineFileTest, AValueInsideAStringStaysInsideIt) {
  FileContext context = Context();
  context.configuration["name"] = "O'Brien\\ \"x\"";
  EXPECT_EQ(Summary("CREATE VIEW v AS SELECT 'a ${name}', `${name}`", context),
            "view main.default.v\nflow main.default.v [SELECT 'a O\\'Brien\\\\ \\\"x\\\"', "
            "`O'Brien\\ \"x\"`]");
  context.dialect = model::Dialect::kDuckdb;
  EXPECT_EQ(Summary("CREATE VIEW v AS SELECT '${name}'", context),
            "view main.default.v\nflow main.default.v [SELECT 'O''Brien\\ \"x\"']");
}

TEST(PipelineFileTest, AValueCannotEndARawStringOrTheStatement) {
  FileContext context = Context();
  context.configuration["name"] = "O'Brien";
  context.configuration["two"] = "1; DROP TABLE t";
  EXPECT_EQ(Parse("CREATE VIEW v AS SELECT r'${name}'", context).errors.at(0).code,
            "PARAMETER_DOES_NOT_FIT");
  const Parsed parsed = Parse("CREATE VIEW v AS SELECT ${two}", context);
  ASSERT_EQ(parsed.errors.size(), 1u);
  EXPECT_EQ(parsed.errors[0].where, (SourceLocation{"f.sql", 1, 25}));
}

TEST(PipelineFileTest, ADoubledDollarKeepsTheParameterAsText) {
  EXPECT_EQ(Summary("CREATE VIEW v AS SELECT '$${day} ${day} ${', '${}'"),
            "view main.default.v\nflow main.default.v [SELECT '${day} 2024-01-31 ${', '${}']");
}

TEST(PipelineFileTest, ParametersInCommentsAreLeftAlone) {
  EXPECT_TRUE(Parse("-- ${nowhere}\nCREATE VIEW v AS SELECT 1 /* ${nowhere} */").errors.empty());
}

TEST(PipelineFileTest, FlowsKeepWhatIsInForceWhereTheyStand) {
  const Parsed parsed = Parse("SET a = 1; USE c.s; CREATE VIEW v AS SELECT 1; SET a = 2");
  ASSERT_TRUE(parsed.errors.empty());
  EXPECT_EQ(parsed.definitions.flows[0].configuration.at("a"), "1");
  EXPECT_EQ(parsed.definitions.flows[0].current, (model::TableName{"c", "s", ""}));
}

TEST(PipelineFileTest, DoubleQuotedNamesAreReadInDuckdbsDialect) {
  FileContext context = Context();
  context.dialect = model::Dialect::kDuckdb;
  EXPECT_EQ(Summary("CREATE MATERIALIZED VIEW \"a b\" AS SELECT 1", context),
            "materialized view main.default.`a b`\nflow main.default.`a b` [SELECT 1]");
}

TEST(PipelineFileTest, HostileFilesAreReadInLinearTime) {
  for (const char* piece :
       {"(", "CREATE STREAMING TABLE t (a INT);", "CREATE VIEW v AS SELECT '${n}' ${n};\n",
        "count(1) FILTER (", "CONSTRAINT a EXPECT (", "ARRAY<", ";", "${n}"}) {
    std::string text = "CREATE STREAMING TABLE t (CONSTRAINT a EXPECT (";
    while (text.size() < 400'000) text += piece;
    const auto begin = std::chrono::steady_clock::now();
    Parse(text);
    Parse(text.substr(45));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10)) << piece;
  }
}

}  // namespace
}  // namespace penstock::sql
