#include <gtest/gtest.h>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

class TimeTravelTest : public DeltaTest {
 protected:
  // Version n is made at second 100 + 10 n and has n files.
  void MakeVersions(int count) {
    Table table = Open();
    for (int n = 0; n < count; ++n) {
      clock_.Set((100 + 10 * n) * 1000);
      if (n == 0) {
        MustCommit(table, nullptr, Create());
      } else {
        MustCommit(table, Must(table.Latest()), Append("f" + std::to_string(n)));
      }
      if (n > 0 && n % 4 == 0) Must(table.WriteCheckpoint(Must(table.Latest())));
    }
  }
  Result<SnapshotPtr> AtSecond(double second) {
    return Open().At({std::nullopt, static_cast<int64_t>(second * 1000)});
  }
};

TEST_F(TimeTravelTest, EveryVersionCanBeReadBack) {
  MakeVersions(11);
  Table table = Open();
  for (Version version = 0; version <= 10; ++version) {
    const SnapshotPtr snapshot = Must(table.At({version, std::nullopt}));
    EXPECT_EQ(snapshot->version(), version);
    EXPECT_EQ(snapshot->NumFiles(), version);
    EXPECT_EQ(snapshot->timestamp_ms(), (100 + 10 * version) * 1000);
  }
}

TEST_F(TimeTravelTest, ATimeMeansTheNewestVersionAtOrBeforeIt) {
  MakeVersions(6);
  EXPECT_EQ(Must(AtSecond(100))->version(), 0);
  EXPECT_EQ(Must(AtSecond(119.999))->version(), 1);
  EXPECT_EQ(Must(AtSecond(120))->version(), 2);
  EXPECT_EQ(Must(AtSecond(120))->timestamp_ms(), 120'000);
  EXPECT_EQ(Must(AtSecond(1e6))->version(), 5);
}

TEST_F(TimeTravelTest, OutsideOfTheHistoryTheErrorSaysWhatThereIs) {
  MakeVersions(3);
  const auto early = AtSecond(99);
  ASSERT_FALSE(early.ok());
  EXPECT_EQ(early.error().code, "TIMESTAMP_OUT_OF_RANGE");
  EXPECT_NE(early.error().message.find("00:01:40"), std::string::npos) << early.error().message;
  const auto late = Open().At({7, std::nullopt});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, "VERSION_NOT_FOUND");
  EXPECT_NE(late.error().message.find("0 to 2"), std::string::npos) << late.error().message;
  EXPECT_EQ(Open().At({-1, std::nullopt}).error().code, "VERSION_NOT_FOUND");
}

TEST_F(TimeTravelTest, CleanedAwayVersionsAreNamedAsMissing) {
  MakeVersions(11);
  for (Version version = 0; version <= 5; ++version) {
    Must(storage_->Delete(Commit(version)));
    Must(storage_->Delete(Checkpoint(version)));
  }
  EXPECT_EQ(Must(Open().At({9, std::nullopt}))->NumFiles(), 9);
  const auto gone = Open().At({6, std::nullopt});  // its commit is there, but nothing to start from
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().code, "VERSION_NOT_FOUND");
  EXPECT_NE(gone.error().message.find("8 to 10"), std::string::npos) << gone.error().message;
  EXPECT_EQ(AtSecond(161).error().code, "TIMESTAMP_OUT_OF_RANGE");
  EXPECT_EQ(Must(AtSecond(181))->version(), 8);
}

TEST_F(TimeTravelTest, ForeignCommitsThatGoBackInTimeAreMadeMonotonic) {
  MakeVersions(2);
  Put(Commit(2), R"({"commitInfo":{"timestamp":50000}})");
  Put(Commit(3), R"({"commitInfo":{"timestamp":50000}})");
  EXPECT_EQ(Must(Open().Latest())->timestamp_ms(), 110'002);
  EXPECT_EQ(Must(AtSecond(110.001))->version(), 2);
  EXPECT_EQ(Must(AtSecond(50.0 + 60.002))->version(), 3);
}

TEST_F(TimeTravelTest, ACommitWithoutATimeHasThatOfItsFile) {
  MakeVersions(1);
  Put(Commit(1),
      R"({"add":{"path":"x","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}})");
  const int64_t modified_ms = Must(storage_->Stat(Commit(1)))->modified / 1000;
  EXPECT_EQ(Must(Open().Latest())->timestamp_ms(), modified_ms);
}

}  // namespace
}  // namespace penstock::delta
