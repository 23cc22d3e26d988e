#include "io/lease.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "io/fault_storage.h"
#include "io/lease_record.h"
#include "io/leased_storage.h"
#include "io/temp_folder.h"

namespace penstock::io {
namespace {

constexpr int64_t kSeconds = 4;

class LeaseTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Lease>> Acquire(bool wait = false) {
    return Lease::Acquire(*storage_, folder_.path(), kSeconds, wait);
  }
  std::string Path(int epoch) const {
    return folder_ / ("0000000000000000000" + std::to_string(epoch) + ".json");
  }
  // A lease that was last renewed so long ago.
  void Put(int epoch, const LeaseRecord& record, std::chrono::seconds ago = {}) {
    ASSERT_TRUE(storage_->Write(Path(epoch), EncodeLease(record)).ok());
    std::filesystem::last_write_time(Path(epoch),
                                     std::filesystem::file_time_type::clock::now() - ago);
  }
  LeaseRecord Foreign() const {
    LeaseRecord record = OwnRecord(kSeconds);
    record.machine = "another boot";
    record.host = "elsewhere";
    return record;
  }
  bool Exists(int epoch) { return storage_->Stat(Path(epoch)).value().has_value(); }

  TempFolder folder_;
  std::unique_ptr<Storage> storage_ = NewLocalStorage();
};

// Waits as long as a renewal may take.
template <typename Condition>
bool Becomes(Condition condition) {
  for (int i = 0; i < 100; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

TEST_F(LeaseTest, ASecondHolderIsRefusedUntilTheFirstReleases) {
  auto first = Acquire();
  ASSERT_TRUE(first.ok()) << ToString(first.error());
  EXPECT_TRUE((*first)->Check().ok());
  const auto second = Acquire();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, "LOCKED");
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid())), std::string::npos);
  first->reset();
  EXPECT_TRUE(Acquire().ok());
  EXPECT_FALSE(Exists(1));
  EXPECT_TRUE(Exists(2));
}

TEST_F(LeaseTest, WhoWaitsGetsItWhenItIsReleased) {
  auto first = Acquire();
  ASSERT_TRUE(first.ok());
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    first->reset();
  });
  EXPECT_TRUE(Acquire(/*wait=*/true).ok());
  other.join();
}

TEST_F(LeaseTest, ADeadProcessOfThisMachineHoldsNothing) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  LeaseRecord record = OwnRecord(kSeconds);
  record.process = child;
  record.started = 1;
  Put(1, record);
  EXPECT_TRUE(Acquire().ok());  // not yet waited for, but ended or another one
  waitpid(child, nullptr, 0);
  Put(3, record);
  EXPECT_TRUE(HasDied(record));
  EXPECT_TRUE(Acquire().ok());
}

TEST_F(LeaseTest, ALeaseFromElsewhereIsTakenOverOnlyWhenItsTimeIsOver) {
  Put(1, Foreign(), std::chrono::seconds(kSeconds - 2));
  const auto early = Acquire();
  ASSERT_FALSE(early.ok());
  EXPECT_NE(early.error().message.find("elsewhere"), std::string::npos);
  Put(1, Foreign(), std::chrono::seconds(kSeconds + 3));
  EXPECT_TRUE(Acquire().ok());
  EXPECT_FALSE(Exists(1));
}

TEST_F(LeaseTest, ItIsRenewedBeforeItsTimeIsOver) {
  auto lease = Acquire();
  ASSERT_TRUE(lease.ok());
  const TimestampMicros begin = storage_->Stat(Path(1)).value()->modified;
  EXPECT_TRUE(Becomes([&] { return storage_->Stat(Path(1)).value()->modified > begin; }));
  EXPECT_TRUE((*lease)->Check().ok());
}

TEST_F(LeaseTest, OnceTakenOverItIsLostAndNothingMoreIsWritten) {
  LeasedStorage leased(storage_.get());
  auto lease = Acquire();
  ASSERT_TRUE(lease.ok());
  leased.Watch(lease->get());
  ASSERT_TRUE(leased.Write(folder_ / "a", "1").ok());
  Put(2, Foreign());
  EXPECT_TRUE(Becomes([&] { return !(*lease)->Check().ok(); }));
  EXPECT_EQ((*lease)->Check().error().code, "LEASE_LOST");
  EXPECT_EQ(leased.Write(folder_ / "a", "2").error().code, "LEASE_LOST");
  EXPECT_EQ(leased.PutIfAbsent(folder_ / "b", "2").error().code, "LEASE_LOST");
  EXPECT_EQ(leased.Delete(folder_ / "a").error().code, "LEASE_LOST");
  EXPECT_EQ(leased.Read(folder_ / "a").value(), "1");
  leased.Watch(nullptr);
  lease->reset();
  EXPECT_TRUE(leased.Write(folder_ / "a", "3").ok());
  EXPECT_FALSE(DecodeLease(storage_->Read(Path(2)).value(), "").value().released);
}

TEST_F(LeaseTest, AHolderThatCannotRenewStopsBeforeOthersMayTakeIt) {
  FaultStorage faulty(storage_.get(), 4, FaultStorage::Torn::kBefore);
  auto lease = Lease::Acquire(faulty, folder_.path(), kSeconds, false);
  ASSERT_TRUE(lease.ok()) << ToString(lease.error());
  EXPECT_TRUE((*lease)->Check().ok());
  EXPECT_TRUE(Becomes([&] { return !(*lease)->Check().ok(); }));
  EXPECT_NE((*lease)->Check().error().message.find("could not be renewed"), std::string::npos);
  EXPECT_FALSE(Acquire().ok());  // this process lives and its time is not over
}

TEST_F(LeaseTest, ALeaseThatCannotBeReadIsNamed) {
  ASSERT_TRUE(storage_->Write(Path(1), "{}").ok());
  EXPECT_EQ(Acquire().error().code, "LEASE_DAMAGED");
  ASSERT_TRUE(storage_->Write(Path(1), "{\"format_version\":2}").ok());
  EXPECT_EQ(Acquire().error().code, "UNSUPPORTED_FORMAT_VERSION");
}

}  // namespace
}  // namespace penstock::io
