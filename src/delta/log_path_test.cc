#include "delta/log_path.h"

#include <gtest/gtest.h>

namespace penstock::delta {
namespace {

TEST(LogPathTest, NamesOfTheProtocolAreKnown) {
  EXPECT_EQ(ParseLogFileName("00000000000000000007.json"), LogFile(CommitFile{7}));
  EXPECT_EQ(ParseLogFileName("00000000000000000010.checkpoint.parquet"),
            LogFile(SingleCheckpoint{10}));
  EXPECT_EQ(ParseLogFileName("00000000000000000010.checkpoint.0000000001.0000000003.parquet"),
            LogFile(OtherCheckpoint{10, "multi-part"}));
  EXPECT_EQ(
      ParseLogFileName("00000000000000000010.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json"),
      LogFile(OtherCheckpoint{10, "V2"}));
}

TEST(LogPathTest, AnythingElseIsLeftAlone) {
  for (const char* name :
       {"", "_last_checkpoint", "7.json", "00000000000000000007.crc", "-0000000000000000007.json",
        "99999999999999999999.json", "00000000000000000007.json.tmp", "0000000000000000000a.json",
        "00000000000000000007.checkpoint", ".00000000000000000007.json.crc"}) {
    EXPECT_EQ(ParseLogFileName(name), LogFile(OtherFile{})) << name;
  }
}

TEST(LogPathTest, WrittenNamesAreReadBack) {
  const std::string log = LogFolder("/t");
  EXPECT_EQ(CommitPath(log, 12), "/t/_delta_log/00000000000000000012.json");
  EXPECT_EQ(CheckpointPath(log, 0), "/t/_delta_log/00000000000000000000.checkpoint.parquet");
}

}  // namespace
}  // namespace penstock::delta
