#include <gtest/gtest.h>

#include "lake/compaction_plan.h"
#include "lake/maintenance_fixture.h"

// Files that are written anew for what is in them rather than for their size.
namespace penstock::lake {
namespace {

class OptimizeRewriteTest : public MaintenanceTest {
 protected:
  // A table whose row changes leave deletion vectors.
  void CreateWithVectors(const std::string& columns, std::vector<std::string> partitions = {}) {
    CreateTable(columns, std::move(partitions), {}, {{"delta.enableDeletionVectors", "true"}});
    const auto base = Latest();
    delta::Change change;
    change.info.operation = "UPGRADE PROTOCOL";
    change.protocol = delta::Protocol{3, 7, {"deletionVectors"}, {"deletionVectors"}};
    Commit(base, change);
  }
  void Delete(const std::string& condition) {
    DeleteRequest request;
    request.condition = condition;
    Must(DeleteRows(lake_, *table_, request));
  }
  OperationResult Run(const OptimizeRequest& request = {}) {
    return Must(Optimize(lake_, *table_, request));
  }
  OperationResult Purge() {
    OptimizeRequest request;
    request.purge_only = true;
    return Run(request);
  }
  // Only what must be written anew, whatever its size.
  OperationResult RunOnLargeFiles() {
    OptimizeRequest request;
    request.target_file_bytes = 1000;
    request.min_file_bytes = 1;
    return Run(request);
  }
};

TEST_F(OptimizeRewriteTest, ManyDeletedRowsAreReasonEnoughFewAreNot) {
  CreateWithVectors("id BIGINT");
  Append("SELECT range FROM range(1000)");
  Delete("id < 20");
  ASSERT_TRUE(Latest()->files().front().deletion_vector.has_value());
  EXPECT_EQ(RunOnLargeFiles().version, std::nullopt);
  Delete("id < 60");
  const OperationResult result = RunOnLargeFiles();
  EXPECT_EQ(result.metrics["deletionVectorsRemoved"], 1);
  EXPECT_EQ(Latest()->NumFiles(), 1);
  EXPECT_FALSE(Latest()->files().front().deletion_vector.has_value());
  EXPECT_EQ(Row("SELECT count(*), min(id) FROM (" + Sql() + ")"), "940|60");
  EXPECT_EQ(Latest()->NumRecords(), 940);
}

TEST_F(OptimizeRewriteTest, PurgeTakesEveryVectorAndNothingElse) {
  CreateWithVectors("id BIGINT, p STRING", {"p"});
  Append("SELECT range, 'a' FROM range(1000)");
  Append("SELECT range, 'b' FROM range(1000)");
  Delete("id = 5 AND p = 'a'");
  const auto rows = TableRows();
  const OperationResult result = Purge();
  EXPECT_EQ(result.metrics["numFilesRemoved"], 1);
  EXPECT_EQ(TableRows(), rows);
  EXPECT_EQ(Latest()->state().files.num_vectors(), 0);
  EXPECT_EQ(Purge().version, std::nullopt);
  const auto commits = Must(table_->Commits(Latest()->version() - 1, Latest()->version()));
  EXPECT_EQ(std::get<delta::CommitInfo>(commits.front().actions.front()).operation, "REORG");
}

TEST_F(OptimizeRewriteTest, AFileOfWhichAllRowsAreDeletedGoes) {
  CreateWithVectors("id BIGINT, p STRING", {"p"});
  Append("SELECT range, 'a' FROM range(10)");
  const auto base = Latest();
  delta::Change change;
  change.info.operation = "DELETE";
  Delete("id < 9");
  Delete("id >= 9");
  if (Latest()->NumFiles() > 0) Purge();
  EXPECT_EQ(Latest()->NumFiles(), 0);
  EXPECT_TRUE(TableRows().empty());
}

TEST_F(OptimizeRewriteTest, RowsDeletedMeanwhileStayDeleted) {
  CreateWithVectors("id BIGINT");
  for (int i = 0; i < 3; ++i)
    Append("SELECT " + std::to_string(i * 10) + " + range FROM range(10)");
  InterruptingStorage between(storage_.get(), [this] {
    Lake other = lake_;
    other.storage = storage_.get();
    duck::Connection connection = Must(engine_->Connect());
    other.connection = &connection;
    DeleteRequest request;
    request.condition = "id = 15";
    Must(DeleteRows(other, *table_, request));
  });
  Lake ours = lake_;
  ours.storage = &between;
  delta::Table theirs = OpenWith(&between);
  Must(Optimize(ours, theirs, {}));
  EXPECT_EQ(Row("SELECT count(*), count(*) FILTER (id = 15) FROM (" + Sql() + ")"), "29|0");
  EXPECT_EQ(Latest()->NumFiles(), 1) << "planned again on what the delete left";
}

TEST_F(OptimizeRewriteTest, TwoCompactionsAtOnceLoseNothing) {
  CreateTable("id BIGINT");
  for (int i = 0; i < 4; ++i) Append("SELECT " + std::to_string(i));
  const auto rows = TableRows();
  InterruptingStorage between(storage_.get(), [this] {
    Lake other = lake_;
    other.storage = storage_.get();
    duck::Connection connection = Must(engine_->Connect());
    other.connection = &connection;
    Must(Optimize(other, *table_, {}));
  });
  Lake ours = lake_;
  ours.storage = &between;
  delta::Table theirs = OpenWith(&between);
  EXPECT_EQ(Must(Optimize(ours, theirs, {})).version, std::nullopt);
  EXPECT_EQ(TableRows(), rows);
  EXPECT_EQ(DataFilesOnDisk(), 5u);
}

TEST_F(OptimizeRewriteTest, PurgeTakesFilesWithADroppedColumn) {
  const std::string schema = R"({"type":"struct","fields":[
    {"name":"id","type":"long","nullable":true,"metadata":
      {"delta.columnMapping.id":1,"delta.columnMapping.physicalName":"col-1"}},
    {"name":"gone","type":"string","nullable":true,"metadata":
      {"delta.columnMapping.id":2,"delta.columnMapping.physicalName":"col-2"}}]})";
  delta::Change create;
  create.info.operation = "CREATE TABLE";
  create.metadata = Metadata(Columns("id BIGINT, gone STRING"));
  create.metadata->schema_string = schema;
  create.metadata->configuration = {{"delta.columnMapping.mode", "name"}};
  create.protocol = delta::Protocol{2, 5, {}, {}};
  const auto created = table_->Commit(nullptr, create);
  if (!created.ok()) GTEST_SKIP() << created.error().message;
  const auto append = [&](const std::string& query) {
    const auto base = Latest();
    delta::Change change;
    change.info.operation = "WRITE";
    const WriteOptions options = Must(WriteOptionsOf(base->metadata()));
    change.adds = Must(WriteDataFiles(connection_, *storage_, path_, query, base->metadata().schema,
                                      options, NowMs(lake_)))
                      .files;
    Commit(base, change);
  };
  append("SELECT 1, 'x'");
  const auto base = Latest();
  delta::Change drop;
  drop.info.operation = "DROP COLUMNS";
  drop.metadata = base->metadata();
  drop.metadata->schema = Columns("id BIGINT");
  drop.metadata->schema_string = R"({"type":"struct","fields":[
    {"name":"id","type":"long","nullable":true,"metadata":
      {"delta.columnMapping.id":1,"delta.columnMapping.physicalName":"col-1"}}]})";
  Commit(base, drop);
  append("SELECT 2");
  EXPECT_EQ(Purge().metrics["numFilesRemoved"], 1);
  EXPECT_EQ(Purge().version, std::nullopt);
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1", "2"}));
  Run();
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1", "2"}));
  const Json stats = Must(ParseJson(Latest()->files().front().stats, "stats"));
  EXPECT_EQ(stats["maxValues"]["col-1"], 2);
}

TEST(CompactionPlanTest, SharesAndSizesCountOnlyLiveRows) {
  delta::AddFile file;
  file.size = 1000;
  EXPECT_EQ(DeletedShare(file), 0);
  file.deletion_vector = delta::DeletionVector{"i", "", std::nullopt, 1, 25};
  EXPECT_EQ(DeletedShare(file), 1) << "how many rows there are is not known";
  file.stats = R"({"numRecords":100})";
  EXPECT_EQ(DeletedShare(file), 0.25);
  EXPECT_EQ(LiveBytes(file), 750);
}

}  // namespace
}  // namespace penstock::lake
