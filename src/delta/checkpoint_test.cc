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

TEST_F(CheckpointTest, OfManyFilesItIsWrittenBesideTheCommitsAndBeforeTheTableEnds) {
  constexpr int kFiles = 1'500;
  {
    Table table = Open();
    MustCommit(table, nullptr, Create({{"delta.checkpointInterval", "2"}}));
    Change many;
    many.info.operation = "WRITE";
    for (int i = 0; i < kFiles; ++i) many.adds.push_back(File("f" + std::to_string(i)));
    MustCommit(table, Must(table.Latest()), many);
    Must(table.CheckpointIfDue());
    MustCommit(table, Must(table.Latest()), Append("last"));
    Must(table.CheckpointIfDue());
  }
  EXPECT_FALSE(Must(storage_->Stat(Checkpoint(1))));
  ASSERT_TRUE(Must(storage_->Stat(Checkpoint(2))));
  const auto hint = DecodeLastCheckpoint(Must(storage_->Read(Log("_last_checkpoint"))));
  ASSERT_TRUE(hint.has_value());
  EXPECT_EQ(hint->version, 2);
  Must(storage_->Delete(Commit(0)));
  EXPECT_EQ(Must(Open().Latest())->NumFiles(), kFiles + 1);
}

TEST_F(CheckpointTest, TheWriterOfTheDueVersionWritesItThoughOthersWereThereSince) {
  Table ours = Open();
  Table theirs = Open();
  MustCommit(ours, nullptr, Create({{"delta.checkpointInterval", "2"}}));
  MustCommit(ours, Must(ours.Latest()), Append("a"));
  EXPECT_EQ(MustCommit(ours, Must(ours.Latest()), Append("b")), 2);
  EXPECT_EQ(MustCommit(theirs, Must(theirs.Latest()), Append("c")), 3);
  Must(theirs.CheckpointIfDue());
  EXPECT_FALSE(Must(storage_->Stat(Checkpoint(3))));
  Must(ours.CheckpointIfDue());
  EXPECT_TRUE(Must(storage_->Stat(Checkpoint(3))));
  Must(storage_->Delete(Checkpoint(3)));
  Must(ours.CheckpointIfDue());
  EXPECT_FALSE(Must(storage_->Stat(Checkpoint(3)))) << "nothing was committed since";
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

TEST_F(CheckpointTest, ACheckpointWithoutAPartIsSteppedOverOrNamed) {
  MakeVersions(5);
  Put(CheckpointPartPath(LogFolder(table_path_), 3, 1, 2), "x");
  ExpectWhole(5);
  for (Version version = 0; version < 4; ++version) Must(storage_->Delete(Commit(version)));
  const auto refused = Open().Latest();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "CORRUPT_CHECKPOINT");
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
  Lines lines;
  FileActions files(Must(table.Latest())->state(), 1'900'000'000'000);
  for (Action action; files.Next(action);) Must(lines.OnAction(action));
  for (const Action& action : Must(DecodeCommit(lines.text, "checkpoint"))) {
    if (const auto* file = std::get_if<AddFile>(&action)) adds.push_back(file->path);
    if (const auto* file = std::get_if<RemoveFile>(&action)) removes.push_back(file->path);
    EXPECT_FALSE(std::holds_alternative<CommitInfo>(action));
  }
  EXPECT_EQ(adds, std::vector<std::string>{"c"});
  EXPECT_EQ(removes, std::vector<std::string>{"b"});
}

TEST(LastCheckpointTest, IsReadBackAsWritten) {
  const LastCheckpoint last{12, 34, 56, std::nullopt, 7, "x.parquet"};
  EXPECT_EQ(DecodeLastCheckpoint(EncodeLastCheckpoint(last)), last);
}

// Checkpoint and target of each plan.
std::vector<std::pair<Version, Version>> Ways(const LogListing& listing,
                                              std::optional<Version> version) {
  std::vector<std::pair<Version, Version>> ways;
  for (const ReplayPlan& plan : PlanReplay(listing, version)) {
    ways.emplace_back(plan.checkpoint.version, plan.to);
  }
  return ways;
}
using Pairs = std::vector<std::pair<Version, Version>>;

TEST(PlanReplayTest, TriesTheNewestCheckpointFirstAndTheCommitsLast) {
  LogListing listing;
  listing.commits = {0, 1, 2, 3, 4, 5, 6};
  listing.checkpoints = {{2, {"a"}}, {4, {"b"}}};
  EXPECT_EQ(Ways(listing, std::nullopt), (Pairs{{4, 6}, {2, 6}, {-1, 6}}));
  EXPECT_EQ(Ways(listing, 3), (Pairs{{2, 3}, {-1, 3}}));
  EXPECT_EQ(Ways(listing, 2), (Pairs{{2, 2}, {-1, 2}}));
  EXPECT_TRUE(PlanReplay(listing, 7).empty());
  EXPECT_EQ(BuildableCommits(listing), listing.commits);
}

TEST(PlanReplayTest, NeverStepsOverAGap) {
  LogListing listing;
  listing.commits = {0, 1, 4, 5};
  listing.checkpoints = {{1, {"a"}}, {3, {"b"}}};
  EXPECT_EQ(Ways(listing, std::nullopt), (Pairs{{3, 5}}));
  EXPECT_EQ(BuildableCommits(listing), (std::vector<Version>{0, 1, 4, 5}));
  listing.checkpoints = {{1, {"a"}}};
  EXPECT_TRUE(PlanReplay(listing, std::nullopt).empty());
  EXPECT_EQ(BuildableCommits(listing), (std::vector<Version>{0, 1}));
  listing.checkpoints = {{9, {"a"}}};
  EXPECT_EQ(Ways(listing, std::nullopt), (Pairs{{9, 9}}));
}

TEST(PlanReplayTest, TakesTheLongestCompactionsThatFit) {
  LogListing listing;
  listing.commits = {0, 1, 2, 3, 4, 5, 6};
  listing.checkpoints = {{1, {"a"}}};
  listing.compactions = {{2, 3}, {2, 5}, {4, 5}, {5, 9}};
  const auto steps = [&](Version version) { return PlanReplay(listing, version).front().steps; };
  EXPECT_EQ(steps(6), (std::vector<CompactedCommits>{{2, 5}, {6, 6}}));
  EXPECT_EQ(steps(4), (std::vector<CompactedCommits>{{2, 3}, {4, 4}}));
  listing.commits = {0, 1, 6};
  EXPECT_EQ(steps(6), (std::vector<CompactedCommits>{{2, 5}, {6, 6}}));
}

}  // namespace
}  // namespace penstock::delta
