#include "source/file_listing.h"

#include <gtest/gtest.h>

#include "io/temp_folder.h"

namespace penstock::source {
namespace {

class FileListingTest : public testing::Test {
 protected:
  void Write(const std::string& name) {
    const std::string path = folder_ / name;
    ASSERT_TRUE(storage_->CreateFolders(io::ParentPath(path)).ok());
    ASSERT_TRUE(storage_->Write(path, "x").ok());
  }
  FileListing List(const std::string& path, const FileOptions& options = {}) {
    auto listing = ListFiles(*storage_, path, options);
    EXPECT_TRUE(listing.ok()) << (listing.ok() ? "" : ToString(listing.error()));
    return listing.ok() ? *listing : FileListing{};
  }
  // Names below the folder, in alphabetical order.
  std::string Names(const std::string& path, const FileOptions& options = {}) {
    std::vector<std::string> names;
    for (const io::FileInfo& file : List(path, options).files) {
      names.push_back(file.path.substr(folder_.path().size() + 1));
    }
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += name + " ";
    return text;
  }

  io::TempFolder folder_;
  std::unique_ptr<io::Storage> storage_ = io::NewLocalStorage();
};

TEST_F(FileListingTest, FoldersAreReadWithWhatLiesBelowAndHiddenNamesAreSkipped) {
  for (const char* name : {"a.json", "b/c.json", "_x.json", ".y.json", "_tmp/z.json"}) Write(name);
  EXPECT_EQ(Names(folder_.path()), "a.json b/c.json ");
  EXPECT_EQ(Names(folder_ / "a.json"), "a.json ");
  EXPECT_EQ(List(folder_.path()).seen, 2);
}

TEST_F(FileListingTest, GlobsChooseFilesAndFolders) {
  for (const char* name : {"a1.json", "a2.csv", "b/c.json", "d/e/f.json"}) Write(name);
  EXPECT_EQ(Names(folder_ / "*.json"), "a1.json ");
  EXPECT_EQ(Names(folder_ / "**/*.json"), "a1.json b/c.json d/e/f.json ");
  EXPECT_EQ(Names(folder_ / "a[1-2].{json,csv}"), "a1.json a2.csv ");
  EXPECT_EQ(Names(folder_ / "{b,d}"), "b/c.json d/e/f.json ");
  EXPECT_EQ(Names(folder_ / "a?.json"), "a1.json ");
  FileOptions filter;
  filter.path_glob_filter = "*.csv";
  EXPECT_EQ(Names(folder_.path(), filter), "a2.csv ");
  EXPECT_EQ(List(folder_.path(), filter).seen, 4);
}

TEST_F(FileListingTest, PartitionFoldersBecomeTypedColumns) {
  Write("d=2024-01-01/k=x/n=5/f.json");
  Write("d=2024-01-02/k=01/n=__HIVE_DEFAULT_PARTITION__/g%20h.json");
  const FileListing listing = List(folder_.path());
  EXPECT_EQ(ToString(listing.partition_columns), "d DATE, k STRING, n INT");
  for (const io::FileInfo& file : listing.files) {
    const auto values = PartitionValuesOf(file.path, listing.partition_columns);
    const bool first = file.path.ends_with("f.json");
    EXPECT_EQ(values[1], first ? "x" : "01");
    EXPECT_EQ(values[2].has_value(), first);
  }
  FileOptions chosen;
  chosen.partition_columns = {"k"};
  EXPECT_EQ(ToString(List(folder_.path(), chosen).partition_columns), "k STRING");
  chosen.recursive_file_lookup = true;
  EXPECT_TRUE(List(folder_.path(), chosen).partition_columns.empty());
}

TEST_F(FileListingTest, FoldersWithLeadingZerosAreText) {
  Write("k=01/f.json");
  EXPECT_EQ(ToString(List(folder_.path()).partition_columns), "k STRING");
}

TEST_F(FileListingTest, WhatIsNotThereIsNamed) {
  for (const std::string& path : {folder_ / "nope", folder_ / "nope/*.json"}) {
    const auto listing = ListFiles(*storage_, path, {});
    ASSERT_FALSE(listing.ok());
    EXPECT_EQ(listing.error().code, "SOURCE_NOT_FOUND");
    EXPECT_NE(listing.error().message.find(folder_ / "nope"), std::string::npos);
  }
  EXPECT_TRUE(List(folder_ / "*.json").files.empty());
}

TEST_F(FileListingTest, ANameThatIsNoUtf8IsRefused) {
  Write("a\xff.json");
  const auto listing = ListFiles(*storage_, folder_.path(), {});
  ASSERT_FALSE(listing.ok());
  EXPECT_EQ(listing.error().code, "FILE_NAME_NOT_UTF8");
  EXPECT_NE(listing.error().message.find("a%FF.json"), std::string::npos);
}

TEST_F(FileListingTest, ModificationTimesFilter) {
  Write("a.json");
  const TimestampMicros modified = List(folder_.path()).files[0].modified;
  FileOptions options;
  options.modified_after = modified;
  EXPECT_TRUE(List(folder_.path(), options).files.empty());
  options.modified_after = modified - 1;
  options.modified_before = modified + 1;
  EXPECT_EQ(List(folder_.path(), options).files.size(), 1u);
}

}  // namespace
}  // namespace penstock::source
