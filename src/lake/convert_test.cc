#include <gtest/gtest.h>

#include "io/fault_storage.h"
#include "lake/maintenance_fixture.h"

namespace penstock::lake {
namespace {

class ConvertTest : public MaintenanceTest {
 protected:
  void Put(const std::string& name, const std::string& query) {
    const std::string path = path_ + "/" + name;
    ASSERT_TRUE(storage_->CreateFolders(io::ParentPath(path)).ok());
    Must(connection_.CopyToParquet(query, path, "ROW_GROUP_SIZE 2048"));
  }
  Result<OperationResult> Run(const std::string& partition_columns = "") {
    ConvertRequest request;
    if (!partition_columns.empty()) request.partition_columns = Columns(partition_columns);
    return Convert(lake_, *table_, request);
  }
};

TEST_F(ConvertTest, AFolderOfFilesBecomesATableWithoutACopy) {
  Put("a.parquet", "SELECT range AS id, 'n' || range AS name FROM range(5000)");
  Put("deep/b.parquet", "SELECT 5000::BIGINT AS id, NULL::VARCHAR AS name");
  Put("_hidden/c.parquet", "SELECT 1 AS id");
  const OperationResult result = Must(Run());
  EXPECT_EQ(result.version, 0);
  EXPECT_EQ(result.metrics["numConvertedFiles"], 2);
  EXPECT_EQ(Row("SELECT count(*), sum(id), count(name) FROM (" + Sql() + ")"),
            "5001|12502500|5000");
  EXPECT_EQ(Latest()->NumRecords(), 5001);
  const Json stats = Must(ParseJson(Latest()->files().front().stats, "stats"));
  EXPECT_EQ(stats["minValues"]["id"], 0);
  EXPECT_EQ(stats["maxValues"]["id"], 4999);
  EXPECT_EQ(stats["nullCount"]["name"], 0);
  EXPECT_EQ(stats["minValues"]["name"], "n0");
  const Json all_null = Must(ParseJson(Latest()->files().back().stats, "stats"));
  EXPECT_EQ(all_null["nullCount"]["name"], 1);
  EXPECT_FALSE(all_null["minValues"].contains("name"));
  EXPECT_EQ(DataFilesOnDisk(), 2u);
  EXPECT_EQ(Run().error().code, "TABLE_EXISTS");
}

TEST_F(ConvertTest, PartitionValuesComeFromTheFoldersWithTheirTypes) {
  Put("d=2026-01-31/p=a%20b/f.parquet", "SELECT 1 AS id");
  Put("d=2026-02-01/p=__HIVE_DEFAULT_PARTITION__/f.parquet", "SELECT 2 AS id");
  Must(Run("d DATE, p STRING"));
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1|2026-01-31|a b", "2|2026-02-01|NULL"}));
  EXPECT_EQ(Latest()->metadata().partition_columns, (std::vector<std::string>{"d", "p"}));
}

TEST_F(ConvertTest, PartitionColumnsThatDoNotFitTheFoldersAreNamed) {
  Put("d=2026-01-31/f.parquet", "SELECT 1 AS id");
  EXPECT_EQ(Run().error().code, "PARTITION_MISMATCH");
  EXPECT_EQ(Run("d DATE, e STRING").error().code, "PARTITION_MISMATCH");
  const auto wrong = Run("d INT");
  EXPECT_EQ(wrong.error().code, "INVALID_PARTITION_VALUE");
  EXPECT_NE(wrong.error().message.find("d=2026-01-31"), std::string::npos);
  EXPECT_FALSE(Must(table_->Exists()));
  Must(Run("d DATE"));
}

TEST_F(ConvertTest, SchemasAreMergedToTypesThatKeepEveryValue) {
  Put("1.parquet", "SELECT 1::INTEGER AS a, 1.5::FLOAT AS f, {x: 1::INTEGER} AS s");
  Put("2.parquet",
      "SELECT 2::BIGINT AS A, 2.5::DOUBLE AS f, {x: 2::BIGINT, y: 'z'} AS s, true AS extra");
  Must(Run());
  EXPECT_EQ(ToString(Latest()->metadata().schema),
            "a BIGINT, f DOUBLE, s STRUCT<x: BIGINT, y: STRING>, extra BOOLEAN");
}

TEST_F(ConvertTest, TypesThatDoNotFitNameBothFiles) {
  Put("1.parquet", "SELECT 1 AS a");
  Put("2.parquet", "SELECT 'x' AS a");
  const auto result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "INCOMPATIBLE_SCHEMAS");
  EXPECT_NE(result.error().message.find("1.parquet"), std::string::npos);
  EXPECT_NE(result.error().message.find("2.parquet"), std::string::npos);
}

TEST_F(ConvertTest, NamesThatDeltaDoesNotAllowAreRefused) {
  Put("1.parquet", "SELECT 1 AS \"a b\"");
  EXPECT_EQ(Run().error().code, "INVALID_COLUMN_NAME");
}

TEST_F(ConvertTest, AnEmptyFolderIsAnError) { EXPECT_EQ(Run().error().code, "NO_PARQUET_FILES"); }

TEST_F(ConvertTest, StoppedAtAnyWriteThereIsTheTableOrNone) {
  Put("a.parquet", "SELECT 1 AS id");
  bool crashed = true;
  for (int64_t stop = 0; crashed; ++stop) {
    io::FaultStorage faulty(storage_.get(), stop, io::FaultStorage::Torn::kPartly);
    Lake ours = lake_;
    ours.storage = &faulty;
    delta::Table table = OpenWith(&faulty);
    const auto result = Convert(ours, table, {});
    crashed = faulty.crashed();
    if (!Must(table_->Exists())) continue;
    EXPECT_EQ(TableRows(), (std::vector<std::string>{"1"}));
  }
  EXPECT_TRUE(Must(table_->Exists()));
}

}  // namespace
}  // namespace penstock::lake
