#include "duck/engine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace penstock::duck {
namespace {

std::unique_ptr<Engine> OpenEngine(EngineOptions options = {}) {
  auto engine = Engine::Open(options);
  EXPECT_TRUE(engine.ok()) << (engine.ok() ? "" : ToString(engine.error()));
  return std::move(engine).value();
}

class EngineTest : public testing::Test {
 protected:
  std::string Text(const std::string& sql) {
    auto rows = connection_.Query(sql);
    if (!rows.ok()) return "ERROR " + ToString(rows.error());
    auto more = rows->NextChunk();
    if (!more.ok() || !*more) return "NO ROWS";
    return rows->IsNull(0, 0) ? "NULL" : rows->Text(0, 0);
  }
  Error Failure(const std::string& sql) {
    auto rows = connection_.Query(sql);
    EXPECT_FALSE(rows.ok()) << sql;
    return rows.ok() ? Error{} : rows.error();
  }

  std::unique_ptr<Engine> engine_ = OpenEngine();
  Connection connection_ = std::move(engine_->Connect()).value();
};

TEST_F(EngineTest, UsesOneThreadWhenAskedTo) {
  const auto engine = OpenEngine({.threads = 3});
  EXPECT_EQ(*engine->UseOneThread(), true);
  Connection connection = std::move(engine->Connect()).value();
  auto rows = connection.Query("SELECT current_setting('threads')");
  ASSERT_TRUE(rows.ok() && *rows->NextChunk());
  EXPECT_EQ(rows->Int64(0, 0), 1);
  EXPECT_EQ(*engine->UseOneThread(), false);
}

TEST_F(EngineTest, ReadsEveryChunkOfAResult) {
  auto rows = connection_.Query("SELECT range AS n FROM range(10000)");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->ColumnName(0), "n");
  int64_t count = 0, sum = 0;
  while (*rows->NextChunk()) {
    for (size_t i = 0; i < rows->RowCount(); ++i) sum += rows->Int64(i, 0);
    count += static_cast<int64_t>(rows->RowCount());
  }
  EXPECT_EQ(count, 10000);
  EXPECT_EQ(sum, 49995000);
}

TEST_F(EngineTest, ReadsNumbersOfEveryWidth) {
  auto rows = connection_.Query(
      "SELECT -7::TINYINT, 300::SMALLINT, true, 1.25::DECIMAL(10,2), "
      "-12345678901234567890.5::DECIMAL(38,1), "
      "sum(5::BIGINT), 1.5::FLOAT, DATE '1970-01-11', TIMESTAMP '1970-01-01 00:00:01.5', "
      "250::UTINYINT, "
      "170141183460469231731687303715884105727::HUGEINT, TIMESTAMP_NS '1969-12-31 "
      "23:59:59.9999995'");
  ASSERT_TRUE(rows.ok()) << ToString(rows.error());
  ASSERT_TRUE(*rows->NextChunk());
  EXPECT_EQ(rows->Int64(0, 0), -7);
  EXPECT_EQ(rows->Int64(0, 1), 300);
  EXPECT_EQ(rows->Int64(0, 2), 1);
  EXPECT_DOUBLE_EQ(rows->Double(0, 3), 1.25);
  EXPECT_DOUBLE_EQ(rows->Double(0, 4), -12345678901234567890.5);
  EXPECT_EQ(rows->Text(0, 4), "-12345678901234567890.5");
  EXPECT_EQ(rows->Int64(0, 5), 5);
  EXPECT_DOUBLE_EQ(rows->Double(0, 6), 1.5);
  EXPECT_EQ(rows->Int64(0, 7), 10);
  EXPECT_EQ(rows->Int64(0, 8), 1500000);
  EXPECT_EQ(rows->Int64(0, 9), 250);
  EXPECT_EQ(rows->Int64(0, 10), INT64_MAX);
  EXPECT_EQ(rows->Int64(0, 11), -1);
}

