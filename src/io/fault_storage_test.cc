#include "io/fault_storage.h"

#include <gtest/gtest.h>

#include <fstream>

#include "io/temp_folder.h"

namespace penstock::io {
namespace {

using Torn = FaultStorage::Torn;

class FaultStorageTest : public ::testing::TestWithParam<Torn> {
 protected:
  FaultStorage FailAt(int64_t operation) { return {base_.get(), operation, GetParam()}; }
  std::string Content(const std::string& name) {
    const auto bytes = base_->Read(folder_ / name);
    return bytes.ok() ? *bytes : "(none)";
  }

  TempFolder folder_;
  std::unique_ptr<Storage> base_ = NewLocalStorage();
};

TEST_P(FaultStorageTest, CountsOnlyWritesAndPassesThemUntilTheChosenOne) {
  FaultStorage storage = FailAt(3);
  EXPECT_TRUE(storage.CreateFolders(folder_ / "d").ok());
  EXPECT_TRUE(storage.Write(folder_ / "d/f", "x").ok());
  EXPECT_TRUE(storage.Read(folder_ / "d/f").ok());
  EXPECT_TRUE(storage.List(folder_ / "d").ok());
  EXPECT_TRUE(storage.Delete(folder_ / "d/f").ok());
  EXPECT_EQ(storage.operations(), 3);
  EXPECT_FALSE(storage.crashed());
  EXPECT_EQ(storage.Write(folder_ / "d/f", "x").error().code, "INJECTED_FAULT");
  EXPECT_TRUE(storage.crashed());
}

TEST_P(FaultStorageTest, EverythingFailsAfterTheCrash) {
  FaultStorage storage = FailAt(0);
  EXPECT_FALSE(storage.Write(folder_ / "f", "x").ok());
  EXPECT_FALSE(storage.Read(folder_ / "f").ok());
  EXPECT_FALSE(storage.Stat(folder_ / "f").ok());
  EXPECT_FALSE(storage.List(folder_.path()).ok());
  EXPECT_FALSE(storage.PutIfAbsent(folder_ / "g", "x").ok());
  EXPECT_EQ(Content("g"), "(none)");
}

TEST_P(FaultStorageTest, AFailedPutIsThereOnlyWhenTheFaultCameAfterIt) {
  FaultStorage storage = FailAt(0);
  EXPECT_FALSE(storage.PutIfAbsent(folder_ / "f", "text").ok());
  EXPECT_EQ(Content("f"), GetParam() == Torn::kAfter ? "text" : "(none)");
}

TEST_P(FaultStorageTest, AnAppendMayLeaveHalfItsBytes) {
  ASSERT_TRUE(base_->Append(folder_ / "f", "ab").ok());
  FaultStorage storage = FailAt(0);
  EXPECT_FALSE(storage.Append(folder_ / "f", "cdef").ok());
  const std::string expected[] = {"ab", "abcd", "abcdef"};
  EXPECT_EQ(Content("f"), expected[static_cast<int>(GetParam())]);
}

TEST_P(FaultStorageTest, AFileThatWasNotSyncedMayBeCutInHalf) {
  std::ofstream(folder_ / "f") << "0123456789";
  FaultStorage storage = FailAt(0);
  EXPECT_FALSE(storage.Sync(folder_ / "f").ok());
  EXPECT_EQ(Content("f"), GetParam() == Torn::kPartly ? "01234" : "0123456789");
}

INSTANTIATE_TEST_SUITE_P(Modes, FaultStorageTest,
                         ::testing::Values(Torn::kBefore, Torn::kPartly, Torn::kAfter));

}  // namespace
}  // namespace penstock::io
