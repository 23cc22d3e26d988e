#include "io/s3/storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/text.h"
#include "io/s3/client.h"

// Against the real server that tools/run_tests starts (or tests/python/s3_server.py, which runs the
// program that follows it).
namespace penstock::io::s3 {
namespace {

class S3StorageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("PENSTOCK_TEST_S3") == nullptr) {
      GTEST_SKIP() << "no S3 server: run tools/run_tests, or tests/python/s3_server.py io_test";
    }
    auto settings = ResolveSettings({}, ProcessEnvironment());
    ASSERT_TRUE(settings.ok()) << ToString(settings.error());
    Client client(*settings);
    const Call make{.action = "make", .method = "PUT", .location = {"penstock-io-test", ""}};
    const auto made = client.Send(make, {409});
    ASSERT_TRUE(made.ok()) << ToString(made.error());
    storage_ = NewStorage(*std::move(settings));
    root_ = "s3://penstock-io-test/" + NewUuid();
  }
  void TearDown() override {
    if (!storage_) return;
    EXPECT_TRUE(storage_->DeleteTree(root_).ok());
  }
  std::string Path(const std::string& name) const { return root_ + "/" + name; }
  void Write(const std::string& name, std::string_view bytes) {
    const Status written = storage_->Write(Path(name), bytes);
    ASSERT_TRUE(written.ok()) << ToString(written.error());
  }

  std::unique_ptr<Storage> storage_;
  std::string root_;
};

TEST_F(S3StorageTest, WhatWasWrittenIsReadInWholeAndInRanges) {
  Write("f", "0123456789");
  EXPECT_EQ(storage_->Read(Path("f")).value(), "0123456789");
  EXPECT_EQ(storage_->ReadRange(Path("f"), 2, 3).value(), "234");
  EXPECT_EQ(storage_->ReadRange(Path("f"), 8, 100).value(), "89");
  EXPECT_EQ(storage_->ReadRange(Path("f"), 100, 1).value(), "");
  Write("f", "");
  EXPECT_EQ(storage_->Read(Path("f")).value(), "");
  EXPECT_EQ(storage_->ReadRange(Path("f"), 0, 5).value(), "");
}

TEST_F(S3StorageTest, AListedFileIsReadUnlessItWasReplaced) {
  Write("f", "0123456789");
  FileInfo listed = storage_->List(root_).value().at(0);
  EXPECT_EQ(storage_->ReadListed(listed, 2, 3).value(), "234");
  EXPECT_EQ(storage_->ReadListed(listed, 8, 100).value(), "89");
  EXPECT_EQ(storage_->ReadListed(listed, 10, 1).value(), "");
  Write("f", "01234567890");
  EXPECT_EQ(storage_->ReadListed(listed, 2, 3).error().code, "FILE_CHANGED");
  listed.size = 11;
  listed.modified -= 60'000'000;
  EXPECT_EQ(storage_->ReadListed(listed, 2, 3).error().code, "FILE_CHANGED");
}

TEST_F(S3StorageTest, MissingFilesAreNotFound) {
  const auto read = storage_->Read(Path("none"));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, "NOT_FOUND");
  EXPECT_EQ(storage_->Stat(Path("none")).value(), std::nullopt);
  EXPECT_FALSE(storage_->IsFolder(Path("none")).value());
  EXPECT_TRUE(storage_->List(Path("none")).value().empty());
  EXPECT_TRUE(storage_->Delete(Path("none")).ok());
  const auto bucket = storage_->List("s3://penstock-no-such-bucket/x");
  ASSERT_FALSE(bucket.ok());
  EXPECT_EQ(bucket.error().code, "BUCKET_NOT_FOUND");
}

