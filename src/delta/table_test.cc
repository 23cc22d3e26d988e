#include "delta/table.h"

#include <gtest/gtest.h>

#include "delta/delta_fixture.h"
#include "io/fault_storage.h"

namespace penstock::delta {
namespace {

using TableTest = DeltaTest;

std::vector<std::string> Paths(const Snapshot& snapshot) {
  std::vector<std::string> paths;
  for (const AddFile& file : snapshot.files()) paths.push_back(file.path);
  return paths;
}

TEST_F(TableTest, AFolderWithoutALogIsNoTable) {
  Table table = Open();
  EXPECT_FALSE(Must(table.Exists()));
  EXPECT_EQ(table.Latest().error().code, "NOT_A_DELTA_TABLE");
}

TEST_F(TableTest, CreatedTableIsReadBackByAnotherReader) {
  Table table = Open();
  const Change change = Create({{"delta.appendOnly", "false"}});
  EXPECT_EQ(MustCommit(table, nullptr, change), 0);
  Table other = Open();
  EXPECT_TRUE(Must(other.Exists()));
  const SnapshotPtr snapshot = Must(other.Latest());
  EXPECT_EQ(snapshot->version(), 0);
  EXPECT_EQ(snapshot->metadata(), *change.metadata);
  EXPECT_EQ(snapshot->protocol(), *change.protocol);
  EXPECT_EQ(snapshot->metadata().schema, TestSchema());
}

TEST_F(TableTest, AppendsAndOverwriteShowTheRightFiles) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  MustCommit(table, Must(table.Latest()), Append("b.parquet", 3));
  MustCommit(table, Must(table.Latest()), Append("a.parquet", 4));
  const SnapshotPtr before = Must(table.Latest());
  EXPECT_EQ(Paths(*before), (std::vector<std::string>{"a.parquet", "b.parquet"}));
  EXPECT_EQ(before->NumRecords(), 7);
  EXPECT_EQ(before->TotalBytes(), 200);

  Change overwrite = Append("c.parquet", 1);
  overwrite.read.whole_table = true;
  for (const AddFile& file : before->files()) overwrite.removes.push_back(Tombstone(file));
  EXPECT_EQ(MustCommit(table, before, overwrite), 3);
  EXPECT_EQ(Paths(*Must(Open().Latest())), std::vector<std::string>{"c.parquet"});
  EXPECT_EQ(Must(table.Latest())->NumRecords(), 1);
  EXPECT_EQ(Paths(*before).size(), 2u);  // a snapshot does not change
}

TEST_F(TableTest, CommitSaysWhoWhenAndOnWhatItWasBased) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  clock_.Set(1'800'000'000'000);
  Change change = Append("a");
  change.info.operation_parameters = Json{{"mode", "\"Append\""}};
  change.info.operation_metrics = Json{{"numFiles", "1"}};
  MustCommit(table, Must(table.Latest()), change);
  const std::vector<CommitEntry> commits = Must(table.Commits(0, 1));
  ASSERT_EQ(commits.size(), 1u);
  const auto* info = std::get_if<CommitInfo>(&commits[0].actions.front());
  ASSERT_NE(info, nullptr) << "commitInfo comes first";
  EXPECT_EQ(info->timestamp_ms, 1'800'000'000'000);
  EXPECT_EQ(info->engine_info, "Penstock/0.1.0");
  EXPECT_EQ(info->read_version, 0);
  EXPECT_EQ(info->is_blind_append, true);
  EXPECT_EQ(info->operation_parameters, change.info.operation_parameters);
  EXPECT_EQ(info->operation_metrics, change.info.operation_metrics);
  EXPECT_EQ(info->extra.at("txnId").get<std::string>().size(), 36u);
}

TEST_F(TableTest, TimeGoesOnWhenTheClockGoesBack) {
  Table table = Open();
  clock_.Set(2'000'000);
  MustCommit(table, nullptr, Create());
  clock_.Set(1'000'000);
  MustCommit(table, Must(table.Latest()), Append("a"));
  EXPECT_EQ(Must(table.Latest())->timestamp_ms(), 2'000'001);
  EXPECT_EQ(Must(Open().Latest())->timestamp_ms(), 2'000'001);
}

