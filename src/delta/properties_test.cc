#include "delta/properties.h"

#include <gtest/gtest.h>

namespace penstock::delta {
namespace {

Metadata With(const std::string& key, const std::string& value) {
  Metadata metadata;
  metadata.configuration[key] = value;
  return metadata;
}

TEST(PropertiesTest, IntervalsAreReadAsSparkWritesThem) {
  EXPECT_EQ(ParseIntervalMs("interval 7 days"), 7LL * 86'400'000);
  EXPECT_EQ(ParseIntervalMs("INTERVAL 1 WEEK"), 7LL * 86'400'000);
  EXPECT_EQ(ParseIntervalMs("30 days 12 hours"), 30LL * 86'400'000 + 12LL * 3'600'000);
  EXPECT_EQ(ParseIntervalMs("interval 0 seconds"), 0);
  EXPECT_EQ(ParseIntervalMs("interval 1 minute 500 milliseconds"), 60'500);
}

TEST(PropertiesTest, WhatHasNoFixedLengthOrNoSenseIsNoInterval) {
  for (const char* text : {"", "interval", "7", "days 7", "interval 1 month", "interval x days",
                           "interval 9223372036854775807 weeks", "1 day day"}) {
    EXPECT_FALSE(ParseIntervalMs(text)) << text;
  }
}

TEST(PropertiesTest, UnreadableValuesCountAsNotSet) {
  EXPECT_EQ(CheckpointInterval(Metadata{}), 10);
  EXPECT_EQ(CheckpointInterval(With("delta.checkpointInterval", "3")), 3);
  EXPECT_EQ(CheckpointInterval(With("delta.checkpointInterval", "0")), 10);
  EXPECT_EQ(CheckpointInterval(With("delta.checkpointInterval", "ten")), 10);
  EXPECT_EQ(TombstoneRetentionMs(Metadata{}), 7LL * 86'400'000);
  EXPECT_EQ(TombstoneRetentionMs(With("delta.deletedFileRetentionDuration", "interval 1 hour")),
            3'600'000);
  EXPECT_TRUE(IsAppendOnly(With("delta.appendOnly", "True")));
  EXPECT_FALSE(IsAppendOnly(With("delta.appendOnly", "yes")));
}

}  // namespace
}  // namespace penstock::delta
