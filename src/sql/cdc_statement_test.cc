#include <gtest/gtest.h>

#include "base/text.h"
#include "sql/pipeline_file.h"

namespace penstock::sql {
namespace {

using model::AutoCdc;
using model::ColumnChoice;

std::string ErrorOf(const std::string& text) {
  model::Definitions definitions;
  const auto errors = ParsePipelineFile(text, "f.sql", {}, &definitions);
  return errors.empty() ? "" : penstock::ToString(errors[0]);
}

model::Flow FlowOf(const std::string& text) {
  model::Definitions definitions;
  const auto errors = ParsePipelineFile(text, "f.sql", {{}, "main", "default"}, &definitions);
  for (const Error& error : errors) ADD_FAILURE() << penstock::ToString(error);
  if (definitions.flows.size() != 1) return {};
  return definitions.flows[0];
}

TEST(CdcStatement, EveryClauseIsReadInAnyOrder) {
  const model::Flow flow = FlowOf(
      "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(s) STORED AS SCD TYPE 2 SEQUENCE BY STRUCT(a, "
      "`b c`) IGNORE NULL UPDATES ON (x, y) COLUMNS * EXCEPT (op) KEYS (k1, k2) APPLY AS DELETE "
      "WHEN op = 'D' TRACK HISTORY ON * EXCEPT (z)");
  ASSERT_TRUE(flow.cdc);
  EXPECT_EQ(flow.name.table, "f");
  EXPECT_EQ(flow.target.table, "t");
  EXPECT_FALSE(flow.once);
  EXPECT_EQ(flow.cdc->keys, (std::vector<std::string>{"k1", "k2"}));
  EXPECT_EQ(flow.cdc->sequence_columns, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(flow.cdc->ignore_null_updates, (ColumnChoice{false, {"x", "y"}}));
  EXPECT_EQ(flow.cdc->columns, (ColumnChoice{true, {"op"}}));
  EXPECT_EQ(flow.cdc->track_history, (ColumnChoice{true, {"z"}}));
  EXPECT_EQ(flow.cdc->scd_type, model::ScdType::kTwo);
  EXPECT_EQ(flow.query.text,
            "SELECT *, CASE WHEN (op = 'D'\n) THEN 1 ELSE 0 END AS __penstock_change, (STRUCT(a, "
            "`b c`)\n) AS __penstock_sequence FROM STREAM(s)");
}

TEST(CdcStatement, TheOldFormNamesItsFlowAfterItsTable) {
  const model::Flow flow = FlowOf(
      "APPLY CHANGES INTO LIVE.users FROM STREAM(LIVE.feed) KEYS (id) IGNORE NULL UPDATES APPLY AS "
      "DELETE WHEN op = \"D\" APPLY AS TRUNCATE WHEN op = \"T\" SEQUENCE BY ts + 1 COLUMNS a, id");
  ASSERT_TRUE(flow.cdc);
  EXPECT_EQ(flow.name, flow.target);
  EXPECT_EQ(flow.name, (model::TableName{"main", "default", "users"}));
  EXPECT_TRUE(flow.cdc->truncates);
  EXPECT_TRUE(flow.cdc->sequence_columns.empty());
  EXPECT_EQ(flow.cdc->ignore_null_updates, (ColumnChoice{true, {}}));
  EXPECT_EQ(flow.cdc->columns, (ColumnChoice{false, {"a", "id"}}));
  EXPECT_EQ(flow.query.text,
            "SELECT *, CASE WHEN (op = \"T\"\n) THEN 2 WHEN (op = \"D\"\n) THEN 1 ELSE 0 END AS "
            "__penstock_change, (ts + 1\n) AS __penstock_sequence FROM STREAM(LIVE.feed)");
}

TEST(CdcStatement, ATableMayHoldItsFlow) {
  const model::Flow flow = FlowOf(
      "CREATE OR REFRESH STREAMING TABLE t FLOW AUTO CDC FROM STREAM s KEYS (k) SEQUENCE BY v");
  ASSERT_TRUE(flow.cdc);
  EXPECT_EQ(flow.target.table, "t");
  EXPECT_EQ(flow.cdc->sequence_columns, std::vector<std::string>{"v"});
}

TEST(CdcStatement, AOneTimeFlowReadsItsSourceAsATable) {
  const model::Flow flow =
      FlowOf("CREATE FLOW f AS AUTO CDC ONCE INTO t FROM STREAM(s) KEYS (k) SEQUENCE BY v");
  EXPECT_TRUE(flow.once);
  EXPECT_TRUE(flow.query.text.ends_with("FROM (s)")) << flow.query.text;
}

TEST(CdcStatement, ASnapshotGivesRowsAlone) {
  const model::Flow flow = FlowOf(
      "CREATE FLOW f AS AUTO CDC INTO t FROM SNAPSHOT s KEYS (k) STORED AS SCD TYPE 2 TRACK "
      "HISTORY "
      "ON a");
  ASSERT_TRUE(flow.cdc);
  EXPECT_TRUE(flow.cdc->from_snapshot);
  EXPECT_EQ(flow.query.text, "SELECT * FROM s");
}

TEST(CdcStatement, PlacesOfTheUsersTextAreKept) {
  const model::Flow flow =
      FlowOf("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(s) KEYS (k)\nSEQUENCE BY nope");
  const SourceLocation place = model::LocationAt(flow.query, flow.query.text.find("nope"));
  EXPECT_EQ(place.line, 2);
  EXPECT_EQ(place.column, 13);
}

TEST(CdcStatement, WhatIsWrongIsSaidWithItsPlace) {
  const std::string head = "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s ";
  const std::pair<std::string, std::string> rows[] = {
      {head + "SEQUENCE BY v", "f.sql:1:18: the changes for t have no KEYS\n"},
      {head + "KEYS (k)", "f.sql:1:18: the changes for t have no SEQUENCE BY\n"},
      {head + "KEYS (k) SEQUENCE BY v KEYS (k)", "f.sql:1:71: KEYS is given twice\n"},
      {head + "KEYS (k, K) SEQUENCE BY v", "f.sql:1:53: KEYS names the column K twice\n"},
      {head + "KEYS (k) SEQUENCE BY v STORED AS SCD TYPE 2 APPLY AS TRUNCATE WHEN x",
       "f.sql:1:92: APPLY AS TRUNCATE WHEN with SCD type 2\n"},
      {head + "KEYS (k) SEQUENCE BY v TRACK HISTORY ON a",
       "f.sql:1:71: TRACK HISTORY without SCD type 2\n"},
      {head + "KEYS (k) SEQUENCE BY v STORED AS SCD TYPE BITEMPORAL",
       "f.sql:1:81: STORED AS SCD TYPE BITEMPORAL is not supported\n"},
      {head + "KEYS (k) SEQUENCE BY v COLUMNS TO UPDATE c",
       "f.sql:1:71: COLUMNS TO UPDATE is not supported\n"},
      {head + "KEYS (k) SEQUENCE BY",
       "f.sql:1:68: expected the expression of SEQUENCE BY, "
       "found the end of the statement"},
      {head + "KEYS k SEQUENCE BY v",
       "f.sql:1:53: expected '(' and the key columns, found k\n  Write KEYS (a, b)."},
      {"CREATE FLOW f AS AUTO CDC INTO t FROM SNAPSHOT s KEYS (k) SEQUENCE BY v",
       "f.sql:1:59: SEQUENCE BY does not go with FROM SNAPSHOT\n"},
      {"CREATE FLOW f AS AUTO CDC ONCE INTO t FROM SNAPSHOT s KEYS (k)",
       "f.sql:1:18: ONCE does not go with FROM SNAPSHOT\n"},
      {"CREATE MATERIALIZED VIEW t FLOW AUTO CDC FROM STREAM s KEYS (k) SEQUENCE BY v",
       "f.sql:1:28: FLOW inside the materialized view 't'\n"},
      {"CREATE STREAMING TABLE t FLOW AUTO CDC INTO u FROM STREAM s KEYS (k) SEQUENCE BY v",
       "f.sql:1:40: the flow inside 't' writes into 'u'\n"},
  };
  for (const auto& [text, wanted] : rows) {
    const std::string error = ErrorOf(text);
    EXPECT_EQ(error.substr(0, wanted.size()), wanted) << text << "\n" << error;
  }
}

}  // namespace
}  // namespace penstock::sql