TEST_F(TableTest, ABatchThatIsInTheTableIsNotCommittedTwice) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  const SnapshotPtr before = Must(table.Latest());
  MustCommit(table, before, Batch("flow", 0, "a"));
  // From the old snapshot (the answer was lost), from the new one, and an older batch.
  for (const auto& base : {before, Must(table.Latest())}) {
    const CommitOutcome outcome = Must(table.Commit(base, Batch("flow", 0, "again")));
    ASSERT_TRUE(std::holds_alternative<AlreadyCommitted>(outcome));
    EXPECT_EQ(std::get<AlreadyCommitted>(outcome).version, 1);
  }
  EXPECT_EQ(Must(table.Latest())->version(), 1);
  EXPECT_EQ(Must(table.Latest())->TransactionVersion("flow"), 0);
  EXPECT_EQ(Must(table.Latest())->TransactionVersion("other"), std::nullopt);
}

TEST_F(TableTest, AppendsGoOverForeignCommitsAndOverwritesDoNot) {
  Table ours = Open();
  Table theirs = Open();
  MustCommit(ours, nullptr, Create());
  const SnapshotPtr base = Must(ours.Latest());
  MustCommit(theirs, Must(theirs.Latest()), Append("theirs"));
  EXPECT_EQ(MustCommit(ours, base, Append("ours")), 2);
  EXPECT_EQ(Paths(*Must(ours.Latest())), (std::vector<std::string>{"ours", "theirs"}));
  EXPECT_EQ(std::get<CommitInfo>(Must(ours.Commits(1, 2))[0].actions[0]).read_version, 0);

  Change overwrite = Append("all");
  overwrite.read.whole_table = true;
  const CommitOutcome outcome = Must(ours.Commit(base, overwrite));
  ASSERT_TRUE(std::holds_alternative<Conflicted>(outcome));
  EXPECT_EQ(std::get<Conflicted>(outcome).with, 1);
}

TEST_F(TableTest, CreatingWhatAnotherHasCreatedConflicts) {
  Table ours = Open();
  Table theirs = Open();
  MustCommit(theirs, nullptr, Create());
  EXPECT_TRUE(std::holds_alternative<Conflicted>(Must(ours.Commit(nullptr, Create()))));
  EXPECT_EQ(ours.Commit(nullptr, Append("a")).error().code, "INCOMPLETE_CHANGE");
}

TEST_F(TableTest, MetadataMayChangeWithoutFiles) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  Change change;
  change.info.operation = "CHANGE COLUMNS";
  change.metadata = Must(table.Latest())->metadata();
  change.metadata->schema.push_back(Field{"extra", DataType::Of(TypeId::kDate), true, ""});
  change.metadata->schema_string = SchemaToJson(change.metadata->schema);
  MustCommit(table, Must(table.Latest()), change);
  EXPECT_EQ(Must(Open().Latest())->metadata().schema.size(), 3u);
}

TEST_F(TableTest, AnotherSchemaKeepsWhatIsStoredOfItsColumnsAndRaisesTheProtocol) {
  Table table = Open();
  Change create = Create();
  create.metadata->schema_string =
      R"json({"type":"struct","fields":[{"name":"id","type":"long","nullable":false,"metadata":{}},
      {"name":"name","type":"string","nullable":true,
       "metadata":{"comment":"old","__CHAR_VARCHAR_TYPE_STRING":"varchar(5)"}}]})json";
  MustCommit(table, nullptr, create);

  Schema schema = TestSchema();
  schema[1].comment = "new";
  schema.push_back(Field{"at", DataType::Of(TypeId::kTimestampNtz), true, ""});
  Change change;
  ChangeSchema(*Must(table.Latest()), schema, change);
  MustCommit(table, Must(table.Latest()), change);
  const SnapshotPtr changed = Must(Open().Latest());
  EXPECT_EQ(changed->metadata().schema, schema);
  EXPECT_EQ(changed->metadata().id, create.metadata->id);
  EXPECT_EQ(changed->protocol().reader_features, std::vector<std::string>{"timestampNtz"});
  EXPECT_NE(changed->metadata().schema_string.find("varchar(5)"), std::string::npos);

  schema[1].type = DataType::Of(TypeId::kLong);
  ChangeSchema(*changed, schema, change);
  EXPECT_EQ(change.metadata->schema_string.find("varchar(5)"), std::string::npos);
}

