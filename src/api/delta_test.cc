#include <penstock/delta.h>

#include <filesystem>
#include <set>
#include <thread>

#include "api/api_fixture.h"

namespace penstock {
namespace {

// As the text between backticks.
std::string Backticked(const std::string& path) {
  std::string doubled;
  for (const char c : path) {
    doubled += c;
    if (c == '`') doubled += c;
  }
  return doubled;
}

TEST_F(DeltaLakeTest, ATableThatWasMadeIsOpenedWithWhatItWasMadeOf) {
  DeltaDefinition definition;
  definition.columns = Must(ParseSchema("id BIGINT NOT NULL COMMENT 'the number', country STRING"));
  definition.partitioned_by = {"country"};
  definition.comment = "orders";
  definition.properties = {{"delta.enableChangeDataFeed", "true"},
                           {"delta.constraints.positive", "id > 0"}};
  Must(lake_->CreateTable(path_, definition));
  EXPECT_EQ(Code(lake_->CreateTable(path_, definition)), "TABLE_EXISTS");

  DeltaTable table = Must(lake_->OpenTable(path_ + "/"));
  EXPECT_EQ(table.location(), path_);
  EXPECT_EQ(Must(table.Version()), 0);
  EXPECT_EQ(Must(table.Columns()), definition.columns);
  const auto properties = Must(table.Properties());
  EXPECT_EQ(properties.at("delta.enableChangeDataFeed"), "true");
  EXPECT_EQ(properties.at("delta.constraints.positive"), "id > 0");
  EXPECT_EQ(Code(table.Write("SELECT 0 AS id, 'DE' AS country")), "CHECK_CONSTRAINT_VIOLATED");
  EXPECT_EQ(Code(table.Write("SELECT NULL AS id, 'DE' AS country")), "NOT_NULL_VIOLATED");
  EXPECT_EQ(Must(table.Version()), 0);
}

TEST_F(DeltaLakeTest, RowsAreReadByColumnConditionVersionAndTime) {
  DeltaTable table = Orders();
  Must(table.Write("SELECT 4 AS id, 'ES' AS country, 4 AS total"));
  EXPECT_EQ(Rows(table.Read()), (Lines{"1|DE|1.50", "2|FR|2.00", "3|DE|NULL", "4|ES|4.00"}));
  EXPECT_EQ(Rows(table.Read({.columns = {"TOTAL", "id"}, .where = "country = 'DE' -- Germany"})),
            (Lines{"1.50|1", "NULL|3"}));
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}, .where = "id > 1", .at = {.version = 1}})),
            (Lines{"2", "3"}));
  EXPECT_EQ(Rows(table.Read({.at = {.version = 0}})), Lines{});
  const int64_t newest = Must(table.History(1))[0].timestamp_ms;
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}, .at = {.timestamp_ms = newest + 1}})).size(), 4u);
  EXPECT_EQ(Code(table.Read({.at = {.version = 1, .timestamp_ms = newest}})), "BAD_TIME_TRAVEL");
  EXPECT_EQ(Code(table.Read({.at = {.version = 9}})), "VERSION_NOT_FOUND");
}

TEST_F(DeltaLakeTest, AConditionMayAskOtherTables) {
  DeltaTable table = Orders();
  const std::string other = folder_ / "other";
  DeltaTable chosen =
      Must(lake_->CreateTable(other, {.columns = Must(ParseSchema("number BIGINT"))}));
  Must(chosen.Write("SELECT 2 AS number"));
  EXPECT_EQ(Rows(table.Read(
                {.columns = {"id"}, .where = "id IN (SELECT number FROM delta.`" + other + "`)"})),
            Lines{"2"});
}

TEST_F(DeltaLakeTest, FilesThatTheConditionExcludesStayShut) {
  DeltaTable table = Orders({.partitioned_by = {"country"}});
  size_t removed = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
    if (entry.path().string().find("country=FR") == std::string::npos) continue;
    if (entry.is_regular_file()) removed += std::filesystem::remove(entry.path()) ? 1 : 0;
  }
  ASSERT_EQ(removed, 1u);
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}, .where = "country = 'DE'"})), (Lines{"1", "3"}));
  auto all = table.Read({.columns = {"id"}});
  const bool failed = !all.ok() || !all->Next().ok();
  EXPECT_TRUE(failed);
}

