#include "base/text.h"
#include "delta/deletion_vector.h"
#include "delta/table_columns.h"
#include "lake/lake_fixture.h"

// Files as other writers have them: mapped columns, older types, odd partition values.
namespace penstock::lake {
namespace {

class MappedRelationTest : public LakeTest {
 protected:
  // A data file of the table that another writer made.
  delta::AddFile Copied(const std::string& query, const std::string& options = "") {
    delta::AddFile file;
    file.path = "f" + std::to_string(next_++) + ".parquet";
    EXPECT_TRUE(storage_->CreateFolders(path_).ok());
    const Status copied =
        connection_.Execute("COPY (" + query + ") TO " + QuoteLiteral(path_ + "/" + file.path) +
                            " (FORMAT parquet" + (options.empty() ? "" : ", " + options) + ")");
    EXPECT_TRUE(copied.ok()) << ToString(copied.error());
    file.size = 1;
    return file;
  }

  // The same columns under physical names ("p1", "p2" … in the order of the schema's text) and ids.
  delta::Metadata Mapped(const std::string& columns, const std::string& mode,
                         std::vector<std::string> partitions = {}) {
    delta::Metadata metadata = Metadata(Columns(columns), std::move(partitions));
    auto all = delta::TableColumns(metadata).value();
    int next = 1;
    for (delta::TableColumn& column : all) Map(&column, &next);
    metadata.schema_string = delta::EncodeColumns(all);
    metadata.configuration["delta.columnMapping.mode"] = mode;
    return metadata;
  }

  static void Map(delta::TableColumn* column, int* next) {
    const bool named =
        column->name != "element" && column->name != "key" && column->name != "value";
    if (named) {
      column->metadata["delta.columnMapping.physicalName"] = "p" + std::to_string(*next);
      column->metadata["delta.columnMapping.id"] = (*next)++;
    }
    for (delta::TableColumn& child : column->children) Map(&child, next);
  }

  Error Failure(const delta::Metadata& metadata, const delta::AddFile& file) {
    auto rows = connection_.Query(Kept(RelationOfFiles(path_, metadata, {file})));
    if (!rows.ok()) return rows.error();
    ADD_FAILURE() << "it was read";
    return {};
  }

