#include "delta/log_cleanup.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;

class LogCleanupTest : public DeltaTest {
 protected:
  // Version n is of day n.
  void AddFile(const std::string& path, int64_t day) {
    files_.push_back({path, 1, day * kDayMs * 1000});
  }
  void SetUp() override {
    for (Version version = 0; version <= 9; ++version) AddFile(CommitPath("/l", version), version);
    AddFile(CheckpointPath("/l", 3), 3);
    AddFile(CheckpointPath("/l", 6), 6);
    AddFile(ChecksumPath("/l", 2), 2);
    AddFile(CompactedPath("/l", 2, 5), 5);
    AddFile(CompactedPath("/l", 5, 8), 8);
    AddFile("/l/_last_checkpoint", 0);
    AddFile("/l/_penstock-x.tmp", 0);
  }
  std::vector<std::string> Expired(int64_t day) { return ExpiredLogFiles(files_, day * kDayMs); }

  std::vector<io::FileInfo> files_;
};

TEST_F(LogCleanupTest, AllBeforeTheLastCheckpointThatTheOldestVersionNeedsGoes) {
  EXPECT_TRUE(Expired(2).empty());
  const std::vector<std::string> before_3 = {CommitPath("/l", 0), CommitPath("/l", 1),
                                             CommitPath("/l", 2), ChecksumPath("/l", 2),
                                             CompactedPath("/l", 2, 5)};
  EXPECT_EQ(Expired(3), before_3);
  EXPECT_EQ(Expired(5), before_3);
  EXPECT_EQ(Expired(6).size(), 10u);
  EXPECT_EQ(Expired(60).size(), 10u) << "never more than the newest checkpoint allows";
}

TEST_F(LogCleanupTest, AnIncompleteCheckpointIsNone) {
  AddFile(CheckpointPartPath("/l", 8, 1, 2), 8);
  EXPECT_EQ(Expired(8).size(), 10u);
  AddFile(CheckpointPartPath("/l", 8, 2, 2), 8);
  EXPECT_GT(Expired(8).size(), 10u);
}

TEST_F(LogCleanupTest, CheckpointsThatOnlyShortenTheWayGoAfterTheirRetention) {
  AddFile(CheckpointPath("/l", 8), 8);
  EXPECT_EQ(ExpiredCheckpoints(files_, 2 * kDayMs), std::vector<std::string>{});
  EXPECT_EQ(ExpiredCheckpoints(files_, 5 * kDayMs),
            std::vector<std::string>{CheckpointPath("/l", 3)});
  EXPECT_EQ(ExpiredCheckpoints(files_, 60 * kDayMs),
            (std::vector<std::string>{CheckpointPath("/l", 3), CheckpointPath("/l", 6)}))
      << "never the newest";
}

TEST_F(LogCleanupTest, ACheckpointWithoutWhichAVersionCannotBeBuiltStays) {
  AddFile(CheckpointPath("/l", 8), 8);
  std::erase_if(files_, [](const auto& file) { return file.path == CommitPath("/l", 1); });
  EXPECT_EQ(ExpiredCheckpoints(files_, 60 * kDayMs),
            std::vector<std::string>{CheckpointPath("/l", 6)});
  std::erase_if(files_, [](const auto& file) { return file.path == CommitPath("/l", 5); });
  EXPECT_TRUE(ExpiredCheckpoints(files_, 60 * kDayMs).empty());
}