TEST_F(DeltaLakeTest, ValuesAreReadAsNumbersAndTexts) {
  DeltaTable table = Create(
      "b BOOLEAN, i INT, d DATE, t TIMESTAMP, n TIMESTAMP_NTZ, f DOUBLE, m DECIMAL(20,3), s "
      "STRING, "
      "y BINARY, a ARRAY<INT>, r STRUCT<x: STRING>");
  Must(table.Write(
      "SELECT true AS b, -7 AS i, DATE'1970-01-03' AS d, TIMESTAMP'1970-01-01 00:00:01' AS t, "
      "TIMESTAMP_NTZ'2026-01-31 12:00:00' AS n, 1.5D AS f, 12345678901234567.125 AS m, "
      "'a\"b' AS s, X'00ff' AS y, array(1, NULL) AS a, named_struct('x', 'q') AS r"));
  DeltaRows rows = Must(table.Read());
  EXPECT_TRUE(rows.IsNull(0)) << "before the first row";
  ASSERT_TRUE(Must(rows.Next()));
  EXPECT_EQ(rows.columns(), Must(table.Columns()));
  EXPECT_EQ(rows.Int64(0), 1);
  EXPECT_EQ(rows.Int64(1), -7);
  EXPECT_EQ(rows.Double(1), -7);
  EXPECT_EQ(rows.Int64(2), 2);
  EXPECT_EQ(rows.Text(2), "1970-01-03");
  EXPECT_EQ(rows.Int64(3), 1'000'000);
  EXPECT_EQ(rows.Text(3), "1970-01-01T00:00:01Z");
  EXPECT_EQ(rows.Text(4), "2026-01-31T12:00:00");
  EXPECT_EQ(rows.Double(5), 1.5);
  EXPECT_EQ(rows.Int64(5), 1);
  EXPECT_EQ(rows.Text(6), "12345678901234567.125");
  EXPECT_EQ(rows.Text(7), "a\"b");
  EXPECT_EQ(rows.Int64(7), 0);
  EXPECT_EQ(rows.Text(8), std::string("\0\xff", 2));
  EXPECT_EQ(rows.Text(9), "[1,null]");
  EXPECT_EQ(rows.Double(9), 0);
  EXPECT_EQ(rows.Text(10), R"({"x":"q"})");
  EXPECT_TRUE(rows.IsNull(11)) << "there is no such column";
  EXPECT_FALSE(Must(rows.Next()));
  EXPECT_FALSE(Must(rows.Next()));
  EXPECT_TRUE(rows.IsNull(0)) << "behind the last row";
}

TEST_F(DeltaLakeTest, RowsOfManyChunksComeOnceEach) {
  DeltaTable table = Create("id BIGINT");
  Must(table.Write("SELECT id FROM range(10000)"));
  DeltaRows rows = Must(table.Read({.where = "id % 2 = 0"}));
  int64_t count = 0, sum = 0;
  while (Must(rows.Next())) {
    ++count;
    sum += rows.Int64(0);
  }
  EXPECT_EQ(count, 5000);
  EXPECT_EQ(sum, 24995000);
}

TEST_F(DeltaLakeTest, RowsStayReadableAfterTheTableWasMovedAndChanged) {
  DeltaTable table = Orders();
  DeltaRows rows = Must(table.Read({.columns = {"id"}, .where = "id < 3"}));
  DeltaTable moved = std::move(table);
  Must(moved.Delete(""));
  DeltaRows also = std::move(rows);
  int64_t sum = 0;
  while (Must(also.Next())) sum += also.Int64(0);
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(Rows(moved.Read()), Lines{});
}

TEST_F(DeltaLakeTest, TheHistoryTellsWhatWasDone) {
  DeltaTable table = Orders();
  Must(table.Delete("id = 1"));
  const std::vector<DeltaCommit> all = Must(table.History());
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].operation, "DELETE");
  EXPECT_EQ(all[0].version, 2);
  EXPECT_NE(all[0].parameters.find("predicate"), std::string::npos);
  EXPECT_NE(all[0].metrics.find("\"numDeletedRows\":\"1\""), std::string::npos) << all[0].metrics;
  EXPECT_TRUE(all[0].engine.starts_with("Penstock")) << all[0].engine;
  EXPECT_GE(all[0].timestamp_ms, all[2].timestamp_ms);
  EXPECT_EQ(all[2].operation, "CREATE TABLE");
  EXPECT_EQ(Must(table.History(1)).size(), 1u);
}