TEST_F(EngineTest, GivesTheEnginesTextOfAnyType) {
  EXPECT_EQ(Text("SELECT {'a': 1, 'b': ['x', NULL], 'c': MAP {'k': DATE '2024-01-02'}}"),
            Text("SELECT {'a': 1, 'b': ['x', NULL], 'c': MAP {'k': DATE '2024-01-02'}}::VARCHAR"));
  EXPECT_EQ(Text("SELECT TIMESTAMPTZ '2024-01-02 03:04:05.678+00'"), "2024-01-02 03:04:05.678+00");
  EXPECT_EQ(Text("SELECT '0dd30ba7-6b6e-4d0a-8a5c-0d3f9d7a4a11'::UUID"),
            "0dd30ba7-6b6e-4d0a-8a5c-0d3f9d7a4a11");
  EXPECT_EQ(Text("SELECT 'b'::ENUM('a', 'b')"), "b");
  EXPECT_EQ(Text("SELECT 1.50::DECIMAL(10,2)"), "1.50");
  EXPECT_EQ(Text("SELECT []::INTEGER[]"), "[]");
  EXPECT_EQ(Text("SELECT [1, 2]::INTEGER[2]"), "[1, 2]");
  EXPECT_EQ(Text("SELECT 'a' || chr(0) || 'b'"), std::string("a\0b", 3));
  EXPECT_EQ(Text("SELECT NULL::INTEGER"), "NULL");
}

TEST_F(EngineTest, MapsTypesBothWays) {
  auto schema = ParseSchema(
      "a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(12,3), i "
      "STRING, j BINARY, "
      "k DATE, l TIMESTAMP, m TIMESTAMP_NTZ, n ARRAY<INT>, o MAP<STRING, BIGINT>, p STRUCT<x: INT, "
      "`y z`: STRING>");
  ASSERT_TRUE(schema.ok()) << ToString(schema.error());
  std::string columns;
  for (const Field& field : *schema) {
    columns +=
        (columns.empty() ? "" : ", ") + ("NULL::" + EngineType(field.type)) + " AS " + field.name;
  }
  auto described = connection_.Describe("SELECT " + columns);
  ASSERT_TRUE(described.ok()) << ToString(described.error());
  EXPECT_EQ(ToString(*described), ToString(*schema));
}

TEST_F(EngineTest, MapsForeignTypesToTheNearestThatHoldsTheirValues) {
  auto described = connection_.Describe(
      "SELECT 1::HUGEINT a, 1::UBIGINT b, uuid() c, TIME '10:00' d, '{}'::JSON e");
  ASSERT_TRUE(described.ok()) << ToString(described.error());
  EXPECT_EQ(ToString(*described), "a BIGINT, b DECIMAL(20,0), c STRING, d STRING, e STRING");
}

TEST_F(EngineTest, NamesTheColumnWhoseTypeCannotBeStored) {
  auto described = connection_.Describe("SELECT 1 AS a, INTERVAL 1 DAY AS gap");
  ASSERT_FALSE(described.ok());
  EXPECT_EQ(described.error().code, "UNSUPPORTED_TYPE");
  EXPECT_NE(described.error().message.find("\"gap\""), std::string::npos);
  EXPECT_NE(described.error().message.find("INTERVAL"), std::string::npos);
}

TEST_F(EngineTest, SortsNullsAsSparkDoes) {
  EXPECT_EQ(Text("SELECT list(x ORDER BY x) FROM (VALUES (2), (NULL), (1)) v(x)"), "[NULL, 1, 2]");
  EXPECT_EQ(Text("SELECT list(x ORDER BY x DESC) FROM (VALUES (2), (NULL), (1)) v(x)"),
            "[2, 1, NULL]");
}

TEST_F(EngineTest, WrongQueriesAreExplainedInTheUsersTerms) {
  const auto said = [&](const std::string& sql) {
    const Error error = Failure(sql);
    return error.message + " | " + error.remedy;
  };
  EXPECT_EQ(said("SELECT nosuch(1)"),
            "there is no function \"nosuch\" | docs/sql.md lists the functions; functions and "
            "models defined elsewhere are not known here.");
  EXPECT_EQ(said("SELECT upperr('a')"), "there is no function \"upperr\" | Did you mean upper?");
  EXPECT_EQ(said("SELECT spark_left('a')"),
            "the function left does not take these arguments | Check how many there are, and their "
            "types.");
  EXPECT_EQ(said("SELECT sum('a'::VARCHAR)").substr(0, 60),
            "the function call sum(VARCHAR) does not fit any form of the ");
  EXPECT_EQ(said("SELECT rang FROM range(3)"), "there is no column \"rang\" | Did you mean range?");
  EXPECT_EQ(said("SELECT unnest(map([1], [2]))"),
            "a map is exploded into one column | It gives two: explode(m) AS (key, value).");
  EXPECT_EQ(said("SELECT regexp_matches('a', 'a**')"),
            "the regular expression cannot be read: bad repetition operator: ** | Expressions are "
            "RE2's: no look-around, back-references or possessive quantifiers.");
}

