#include "delta/table.h"

#include <gtest/gtest.h>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

using TableTest = DeltaTest;

std::vector<std::string> Paths(const Snapshot& snapshot) {
  std::vector<std::string> paths;
  for (const AddFile& file : snapshot.files()) paths.push_back(file.path);
  return paths;
}

TEST_F(TableTest, AFolderWithoutALogIsNoTable) {
  Table table = Open();
  EXPECT_FALSE(Must(table.Exists()));
  EXPECT_EQ(table.Latest().error().code, "NOT_A_DELTA_TABLE");
}

TEST_F(TableTest, CreatedTableIsReadBackByAnotherReader) {
  Table table = Open();
  const Change change = Create({{"delta.appendOnly", "false"}});
  EXPECT_EQ(MustCommit(table, nullptr, change), 0);
  Table other = Open();
  EXPECT_TRUE(Must(other.Exists()));
  const SnapshotPtr snapshot = Must(other.Latest());
  EXPECT_EQ(snapshot->version(), 0);
  EXPECT_EQ(snapshot->metadata(), *change.metadata);
  EXPECT_EQ(snapshot->protocol(), *change.protocol);
  EXPECT_EQ(snapshot->metadata().schema, TestSchema());
}

TEST_F(TableTest, AppendsAndOverwriteShowTheRightFiles) {
  Table table = Open();
  MustCommit(table, nullptr, Create());
  MustCommit(table, Must(table.Latest()), Append("b.parquet", 3));
  MustCommit(table, Must(table.Latest()), Append("a.parquet", 4));
  const SnapshotPtr before = Must(table.Latest());
  EXPECT_EQ(Paths(*before), (std::vector<std::string>{"a.parquet", "b.parquet"}));
  EXPECT_EQ(before->NumRecords(), 7);
  EXPECT_EQ(before->TotalBytes(), 200);

  Change overwrite = Append("c.parquet", 1);
  overwrite.read_whole_table = true;
  for (const AddFile& file : before->files()) overwrite.removes.push_back(Tombstone(file));
  EXPECT_EQ(MustCommit(table, before, overwrite), 3);
  EXPECT_EQ(Paths(*Must(Open().Latest())), std::vector<std::string>{"c.parquet"});
  EXPECT_EQ(Must(table.Latest())->NumRecords(), 1);
  EXPECT_EQ(Paths(*before).size(), 2u);  // a snapshot does not change
}

}  // namespace
}  // namespace penstock::delta
