#include <chrono>
#include <filesystem>
#include <thread>

#include "api/api_fixture.h"

namespace penstock {
namespace {

using When = DeltaMergeClause::When;
using Action = DeltaMergeClause::Action;

TEST_F(DeltaLakeTest, ColumnsOfAWriteGoByNameUnlessByPosition) {
  DeltaTable table = Orders();
  Must(table.Delete(""));
  const DeltaOutcome outcome = Must(table.Write("SELECT 'IT' AS country, 5 AS id"));
  EXPECT_EQ(outcome.version, 3);
  EXPECT_EQ(outcome.metrics.at("numOutputRows"), 1);
  Must(table.Write("VALUES (6, 'PT', 1)", {.by_position = true}));
  EXPECT_EQ(Rows(table.Read()), (Lines{"5|IT|NULL", "6|PT|1.00"}));
}

TEST_F(DeltaLakeTest, AWriteOverwritesAllOrAConditionOrPartitions) {
  DeltaTable table = Orders({.partitioned_by = {"country"}});
  Must(
      table.Write("SELECT 9 AS id, 'DE' AS country", {.mode = DeltaWriteMode::kDynamicPartitions}));
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}})), (Lines{"2", "9"}));
  const DeltaWrite german = {.mode = DeltaWriteMode::kReplaceWhere,
                             .replace_where = "country = 'DE'"};
  EXPECT_EQ(Code(table.Write("SELECT 1 AS id, 'FR' AS country", german)), "REPLACE_WHERE_MISMATCH");
  Must(table.Write("SELECT 8 AS id, 'DE' AS country", german));
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}})), (Lines{"2", "8"}));
  Must(table.Write("SELECT 7 AS id", {.mode = DeltaWriteMode::kOverwrite}));
  EXPECT_EQ(Rows(table.Read()), Lines{"7|NULL|NULL"});
  EXPECT_EQ(Code(table.Write("SELECT 7 AS id", {.mode = DeltaWriteMode::kReplaceWhere})), "USAGE");
  EXPECT_EQ(Code(table.Write("SELECT 7 AS id", {.overwrite_schema = true})), "USAGE");
}

TEST_F(DeltaLakeTest, AWriteChangesTheColumnsWhereItMay) {
  DeltaTable table = Orders();
  const std::string query = "SELECT 4 AS id, true AS paid";
  EXPECT_EQ(Code(table.Write(query)), "SCHEMA_MISMATCH");
  Must(table.Write(query, {.merge_schema = true}));
  EXPECT_EQ(ToString(Must(table.Columns())),
            "id BIGINT, country STRING, total DECIMAL(10,2), paid BOOLEAN");
  Must(table.Write("SELECT 'x' AS name",
                   {.mode = DeltaWriteMode::kOverwrite, .overwrite_schema = true}));
  EXPECT_EQ(ToString(Must(table.Columns())), "name STRING");
  EXPECT_EQ(Rows(table.Read()), Lines{"x"});
  EXPECT_EQ(Rows(table.Read({.where = "country = 'FR'", .at = {.version = 1}})),
            Lines{"2|FR|2.00"});
}

TEST_F(DeltaLakeTest, AWriteWithATransactionHappensOnce) {
  DeltaTable table = Orders();
  const auto batch = [](int64_t number) { return DeltaWrite{.transaction = {{"loader", number}}}; };
  const std::string query = "SELECT 4 AS id, 'ES' AS country";
  EXPECT_EQ(Must(table.Write(query, batch(1))).version, 2);
  EXPECT_EQ(Must(table.Write(query, batch(1))).version, std::nullopt);
  EXPECT_EQ(Must(table.Write(query, batch(0))).version, std::nullopt);
  EXPECT_EQ(Must(table.Write(query, batch(2))).version, 3);
  EXPECT_EQ(Rows(table.Read({.where = "id = 4"})).size(), 2u);
}

TEST_F(DeltaLakeTest, AQueryReadsFilesAndTables) {
  DeltaTable table = Orders();
  const std::string copy = folder_ / "copy";
  DeltaTable other = Must(lake_->CloneTable(path_, copy));
  Must(table.Write("SELECT id + 10 AS id, country FROM delta.`" + copy + "` WHERE id < 3"));
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}, .where = "id > 10"})), (Lines{"11", "12"}));
}