TEST_F(LogCleanupTest, OneCheckpointEveryThousandCommitsStays) {
  files_.clear();
  for (Version version = 0; version <= 2'500; ++version) {
    AddFile(CommitPath("/l", version), 1);
    if (version % 100 == 0 && version > 0) AddFile(CheckpointPath("/l", version), 1);
  }
  const std::vector<std::string> expired = ExpiredCheckpoints(files_, 9 * kDayMs);
  EXPECT_EQ(expired.size(), 22u);
  for (const Version kept : {1'000, 2'000, 2'500}) {
    EXPECT_EQ(std::count(expired.begin(), expired.end(), CheckpointPath("/l", kept)), 0) << kept;
  }
}

TEST_F(LogCleanupTest, ACommitCountsAsNoOlderThanTheOneBeforeIt) {
  files_[7].modified = 0;
  files_[2].modified = 9 * kDayMs * 1000;
  EXPECT_TRUE(Expired(7).empty());
}

TEST_F(LogCleanupTest, TheLogIsCleanedAfterACheckpointAndStaysReadable) {
  Table table = Open();
  MustCommit(table, nullptr, Create({{"delta.logRetentionDuration", "interval 1 days"}}));
  for (int n = 1; n <= 4; ++n) {
    MustCommit(table, Must(table.Latest()), Append("f" + std::to_string(n)));
  }
  Must(table.WriteCheckpoint(Must(table.At({2, std::nullopt}))));
  EXPECT_TRUE(Must(storage_->Stat(Commit(0)))) << "all is young";
  clock_.Set(SystemClock().Now() / 1000 + 3 * kDayMs);
  Must(table.WriteCheckpoint(Must(table.Latest())));
  for (Version version = 0; version < 4; ++version) {
    EXPECT_FALSE(Must(storage_->Stat(Commit(version)))) << version;
  }
  EXPECT_FALSE(Must(storage_->Stat(Checkpoint(2))));
  EXPECT_TRUE(Must(storage_->Stat(Commit(4))));
  EXPECT_EQ(Must(Open().Latest())->NumFiles(), 4);
}

TEST_F(LogCleanupTest, ATableMayKeepItsLog) {
  Table table = Open();
  MustCommit(table, nullptr,
             Create({{"delta.logRetentionDuration", "interval 1 days"},
                     {"delta.enableExpiredLogCleanup", "false"}}));
  MustCommit(table, Must(table.Latest()), Append("f"));
  clock_.Set(SystemClock().Now() / 1000 + 3 * kDayMs);
  Must(table.WriteCheckpoint(Must(table.Latest())));
  EXPECT_TRUE(Must(storage_->Stat(Commit(0))));
}

TEST_F(LogCleanupTest, ProtectedVersionsGoAllAtOnceOrNotAtAll) {
  std::vector<io::FileInfo> files;
  for (const char* name : {"00000000000000000003.checkpoint.parquet", "00000000000000000003.json",
                           "00000000000000000002.json"}) {
    files.push_back({"/t/_delta_log/" + std::string(name), 1, 1});
  }
  EXPECT_EQ(ExpiredLogFiles(files, kDayMs, 4).size(), 0U);
  EXPECT_EQ(ExpiredLogFiles(files, kDayMs, 3).size(), 1U);
}

TEST_F(LogCleanupTest, SidecarsThatNoCheckpointNamesGoOnceTheyAreOld) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  MustCommit(table, Must(table.Latest()), Append("f"));
  const std::string log = LogFolder(table_path_);
  Put(SidecarPath(log, "orphan.parquet"), "x");
  Put(SidecarPath(log, "named.parquet"), "x");
  Put(log + "/00000000000000000001.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
      EncodeCheckpointLine(Sidecar{"named.parquet", 1, 1}));
  const int64_t now_ms = SystemClock().Now() / 1000;
  const TableState state = Must(table.Latest())->state();
  Must(CleanLog(*storage_, codec_, log, state, now_ms));
  EXPECT_TRUE(Must(storage_->Stat(SidecarPath(log, "orphan.parquet"))));
  Must(CleanLog(*storage_, codec_, log, state, now_ms + 3 * kDayMs));
  EXPECT_FALSE(Must(storage_->Stat(SidecarPath(log, "orphan.parquet"))));
  EXPECT_TRUE(Must(storage_->Stat(SidecarPath(log, "named.parquet"))));
}

}  // namespace
}  // namespace penstock::delta
