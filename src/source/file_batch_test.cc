#include "source/file_batch.h"

#include <gtest/gtest.h>

namespace penstock::source {
namespace {

std::vector<io::FileInfo> Listed(int count) {
  std::vector<io::FileInfo> files;
  for (int i = 0; i < count; ++i) files.push_back({"/in/" + std::to_string(i), 10, 100 + i});
  return files;
}

std::vector<std::string> Paths(const std::vector<FileEntry>& files) {
  std::vector<std::string> paths;
  for (const FileEntry& file : files) paths.push_back(file.path);
  return paths;
}

TEST(PlanFileBatch, LeavesOutFilesThatWereRead) {
  const auto plan = PlanFileBatch(Listed(3), {{"/in/0", 100}, {"/in/2", 102}}, false, {});
  EXPECT_EQ(Paths(plan.range.files), std::vector<std::string>{"/in/1"});
  EXPECT_TRUE(plan.overwritten.empty());
}

TEST(PlanFileBatch, TakesNoMoreFilesThanAllowedAndCountsTheRest) {
  FileBatchOptions options;
  options.max_files = 2;
  const auto plan = PlanFileBatch(Listed(5), {}, true, options);
  EXPECT_EQ(Paths(plan.range.files), (std::vector<std::string>{"/in/0", "/in/1"}));
  EXPECT_EQ(plan.remaining_files, 3);
  EXPECT_EQ(plan.remaining_bytes, 30);
}

TEST(PlanFileBatch, ReadsAtLeastOneFileWhateverTheByteLimit) {
  FileBatchOptions options;
  options.max_bytes = 1;
  EXPECT_EQ(PlanFileBatch(Listed(3), {}, true, options).range.files.size(), 1u);
  options.max_bytes = 11;
  EXPECT_EQ(PlanFileBatch(Listed(3), {}, true, options).range.files.size(), 2u);
}

TEST(PlanFileBatch, AChangedFileIsReportedOrReadAgainAsTheOptionSays) {
  const std::map<std::string, TimestampMicros> seen = {{"/in/0", 7}};
  auto plan = PlanFileBatch(Listed(1), seen, false, {});
  EXPECT_TRUE(plan.range.files.empty());
  ASSERT_EQ(plan.overwritten.size(), 1u);
  FileBatchOptions options;
  options.allow_overwrites = true;
  plan = PlanFileBatch(Listed(1), seen, false, options);
  EXPECT_EQ(plan.range.files.size(), 1u);
  EXPECT_TRUE(plan.overwritten.empty());
}

TEST(PlanFileBatch, IgnoresWhatLiesThereAtTheFirstStartWhenAskedTo) {
  FileBatchOptions options;
  options.include_existing = false;
  const auto first = PlanFileBatch(Listed(2), {}, true, options);
  EXPECT_TRUE(first.range.files.empty());
  EXPECT_EQ(first.range.ignored.size(), 2u);
  const auto later = PlanFileBatch(Listed(3), {{"/in/0", 100}, {"/in/1", 101}}, false, options);
  EXPECT_EQ(Paths(later.range.files), std::vector<std::string>{"/in/2"});
}

}  // namespace
}  // namespace penstock::source