TEST_F(DeltaLakeTest, RowsAreDeletedByACondition) {
  DeltaTable table = Orders();
  const DeltaOutcome outcome = Must(table.Delete("country = 'DE' AND total IS NULL"));
  EXPECT_EQ(outcome.version, 2);
  EXPECT_EQ(outcome.metrics.at("numDeletedRows"), 1);
  EXPECT_EQ(Must(table.Delete("id > 100")).version, std::nullopt);
  Must(table.Delete(""));
  EXPECT_EQ(Rows(table.Read()), Lines{});
}

TEST_F(DeltaLakeTest, RowsAreUpdatedToExpressionsDefaultsAndIntoStructs) {
  DeltaTable table = Create("id BIGINT, s STRUCT<a: INT, b: STRING>, `x.y` INT");
  Must(
      table.Write("VALUES (1, named_struct('a', 1, 'b', 'p'), 1), "
                  "(2, named_struct('a', 2, 'b', 'q'), 2)",
                  {.by_position = true}));
  const DeltaOutcome outcome =
      Must(table.Update({{"s.a", "s.a + 10"}, {"x.y", std::nullopt}}, "target.id = 2"));
  EXPECT_EQ(outcome.metrics.at("numUpdatedRows"), 1);
  EXPECT_EQ(Rows(table.Read()), (Lines{R"(1|{"a":1,"b":"p"}|1)", R"(2|{"a":12,"b":"q"}|NULL)"}));
  EXPECT_EQ(Code(table.Update({})), "USAGE");
  EXPECT_EQ(Code(table.Update({{"id", ""}})), "SQL_SYNTAX");
  EXPECT_FALSE(table.Update({{"absent", "1"}}).ok());
}

TEST_F(DeltaLakeTest, AMergeUpdatesDeletesAndInserts) {
  DeltaTable table = Orders();
  DeltaMerge merge;
  merge.source =
      "SELECT * FROM VALUES (1, 'DE', 9), (3, NULL, NULL), (4, 'ES', 4) AS t(id, country, total)";
  merge.on = "target.id = source.id";
  merge.clauses = {
      {When::kMatched, Action::kDelete, "source.country IS NULL", {}},
      {When::kMatched, Action::kUpdate, "", {{"total", "target.total + source.total"}}},
      {When::kNotMatched, Action::kInsertAll, "", {}},
      {When::kNotMatchedBySource, Action::kUpdate, "total > 1", {{"total", "0"}}},
  };
  const DeltaOutcome outcome = Must(table.Merge(merge));
  EXPECT_EQ(outcome.version, 2);
  EXPECT_EQ(outcome.metrics.at("numTargetRowsUpdated"), 2);
  EXPECT_EQ(outcome.metrics.at("numTargetRowsDeleted"), 1);
  EXPECT_EQ(outcome.metrics.at("numTargetRowsInserted"), 1);
  EXPECT_EQ(Rows(table.Read()), (Lines{"1|DE|10.50", "2|FR|0.00", "4|ES|4.00"}));
}

TEST_F(DeltaLakeTest, AMergeAddsTheColumnsOfItsSourceAndTakesOneRowForEach) {
  DeltaTable table = Orders();
  DeltaMerge merge;
  merge.source = "SELECT 2 AS id, 'FR' AS country, 3 AS total, true AS paid";
  merge.on = "target.id = source.id";
  merge.clauses = {{When::kMatched, Action::kUpdateAll, "", {}},
                   {When::kNotMatched, Action::kInsert, "", {{"id", "source.id"}}}};
  merge.schema_evolution = true;
  Must(table.Merge(merge));
  EXPECT_EQ(Rows(table.Read({.where = "id = 2"})), Lines{"2|FR|3.00|true"});
  merge.source =
      "SELECT * FROM VALUES (1, 'a', 1, true), (1, 'b', 2, true) AS t(id, country, total, paid)";
  EXPECT_EQ(Code(table.Merge(merge)), "MERGE_SEVERAL_SOURCE_ROWS");
  merge.clauses.clear();
  EXPECT_EQ(Code(table.Merge(merge)), "USAGE");
}

