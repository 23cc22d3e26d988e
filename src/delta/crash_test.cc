#include <gtest/gtest.h>

#include "delta/delta_fixture.h"
#include "io/fault_storage.h"

// Proves: stopped at any write and run again, a sequence of commits ends with the table of an
// undisturbed run.
namespace penstock::delta {
namespace {

using Torn = io::FaultStorage::Torn;

constexpr int kSteps = 8;
constexpr char kFlow[] = "flow";

// One step of a writer that finds out from the table how far an earlier life of it came.
Status RunStep(Table& table, int step) {
  ASSIGN_OR_RETURN(const bool exists, table.Exists());
  SnapshotPtr base;
  if (exists) {
    ASSIGN_OR_RETURN(base, table.Latest());
  }
  Change change = Batch(kFlow, step, "f" + std::to_string(step));
  if (!exists) {
    const Change create = Create({{"delta.checkpointInterval", "3"}});
    change.protocol = create.protocol;
    change.metadata = create.metadata;
  }
  if (step == 5) {
    change.read.whole_table = true;
    for (const AddFile& file : base->files()) change.removes.push_back(Tombstone(file));
  }
  ASSIGN_OR_RETURN(const CommitOutcome outcome, table.Commit(base, change));
  if (const auto* conflict = std::get_if<Conflicted>(&outcome)) return InternalError(conflict->why);
  ASSIGN_OR_RETURN(const SnapshotPtr after, table.Latest());
  if (!Table::CheckpointDue(*after, after->version())) return OkStatus();
  return table.WriteCheckpoint(after);
}

Status RunAll(io::Storage* storage, const std::string& path, Clock* clock) {
  JsonCheckpointCodec codec(storage);
  Table table(storage, &codec, path, clock);
  for (int step = 0; step < kSteps; ++step) RETURN_IF_ERROR(RunStep(table, step));
  return OkStatus();
}

class CrashTest : public ::testing::TestWithParam<Torn> {
 protected:
  void ExpectUndisturbed(const std::string& path) {
    JsonCheckpointCodec codec(storage_.get());
    Table table(storage_.get(), &codec, path, &clock_);
    const SnapshotPtr snapshot = Must(table.Latest());
    EXPECT_EQ(snapshot->version(), kSteps - 1);
    EXPECT_EQ(snapshot->TransactionVersion(kFlow), kSteps - 1);
    std::vector<std::string> paths;
    for (const AddFile& file : snapshot->files()) paths.push_back(file.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"f5", "f6", "f7"}));
    const std::vector<CommitEntry> commits = Must(table.Commits(-1, kSteps - 1));
    for (int step = 0; step < kSteps; ++step) {
      EXPECT_EQ(std::get<AddFile>(commits[static_cast<size_t>(step)].actions.back()).path,
                "f" + std::to_string(step));
    }
  }

  io::TempFolder folder_;
  std::unique_ptr<io::Storage> storage_ = io::NewLocalStorage();
  ManualClock clock_;
};

TEST_P(CrashTest, StoppedAtAnyWriteAndRunAgainTheTableIsTheSame) {
  int64_t stop = 0;
  for (bool crashed = true; crashed; ++stop) {
    SCOPED_TRACE("stopped at write " + std::to_string(stop));
    const std::string path = folder_ / std::to_string(stop);
    io::FaultStorage faulty(storage_.get(), stop, GetParam());
    const Status first = RunAll(&faulty, path, &clock_);
    crashed = faulty.crashed();
    EXPECT_EQ(first.ok(), !crashed);
    Must(RunAll(storage_.get(), path, &clock_));
    ExpectUndisturbed(path);
  }
  EXPECT_GT(stop, 15) << "the faults must reach every step";
}

INSTANTIATE_TEST_SUITE_P(Modes, CrashTest,
                         ::testing::Values(Torn::kBefore, Torn::kPartly, Torn::kAfter));

}  // namespace
}  // namespace penstock::delta