TEST_F(TableTest, ASmallAppendDoesNotListTheLog) {
  class ListCounter : public io::FaultStorage {
   public:
    explicit ListCounter(io::Storage* base) : FaultStorage(base, -1, Torn::kBefore) {}
    Result<std::vector<io::FileInfo>> List(const std::string& folder) override {
      ++lists;
      return FaultStorage::List(folder);
    }
    int lists = 0;
  } counter(storage_.get());
  Table table(&counter, &codec_, table_path_, &clock_);
  MustCommit(table, nullptr, Create());
  counter.lists = 0;
  for (int i = 0; i < 20; ++i) {
    MustCommit(table, Must(table.Latest()), Append("f" + std::to_string(i)));
  }
  EXPECT_EQ(counter.lists, 0);
  Must(table.WriteCheckpoint(Must(table.Latest())));
  Table later(&counter, &codec_, table_path_, &clock_);
  EXPECT_EQ(Must(later.Latest())->NumFiles(), 20);
  EXPECT_EQ(counter.lists, 0);
}

TEST_F(TableTest, AnAppendOnlyTableKeepsItsRows) {
  Table table = Open();
  MustCommit(table, nullptr, Create({{"delta.appendOnly", "true"}}));
  MustCommit(table, Must(table.Latest()), Append("a"));
  Change remove;
  remove.removes = {Tombstone(File("a"))};
  EXPECT_EQ(table.Commit(Must(table.Latest()), remove).error().code, "APPEND_ONLY_TABLE");
  remove.removes[0].data_change = false;
  EXPECT_EQ(MustCommit(table, Must(table.Latest()), remove), 2);
}

TEST_F(TableTest, ATableOfTheFutureIsNeitherReadNorWritten) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  const SnapshotPtr base = Must(table.Latest());
  Put(Commit(1),
      R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["x"],"writerFeatures":["x"]}})");
  EXPECT_EQ(table.Latest().error().code, "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_EQ(table.Commit(base, Append("a")).error().code, "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_EQ(Must(table.At({0, std::nullopt}))->version(), 0);
}

TEST_F(TableTest, ATableThatWasReplacedIsNoticed) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  for (const char* file : {"a", "b", "c"}) MustCommit(table, Must(table.Latest()), Append(file));
  const SnapshotPtr old = Must(table.Latest());
  ASSERT_TRUE(storage_->DeleteTree(table_path_).ok());
  EXPECT_EQ(table.Latest().error().code, "NOT_A_DELTA_TABLE");
  Table other = Open();
  MustCommit(other, nullptr, Create());
  EXPECT_EQ(Must(table.Latest())->version(), 0);
  EXPECT_TRUE(std::holds_alternative<Conflicted>(Must(table.Commit(old, Append("d")))));
  for (const char* file : {"x", "y", "z", "zz"}) {
    MustCommit(other, Must(other.Latest()), Append(file));
  }
  EXPECT_TRUE(std::holds_alternative<Conflicted>(Must(table.Commit(old, Append("d")))));
  EXPECT_EQ(Must(table.Latest())->NumFiles(), 4);
}

TEST_F(TableTest, HistoryIsNewestFirst) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  MustCommit(table, Must(table.Latest()), Append("a"));
  MustCommit(table, Must(table.Latest()), Append("b"));
  const std::vector<CommitEntry> all = Must(table.History(0));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].version, 2);
  EXPECT_EQ(all[2].version, 0);
  EXPECT_EQ(Must(table.History(2)).size(), 2u);
  EXPECT_EQ(table.Commits(0, 3).error().code, "COMMIT_NOT_FOUND");
}

}  // namespace
}  // namespace penstock::delta
