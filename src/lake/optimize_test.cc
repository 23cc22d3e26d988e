#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "io/fault_storage.h"
#include "lake/maintenance_fixture.h"
#include "lake/table_operation.h"

namespace penstock::lake {
namespace {

class OptimizeTest : public MaintenanceTest {
 protected:
  OperationResult Run(const OptimizeRequest& request = {}) {
    return Must(Optimize(lake_, *table_, request));
  }
};

TEST_F(OptimizeTest, SmallFilesBecomeOneAndReadersSeeTheSameRows) {
  CreateTable("id BIGINT, name STRING");
  for (int i = 0; i < 5; ++i)
    Append("SELECT " + std::to_string(i) + ", 'n" + std::to_string(i) + "'");
  const auto before = TableRows();
  const OperationResult result = Run();
  EXPECT_EQ(result.version, 6);
  EXPECT_EQ(Latest()->NumFiles(), 1);
  EXPECT_EQ(TableRows(), before);
  EXPECT_EQ(result.metrics["numFilesAdded"], 1);
  EXPECT_EQ(result.metrics["numFilesRemoved"], 5);
  EXPECT_EQ(result.metrics["filesRemoved"]["totalFiles"], 5);
  const auto commits = Must(table_->Commits(5, 6));
  for (const delta::Action& action : commits.front().actions) {
    if (const auto* add = std::get_if<delta::AddFile>(&action)) {
      EXPECT_FALSE(add->data_change);
    }
    if (const auto* remove = std::get_if<delta::RemoveFile>(&action)) {
      EXPECT_FALSE(remove->data_change);
    }
    if (const auto* info = std::get_if<delta::CommitInfo>(&action)) {
      EXPECT_EQ(info->operation, "OPTIMIZE");
      EXPECT_EQ(info->operation_metrics["numAddedFiles"], "1");
      EXPECT_EQ(info->operation_metrics["numRemovedFiles"], "5");
      EXPECT_EQ(info->is_blind_append, false);
    }
  }
}

TEST_F(OptimizeTest, ATableInOrderGetsNoCommit) {
  CreateTable("id BIGINT");
  EXPECT_EQ(Run().version, std::nullopt);
  Append("SELECT 1");
  EXPECT_EQ(Run().version, std::nullopt);
  Append("SELECT 2");
  EXPECT_EQ(Run().version, 3);
  EXPECT_EQ(Run().version, std::nullopt);
}

TEST_F(OptimizeTest, PartitionsKeepTheirFilesAndValuesApart) {
  CreateTable("id BIGINT, p STRING", {"p"});
  for (int i = 0; i < 3; ++i) {
    Append("SELECT * FROM (VALUES (1, 'a b'), (2, NULL), (3, 'ü/=%')) AS t(id, p)");
  }
  std::set<delta::PartitionValues> before;
  for (const auto& file : Latest()->files()) before.insert(file.partition_values);
  const auto rows = TableRows();
  EXPECT_EQ(Run().metrics["partitionsOptimized"], 3);
  EXPECT_EQ(Latest()->NumFiles(), 3);
  std::set<delta::PartitionValues> after;
  for (const auto& file : Latest()->files()) {
    after.insert(file.partition_values);
    EXPECT_NE(file.path.find("p="), std::string::npos) << file.path;
  }
  EXPECT_EQ(after, before);
  EXPECT_EQ(TableRows(), rows);
}

TEST_F(OptimizeTest, WhereTakesOnlyThosePartitions) {
  CreateTable("id BIGINT, d DATE", {"d"});
  for (int i = 0; i < 2; ++i) {
    Append("SELECT * FROM (VALUES (1, DATE '2026-01-01'), (2, DATE '2026-01-02')) AS t(id, d)");
  }
  OptimizeRequest request;
  request.condition = "d >= DATE '2026-01-02'";
  const OperationResult result = Run(request);
  EXPECT_EQ(result.metrics["numFilesRemoved"], 2);
  EXPECT_EQ(result.metrics["totalConsideredFiles"], 2);
  EXPECT_EQ(Latest()->NumFiles(), 3);
}

TEST_F(OptimizeTest, WhereOverOtherColumnsIsRefused) {
  CreateTable("id BIGINT, p STRING", {"p"});
  Append("SELECT 1, 'a'");
  OptimizeRequest request;
  request.condition = "id = 1";
  const auto result = Optimize(lake_, *table_, request);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "PARTITION_CONDITION");
  EXPECT_NE(result.error().remedy.find("p"), std::string::npos);
}

TEST_F(OptimizeTest, GroupsAreNoLargerThanTheTarget) {
  CreateTable("id BIGINT");
  for (int i = 0; i < 6; ++i) Append("SELECT range FROM range(1000)");
  OptimizeRequest request;
  request.target_file_bytes = Latest()->files().front().size * 5 / 2;
  Run(request);
  EXPECT_EQ(Latest()->NumFiles(), 3);
  EXPECT_EQ(Latest()->NumRecords(), 6000);
}

TEST_F(OptimizeTest, ZorderLaysRowsThatAreAlikeInEachColumnTogether) {
  CreateTable("x BIGINT, y STRING, payload DOUBLE");
  Append(
      "SELECT CASE WHEN range % 97 = 0 THEN NULL ELSE range * 7919 % 100000 END, "
      "'k' || (100000 + range * 104729 % 100000), random() FROM range(100000)");
  const std::string sums = "SELECT count(*), sum(x), count(y), sum(payload)::DECIMAL(18,3) FROM (";
  const auto before = Row(sums + Sql() + ")");
  OptimizeRequest request;
  request.zorder_columns = {"x", "y"};
  Run(request);
  EXPECT_EQ(Row(sums + Sql() + ")"), before);
  // In sixteen parts of a file each column spans a quarter; of rows in no order, everything.
  const std::string parts = SqlWithFile() + ") GROUP BY __penstock_file, __penstock_row // 6250)";
  EXPECT_LT(
      std::stod(Row("SELECT avg(w) FROM (SELECT (max(x) - min(x)) / 100000.0 AS w FROM (" + parts)),
      0.45);
  EXPECT_LT(std::stod(Row("SELECT avg(w) FROM (SELECT (max(y[2:])::INT - min(y[2:])::INT) / "
                          "100000.0 AS w FROM (" +
                          parts)),
            0.45);
}

TEST_F(OptimizeTest, ZorderByAPartitionColumnOrANestedTypeIsRefused) {
  CreateTable("id BIGINT, tags ARRAY<STRING>, p STRING", {"p"});
  Append("SELECT 1, ['a'], 'a'");
  for (const std::string column : {"p", "tags", "nowhere"}) {
    OptimizeRequest request;
    request.zorder_columns = {column};
    const auto result = Optimize(lake_, *table_, request);
    ASSERT_FALSE(result.ok()) << column;
    EXPECT_EQ(result.error().code, "INVALID_ZORDER_BY") << column;
  }
}

TEST_F(OptimizeTest, ZorderTakesEveryOrderedTypeAndFieldsOfStructs) {
  CreateTable(
      "b BOOLEAN, i INT, d DECIMAL(20,4), s STRING, bin BINARY, dt DATE, ts TIMESTAMP, "
      "f DOUBLE, st STRUCT<a: INT, c: STRING>");
  for (int i = 0; i < 2; ++i) {
    Append(
        "SELECT range % 2 = 0, range, range / 3, 'it''s ' || range, encode('b' || range), "
        "DATE '2026-01-01' + range::INT, TIMESTAMPTZ '2026-01-01 00:00:00+00' + INTERVAL (range) "
        "HOUR, "
        "CASE WHEN range % 5 = 0 THEN 'nan' WHEN range % 7 = 0 THEN '-inf' ELSE range::VARCHAR "
        "END::DOUBLE, "
        "{a: range, c: 'x'} FROM range(2000)");
  }
  const auto before = TableRows();
  OptimizeRequest request;
  request.zorder_columns = {"b", "i", "d", "s", "bin", "dt", "ts", "f", "st.a"};
  EXPECT_EQ(Run(request).metrics["numFilesAdded"], 1);
  EXPECT_EQ(TableRows(), before);
}

TEST_F(OptimizeTest, AClusteredTableIsOrderedByItsColumnsAndOnlyNewFilesNextTime) {
  CreateTable("x BIGINT, y BIGINT", {},
              {{"delta.clustering", R"({"clusteringColumns":[["x"],"y"]})"}});
  Append("SELECT range, -range FROM range(100)");
  Run();
  ASSERT_EQ(Latest()->NumFiles(), 1);
  const delta::AddFile first = Latest()->files().front();
  EXPECT_EQ(first.clustering_provider, "penstock");
  EXPECT_EQ(Run().version, std::nullopt);
  OptimizeRequest large;
  large.target_file_bytes = 1000;  // what is clustered is no small file then
  Append("SELECT range, -range FROM range(100)");
  const OperationResult result = Run(large);
  EXPECT_EQ(result.metrics["numFilesRemoved"], 1);
  EXPECT_EQ(result.metrics["totalFilesSkipped"], 1);
  large.full = true;
  EXPECT_EQ(Run(large).metrics["numFilesRemoved"], 2);
}

TEST_F(OptimizeTest, ADomainThatNamesNoColumnIsAnError) {
  CreateTable("x BIGINT", {}, {{"delta.clustering", R"({"clusteringColumns":["gone"]})"}});
  Append("SELECT 1");
  const auto result = Optimize(lake_, *table_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "BAD_CLUSTERING");
}

TEST_F(OptimizeTest, AnAppendMeanwhileDoesNoHarm) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  Append("SELECT 2");
  InterruptingStorage between(storage_.get(), [this] { Append("SELECT 3"); });
  lake_.storage = &between;
  delta::Table theirs = OpenWith(&between);
  Must(Optimize(lake_, theirs, {}));
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(Latest()->NumFiles(), 2);
}

