#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "delta/delta_fixture.h"

// Proves: writers at once lose nothing, and their commits form one line.
namespace penstock::delta {
namespace {

constexpr int kAppends = 200;

class ConcurrencyTest : public DeltaTest {
 protected:
  void CreateTable() {
    Table table = Open();
    MustCommit(table, nullptr, Create());
  }

  // How many appends did not become commits.
  static int AppendAll(Table& table, const std::string& writer) {
    int failures = 0;
    for (int i = 0; i < kAppends; ++i) {
      const auto base = table.Latest();
      if (!base.ok()) {
        ++failures;
        continue;
      }
      const auto outcome = table.Commit(*base, Batch(writer, i, writer + std::to_string(i)));
      if (!outcome.ok() || !std::holds_alternative<Committed>(*outcome)) ++failures;
    }
    return failures;
  }

  void ExpectAllOnce(int writers) {
    Table table = Open();
    const SnapshotPtr snapshot = Must(table.Latest());
    const int total = writers * kAppends;
    EXPECT_EQ(snapshot->version(), total);
    EXPECT_EQ(snapshot->NumFiles(), total);
    int64_t time = 0;
    for (const CommitEntry& commit : Must(table.Commits(0, total))) {
      ASSERT_EQ(commit.actions.size(), 3u);
      const auto& info = std::get<CommitInfo>(commit.actions[0]);
      EXPECT_GT(info.timestamp_ms, time);
      time = info.timestamp_ms;
    }
    for (int writer = 0; writer < writers; ++writer) {
      EXPECT_EQ(snapshot->TransactionVersion("w" + std::to_string(writer) + "-"), kAppends - 1);
    }
  }
};

TEST_F(ConcurrencyTest, TwoThreadsWithOneTableEachLoseNothing) {
  CreateTable();
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 2; ++writer) {
    threads.emplace_back([this, writer] {
      Table table = Open();
      EXPECT_EQ(AppendAll(table, "w" + std::to_string(writer) + "-"), 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectAllOnce(2);
}

TEST_F(ConcurrencyTest, ThreadsThatShareATableLoseNothing) {
  CreateTable();
  Table table = Open();
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 3; ++writer) {
    threads.emplace_back(
        [&, writer] { EXPECT_EQ(AppendAll(table, "w" + std::to_string(writer) + "-"), 0); });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectAllOnce(3);
}

TEST_F(ConcurrencyTest, TwoProcessesLoseNothing) {
  CreateTable();
  std::vector<pid_t> children;
  for (int writer = 0; writer < 2; ++writer) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Table table = Open();
      ::_exit(AppendAll(table, "w" + std::to_string(writer) + "-") == 0 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  ExpectAllOnce(2);
}

TEST_F(ConcurrencyTest, OneOfManyCreatorsWins) {
  std::vector<std::thread> threads;
  std::atomic<int> created = 0;
  std::atomic<int> conflicted = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      Table table = Open();
      const CommitOutcome outcome = Must(table.Commit(nullptr, Create()));
      if (std::holds_alternative<Committed>(outcome)) ++created;
      if (std::holds_alternative<Conflicted>(outcome)) ++conflicted;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(conflicted, 5);
}

}  // namespace
}  // namespace penstock::delta
