#include "delta/log_path.h"

#include <gtest/gtest.h>

#include "io/storage.h"

namespace penstock::delta {
namespace {

TEST(LogPathTest, NamesOfTheProtocolAreKnown) {
  EXPECT_EQ(ParseLogFileName("00000000000000000007.json"), LogFile(CommitFile{7}));
  EXPECT_EQ(ParseLogFileName("00000000000000000010.checkpoint.parquet"),
            LogFile(SingleCheckpoint{10}));
  EXPECT_EQ(ParseLogFileName("00000000000000000010.checkpoint.0000000001.0000000003.parquet"),
            LogFile(CheckpointPart{10, 1, 3}));
  EXPECT_EQ(
      ParseLogFileName("00000000000000000010.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json"),
      LogFile(UuidCheckpoint{10, true}));
  EXPECT_EQ(ParseLogFileName("00000000000000000004.00000000000000000006.compacted.json"),
            LogFile(CompactedCommits{4, 6}));
  EXPECT_EQ(ParseLogFileName("00000000000000000007.crc"), LogFile(ChecksumFile{7}));
}

TEST(LogPathTest, AnythingElseIsLeftAlone) {
  for (const char* name :
       {"", "_last_checkpoint", "7.json",
        "00000000000000000006.00000000000000000006.compacted.json",
        "00000000000000000010.checkpoint.0000000004.0000000003.parquet",
        "00000000000000000010.checkpoint.x.json", "-0000000000000000007.json",
        "99999999999999999999.json", "00000000000000000007.json.tmp", "0000000000000000000a.json",
        "00000000000000000007.checkpoint", ".00000000000000000007.json.crc"}) {
    EXPECT_EQ(ParseLogFileName(name), LogFile(OtherFile{})) << name;
  }
}

TEST(LogPathTest, ASidecarLiesInItsFolderWhateverItsPathSays) {
  const std::string expected = "/t/_delta_log/_sidecars/a b.parquet";
  for (const char* named : {"a%20b.parquet", "../../a b.parquet", "file:/x/_sidecars/a%20b.parquet",
                            "..%2F..%2Fa b.parquet"}) {
    EXPECT_EQ(SidecarPath("/t/_delta_log", named), expected) << named;
  }
}

TEST(LogPathTest, WrittenNamesAreReadBack) {
  const std::string log = LogFolder("/t");
  EXPECT_EQ(CommitPath(log, 12), "/t/_delta_log/00000000000000000012.json");
  for (const auto& [path, file] : std::vector<std::pair<std::string, LogFile>>{
           {CheckpointPartPath(log, 10, 2, 3), CheckpointPart{10, 2, 3}},
           {NewUuidCheckpointPath(log, 10), UuidCheckpoint{10, false}},
           {CompactedPath(log, 2, 5), CompactedCommits{2, 5}},
           {ChecksumPath(log, 5), ChecksumFile{5}}}) {
    EXPECT_EQ(ParseLogFileName(io::BaseName(path)), file) << path;
  }
  EXPECT_EQ(CheckpointPath(log, 0), "/t/_delta_log/00000000000000000000.checkpoint.parquet");
}

}  // namespace
}  // namespace penstock::delta
