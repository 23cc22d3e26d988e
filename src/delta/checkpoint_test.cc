#include "delta/checkpoint.h"

#include <gtest/gtest.h>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

class CheckpointTest : public DeltaTest {
 protected:
  // `count` versions, file n added by version n, file 1 removed by the last.
  void MakeVersions(int count) {
    Table table = Open();
    MustCommit(table, nullptr, Create());
    for (int n = 1; n < count; ++n) {
      Change change = Batch("flow", n, "f" + std::to_string(n));
      if (n == count - 1) change.removes = {Tombstone(File("f1"))};
      MustCommit(table, Must(table.Latest()), change);
    }
  }
  void WriteCheckpointAt(Version version) {
    Table table = Open();
    Must(table.WriteCheckpoint(Must(table.At({version, std::nullopt}))));
  }
  void ExpectWhole(int count) {
    const SnapshotPtr snapshot = Must(Open().Latest());
    EXPECT_EQ(snapshot->version(), count - 1);
    EXPECT_EQ(snapshot->NumFiles(), count - 2);
    EXPECT_EQ(snapshot->TransactionVersion("flow"), count - 1);
    EXPECT_EQ(snapshot->metadata().schema, TestSchema());
  }
};

TEST_F(CheckpointTest, IsDueAtEveryInterval) {
  Table table = Open();
  MustCommit(table, nullptr, Create({{"delta.checkpointInterval", "3"}}));
  const SnapshotPtr snapshot = Must(table.Latest());
  EXPECT_FALSE(Table::CheckpointDue(*snapshot, 0));
  EXPECT_FALSE(Table::CheckpointDue(*snapshot, 2));
  EXPECT_TRUE(Table::CheckpointDue(*snapshot, 3));
}

TEST_F(CheckpointTest, AReaderStartsThereWithoutTheOlderCommits) {
  MakeVersions(9);
  WriteCheckpointAt(6);
  for (Version version = 0; version < 6; ++version) Must(storage_->Delete(Commit(version)));
  ExpectWhole(9);
}

TEST_F(CheckpointTest, ABrokenHintOrCheckpointIsSurvived) {
  MakeVersions(9);
  WriteCheckpointAt(3);
  WriteCheckpointAt(6);
  const std::string hint = Log("_last_checkpoint");
  for (const char* text : {"", "{", "{\"version\":-3}", "{\"version\":99,\"size\":1}",
                           "{\"version\":6,\"parts\":4}", "{\"version\":4}", "[]"}) {
    Put(hint, text);
    ExpectWhole(9);
  }
  Must(storage_->Delete(hint));
  ExpectWhole(9);
  Put(Checkpoint(6), "PAR1 and then nothing");
  ExpectWhole(9);  // by the checkpoint before it
  Put(Checkpoint(3), "");
  ExpectWhole(9);  // by the commits alone
  Must(storage_->Delete(Commit(1)));
  EXPECT_FALSE(Open().Latest().ok());
}

TEST_F(CheckpointTest, AStaleHintDoesNotHideNewerCommits) {
  MakeVersions(9);
  WriteCheckpointAt(3);
  const std::string stale = Must(storage_->Read(Log("_last_checkpoint")));
  WriteCheckpointAt(6);
  Put(Log("_last_checkpoint"), stale);
  ExpectWhole(9);
  // Cleaned up to the newer checkpoint, but for the older one: its version is not the newest.
  for (Version version = 0; version < 6; ++version) Must(storage_->Delete(Commit(version)));
  ExpectWhole(9);
}

TEST_F(CheckpointTest, TheHintNeverGoesBack) {
  MakeVersions(9);
  WriteCheckpointAt(6);
  WriteCheckpointAt(3);
  const auto last = DecodeLastCheckpoint(Must(storage_->Read(Log("_last_checkpoint"))));
  ASSERT_TRUE(last);
  EXPECT_EQ(last->version, 6);
  EXPECT_EQ(last->num_adds, 6);
  EXPECT_EQ(last->num_actions, 9);
}

TEST_F(CheckpointTest, NothingElseIsLeftInTheLog) {
  MakeVersions(3);
  WriteCheckpointAt(2);
  EXPECT_EQ(Must(storage_->List(LogFolder(table_path_))).size(), 5u);
}

TEST_F(CheckpointTest, OtherKindsOfCheckpointsAreSteppedOverOrNamed) {
  MakeVersions(5);
  Put(Log("00000000000000000003.checkpoint.0000000001.0000000002.parquet"), "x");
  ExpectWhole(5);
  for (Version version = 0; version < 4; ++version) Must(storage_->Delete(Commit(version)));
  const auto refused = Open().Latest();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "UNSUPPORTED_TABLE_FEATURE");
}

TEST_F(CheckpointTest, HoldsTheStateAndYoungTombstonesOnly) {
  Table table = Open();
  MustCommit(table, nullptr, Create({{"delta.deletedFileRetentionDuration", "interval 1 hour"}}));
  Change add = Append("a");
  add.adds.push_back(File("b"));
  add.adds.push_back(File("c"));
  MustCommit(table, Must(table.Latest()), add);
  clock_.Set(1'900'000'000'000);
  Change remove;
  remove.removes = {Tombstone(File("a")), Tombstone(File("b"))};
  remove.removes[0].deletion_timestamp_ms = 1'900'000'000'000 - 3'600'001;
  MustCommit(table, Must(table.Latest()), remove);
  std::vector<std::string> adds;
  std::vector<std::string> removes;
  for (const Action& action : CheckpointActions(Must(table.Latest())->state(), 1'900'000'000'000)) {
    if (const auto* file = std::get_if<AddFile>(&action)) adds.push_back(file->path);
    if (const auto* file = std::get_if<RemoveFile>(&action)) removes.push_back(file->path);
    EXPECT_FALSE(std::holds_alternative<CommitInfo>(action));
  }
  EXPECT_EQ(adds, std::vector<std::string>{"c"});
  EXPECT_EQ(removes, std::vector<std::string>{"b"});
}

TEST(LastCheckpointTest, IsReadBackAsWritten) {
  const LastCheckpoint last{12, 34, 56, std::nullopt, 7};
  EXPECT_EQ(DecodeLastCheckpoint(EncodeLastCheckpoint(last)), last);
}

TEST(PlanReplayTest, TriesTheNewestCheckpointFirstAndTheCommitsLast) {
  LogListing listing;
  listing.commits = {0, 1, 2, 3, 4, 5, 6};
  listing.checkpoints = {2, 4};
  EXPECT_EQ(PlanReplay(listing, std::nullopt), (std::vector<ReplayPlan>{{4, 6}, {2, 6}, {-1, 6}}));
  EXPECT_EQ(PlanReplay(listing, 3), (std::vector<ReplayPlan>{{2, 3}, {-1, 3}}));
  EXPECT_EQ(PlanReplay(listing, 2), (std::vector<ReplayPlan>{{2, 2}, {-1, 2}}));
  EXPECT_TRUE(PlanReplay(listing, 7).empty());
}

TEST(PlanReplayTest, NeverStepsOverAGap) {
  LogListing listing;
  listing.commits = {0, 1, 4, 5};
  listing.checkpoints = {1, 3};
  EXPECT_EQ(PlanReplay(listing, std::nullopt), (std::vector<ReplayPlan>{{3, 5}}));
  listing.checkpoints = {1};
  EXPECT_TRUE(PlanReplay(listing, std::nullopt).empty());
  listing.checkpoints = {9};
  EXPECT_EQ(PlanReplay(listing, std::nullopt), (std::vector<ReplayPlan>{{9, 9}}));
}

}  // namespace
}  // namespace penstock::delta
