#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <limits>

#include "io/fault_storage.h"
#include "tests/project_fixture.h"

// The machine around an update misbehaves: the disk is full, a file goes away under its hands, the
// clock runs backwards. What the user gets is an error with the cause, and tables that the next
// update completes.
namespace penstock::tests {
namespace {

using Rows = std::vector<std::string>;

constexpr char kPipeline[] = R"sql(
CREATE STREAMING TABLE events (CONSTRAINT positive EXPECT (id > 0) ON VIOLATION QUARANTINE) AS
SELECT id FROM STREAM read_files('{folder}/in', format => 'json', schema => 'id BIGINT',
    maxFilesPerTrigger => 1);
CREATE MATERIALIZED VIEW total AS SELECT count(*) AS n, sum(id) AS s FROM events;
)sql";

void Prepare(ProjectFixture& project) {
  project.settings["penstock.retry.initialSeconds"] = "0";
  project.WriteFile("p.sql", kPipeline);
  project.WriteFile("in/1.json", "{\"id\": 1}\n{\"id\": -1}\n");
  project.WriteFile("in/2.json", "{\"id\": 2}\n");
}

std::string ErrorsOf(const run::UpdateOutcome& outcome) {
  std::string text;
  for (const Error& error : outcome.errors) text += penstock::ToString(error) + "\n";
  return text;
}

void ExpectCompleted(const run::UpdateOutcome& outcome) {
  EXPECT_EQ(ErrorsOf(outcome), "");
  EXPECT_EQ(outcome.state, run::UpdateState::kCompleted);
}

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// From the operation numbered `full_at` on nothing can be written any more; reading goes on.
class FullDisk : public io::FaultStorage {
 public:
  FullDisk(io::Storage* base, int64_t full_at)
      : FaultStorage(base, kNever, Torn::kBefore), full_at_(full_at) {}

  bool met() const { return met_; }

  Status CreateFolders(const std::string& path) override {
    return IsFull() ? NoSpace(path) : FaultStorage::CreateFolders(path);
  }
  Status Write(const std::string& path, std::string_view bytes) override {
    return IsFull() ? NoSpace(path) : FaultStorage::Write(path, bytes);
  }
  Result<io::PutOutcome> PutIfAbsent(const std::string& path, std::string_view bytes) override {
    if (IsFull()) return NoSpace(path);
    return FaultStorage::PutIfAbsent(path, bytes);
  }
  Status Append(const std::string& path, std::string_view bytes) override {
    return IsFull() ? NoSpace(path) : FaultStorage::Append(path, bytes);
  }
  Status Sync(const std::string& path) override {
    return IsFull() ? NoSpace(path) : FaultStorage::Sync(path);
  }

 private:
  bool IsFull() {
    const bool full = operations() >= full_at_;
    met_ = met_ || full;
    return full;
  }
  static Error NoSpace(const std::string& path) {
    return SystemError("DISK_FULL", "cannot write " + path + ": No space left on device",
                       "Free space on that disk and run again.");
  }

