#include "delta/checkpoint_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace penstock::delta {
namespace {

SnapshotPtr Version(int64_t version) {
  TableState state;
  state.version = version;
  return std::make_shared<const Snapshot>(std::move(state));
}

TEST(CheckpointThreadTest, OfThoseWantedDuringAWriteOnlyTheNewestIsWritten) {
  std::promise<void> started, go_on;
  std::vector<int64_t> written;
  {
    CheckpointThread thread([&](const SnapshotPtr& snapshot) {
      written.push_back(snapshot->version());
      if (written.size() == 1) {
        started.set_value();
        go_on.get_future().wait();
      }
      return OkStatus();
    });
    EXPECT_TRUE(thread.Want(Version(10)).ok());
    started.get_future().wait();
    for (int64_t version : {20, 30, 40}) EXPECT_TRUE(thread.Want(Version(version)).ok());
    go_on.set_value();
  }
  EXPECT_EQ(written, (std::vector<int64_t>{10, 40}));
}

TEST(CheckpointThreadTest, AFailureIsToldOnceAndTheNextOneIsTried) {
  std::promise<void> failed;
  int writes = 0;
  {
    CheckpointThread thread([&](const SnapshotPtr&) -> Status {
      if (++writes > 1) return OkStatus();
      failed.set_value();
      return SystemError("DISK_FULL", "no space");
    });
    EXPECT_TRUE(thread.Want(Version(10)).ok());
    failed.get_future().wait();
    Status told = thread.Want(Version(20));
    while (told.ok()) told = thread.Want(Version(20));  // until the thread has noted it
    EXPECT_EQ(told.error().code, "DISK_FULL");
    EXPECT_TRUE(thread.Want(Version(30)).ok());
  }
  EXPECT_GE(writes, 2);
}

TEST(CheckpointThreadTest, NothingWantedNothingWritten) {
  CheckpointThread thread([](const SnapshotPtr&) -> Status {
    ADD_FAILURE() << "nobody asked for it";
    return OkStatus();
  });
}

}  // namespace
}  // namespace penstock::delta
