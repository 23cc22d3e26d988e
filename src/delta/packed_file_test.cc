#include "delta/packed_file.h"

#include <gtest/gtest.h>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

AddFile FullAdd() {
  AddFile add = File("p=a%20b/x.parquet", 3);
  add.partition_values = {{"p", "a b"}, {"q", std::nullopt}};
  add.size = INT64_MAX;
  add.modification_time_ms = -1;
  add.data_change = false;
  add.deletion_vector = DeletionVector{"u", "ab", 4, 40, 6};
  add.base_row_id = 7;
  add.default_row_commit_version = INT64_MIN;
  add.clustering_provider = "";
  add.tags = {{"k", "v"}, {"l", ""}};
  add.extra = {{"later", {1, "two", nullptr}}};
  return add;
}

RemoveFile FullRemove() {
  RemoveFile remove = Tombstone(FullAdd());
  remove.deletion_timestamp_ms = 99;
  remove.data_change = false;
  remove.deletion_vector = DeletionVector{"i", "abc", std::nullopt, 40, 6};
  remove.base_row_id = 0;
  remove.default_row_commit_version = 3;
  remove.tags = {{"k", "v"}};
  remove.extra = {{"later", 1.5}};
  return remove;
}

TEST(PackedFileTest, UnpacksToWhatWasPacked) {
  FilePack pack;
  for (const AddFile& add : {FullAdd(), File("plain"), AddFile()}) {
    const PackedFile file = pack.Take(pack.Take(add));
    EXPECT_TRUE(file.active());
    EXPECT_EQ(file.path(), add.path);
    EXPECT_EQ(file.Add(), add);
  }
  for (const RemoveFile& remove : {FullRemove(), Tombstone(File("plain")), RemoveFile()}) {
    const PackedFile file = pack.Take(pack.Take(remove));
    EXPECT_FALSE(file.active());
    EXPECT_EQ(file.deletion_timestamp_ms(), remove.deletion_timestamp_ms.value_or(0));
    EXPECT_EQ(file.Remove(), remove);
  }
}

TEST(PackedFileTest, TellsWithoutUnpacking) {
  FilePack pack;
  const PackedFile file = pack.Take(FullAdd());
  EXPECT_EQ(file.key(), "p=a b/x.parquet");
  EXPECT_EQ(file.num_records(), 3);
  EXPECT_EQ(file.size(), INT64_MAX);
  EXPECT_TRUE(file.has_vector());
  EXPECT_TRUE(file.has_extra());
  EXPECT_FALSE(pack.Take(File("plain")).has_extra());
}

TEST(PackedFileTest, NothingOfTheFileBeforeIsLeftWhenMemoryIsReused) {
  FilePack pack;
  const PackedFile files[] = {pack.Take(FullAdd()), pack.Take(File("plain"))};
  AddFile other = FullAdd();
  other.partition_values = {{"p", std::nullopt}, {"r", "1"}, {"s", "2"}};
  AddFile add;
  for (const PackedFile& file : {files[0], files[1], files[0], pack.Take(other), files[0]}) {
    file.Read(&add);
    EXPECT_EQ(add, file.Add());
  }
  EXPECT_EQ(add, FullAdd());
}

TEST(PackedFileTest, TextsOfAnyLengthStayWhereTheyWerePut) {
  FilePack pack;
  std::vector<PackedFile> files;
  for (size_t size : {0u, 1u, 127u, 128u, 5000u, 3u << 20, 10u}) {
    AddFile add = File("f" + std::to_string(size));
    add.stats = std::string(size, 's');
    files.push_back(pack.Take(add));
  }
  EXPECT_EQ(files[0].Add().stats, "");
  EXPECT_EQ(files[3].Add().stats, std::string(128, 's'));
  EXPECT_EQ(files[5].Add().stats.size(), size_t{3} << 20);
  EXPECT_EQ(files[6].path(), "f10");
}

}  // namespace
}  // namespace penstock::delta
