#include "base/text.h"
#include "delta/deletion_vector.h"
#include "lake/file_path.h"
#include "lake/lake_fixture.h"

namespace penstock::lake {
namespace {

using RelationTest = LakeTest;

TEST_F(RelationTest, NoFilesIsAnEmptyRelationOfTheTablesTypes) {
  const Schema schema = Columns("a INT, s STRUCT<x: DECIMAL(10,2)>, ts TIMESTAMP");
  RelationOptions options;
  options.with_file_metadata = true;
  const std::string relation = Kept(RelationOfFiles(path_, Metadata(schema), {}, options));
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
    const std::string relation = Kept(RelationOfFiles(path_, Metadata(schema), files));
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
  const std::string relation =
      Kept(RelationOfFiles(path_, Metadata(schema, {"p"}), files, options));
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

TEST_F(RelationTest, OneLargeFileIsReadWhole) {
  const Schema schema = Columns("n BIGINT, t STRING");
  const auto files = Write("SELECT range, range::VARCHAR FROM range(150000)", schema).files;
  ASSERT_EQ(files.size(), 1u);
  RelationOptions options;
  for (const bool with_metadata : {false, true}) {
    options.with_file_metadata = with_metadata;
    const std::string relation = Kept(RelationOfFiles(path_, Metadata(schema), files, options));
    EXPECT_EQ(Row("SELECT count(*), sum(n), count(t) FROM (" + relation + ")"),
              "150000|11249925000|150000");
  }
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
        Kept(RelationOfFiles(path_, Metadata(schema, {"q", "p"}), files, read));
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

TEST_F(RelationTest, RowsThatAVectorDeletesAreNotThere) {
  const Schema schema = Columns("n BIGINT, t STRING");
  auto files = Write("SELECT range, range::VARCHAR FROM range(300000)", schema).files;
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < 300000; row += 3) rows.push_back(row);
  rows.push_back(299999);
  const auto vectors = delta::NewVectorFile({RowSet::Of(rows)}, NewUuid());
  ASSERT_TRUE(storage_->Write(path_ + "/" + vectors.path, vectors.bytes).ok());
  files[0].deletion_vector = vectors.vectors[0];
  RelationOptions options;
  options.with_row_position = true;
  const std::string relation = Kept(RelationOfFiles(path_, Metadata(schema), files, options));
  // The writer is free in the order of rows.
  EXPECT_EQ(Row("SELECT count(*), count(t), min(__penstock_row), max(__penstock_row), "
                "count(*) FILTER (__penstock_row % 3 = 0), sum(__penstock_file) FROM (" +
                relation + ")"),
            "199999|199999|1|299998|0|0");
  EXPECT_EQ(Row("SELECT count(*) FROM (" + relation + ")"), "199999");
  EXPECT_EQ(Row("SELECT count(*) FROM (" + relation +
                ") WHERE n BETWEEN 100 AND 2000000 AND t <> "
                "'5'"),
            Row("SELECT count(*) FROM (SELECT n, t FROM (" + relation + ")) WHERE n + 0 >= 100"));
  const std::string all =
      Kept(RelationOfFiles(path_, Metadata(schema), Write("SELECT 1, 'a'", schema).files, options));
  EXPECT_EQ(Row("SELECT n, t, __penstock_file, __penstock_row FROM (" + all + ")"), "1|a|0|0");
}

TEST_F(RelationTest, AVectorThatCannotBeReadFailsTheQueryByName) {
  auto files = Write("SELECT 1", Columns("a INT")).files;
  files[0].deletion_vector = delta::InlineVector(RowSet::Of({0}));
  files[0].deletion_vector->cardinality = 2;
  const std::string relation = Kept(RelationOfFiles(path_, Metadata(Columns("a INT")), files));
  auto rows = connection_.Query(relation);
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, "BAD_DELETION_VECTOR");
  EXPECT_NE(rows.error().message.find(files[0].path), std::string::npos);
  EXPECT_NE(rows.error().message.find("cardinality is 2"), std::string::npos);
  files[0].deletion_vector = delta::DeletionVector{"p", "/nowhere/v.bin", 1, 40, 6};
  rows = connection_.Query(Kept(RelationOfFiles(path_, Metadata(Columns("a INT")), files)));
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().message.find("/nowhere/v.bin"), std::string::npos);
}

TEST_F(RelationTest, TheFirstRowsInAnOrderHaveTheirOtherColumns) {
  const Schema schema = Columns("id INT, a STRING, b STRING, c DOUBLE");
  const auto files =
      Write("SELECT range, 'a' || range, 'b' || range, range / 2 FROM range(5000)", schema).files;
  const auto relation = Must(RelationOfFiles(path_, Metadata(schema), files));
  EXPECT_EQ(Rows("SELECT * FROM (" + relation.sql + ") ORDER BY id DESC LIMIT 2"),
            (std::vector<std::string>{"4999|a4999|b4999|2499.5", "4998|a4998|b4998|2499.0"}));
}

TEST_F(RelationTest, OnlyPartitionColumnsIsATable) {
  const Schema schema = Columns("n INT, p INT");
  WriteOptions options;
  options.partition_columns = {"p"};
  const auto files = Write("SELECT range, range % 2 FROM range(10)", schema, options).files;
  EXPECT_EQ(Row("SELECT count(*), sum(p) FROM (" +
                Kept(RelationOfFiles(path_, Metadata(schema, {"p"}), files)) + ")"),
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