TEST_F(DeltaLakeTest, MaintenanceWritesFilesTogetherAndTakesOldOnesAway) {
  DeltaTable table = Orders();
  Must(table.Write("SELECT 4 AS id"));
  const DeltaOutcome outcome = Must(table.Optimize());
  EXPECT_EQ(outcome.version, 3);
  EXPECT_EQ(outcome.metrics.at("numRemovedFiles"), 2);
  EXPECT_EQ(Must(table.Optimize()).version, std::nullopt);
  Must(table.Optimize({"id", "country"}));
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}})), (Lines{"1", "2", "3", "4"}));
  EXPECT_FALSE(table.Optimize({"absent"}).ok());

  EXPECT_EQ(Must(table.Vacuum({}, true)), Lines{});
  EXPECT_EQ(Code(table.Vacuum(0, true)), "RETENTION_TOO_SHORT");
  EXPECT_TRUE(table.Checkpoint().ok());
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}, .at = {.version = 1}})), (Lines{"1", "2", "3"}));
}

TEST_F(DeltaLakeTest, VacuumNamesTheFilesThatItWouldDeleteAndThenDeletesThem) {
  DeltaTable table =
      Orders({.properties = {{"delta.deletedFileRetentionDuration", "interval 0 days"},
                             {"delta.enableDeletionVectors", "false"}}});
  Must(table.Delete(""));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // files of this moment stay
  const Lines files = Must(table.Vacuum(0, true));
  ASSERT_EQ(files.size(), 1u);
  EXPECT_TRUE(files[0].starts_with(path_)) << files[0];
  EXPECT_EQ(Rows(table.Read({.at = {.version = 1}})).size(), 3u);
  EXPECT_EQ(Must(table.Vacuum(0)).size(), 1u);
  EXPECT_EQ(Must(table.Vacuum(0)).size(), 0u);
}

TEST_F(DeltaLakeTest, ATableIsRestoredToAnOlderVersion) {
  DeltaTable table = Orders();
  Must(table.Delete(""));
  const DeltaOutcome outcome = Must(table.Restore({.version = 1}));
  EXPECT_EQ(outcome.version, 3);
  EXPECT_EQ(outcome.metrics.at("numRestoredFiles"), 1);
  EXPECT_EQ(Rows(table.Read()).size(), 3u);
  EXPECT_EQ(Code(table.Restore({.version = 77})), "VERSION_NOT_FOUND");
}

TEST_F(DeltaLakeTest, AFolderOfParquetFilesBecomesATable) {
  Orders();
  const std::filesystem::path loose = folder_ / "loose";
  std::filesystem::create_directories(loose / "day=2026-01-31");
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (entry.path().extension() != ".parquet") continue;
    std::filesystem::copy(entry.path(), loose / "day=2026-01-31" / "a.parquet");
  }
  EXPECT_EQ(Code(lake_->ConvertParquet(loose.string(), Must(ParseSchema("month INT")))),
            "PARTITION_MISMATCH");
  DeltaTable table = Must(lake_->ConvertParquet(loose.string(), Must(ParseSchema("day DATE"))));
  EXPECT_EQ(Must(table.Version()), 0);
  EXPECT_EQ(Rows(table.Read({.columns = {"id", "day"}, .where = "country = 'FR'"})),
            Lines{"2|2026-01-31"});
  EXPECT_EQ(Code(lake_->ConvertParquet(loose.string())), "TABLE_EXISTS");
}

TEST_F(DeltaLakeTest, ACloneSharesFilesAndGoesItsOwnWay) {
  DeltaTable table = Orders();
  Must(table.Write("SELECT 4 AS id"));
  const std::string copy = folder_ / "copy";
  DeltaTable clone = Must(lake_->CloneTable(path_, copy, {.version = 1}));
  EXPECT_EQ(clone.location(), copy);
  EXPECT_EQ(Rows(clone.Read({.columns = {"id"}})), (Lines{"1", "2", "3"}));
  Must(clone.Delete("id = 1"));
  EXPECT_EQ(Rows(clone.Read({.columns = {"id"}})), (Lines{"2", "3"}));
  EXPECT_EQ(Rows(table.Read({.columns = {"id"}})), (Lines{"1", "2", "3", "4"}));
  EXPECT_EQ(Code(lake_->CloneTable(path_, copy)), "TABLE_EXISTS");
  EXPECT_EQ(Code(lake_->CloneTable(folder_ / "none", folder_ / "more")), "NOT_A_DELTA_TABLE");
}

}  // namespace
}  // namespace penstock