TEST_F(S3StorageTest, FoldersAreWhatKeysHaveInCommon) {
  for (const char* name : {"t/b.json", "t/a.json", "t/x/1", "t/y/z/2", "tt/3"}) Write(name, "12");
  const auto files = storage_->List(Path("t"));
  ASSERT_TRUE(files.ok()) << ToString(files.error());
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ(files->at(0).path, Path("t/a.json"));
  EXPECT_EQ(files->at(1).path, Path("t/b.json"));
  EXPECT_EQ(files->at(0).size, 2);
  EXPECT_LT(std::abs(files->at(0).modified - SystemClock().Now()), int64_t{120} * 1'000'000);
  EXPECT_EQ(storage_->ListFolders(Path("t")).value(), (std::vector<std::string>{"x", "y"}));
  const auto all = storage_->ListRecursive(Path("t"));
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 4U);
  EXPECT_EQ(all->at(3).path, Path("t/y/z/2"));
  EXPECT_TRUE(storage_->IsFolder(Path("t/y")).value());
  EXPECT_FALSE(storage_->IsFolder(Path("t/a.json")).value());
  const auto info = storage_->Stat(Path("t/a.json"));
  ASSERT_TRUE(info.ok() && info->has_value());
  EXPECT_EQ((*info)->size, 2);
  EXPECT_GT((*info)->modified, 0);
  ASSERT_TRUE(storage_->DeleteTree(Path("t")).ok());
  EXPECT_TRUE(storage_->ListRecursive(Path("t")).value().empty());
  EXPECT_EQ(storage_->Read(Path("tt/3")).value(), "12");
}

TEST_F(S3StorageTest, KeysOfAllKindsAreTakenAsTheyAre) {
  const std::vector<std::string> names = {"d=1/a b",   "d=%20/x%2By", "plus+plus",   "ü/日本.json",
                                          "a&b<c>'\"", "q?x=1#y",     "~(x)!*@:,;$", "tab\tname"};
  for (const std::string& name : names) Write(name, name);
  const auto listed = storage_->ListRecursive(root_);
  ASSERT_TRUE(listed.ok()) << ToString(listed.error());
  std::vector<std::string> expected;
  for (const std::string& name : names) {
    EXPECT_EQ(storage_->Read(Path(name)).value(), name);
    expected.push_back(Path(name));
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> found;
  for (const FileInfo& file : *listed) found.push_back(file.path);
  EXPECT_EQ(found, expected);
  ASSERT_TRUE(storage_->DeleteTree(root_).ok());
  EXPECT_TRUE(storage_->ListRecursive(root_).value().empty());
}

TEST_F(S3StorageTest, ListingGoesOnBeyondOnePage) {
  constexpr int kFiles = 1200;
  std::vector<std::thread> writers;
  std::atomic<int> failed{0};
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = writer; i < kFiles; i += 8) {
        if (!storage_->Write(Path("p/" + std::to_string(10'000 + i)), "x").ok()) ++failed;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  ASSERT_EQ(failed, 0);
  const auto listed = storage_->List(Path("p"));
  ASSERT_TRUE(listed.ok()) << ToString(listed.error());
  ASSERT_EQ(listed->size(), static_cast<size_t>(kFiles));
  for (int i = 0; i < kFiles; ++i) {
    EXPECT_EQ(listed->at(static_cast<size_t>(i)).path, Path("p/" + std::to_string(10'000 + i)));
  }
  ASSERT_TRUE(storage_->DeleteTree(Path("p")).ok());
  EXPECT_TRUE(storage_->List(Path("p")).value().empty());
}

TEST_F(S3StorageTest, LargeFilesGoInParts) {
  std::string bytes(size_t{20} << 20, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 13);
  Write("large", bytes);
  const auto read = storage_->Read(Path("large"));
  ASSERT_TRUE(read.ok()) << ToString(read.error());
  EXPECT_TRUE(*read == bytes);
  EXPECT_EQ(storage_->ReadRange(Path("large"), (8 << 20) - 2, 4).value(),
            bytes.substr((8 << 20) - 2, 4));
}

TEST_F(S3StorageTest, OneOfManyWritersCreatesAFile) {
  for (int round = 0; round < 5; ++round) {
    const std::string path = Path("_delta_log/" + std::to_string(round) + ".json");
    std::atomic<int> created{0};
    std::atomic<int> winner{-1};
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&, writer] {
        const auto put = storage_->PutIfAbsent(path, std::to_string(writer));
        ASSERT_TRUE(put.ok()) << ToString(put.error());
        if (*put == PutOutcome::kCreated) {
          ++created;
          winner = writer;
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(created, 1);
    EXPECT_EQ(storage_->Read(path).value(), std::to_string(winner));
  }
}

TEST_F(S3StorageTest, NothingIsAppendedAndNoBucketDeleted) {
  EXPECT_EQ(storage_->Append(Path("f"), "x").error().code, "NOT_SUPPORTED_BY_STORE");
  EXPECT_EQ(storage_->DeleteTree("s3://penstock-io-test").error().code, "BAD_PATH");
}

}  // namespace
}  // namespace penstock::io::s3
