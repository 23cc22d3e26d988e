#include "delta/file_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

std::vector<std::string> Active(const FileSet& files) {
  std::vector<std::string> paths;
  files.ForEach([&](PackedFile file) {
    if (file.active()) paths.emplace_back(file.key());
  });
  return paths;
}

template <typename... Files>
FileChanges Changes(const Files&... files) {
  FileChanges changes;
  (changes.Take(files), ...);
  return changes;
}

TEST(FileSetTest, TheLastWordOnAFileCounts) {
  const FileSet first = FileSet().With(Changes(File("a", 1), File("b", 2)));
  const FileSet second = first.With(Changes(Tombstone(File("a"))));
  const FileSet third = second.With(Changes(File("a", 5)));
  EXPECT_EQ(Active(second), std::vector<std::string>{"b"});
  EXPECT_EQ(Active(third), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(first.num_records(), 3);
  EXPECT_EQ(second.num_records(), 2);
  EXPECT_EQ(third.num_records(), 7);
  EXPECT_EQ(third.total_bytes(), 200);
}

TEST(FileSetTest, SpellingsOfOnePathAreOneFile) {
  const FileSet files = FileSet().With(Changes(File("p=a%20b/x%25.parquet")));
  EXPECT_TRUE(files.Find("p=a b/x%.parquet").has_value());
  const FileSet removed = files.With(Changes(Tombstone(File("p=a%20b/x%25.%70arquet"))));
  EXPECT_EQ(removed.num_active(), 0);
}

TEST(FileSetTest, AnAddStandsOverARemoveOfTheSameCommitWhicheverCameFirst) {
  const AddFile again = File("a", 7);
  for (const FileSet& files : {FileSet().With(Changes(Tombstone(again), File("a", 1), again)),
                               FileSet().With(Changes(File("a", 1), again, Tombstone(again)))}) {
    ASSERT_EQ(files.num_active(), 1);
    EXPECT_EQ(files.num_records(), 7);
  }
}

// Keys that agree for longer than the order looks at once, and one that is another's beginning.
TEST(FileSetTest, FilesThatComeInAnyOrderAreByPath) {
  std::vector<std::string> paths;
  FileChanges changes;
  for (const char* path : {"part-0000000000-b", "part-0000000000-a", "part-", "part-1", "part-0",
                           "part-0000000000-aa", "part-\xff"}) {
    paths.emplace_back(path);
    changes.Take(File(path));
  }
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(Active(FileSet().With(std::move(changes))), paths);
}

TEST(FileSetTest, RecordsAreUnknownAsLongAsOneFileHasNone) {
  AddFile plain = File("b");
  plain.stats = "";
  AddFile broken = File("c");
  broken.stats = "{not json";
  const FileSet some = FileSet().With(Changes(File("a", 4), plain));
  EXPECT_EQ(some.num_records(), -1);
  EXPECT_EQ(some.With(Changes(Tombstone(plain))).num_records(), 4);
  EXPECT_EQ(FileSet().With(Changes(broken)).num_records(), -1);
}

TEST(FileSetTest, SizesThatNoFileHasDoNoHarm) {
  AddFile huge = File("a", INT64_MAX);
  huge.size = INT64_MAX;
  AddFile other = huge;
  other.path = "b";
  const FileSet files = FileSet().With(Changes(huge, other));
  EXPECT_EQ(files.num_active(), 2);
  EXPECT_EQ(files.With(Changes(Tombstone(other))).total_bytes(), INT64_MAX);
}

TEST(FileSetTest, RecordsAreFoundWhereverTheStatisticsHaveThem) {
  AddFile add = File("a");
  for (const auto& [stats, records] : std::vector<std::pair<std::string, std::optional<int64_t>>>{
           {R"({"numRecords":12})", 12},
           {R"({"numRecords":12,"minValues":{"numRecords":3}})", 12},
           {R"({"minValues":{"numRecords":3},"numRecords":12})", 12},
           {R"({ "numRecords" : 12 })", 12},
           {R"({"numRecords":1.5})", std::nullopt},
           {R"({"numRecords":-1})", std::nullopt},
           {R"({"numRecords":12)", std::nullopt},
           {R"({"numRecords":99999999999999999999})", std::nullopt},
           {R"({"minValues":{"numRecords":3}})", std::nullopt}}) {
    add.stats = stats;
    EXPECT_EQ(NumRecords(add), records) << stats;
  }
}

// Property: any sequence of adds and removes gives what a plain map gives.
TEST(FileSetTest, EqualsAMapUnderRandomChanges) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  FileSet files;
  std::map<std::string, int64_t> expected;
  for (int step = 0; step < 400; ++step) {
    FileChanges changes;
    std::map<std::string, int64_t> added;
    for (unsigned i = random() % 6; i > 0; --i) {
      const std::string path = "f" + std::to_string(random() % 150);
      if (random() % 3 == 0) {
        changes.Take(Tombstone(File(path)));
        expected.erase(path);
      } else {
        const int64_t records = random() % 1000;
        changes.Take(File(path, records));
        added[path] = records;
      }
    }
    for (const auto& [path, records] : added) expected[path] = records;
    files = files.With(std::move(changes));
    std::vector<std::string> paths;
    int64_t records = 0;
    for (const auto& [path, count] : expected) {
      paths.push_back(path);
      records += count;
    }
    ASSERT_EQ(Active(files), paths);
    ASSERT_EQ(files.num_active(), static_cast<int64_t>(expected.size()));
    ASSERT_EQ(files.num_records(), records);
  }
}

}  // namespace
}  // namespace penstock::delta