TEST_F(OptimizeTest, FilesThatAnotherCompactionTookAreLeftOut) {
  CreateTable("id BIGINT, p STRING", {"p"});
  for (int i = 0; i < 2; ++i) Append("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(id, p)");
  const auto rows = TableRows();
  InterruptingStorage between(storage_.get(), [this] {
    Lake other = lake_;
    other.storage = storage_.get();
    duck::Connection connection = Must(engine_->Connect());
    other.connection = &connection;
    OptimizeRequest request;
    request.condition = "p = 'a'";
    Must(Optimize(other, *table_, request));
  });
  Lake ours = lake_;
  ours.storage = &between;
  delta::Table theirs = OpenWith(&between);
  const OperationResult result = Must(Optimize(ours, theirs, {}));
  EXPECT_EQ(result.metrics["numFilesRemoved"], 2);
  EXPECT_EQ(Latest()->NumFiles(), 2);
  EXPECT_EQ(TableRows(), rows);
  EXPECT_EQ(DataFilesOnDisk(), 6u) << "what lost the race is deleted";
}

TEST_F(OptimizeTest, StoppedAtAnyWriteTheTableIsWhole) {
  CreateTable("id BIGINT");
  for (int i = 0; i < 3; ++i) Append("SELECT " + std::to_string(i));
  const auto rows = TableRows();
  bool crashed = true;
  int64_t stop = 0;
  for (; crashed && stop < 60; ++stop) {
    SCOPED_TRACE(stop);
    io::FaultStorage faulty(storage_.get(), stop, io::FaultStorage::Torn::kPartly);
    Lake ours = lake_;
    ours.storage = &faulty;
    delta::Table table = OpenWith(&faulty);
    const auto result = Optimize(ours, table, {});
    crashed = faulty.crashed();
    EXPECT_EQ(TableRows(), rows);
  }
  EXPECT_GE(stop, 3);
  Run();
  EXPECT_EQ(TableRows(), rows);
  EXPECT_EQ(Latest()->NumFiles(), 1);
}

}  // namespace
}  // namespace penstock::lake
