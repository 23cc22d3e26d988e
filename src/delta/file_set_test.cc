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
