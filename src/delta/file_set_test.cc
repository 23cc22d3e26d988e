#include "delta/file_set.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

std::vector<std::string> Active(const FileSet& files) {
  std::vector<std::string> paths;
  files.ForEach([&](const FileEntry& entry) {
    if (entry.active()) paths.emplace_back(entry.key());
  });
  return paths;
}

TEST(FileSetTest, TheLastWordOnAFileCounts) {
  const FileSet first = FileSet().With({NewFileEntry(File("a", 1)), NewFileEntry(File("b", 2))});
  const FileSet second = first.With({NewFileEntry(Tombstone(File("a")))});
  const FileSet third = second.With({NewFileEntry(File("a", 5))});
  EXPECT_EQ(Active(second), std::vector<std::string>{"b"});
  EXPECT_EQ(Active(third), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(first.num_records(), 3);
  EXPECT_EQ(second.num_records(), 2);
  EXPECT_EQ(third.num_records(), 7);
  EXPECT_EQ(third.total_bytes(), 200);
}

TEST(FileSetTest, SpellingsOfOnePathAreOneFile) {
  const FileSet files = FileSet().With({NewFileEntry(File("p=a%20b/x%25.parquet"))});
  EXPECT_NE(files.Find("p=a b/x%.parquet"), nullptr);
  const FileSet removed = files.With({NewFileEntry(Tombstone(File("p=a%20b/x%25.%70arquet")))});
  EXPECT_EQ(removed.num_active(), 0);
}

TEST(FileSetTest, RecordsAreUnknownAsLongAsOneFileHasNone) {
  AddFile plain = File("b");
  plain.stats = "";
  AddFile broken = File("c");
  broken.stats = "{not json";
  const FileSet some = FileSet().With({NewFileEntry(File("a", 4)), NewFileEntry(plain)});
  EXPECT_EQ(some.num_records(), -1);
  EXPECT_EQ(some.With({NewFileEntry(Tombstone(plain))}).num_records(), 4);
  EXPECT_EQ(FileSet().With({NewFileEntry(broken)}).num_records(), -1);
}

TEST(FileSetTest, SizesThatNoFileHasDoNoHarm) {
  AddFile huge = File("a", INT64_MAX);
  huge.size = INT64_MAX;
  AddFile other = huge;
  other.path = "b";
  const FileSet files = FileSet().With({NewFileEntry(huge), NewFileEntry(other)});
  EXPECT_EQ(files.num_active(), 2);
  EXPECT_EQ(files.With({NewFileEntry(Tombstone(other))}).total_bytes(), INT64_MAX);
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
    std::vector<std::shared_ptr<const FileEntry>> entries;
    for (unsigned i = random() % 6; i > 0; --i) {
      const std::string path = "f" + std::to_string(random() % 150);
      if (random() % 3 == 0) {
        entries.push_back(NewFileEntry(Tombstone(File(path))));
        expected.erase(path);
      } else {
        const int64_t records = random() % 1000;
        entries.push_back(NewFileEntry(File(path, records)));
        expected[path] = records;
      }
    }
    files = files.With(std::move(entries));
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