TEST_F(EngineTest, WrongQueryIsTheUsersAndSaysWhere) {
  Error error = Failure("SELECT missing FROM range(3)");
  EXPECT_EQ(error.kind, ErrorKind::kUser);
  EXPECT_EQ(error.code, "COLUMN_NOT_FOUND");
  EXPECT_EQ(connection_.LastErrorOffset(), 7u);
  EXPECT_EQ(error.message.find('{'), std::string::npos);

  EXPECT_EQ(Failure("SELECT * FROM nowhere").code, "TABLE_NOT_FOUND");
  EXPECT_EQ(connection_.LastErrorOffset(), 14u);
  EXPECT_EQ(Failure("SELECT no_such_function(1)").code, "FUNCTION_NOT_FOUND");
  EXPECT_EQ(Failure("SELEC 1").code, "SYNTAX_ERROR");

  auto described = connection_.Describe("SELECT missing FROM range(3)");
  ASSERT_FALSE(described.ok());
  EXPECT_EQ(described.error().code, "COLUMN_NOT_FOUND");
  EXPECT_EQ(connection_.LastErrorOffset(), 7u);

  auto copied = connection_.CopyToParquet("SELECT missing FROM range(3)",
                                          testing::TempDir() + "/no.parquet", "");
  ASSERT_FALSE(copied.ok());
  EXPECT_EQ(connection_.LastErrorOffset(), 7u);
}

TEST_F(EngineTest, FailingRowIsTheDatas) {
  Error error = Failure("SELECT CAST(range::VARCHAR || 'x' AS INTEGER) FROM range(3)");
  EXPECT_EQ(error.kind, ErrorKind::kData);
  EXPECT_EQ(error.code, "CAST_FAILED");
  EXPECT_EQ(Failure("SELECT 9223372036854775807 + range FROM range(3)").kind, ErrorKind::kData);
  EXPECT_EQ(Failure("SELECT error('boom')").message, "boom");
}

TEST_F(EngineTest, MissingFileIsTheSystems) {
  EXPECT_EQ(Failure("SELECT * FROM read_parquet('/no/such/file.parquet')").kind,
            ErrorKind::kSystem);
}

TEST_F(EngineTest, QuotesWhatItPutsIntoSql) {
  EXPECT_EQ(Text("SELECT " + QuoteLiteral("it's \"x\" \\ ; --")), "it's \"x\" \\ ; --");
  EXPECT_EQ(Text("SELECT " + QuoteLiteral(std::string("a\0b", 3))), std::string("a\0b", 3));
  EXPECT_EQ(Text("SELECT " + QuoteIdentifier("a\"b") + " FROM (SELECT 3 AS " +
                 QuoteIdentifier("a\"b") + ")"),
            "3");
  EXPECT_EQ(Text("SELECT " + QuoteList({"a'b", "c"}) + "[1]"), "a'b");
}

TEST_F(EngineTest, ConnectionsShareOneDatabase) {
  Connection other = std::move(engine_->Connect()).value();
  ASSERT_TRUE(
      connection_
          .Execute("CREATE TABLE t AS SELECT 5 AS x; CREATE VIEW v AS SELECT x + 1 AS y FROM t")
          .ok());
  auto rows = other.Query("SELECT y FROM v");
  ASSERT_TRUE(rows.ok());
  ASSERT_TRUE(*rows->NextChunk());
  EXPECT_EQ(rows->Int64(0, 0), 6);
}

TEST_F(EngineTest, InterruptEndsARunningQuery) {
  std::thread interrupter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    connection_.Interrupt();
  });
  Error error = Failure(
      "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11");
  interrupter.join();
  EXPECT_EQ(error.code, "INTERRUPTED");
}

