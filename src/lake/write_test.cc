#include <algorithm>
#include <filesystem>
#include <set>

#include "base/json.h"
#include "lake/lake_fixture.h"

namespace penstock::lake {
namespace {

using WriteTest = LakeTest;

size_t ParquetFiles(const std::string& folder) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

TEST_F(WriteTest, RowsComeBackWithTheTypesOfTheTable) {
  const Schema schema = Columns(
      "a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(12,3), i "
      "STRING, j BINARY, "
      "k DATE, l TIMESTAMP, m TIMESTAMP_NTZ, n ARRAY<INT>, o MAP<STRING, BIGINT>, p STRUCT<x: INT, "
      "`y z`: STRING>, "
      "`q \"q` DECIMAL(38,0)");
  const std::string query =
      "SELECT true, 1, 2, 3, 4, 1.5, 2.5, 12.3456, 'é', 'ab'::BLOB, DATE '1999-12-31', "
      "TIMESTAMPTZ '2024-01-01 00:00:00.123456+00', TIMESTAMP '2024-01-01 00:00:00.5', [1, NULL], "
      "MAP {'k': 9}, "
      "{'x': 7, 'y z': 'v'}, 12345678901234567890123456789012345678 UNION ALL SELECT "
      "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
      "NULL, NULL";
  const WriteResult written = Write(query, schema);
  EXPECT_EQ(written.rows, 2);
  ASSERT_EQ(written.files.size(), 1u);
  EXPECT_EQ(written.files[0].modification_time_ms, 1234567);
  EXPECT_EQ(written.bytes, written.files[0].size);

  const std::string relation = Kept(RelationOfFiles(path_, Metadata(schema), written.files));
  EXPECT_EQ(ToString(Must(connection_.Describe(relation))), ToString(schema));
  EXPECT_EQ(Row("SELECT * FROM (" + relation + ") WHERE a"),
            "true|1|2|3|4|1.5|2.5|12.346|é|ab|1999-12-31|2024-01-01 00:00:00.123456+00|"
            "2024-01-01 00:00:00.5|[1, NULL]|{k=9}|{'x': 7, 'y z': "
            "v}|12345678901234567890123456789012345678");
  EXPECT_EQ(
      Row("SELECT count(*) FROM (" + relation + ") WHERE p IS NULL AND n IS NULL AND i IS NULL"),
      "1");
}

TEST_F(WriteTest, ColumnsAreTakenByPositionWhateverTheQueryCallsThem) {
  const Schema schema = Columns("Id BIGINT, name STRING");
  const auto written = Write("SELECT 5::INTEGER AS x, 6 AS x", schema);
  EXPECT_EQ(Row(Kept(RelationOfFiles(path_, Metadata(schema), written.files))), "5|6");
}

TEST_F(WriteTest, NoRowsLeaveNoFile) {
  const auto written = Write("SELECT 1 WHERE false", Columns("a INT"));
  EXPECT_TRUE(written.files.empty());
  EXPECT_EQ(written.rows, 0);
  EXPECT_EQ(ParquetFiles(path_), 0u);
}

TEST_F(WriteTest, FilesEndNearTheTargetSize) {
  const auto written =
      Write("SELECT range, md5(range::VARCHAR) FROM range(1000000)", Columns("a BIGINT, b STRING"),
            {.partition_columns = {}, .target_file_bytes = 2 << 20});
  EXPECT_GT(written.files.size(), 3u);
  EXPECT_EQ(written.files.size(), ParquetFiles(path_));
  EXPECT_EQ(written.rows, 1000000);
}

TEST_F(WriteTest, PartitionsHaveTheirValuesInTheLogNotInTheFiles) {
  const Schema schema = Columns("p STRING, n INT, d DATE, ts TIMESTAMP");
  WriteOptions options;
  options.partition_columns = {"p", "d", "ts"};
  const auto written = Write(
      "SELECT * FROM (VALUES ('a b/c=d%é', 1, DATE '2024-01-02', TIMESTAMPTZ '2024-01-01 "
      "10:00:00.5+00'), "
      "(NULL, 2, NULL, NULL), ('', 3, NULL, TIMESTAMPTZ '2024-01-01 10:00:00+00'))",
      schema, options);
  ASSERT_EQ(written.files.size(), 3u);
  std::set<delta::PartitionValues> values;
  for (const auto& file : written.files) values.insert(file.partition_values);
  EXPECT_EQ(
      values,
      (std::set<delta::PartitionValues>{
          {{"p", "a b/c=d%é"}, {"d", "2024-01-02"}, {"ts", "2024-01-01T10:00:00.500000Z"}},
          {{"p", std::nullopt}, {"d", std::nullopt}, {"ts", std::nullopt}},
          {{"p", std::nullopt}, {"d", std::nullopt}, {"ts", "2024-01-01T10:00:00.000000Z"}}}));
  const std::string relation =
      Kept(RelationOfFiles(path_, Metadata(schema, options.partition_columns), written.files));
  EXPECT_EQ(Rows(relation + " ORDER BY n"),
            (std::vector<std::string>{"a b/c=d%é|1|2024-01-02|2024-01-01 10:00:00.5+00",
                                      "NULL|2|NULL|NULL", "NULL|3|NULL|2024-01-01 10:00:00+00"}));
}

TEST_F(WriteTest, InstantsAreTheSameWhateverTheSessionsZone) {
  const auto away = Must(duck::Engine::Open({.threads = 2, .time_zone = "America/St_Johns"}));
  duck::Connection connection = Must(away->Connect());
  const Schema schema = Columns("n INT, ts TIMESTAMP, p TIMESTAMP");
  WriteOptions options;
  options.partition_columns = {"p"};
  const auto written = Must(WriteDataFiles(
      connection, *storage_, path_,
      "SELECT 1, TIMESTAMPTZ '2024-07-01 12:00:00.25Z', TIMESTAMPTZ '2024-07-01 01:00:00.25Z' "
      "UNION ALL "
      "SELECT 2, TIMESTAMPTZ '1969-12-31 23:59:59Z', TIMESTAMPTZ '1883-01-01 00:00:00.5Z'",
      schema, options, 1));
  ASSERT_EQ(written.files.size(), 2u);
  std::set<std::string> values, lows;
  for (const auto& file : written.files) {
    values.insert(file.partition_values.at("p").value_or("NULL"));
    lows.insert(Json::parse(file.stats)["minValues"]["ts"]);
  }
  EXPECT_EQ(values,
            (std::set<std::string>{"1883-01-01T00:00:00.500000Z", "2024-07-01T01:00:00.250000Z"}));
  EXPECT_EQ(lows, (std::set<std::string>{"1969-12-31T23:59:59.000Z", "2024-07-01T12:00:00.250Z"}));
  const std::string relation = Kept(RelationOfFiles(path_, Metadata(schema, {"p"}), written.files));
  EXPECT_EQ(Rows("SELECT n, epoch_us(ts), epoch_us(p) FROM (" + relation + ") ORDER BY n"),
            (std::vector<std::string>{"1|1719835200250000|1719795600250000",
                                      "2|-1000000|-2745446399500000"}));
}

TEST_F(WriteTest, NullInARequiredColumnIsNamedAndLeavesNothing) {
  const Schema schema =
      Columns("a INT, b STRING NOT NULL, s STRUCT<x: INT> NOT NULL, p STRING NOT NULL");
  const auto fails = [&](const std::string& query, std::vector<std::string> partition) {
    auto result = WriteDataFiles(connection_, *storage_, path_, query, schema,
                                 {.partition_columns = partition}, 1);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(ParquetFiles(path_), 0u);
    return result.ok() ? Error{} : result.error();
  };
  EXPECT_NE(fails("SELECT 1, NULL, {'x': 1}, 'p'", {}).message.find("column b "),
            std::string::npos);
  const Error nested = fails("SELECT 1, 'b', NULL, 'p'", {});
  EXPECT_EQ(nested.code, "NOT_NULL_VIOLATED");
  EXPECT_NE(nested.message.find("column s "), std::string::npos);
  EXPECT_NE(
      fails("SELECT range, 'b', {'x': 1}, CASE WHEN range < 3 THEN 'x' END FROM range(5)", {"p"})
          .message.find("column p "),
      std::string::npos);
}

TEST_F(WriteTest, AFailingRowLeavesNoFile) {
  for (const std::vector<std::string>& partition : {std::vector<std::string>{}, {"p"}}) {
    auto result = WriteDataFiles(connection_, *storage_, path_,
                                 "SELECT range, range % 3, CASE WHEN range = 900000 THEN "
                                 "error('boom') END FROM range(1000000)",
                                 Columns("n BIGINT, p INT, e STRING"),
                                 {.partition_columns = partition, .target_file_bytes = 1 << 20}, 1);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().message, "boom");
    EXPECT_EQ(ParquetFiles(path_), 0u);
  }
}

TEST_F(WriteTest, StatisticsHoldForEveryReader) {
  const std::string long_text = "SELECT repeat('é', 31) || 'zz' AS t UNION ALL SELECT 'b'";
  const auto written = Write(
      "SELECT t, 1.50::DECIMAL(10,2), CASE WHEN t = 'b' THEN 'nan'::DOUBLE ELSE 1 END, "
      "CASE WHEN t = 'b' THEN 0.0 ELSE -0.0 END, TIMESTAMPTZ '2024-01-01 00:00:00.1234+00', "
      "TIMESTAMP '2024-01-01 00:00:00', DATE '0900-01-01', true, 'x'::BLOB, {'u v': NULL::INT, "
      "'w': 3}, [1], "
      "'infinity'::FLOAT, (-128)::TINYINT FROM (" +
          long_text + ")",
      Columns("t STRING, d DECIMAL(10,2), n DOUBLE, z DOUBLE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, dt "
              "DATE, "
              "b BOOLEAN, bin BINARY, s STRUCT<`u v`: INT, w: INT>, l ARRAY<INT>, inf FLOAT, i "
              "TINYINT"));
  ASSERT_EQ(written.files.size(), 1u);
  const Json stats = Json::parse(written.files[0].stats);
  EXPECT_EQ(stats["numRecords"], 2);
  const std::string e31 = Row("SELECT repeat('é', 31)");
  EXPECT_EQ(stats["minValues"],
            Json::parse(R"({"t": "b", "d": 1.5, "z": -0.0, "ts": "2024-01-01T00:00:00.123Z",
      "ntz": "2024-01-01T00:00:00.000", "dt": "0900-01-01", "s": {"w": 3}, "i": -128})"));
  Json high = stats["maxValues"];
  EXPECT_EQ(high["t"], e31 + "z\xF4\x8F\xBF\xBF");
  EXPECT_EQ(high["ts"], "2024-01-01T00:00:00.124Z");
  EXPECT_FALSE(high.contains("n"));
  EXPECT_FALSE(high.contains("inf"));
  EXPECT_FALSE(high.contains("b"));
  EXPECT_EQ(written.files[0].stats.find("\"z\":0.0") != std::string::npos, true)
      << written.files[0].stats;
  EXPECT_EQ(stats["nullCount"]["s"], Json::parse(R"({"u v": 2, "w": 0})"));
  EXPECT_EQ(stats["nullCount"]["t"], 0);
}

TEST_F(WriteTest, DecimalBoundsAreLeftOutWhenANumberOfJsonWouldRoundThem) {
  const auto written = Write(
      "SELECT 1234567890123.45::DECIMAL(38,2) AS a, 12345678901234.567::DECIMAL(38,3) AS b, "
      "-7::DECIMAL(38,0) AS c",
      Columns("a DECIMAL(38,2), b DECIMAL(38,3), c DECIMAL(38,0)"));
  const Json stats = Json::parse(written.files[0].stats);
  EXPECT_EQ(stats["maxValues"], Json::parse(R"({"a": 1234567890123.45, "c": -7})"));
  EXPECT_NE(written.files[0].stats.find("\"c\":-7}"), std::string::npos) << written.files[0].stats;
  EXPECT_EQ(stats["minValues"], stats["maxValues"]);
}

TEST_F(WriteTest, StatisticsCoverThirtyTwoLeaves) {
  std::string columns, values;
  for (int i = 0; i < 40; ++i) {
    columns += (i > 0 ? ", c" : "c") + std::to_string(i) + " INT";
    values += (i > 0 ? ", " : "") + std::to_string(i);
  }
  const auto written = Write("SELECT " + values, Columns(columns));
  const Json stats = Json::parse(written.files[0].stats);
  EXPECT_EQ(stats["nullCount"].size(), 32u);
  EXPECT_TRUE(stats["minValues"].contains("c31"));
  EXPECT_FALSE(stats["minValues"].contains("c32"));
}

}  // namespace
}  // namespace penstock::lake