  int64_t full_at_;
  std::atomic<bool> met_{false};
};

TEST(Circumstances, AFullDiskIsSaidAndTheNextUpdateCompletesEveryTable) {
  const auto local = io::NewLocalStorage();
  int64_t points = 0;
  for (int64_t at = 0;; at += 3) {
    ProjectFixture project;
    Prepare(project);
    FullDisk disk(local.get(), at);
    const auto outcome = project.Update({}, &disk);
    if (!disk.met()) break;
    ++points;
    // What only saves time later (a checkpoint, tidying up) may fail without a word.
    if (outcome.state != run::UpdateState::kCompleted) {
      EXPECT_NE(ErrorsOf(outcome).find("No space left on device"), std::string::npos)
          << ErrorsOf(outcome);
      EXPECT_NE(ErrorsOf(outcome).find("Free space"), std::string::npos) << ErrorsOf(outcome);
    }
    ExpectCompleted(project.Update());
    EXPECT_EQ(project.Rows("SELECT id FROM events"), (Rows{"1", "2"})) << "full at " << at;
    EXPECT_EQ(project.Rows("SELECT n, s FROM total"), (Rows{"2|3"})) << "full at " << at;
    EXPECT_EQ(project.Rows("SELECT row FROM delta.`" + project.folder() +
                           "/storage/_penstock/quarantine/main/default/events`"),
              (Rows{"{\"id\":-1}"}))
        << "full at " << at;
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(points, 10);
}

// Something happens to the input right after it was listed for a batch.
class ChangingInput : public io::FaultStorage {
 public:
  ChangingInput(io::Storage* base, std::string folder, std::function<void()> change)
      : FaultStorage(base, kNever, Torn::kBefore),
        folder_(std::move(folder)),
        change_(std::move(change)) {}

  // The first listing finds the columns, the second plans the batch.
  Result<std::vector<io::FileInfo>> ListRecursive(const std::string& folder) override {
    auto files = FaultStorage::ListRecursive(folder);
    if (folder == folder_ && ++listings_ == 2) change_();
    return files;
  }

 private:
  std::string folder_;
  std::function<void()> change_;
  int listings_ = 0;
};

run::UpdateOutcome UpdateWhile(ProjectFixture& project, const std::function<void()>& change) {
  const auto local = io::NewLocalStorage();
  ChangingInput input(local.get(), project.folder() + "/in", change);
  return project.Update({}, &input);
}

TEST(Circumstances, AFileThatVanishesAfterListingIsNamedAndTheNextUpdateGoesOnWithoutIt) {
  ProjectFixture project;
  Prepare(project);
  project.settings["pipelines.maxFlowRetryAttempts"] = "0";
  const auto outcome = UpdateWhile(project, [&] { project.RemovePath("in/1.json"); });
  EXPECT_EQ(outcome.state, run::UpdateState::kFailed);
  EXPECT_NE(ErrorsOf(outcome).find(project.folder() + "/in/1.json"), std::string::npos)
      << ErrorsOf(outcome);
  ExpectCompleted(project.Update());
  EXPECT_EQ(project.Rows("SELECT id FROM events"), Rows{"2"});
}

TEST(Circumstances, AFileThatVanishesAfterListingIsLeftOutWhenTheFlowIsTriedAgain) {
  ProjectFixture project;
  Prepare(project);
  ExpectCompleted(UpdateWhile(project, [&] { project.RemovePath("in/1.json"); }));
  EXPECT_EQ(project.Rows("SELECT id FROM events"), Rows{"2"});
}

TEST(Circumstances, AFileThatShrinksAfterListingIsReadAsItIsThen) {
  ProjectFixture project;
  Prepare(project);
  ExpectCompleted(UpdateWhile(project, [&] { project.WriteFile("in/1.json", "{\"id\": 7}\n"); }));
  EXPECT_EQ(project.Rows("SELECT id FROM events"), (Rows{"2", "7"}));
}

TEST(Circumstances, WhatAFileGainsAfterListingIsNotReadHalf) {
  ProjectFixture project;
  Prepare(project);
  ExpectCompleted(
      UpdateWhile(project, [&] { project.WriteFile("in/2.json", "{\"id\": 2}\n{\"id\": 3}\n"); }));
  EXPECT_EQ(project.Rows("SELECT id FROM events"), (Rows{"1", "2"}));
}

// Every look finds an earlier time.
class BackwardClock : public Clock {
 public:
  TimestampMicros Now() override { return now_ -= 60'000'000; }
  void SleepFor(int64_t /*micros*/) override {}

 private:
  std::atomic<TimestampMicros> now_{SystemClock().Now()};
};

TEST(Circumstances, WithAClockThatRunsBackwardsEveryRowIsThereOnceAndVersionsGoUp) {
  ProjectFixture project;
  BackwardClock clock;
  project.clock = &clock;
  Prepare(project);
  ExpectCompleted(project.Update());
  project.WriteFile("in/3.json", "{\"id\": 3}\n{\"id\": -3}\n");
  ExpectCompleted(project.Update());
  ExpectCompleted(project.Update());
  EXPECT_EQ(project.Rows("SELECT id FROM events"), (Rows{"1", "2", "3"}));
  EXPECT_EQ(project.Rows("SELECT n, s FROM total"), Rows{"3|6"});
  EXPECT_EQ(project.Rows("SELECT id FROM events VERSION AS OF 0"), Rows{"1"});
  const std::string log = "delta.`" + project.folder() + "/storage/_penstock/event_log`";
  EXPECT_EQ(
      project.Rows("SELECT count(*) AS n FROM " + log + " WHERE event_type = 'create_update'"),
      Rows{"3"});
  EXPECT_EQ(project.Rows("SELECT count(*) AS n FROM delta.`" + project.folder() +
                         "/storage/_penstock/quarantine/main/default/events`"),
            Rows{"2"});
}

}  // namespace
}  // namespace penstock::tests