  int next_ = 0;
};

TEST_F(MappedRelationTest, ColumnsAreFoundByPhysicalNamesInNestedTypesToo) {
  const auto metadata = Mapped(
      "a INT, s STRUCT<x: INT, y: STRUCT<z: INT>>, l ARRAY<STRUCT<u: INT>>, m MAP<STRING, "
      "STRUCT<v: INT>>",
      "name");
  const auto file = Copied(
      "SELECT {'p4': {'p5': 3}, 'p3': 2, 'gone': 0} AS p2, [{'p7': 4}, NULL] AS p6, MAP {'k': "
      "{'p9': 5}} AS p8, 1 AS p1, 9 AS a UNION ALL SELECT NULL, NULL, NULL, NULL, 9");
  const std::string relation = Kept(RelationOfFiles(path_, metadata, {file}));
  EXPECT_EQ(Rows(relation + " ORDER BY a NULLS LAST"),
            (std::vector<std::string>{"1|{'x': 2, 'y': {'z': 3}}|[{'u': 4}, NULL]|{k={'v': 5}}",
                                      "NULL|NULL|NULL|NULL"}));
  EXPECT_EQ(Row("SELECT a FROM (" + relation + ") WHERE s.y.z = 3 AND s.x < 5"), "1");
  EXPECT_EQ(Row("SELECT l[1].u + m['k'].v FROM (" + relation + ") WHERE a IS NOT NULL"), "9");
}

TEST_F(MappedRelationTest, ColumnsAreFoundByFieldIds) {
  const auto metadata = Mapped("a INT, s STRUCT<x: INT, y: INT>, missing STRING", "id");
  const auto file = Copied("SELECT {'q': 3, 'p': 2} AS s1, 1 AS other, 7 AS p1",
                           "FIELD_IDS {s1: {__duckdb_field_id: 2, q: 4, p: 3}, other: 1, p1: 99}");
  EXPECT_EQ(Row(Kept(RelationOfFiles(path_, metadata, {file}))), "1|{'x': 2, 'y': 3}|NULL");
  const auto without = Copied("SELECT 1 AS p1");
  EXPECT_EQ(Row(Kept(RelationOfFiles(path_, metadata, {without}))), "NULL|NULL|NULL");
}

TEST_F(MappedRelationTest, PartitionValuesGoByPhysicalNames) {
  const auto metadata = Mapped("a INT, part STRING", "name", {"part"});
  auto file = Copied("SELECT 1 AS p1");
  file.partition_values = {{"p2", "x y"}};
  auto other = Copied("SELECT 2 AS p1");
  other.partition_values = {{"p2", ""}};
  EXPECT_EQ(Rows(Kept(RelationOfFiles(path_, metadata, {file, other})) + " ORDER BY a"),
            (std::vector<std::string>{"1|x y", "2|NULL"}));
}

TEST_F(MappedRelationTest, PartitionValuesOfEveryTypeAreRead) {
  const auto metadata =
      Metadata(Columns("i INT, b BOOLEAN, d DATE, t TIMESTAMP, u TIMESTAMP, n TIMESTAMP_NTZ, c "
                       "DECIMAL(38,10), f DOUBLE, y BINARY, s STRING, z TINYINT, e INT"),
               {"b", "d", "t", "u", "n", "c", "f", "y", "s", "z", "e"});
  auto file = Copied("SELECT 1 AS i");
  file.partition_values = {{"b", "true"},
                           {"d", "0001-02-03"},
                           {"t", "2024-01-01 02:03:04.123456"},
                           {"u", "2024-01-01T02:03:04.5Z"},
                           {"n", "2024-01-01 02:03:04"},
                           {"c", "1234567890123456789012345678.0000000001"},
                           {"f", "-1.5E10"},
                           {"y", std::string("\x01\x02")},
                           {"s", "a/b=ü"},
                           {"z", "-128"},
                           {"e", std::nullopt}};
  ASSERT_TRUE(connection_.Execute("SET TimeZone = 'America/New_York'").ok());
  EXPECT_EQ(Row("SELECT i, b, d, t AT TIME ZONE 'UTC', u AT TIME ZONE 'UTC', n, c, f, hex(y), s, "
                "z, e FROM (" +
                Kept(RelationOfFiles(path_, metadata, {file})) + ")"),
            "1|true|0001-02-03|2024-01-01 02:03:04.123456|2024-01-01 02:03:04.5|2024-01-01 "
            "02:03:04|1234567890123456789012345678.0000000001|-15000000000.0|0102|a/b=ü|-128|NULL");
  file.partition_values["d"] = "no day";
  const Error error = Failure(metadata, file);
  EXPECT_EQ(error.code, "BAD_PARTITION_VALUE");
  EXPECT_NE(error.message.find("'no day' of the column d"), std::string::npos) << error.message;
}

TEST_F(MappedRelationTest, OlderTypesAreWidened) {
  const auto metadata = Metadata(Columns(
      "a BIGINT, b INT, c DOUBLE, d DOUBLE, e DECIMAL(20,4), f DECIMAL(12,2), g TIMESTAMP_NTZ, h "
      "ARRAY<BIGINT>, i STRUCT<x: DOUBLE>, j MAP<BIGINT, BIGINT>"));
  const auto old = Copied(
      "SELECT 1::TINYINT AS a, 2::SMALLINT AS b, 1.5::FLOAT AS c, 3::INT AS d, 1.25::DECIMAL(5,2) "
      "AS e, 7::INT AS f, DATE '2024-02-29' AS g, [1::INT, NULL] AS h, {'x': 2::INT} AS i, MAP "
      "{1::INT: 2::TINYINT} AS j");
  const std::string relation = Kept(RelationOfFiles(path_, metadata, {old}));
  EXPECT_EQ(Row(relation),
            "1|2|1.5|3.0|1.2500|7.00|2024-02-29 00:00:00|[1, NULL]|{'x': 2.0}|{1=2}");
  EXPECT_EQ(Row("SELECT count(*) FROM (" + relation +
                ") WHERE a = 1 AND c > 1 AND d = 3 AND e = 1.25 AND g < TIMESTAMP '2024-03-01'"),
            "1");
}

TEST_F(MappedRelationTest, AnotherTypeIsRefusedWithFileColumnAndTypes) {
  const auto file = Copied("SELECT {'x': 'text'} AS s");
  const Error error = Failure(Metadata(Columns("s STRUCT<x: INT>")), file);
  EXPECT_EQ(error.code, "COLUMN_TYPE_MISMATCH");
  EXPECT_NE(error.message.find(file.path), std::string::npos);
  EXPECT_NE(error.message.find("the column s.x as VARCHAR"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("table's INT"), std::string::npos) << error.message;
}

TEST_F(MappedRelationTest, InstantsOfOldWritersAreOfUtc) {
  ASSERT_TRUE(connection_.Execute("SET TimeZone = 'America/New_York'").ok());
  const auto file = Copied(
      "SELECT TIMESTAMP '2024-01-01 12:00:00' AS t, {'x': TIMESTAMP '2024-01-01 12:00:00'} AS s, "
      "TIMESTAMPTZ '2024-01-01 12:00:00+00' AS n, [TIMESTAMP '2024-01-01 12:00:00'] AS l");
  const std::string relation = Kept(RelationOfFiles(
      path_,
      Metadata(Columns("t TIMESTAMP, s STRUCT<x: TIMESTAMP>, n TIMESTAMP_NTZ, l ARRAY<TIMESTAMP>")),
      {file}));
  EXPECT_EQ(Row("SELECT epoch(t), epoch(s.x), n, epoch(l[1]) FROM (" + relation +
                ") WHERE t = TIMESTAMPTZ '2024-01-01 12:00:00+00'"),
            "1704110400.0|1704110400.0|2024-01-01 12:00:00|1704110400.0");
}

TEST_F(MappedRelationTest, NullsWithinNestedValuesStay) {
  const auto metadata =
      Metadata(Columns("s STRUCT<x: INT, added: STRING>, l ARRAY<STRUCT<x: INT, "
                       "added: INT>>, v VOID"));
  const auto file = Copied(
      "SELECT * FROM (VALUES (1, {'x': 1}, [{'x': 1}, NULL]), (2, {'x': NULL}, []), (3, NULL, "
      "NULL)) AS t(n, s, l) ORDER BY n");
  const std::string relation = Kept(RelationOfFiles(path_, metadata, {file}));
  const auto rows = Rows("SELECT s, l, v FROM (" + relation + ")");
  EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()),
            (std::set<std::string>{"{'x': 1, 'added': NULL}|[{'x': 1, 'added': NULL}, NULL]|NULL",
                                   "{'x': NULL, 'added': NULL}|[]|NULL", "NULL|NULL|NULL"}));
  EXPECT_EQ(Row("SELECT count(*) FROM (" + relation + ") WHERE s.added IS NULL"), "3");
  EXPECT_EQ(Row("SELECT count(*) FROM (" + relation + ") WHERE s IS NULL"), "1");
}

TEST_F(MappedRelationTest, ColumnsMayHaveTheNamesOfTheScan) {
  const auto file = Copied("SELECT 1 AS filename, 2 AS File_Row_Number, 3 AS file_index");
  RelationOptions options;
  options.with_row_position = true;
  EXPECT_EQ(Row(Kept(RelationOfFiles(
                path_, Metadata(Columns("filename INT, File_Row_Number INT, file_index INT")),
                {file}, options))),
            "1|2|3|0|0");
}

TEST_F(MappedRelationTest, RowIdsAreStoredOnesOrThoseOfThePosition) {
  delta::Metadata metadata = Metadata(Columns("a INT"));
  metadata.configuration = {
      {"delta.enableRowTracking", "true"},
      {"delta.rowTracking.materializedRowIdColumnName", "_row-id"},
      {"delta.rowTracking.materializedRowCommitVersionColumnName", "_row-version"}};
  auto fresh = Copied("SELECT range AS a FROM range(3)");
  fresh.base_row_id = 10;
  fresh.default_row_commit_version = 4;
  auto moved = Copied(
      "SELECT * FROM (VALUES (7, 2, 1), (8, NULL, NULL)) AS t(a, \"_row-id\", \"_row-version\")");
  moved.base_row_id = 20;
  moved.default_row_commit_version = 5;
  RelationOptions options;
  options.with_file_metadata = true;
  options.with_row_ids = true;
  const std::string relation = Kept(RelationOfFiles(path_, metadata, {fresh, moved}, options));
  EXPECT_EQ(Rows("SELECT a, _metadata.row_id - a, _metadata.row_commit_version, "
                 "__penstock_row_id - a, __penstock_row_version, _metadata.file_name FROM (" +
                 relation + ") ORDER BY a"),
            (std::vector<std::string>{"0|10|4|10|4|f0.parquet", "1|10|4|10|4|f0.parquet",
                                      "2|10|4|10|4|f0.parquet", "7|-5|1|-5|1|f1.parquet",
                                      "8|13|5|13|5|f1.parquet"}));
  EXPECT_EQ(ToString(Must(connection_.Describe("SELECT _metadata FROM (" + relation + ")"))),
            ToString(Schema{{"_metadata", FileMetadataType(metadata)}}));
}

TEST_F(MappedRelationTest, FilesThatCannotMatchAreNotOpened) {
  auto metadata = Metadata(Columns("a INT, s STRUCT<x: INT>, p INT"), {"p"});
  std::vector<delta::AddFile> files;
  for (int i = 0; i < 6; ++i) {
    files.push_back(i == 2 ? Copied("SELECT 2 AS a, {'x': 2} AS s") : delta::AddFile{});
    const std::string n = std::to_string(i);
    if (i != 2) files.back().path = "nowhere" + n;
    files.back().partition_values["p"] = std::to_string(i / 3);
    files.back().stats = R"({"numRecords":1,"minValues":{"a":)" + n + R"(,"s":{"x":)" + n +
                         R"(}},"maxValues":{"a":)" + n + R"(,"s":{"x":)" + n + "}}}";
  }
  RelationOptions options;
  options.with_row_position = true;
  const std::string relation = Kept(RelationOfFiles(path_, metadata, files, options));
  const auto count = [&](const std::string& condition) {
    return Row("SELECT max(__penstock_file) FROM (" + relation + ") WHERE " + condition);
  };
  EXPECT_EQ(count("a = 2"), "2");
  EXPECT_EQ(count("s.x = 2"), "2");
  EXPECT_EQ(count("a IN (2, 17, 19)"), "2");
  EXPECT_EQ(count("a > 1 AND a < 5 AND (p = 0 OR p = 7)"), "2");
  EXPECT_EQ(count("a BETWEEN 2 AND 2"), "2");
  EXPECT_EQ(count("a IS NOT DISTINCT FROM 2"), "2");
  EXPECT_EQ(count("__penstock_file = 2 AND a < 3 AND a >= 2"), "2");
  EXPECT_EQ(count("p = 7"), "NULL");
  EXPECT_FALSE(connection_.Query("SELECT sum(a) FROM (" + relation + ") WHERE a = 3").ok());
  // A join's keys are known only while it runs.
  EXPECT_EQ(Row("SELECT sum(a) FROM (" + relation + ") JOIN (SELECT 2 AS k) ON a = k"), "2");
  std::string plan;
  for (const std::string& line : Rows("EXPLAIN SELECT * FROM (" + relation + ") WHERE a = 2")) {
    plan += line;
  }
  EXPECT_NE(plan.find("1/6"), std::string::npos) << plan;
}

}  // namespace
}  // namespace penstock::lake