TEST_F(EngineTest, ReportsProgressOfARunningQuery) {
  ASSERT_TRUE(connection_.Execute("CREATE TABLE big AS SELECT range AS x FROM range(400000)").ok());
  std::atomic<bool> done = false;
  double most = -1;
  std::thread watcher([&] {
    while (!done) {
      most = std::max(most, connection_.Progress());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  EXPECT_EQ(Text("SELECT count(DISTINCT md5(x::VARCHAR)) FROM big"), "400000");
  done = true;
  watcher.join();
  EXPECT_GT(most, 0);
  EXPECT_LE(most, 100);
}

TEST_F(EngineTest, CopyWritesSumsOfWholeNumbersAsWholeNumbers) {
  const std::string file = testing::TempDir() + "/engine_sums.parquet";
  auto files = connection_.CopyToParquet(
      "SELECT sum(range) AS total, {'n': sum(range)} AS s FROM range(10)", file, "");
  ASSERT_TRUE(files.ok()) << ToString(files.error());
  auto written = connection_.Describe("SELECT * FROM read_parquet(" + QuoteLiteral(file) + ")");
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(ToString(*written), "total BIGINT, s STRUCT<n: BIGINT>");
}

TEST_F(EngineTest, CopyReportsFilesWithStatisticsAndPartitions) {
  std::string folder = testing::TempDir() + "/engine_copy";
  std::filesystem::remove_all(folder);
  auto files = connection_.CopyToParquet(
      "SELECT range % 2 AS p, range AS n, {'x y': NULL::INTEGER} AS s, 'nan'::DOUBLE AS d FROM "
      "range(10)",
      folder, "PARTITION_BY (p)");
  ASSERT_TRUE(files.ok()) << ToString(files.error());
  ASSERT_EQ(files->size(), 2u);
  for (const WrittenFile& file : *files) {
    EXPECT_EQ(file.rows, 5);
    EXPECT_EQ(static_cast<uintmax_t>(file.bytes), std::filesystem::file_size(file.path));
    ASSERT_EQ(file.partition.size(), 1u);
    EXPECT_EQ(file.partition[0].first, "p");
    for (const WrittenColumn& column : file.columns) {
      if (column.name == "\"n\"") {
        EXPECT_EQ(column.min, file.partition[0].second);
      }
      if (column.name == "\"s\".\"x y\"") {
        EXPECT_EQ(column.null_count, 5);
      }
      if (column.name == "\"d\"") {
        EXPECT_TRUE(column.has_nan);
      }
    }
  }
}

TEST(EngineOptionsTest, SettingsReachEveryConnection) {
  auto engine = OpenEngine({.threads = 1,
                            .memory_limit = "512MB",
                            .temp_folder = "/tmp/penstock_spill",
                            .time_zone = "Europe/Berlin",
                            .null_order = "nulls_last"});
  Connection connection = std::move(engine->Connect()).value();
  auto value = [&](const std::string& sql) {
    auto rows = connection.Query(sql);
    EXPECT_TRUE(rows.ok()) << ToString(rows.error());
    EXPECT_TRUE(*rows->NextChunk());
    return rows->Text(0, 0);
  };
  EXPECT_EQ(value("SELECT current_setting('threads')"), "1");
  EXPECT_EQ(value("SELECT current_setting('TimeZone')"), "Europe/Berlin");
  EXPECT_EQ(value("SELECT current_setting('memory_limit')"), "488.2 MiB");
  EXPECT_EQ(value("SELECT current_setting('temp_directory')"), "/tmp/penstock_spill");
  EXPECT_EQ(value("SELECT current_setting('autoinstall_known_extensions')"), "false");
  EXPECT_EQ(value("SELECT list(x ORDER BY x) FROM (VALUES (2), (NULL)) v(x)"), "[2, NULL]");
}

TEST(EngineOptionsTest, WrongSettingIsNamed) {
  auto engine = Engine::Open({.memory_limit = "plenty"});
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().kind, ErrorKind::kUser);
  EXPECT_NE(ToString(engine.error()).find("plenty"), std::string::npos);
}

}  // namespace
}  // namespace penstock::duck
