#include "source/offsets.h"

#include <gtest/gtest.h>

#include "io/temp_folder.h"

namespace penstock::source {
namespace {

class OffsetLogTest : public testing::Test {
 protected:
  std::string File(int64_t number) const {
    std::string name = std::to_string(number);
    return folder_.path() + "/offsets/" + std::string(20 - name.size(), '0') + name + ".json";
  }
  Batch FilesBatch(int64_t number) {
    Batch batch;
    batch.number = number;
    batch.ranges["files:/in"] = FilesRange{{{"/in/" + std::to_string(number), 5, number}}, {}};
    batch.ranges["table:a"] = DeltaRange{"id", number - 1, number};
    batch.statics["table:b"] = 3;
    return batch;
  }
  // Writes batches 0..last as a flow would.
  void WriteUpTo(int64_t last) {
    Progress progress;
    for (int64_t number = 0; number <= last; ++number) {
      const Batch batch = FilesBatch(number);
      ASSERT_TRUE(log_.Plan(batch, progress).ok());
      Advance(batch, &progress);
    }
  }

  io::TempFolder folder_;
  std::unique_ptr<io::Storage> storage_ = io::NewLocalStorage();
  OffsetLog log_{storage_.get(), folder_.path() + "/offsets"};
};

TEST(BatchJson, DecodingGivesTheBatchBack) {
  Batch batch;
  batch.number = 7;
  batch.ranges["files:/a b\"'"] = FilesRange{{{"/x\n", 1, 2}}, {{"/y", 3, 4}}};
  batch.ranges["delta:/t"] = DeltaRange{"id", -1, 9};
  batch.statics["table:s"] = 12;
  const auto decoded = BatchFromJson(ToJson(batch));
  ASSERT_TRUE(decoded.ok()) << penstock::ToString(decoded.error());
  EXPECT_EQ(*decoded, batch);
}

TEST(BatchJson, RefusesANewerFormatAndWhatIsNoBatch) {
  Json json = ToJson(Batch{});
  json["format_version"] = 99;
  EXPECT_EQ(BatchFromJson(json).error().code, "UNSUPPORTED_FORMAT_VERSION");
  EXPECT_EQ(BatchFromJson(Json::array()).error().code, "OFFSETS_DAMAGED");
}

TEST_F(OffsetLogTest, ProgressIsTheSumOfAllCommittedBatches) {
  WriteUpTo(120);
  const auto progress = log_.Load(110);
  ASSERT_TRUE(progress.ok()) << penstock::ToString(progress.error());
  EXPECT_EQ(progress->batch, 110);
  EXPECT_EQ(progress->files.at("files:/in").size(), 111u);
  EXPECT_EQ(progress->tables.at("table:a").to, 110);
  EXPECT_EQ(log_.Load(-1)->files.size(), 0u);
}

TEST_F(OffsetLogTest, OldBatchesAreNotNeededOnceRepeated) {
  WriteUpTo(60);
  for (int64_t number = 0; number < 50; ++number) ASSERT_TRUE(storage_->Delete(File(number)).ok());
  EXPECT_EQ(log_.Load(60)->files.at("files:/in").size(), 61u);
}

TEST_F(OffsetLogTest, AMissingOrDamagedBatchIsNamed) {
  WriteUpTo(3);
  ASSERT_TRUE(storage_->Write(File(3), "{").ok());
  EXPECT_EQ(log_.Load(3).error().code, "OFFSETS_DAMAGED");
  ASSERT_TRUE(storage_->Delete(File(2)).ok());
  const auto lost = log_.Load(3);
  EXPECT_EQ(lost.error().code, "OFFSETS_LOST");
  EXPECT_NE(lost.error().message.find("batch 2"), std::string::npos);
}

TEST_F(OffsetLogTest, APlannedBatchCanBeReadAndReplaced) {
  EXPECT_FALSE(log_.Read(0)->has_value());
  ASSERT_TRUE(log_.Plan(FilesBatch(0), {}).ok());
  Batch other = FilesBatch(0);
  other.ranges.erase("table:a");
  ASSERT_TRUE(log_.Replace(other, {}).ok());
  EXPECT_EQ(**log_.Read(0), other);
}

TEST_F(OffsetLogTest, APlanThatAnotherUpdateWroteMeanwhileIsKept) {
  ASSERT_TRUE(log_.Plan(FilesBatch(0), {}).ok());
  EXPECT_TRUE(log_.Plan(FilesBatch(0), {}).ok());
  Batch other = FilesBatch(0);
  other.ranges.erase("table:a");
  EXPECT_EQ(log_.Plan(other, {}).error().code, "BATCH_TAKEN");
  EXPECT_EQ(**log_.Read(0), FilesBatch(0));
}

}  // namespace
}  // namespace penstock::source
