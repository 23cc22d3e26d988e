#include <gtest/gtest.h>

#include <filesystem>

#include "io/fault_storage.h"
#include "tests/project_fixture.h"

// What a request to stop does while an update waits.
namespace penstock::tests {
namespace {

// Asks to stop at the first sleep.
class StoppingClock : public Clock {
 public:
  TimestampMicros Now() override { return SystemClock().Now(); }
  void SleepFor(int64_t micros) override {
    slept += micros;
    stop = 1;
  }

  std::atomic<int64_t> slept{0};
  std::atomic<int> stop{0};
};

// Takes an input file away after its batch was planned and before it is read.
class VanishingInput : public io::FaultStorage {
 public:
  VanishingInput(io::Storage* base, std::string file)
      : FaultStorage(base, INT64_MAX, Torn::kBefore), file_(std::move(file)) {}

  Result<io::PutOutcome> PutIfAbsent(const std::string& path, std::string_view bytes) override {
    if (path.find("/offsets/") != path.npos) std::filesystem::remove(file_);
    return FaultStorage::PutIfAbsent(path, bytes);
  }

 private:
  std::string file_;
};

TEST(Stop, EndsTheWaitBeforeAnotherAttempt) {
  ProjectFixture project;
  project.settings["penstock.retry.initialSeconds"] = "3600";
  project.WriteFile("in/1.json", "{\"id\": 1}\n");
  project.WriteFile("p.sql",
                    "CREATE STREAMING TABLE t AS SELECT id FROM STREAM read_files('{folder}/in', "
                    "format => 'json', schema => 'id INT');");
  const auto local = io::NewLocalStorage();
  VanishingInput storage(local.get(), project.folder() + "/in/1.json");
  StoppingClock clock;
  const auto workspace = project.Open(&storage);
  workspace->clock = &clock;
  run::UpdateOptions options;
  options.stop = &clock.stop;
  const run::UpdateOutcome outcome = run::RunUpdate(*workspace, options);
  EXPECT_EQ(outcome.state, run::UpdateState::kCanceled);
  EXPECT_TRUE(outcome.errors.empty()) << penstock::ToString(outcome.errors[0]);
  ASSERT_EQ(outcome.flows.size(), 1u);
  EXPECT_EQ(outcome.flows[0].status, "STOPPED");
  EXPECT_EQ(outcome.flows[0].reason, "stopped before it was tried again");
  EXPECT_GT(clock.slept, 0);
  EXPECT_LE(clock.slept, 1000000);

  project.WriteFile("in/2.json", "{\"id\": 2}\n");
  EXPECT_EQ(project.Update().state, run::UpdateState::kCompleted);
  EXPECT_EQ(project.Rows("SELECT id FROM t"), std::vector<std::string>{"2"});
}

}  // namespace
}  // namespace penstock::tests