TEST_F(DeltaLakeTest, ChangesAreRowsWithTheirKindAndVersion) {
  DeltaTable table = Orders({.properties = {{"delta.enableChangeDataFeed", "true"}}});
  Must(table.Update({{"total", "total + 1"}}, "id = 1"));
  DeltaRows rows = Must(table.Changes(2, 2));
  EXPECT_EQ(rows.columns()[3].name, "_change_type");
  EXPECT_EQ(rows.columns()[4].name, "_commit_version");
  EXPECT_EQ(rows.columns()[5].name, "_commit_timestamp");
  Lines lines;
  while (Must(rows.Next())) {
    lines.push_back(rows.Text(2) + " " + rows.Text(3) + " " + std::to_string(rows.Int64(4)));
  }
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (Lines{"1.50 update_preimage 2", "2.50 update_postimage 2"}));
  EXPECT_EQ(Rows(table.Changes(0, 1)).size(), 3u);
  EXPECT_EQ(Code(table.Changes(2, 1)), "BAD_CHANGE_RANGE");
}

TEST_F(DeltaLakeTest, WhatIsWrongIsSaidWithACode) {
  EXPECT_EQ(Code(lake_->OpenTable("orders")), "BAD_LOCATION");
  EXPECT_EQ(Code(lake_->OpenTable("gs://bucket/orders")), "UNSUPPORTED_STORE");
  EXPECT_EQ(Code(lake_->OpenTable(path_)), "NOT_A_DELTA_TABLE");
  EXPECT_EQ(Code(DeltaLake::Open({.threads = -1})), "BAD_SETTING");
  EXPECT_EQ(Code(lake_->CreateTable(path_, {.columns = Must(ParseSchema("a INT")),
                                            .properties = {{"delta.apendOnly", "true"}}})),
            "UNKNOWN_PROPERTY");
  DeltaTable table = Orders();
  const auto column = table.Read({.columns = {"contry"}});
  EXPECT_EQ(Code(column), "COLUMN_NOT_FOUND");
  EXPECT_EQ(column.error().remedy, "Did you mean country?");
  const auto where = table.Read({.where = "id > 1\n  AND contry = 'DE'"});
  ASSERT_FALSE(where.ok());
  EXPECT_EQ(where.error().where, (SourceLocation{"", 2, 7})) << ToString(where.error());
  const auto source = table.Write("SELECT nothing FROM delta.`" + path_ + "x`");
  EXPECT_FALSE(source.ok());
  EXPECT_EQ(Code(table.Write("SELECT 1 AS id, 2 AS other")), "SCHEMA_MISMATCH");
  EXPECT_EQ(Must(table.Version()), 1);
}

TEST_F(DeltaLakeTest, TextsThatWouldReachOutOfTheirPlaceAreRefused) {
  DeltaTable table = Orders();
  for (const char* text : {"id = 7) OR (TRUE", "(id = 7", "id = 7; DROP TABLE x", "'open"}) {
    EXPECT_FALSE(table.Delete(text).ok()) << text;
    EXPECT_FALSE(table.Read({.where = text}).ok()) << text;
  }
  EXPECT_EQ(Code(table.Delete("id = 7) OR (TRUE")), "SQL_SYNTAX");
  EXPECT_EQ(table.Delete("id = 7) OR (TRUE").error().where, (SourceLocation{"", 1, 7}));
  EXPECT_EQ(Must(table.Version()), 1);
}

TEST_F(DeltaLakeTest, TablesOfOneLakeAreUsedByThreadsAtOnce) {
  DeltaTable shared = Orders();
  const std::string path = path_;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      DeltaTable own = Must(lake_->OpenTable(path));
      for (int j = 0; j < 3; ++j) {
        const int64_t id = 100 + i * 10 + j;
        Must((j % 2 == 0 ? own : shared)
                 .Write("SELECT " + std::to_string(id) + " AS id, 'XX' AS country, 0 AS total"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Rows(shared.Read({.columns = {"id"}, .where = "country = 'XX'"})).size(), 12u);
  EXPECT_EQ(Must(shared.Version()), 13);
}

TEST_F(DeltaLakeTest, WritesThatReadTheirOwnTableSeeEachOther) {
  Orders();
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      DeltaTable own = Must(lake_->OpenTable(path_));
      for (int j = 0; j < 4; ++j) {
        Must(own.Write("SELECT max(id) + 1 AS id, 'XX' AS country FROM delta.`" +
                       Backticked(path_) + "`"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  DeltaTable table = Must(lake_->OpenTable(path_));
  DeltaRows rows = Must(table.Read({.columns = {"id"}}));
  std::set<int64_t> ids;
  while (Must(rows.Next())) ids.insert(rows.Int64(0));
  EXPECT_EQ(ids.size(), 15u) << "a write missed the rows of another";
  EXPECT_EQ(*ids.rbegin(), 15);
}

}  // namespace
}  // namespace penstock
