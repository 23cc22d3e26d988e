#include "base/text.h"
#include "duck/empty_parquet.h"
#include "lake/file_path.h"
#include "lake/lake_fixture.h"

namespace penstock::lake {
namespace {

using RelationTest = LakeTest;

TEST_F(RelationTest, NoFilesIsAnEmptyRelationOfTheTablesTypes) {
  const Schema schema = Columns("a INT, s STRUCT<x: DECIMAL(10,2)>, ts TIMESTAMP");
  RelationOptions options;
  options.with_file_metadata = true;
  const std::string relation = Must(RelationSql(path_, Metadata(schema), {}, options));
  Schema expected = schema;
  expected.push_back({"_metadata", FileMetadataType(), true, ""});
  EXPECT_EQ(ToString(Must(connection_.Describe(relation))), ToString(expected));
  EXPECT_TRUE(Rows(relation).empty());
}

TEST_F(RelationTest, FilesOfAnOlderSchemaGiveNullAndWidenedTypes) {
  const Schema old_schema =
      Columns("a INT, s STRUCT<x: INT>, l ARRAY<STRUCT<x: INT>>, gone STRING");
  const Schema schema = Columns(
      "b STRING, a BIGINT, s STRUCT<y: STRING, x: INT>, l ARRAY<STRUCT<x: INT, y: INT>>, c "
      "TIMESTAMP");
  auto files = Write("SELECT 1, {'x': 2}, [{'x': 3}], 'g'", old_schema).files;
  const auto newer = Write(
      "SELECT 'b', 10, {'y': 'y', 'x': 20}, [{'x': 1, 'y': 2}], TIMESTAMPTZ '2024-01-01 "
      "00:00:00+00'",
      schema);
  files.push_back(newer.files[0]);
  for (int order = 0; order < 2; ++order) {
    const std::string relation = Must(RelationSql(path_, Metadata(schema), files));
    EXPECT_EQ(ToString(Must(connection_.Describe(relation))), ToString(schema));
    EXPECT_EQ(Rows(relation + " ORDER BY a"),
              (std::vector<std::string>{
                  "NULL|1|{'y': NULL, 'x': 2}|[{'x': 3, 'y': NULL}]|NULL",
                  "b|10|{'y': y, 'x': 20}|[{'x': 1, 'y': 2}]|2024-01-01 00:00:00+00"}));
    EXPECT_EQ(Row("SELECT count(*) FROM (" + relation + ") WHERE c IS NULL AND a < 5"), "1");
    std::swap(files[0], files[1]);
  }
}

TEST_F(RelationTest, MetadataTellsTheFileOfEachRow) {
  const Schema schema = Columns("p INT, a INT");
  WriteOptions partitioned;
  partitioned.partition_columns = {"p"};
  const auto files = Write("SELECT range % 2, range FROM range(4)", schema, partitioned).files;
  ASSERT_EQ(files.size(), 2u);
  RelationOptions options;
  options.with_file_metadata = true;
  const std::string relation = Must(RelationSql(path_, Metadata(schema, {"p"}), files, options));
  const auto& file = files[0].partition_values.at("p") == "0" ? files[0] : files[1];
  const std::string path = DataFilePath(path_, file.path);
  EXPECT_EQ(Rows("SELECT a, _metadata.file_path, _metadata.file_name, _metadata.file_size, "
                 "epoch_ms(_metadata.file_modification_time) FROM (" +
                 relation + ") WHERE p = 0 ORDER BY a"),
            (std::vector<std::string>{"0|" + FileUri(path) + "|" + io::BaseName(path) + "|" +
                                          std::to_string(file.size) + "|1234567",
                                      "2|" + FileUri(path) + "|" + io::BaseName(path) + "|" +
                                          std::to_string(file.size) + "|1234567"}));
}

// With one path and given columns the engine would use one thread.
TEST_F(RelationTest, OneLargeFileIsReadBesideAnEmptyOne) {
  ASSERT_FALSE(duck::EmptyParquetPath().empty());
  EXPECT_EQ(Row("SELECT count(*) FROM read_parquet('" + duck::EmptyParquetPath() + "')"), "0");
  const Schema schema = Columns("n BIGINT, t STRING");
  const auto files = Write("SELECT range, range::VARCHAR FROM range(150000)", schema).files;
  ASSERT_EQ(files.size(), 1u);
  RelationOptions options;
  for (const bool with_metadata : {false, true}) {
    options.with_file_metadata = with_metadata;
    const std::string relation = Must(RelationSql(path_, Metadata(schema), files, options));
    EXPECT_NE(relation.find(duck::EmptyParquetPath()), std::string::npos);
    EXPECT_EQ(Row("SELECT count(*), sum(n), count(t) FROM (" + relation + ")"),
              "150000|11249925000|150000");
  }
  const auto small = Write("SELECT 1, 'a'", schema).files;
  EXPECT_EQ(Must(RelationSql(path_, Metadata(schema), small)).find(duck::EmptyParquetPath()),
            std::string::npos);
}

TEST_F(RelationTest, ManyPartitionsReadLikeFew) {
  const Schema schema = Columns("n INT, p STRING, q INT");
  WriteOptions options;
  options.partition_columns = {"q", "p"};
  const auto files = Write(
                         "SELECT range, CASE WHEN range % 70 > 0 THEN 'p ' || range % 70 END, "
                         "range % 70 FROM range(700)",
                         schema, options)
                         .files;
  ASSERT_EQ(files.size(), 70u);
  for (const bool with_metadata : {false, true}) {
    RelationOptions read;
    read.with_file_metadata = with_metadata;
    const std::string relation =
        Must(RelationSql(path_, Metadata(schema, {"q", "p"}), files, read));
    EXPECT_EQ(
        Row("SELECT count(*), sum(n), count(p), count(DISTINCT p), sum(q) FROM (" + relation + ")"),
        "700|244650|690|69|24150");
    EXPECT_EQ(Row("SELECT min(p), count(*) FROM (" + relation + ") WHERE q = 7 AND n % 70 = 7"),
              "p 7|10");
    Schema expected = schema;
    if (with_metadata) expected.push_back({"_metadata", FileMetadataType(), true, ""});
    EXPECT_EQ(ToString(Must(connection_.Describe(relation))), ToString(expected));
  }
}

TEST_F(RelationTest, ChangeRangeReadsOnlyItsFiles) {
  const Schema schema = Columns("a INT");
  auto all = Write("SELECT 1", schema).files;
  const auto added = Write("SELECT 2", schema).files;
  all.push_back(added[0]);
  RelationOptions options;
  options.files = &added;
  EXPECT_EQ(Row(Must(RelationSql(path_, Metadata(schema), all, options))), "2");
}

TEST_F(RelationTest, DeletionVectorsAreRefusedByName) {
  auto files = Write("SELECT 1", Columns("a INT")).files;
  files[0].deletion_vector = delta::DeletionVector{"u", "", 1, 1, 1};
  const auto relation = RelationSql(path_, Metadata(Columns("a INT")), files);
  ASSERT_FALSE(relation.ok());
  EXPECT_EQ(relation.error().code, "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_NE(relation.error().message.find("deletionVectors"), std::string::npos);
}

TEST_F(RelationTest, OnlyPartitionColumnsIsATable) {
  const Schema schema = Columns("n INT, p INT");
  WriteOptions options;
  options.partition_columns = {"p"};
  const auto files = Write("SELECT range, range % 2 FROM range(10)", schema, options).files;
  EXPECT_EQ(Row("SELECT count(*), sum(p) FROM (" +
                Must(RelationSql(path_, Metadata(schema, {"p"}), files)) + ")"),
            "10|5");
}

TEST(FilePathTest, LogPathsAreEncodedAndUris) {
  EXPECT_EQ(LogPath("/t", "/t/p=a b/é.parquet"), "p=a%20b/%C3%A9.parquet");
  EXPECT_EQ(DataFilePath("/t", "p=a%20b/%C3%A9.parquet"), "/t/p=a b/é.parquet");
  EXPECT_EQ(DataFilePath("/t", "file:///x/a%2520b"), "/x/a%20b");
  EXPECT_EQ(DataFilePath("/t", "file:/x/a"), "/x/a");
  EXPECT_EQ(EscapeGlob("/a[b]*?c"), "/a[[]b][*][?]c");
}

}  // namespace
}  // namespace penstock::lake
