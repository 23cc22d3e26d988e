#include "delta/table_features.h"

#include <gtest/gtest.h>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

Metadata Plain() { return *Create().metadata; }

Metadata Configured(const std::string& key, const std::string& value) {
  Metadata metadata = Plain();
  metadata.configuration[key] = value;
  return metadata;
}

Protocol Named(std::vector<std::string> reader, std::vector<std::string> writer) {
  return Protocol{3, 7, std::move(reader), std::move(writer)};
}

void ExpectRefused(const Status& status, const std::string& what) {
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_NE(status.error().message.find(what), std::string::npos) << status.error().message;
}

TEST(TableFeaturesTest, UnknownFeaturesAreRefusedByName) {
  ExpectRefused(CheckReadable(Named({"timestampNtz", "teleport"}, {}), Plain()), "'teleport'");
  ExpectRefused(CheckWritable(Named({}, {"rowTeleport"}), Plain()), "'rowTeleport'");
  EXPECT_TRUE(CheckReadable(Named({}, {"rowTeleport"}), Plain()).ok());
}

TEST(TableFeaturesTest, VersionsOfTheFutureAreRefusedByNumber) {
  ExpectRefused(CheckReadable(Protocol{4, 7, {}, {}}, Plain()), "reader version 4");
  ExpectRefused(CheckWritable(Protocol{1, 8, {}, {}}, Plain()), "writer version 8");
}

TEST(TableFeaturesTest, MappedColumnsAndRulesOfRowsAreFollowed) {
  for (const Protocol& protocol :
       {Protocol{2, 5, {}, {}}, Named({"columnMapping"}, {"columnMapping", "checkConstraints"})}) {
    EXPECT_TRUE(CheckWritable(protocol, Configured("delta.columnMapping.mode", "name")).ok());
    EXPECT_TRUE(CheckWritable(protocol, Configured("delta.constraints.positive", "id > 0")).ok());
  }
}

TEST(TableFeaturesTest, EveryNamedFeatureOfAPlainTableMayBePresent) {
  const Protocol protocol =
      Named({"deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"},
            {"appendOnly", "invariants", "checkConstraints", "changeDataFeed", "deletionVectors",
             "generatedColumns", "identityColumns", "timestampNtz", "v2Checkpoint",
             "vacuumProtocolCheck", "allowColumnDefaults"});
  EXPECT_TRUE(CheckWritable(protocol, Plain()).ok());
}

TEST(TableFeaturesTest, WhatMustBeKeptButIsNotUnderstoodIsNotWritten) {
  for (const char* feature : {"domainMetadata", "inCommitTimestamp", "clustering", "variantType"}) {
    ExpectRefused(CheckWritable(Named({}, {feature}), Plain()), feature);
  }
  ExpectRefused(
      CheckWritable(Named({}, {"rowTracking"}), Configured("delta.enableRowTracking", "true")),
      "rowTracking");
}

TEST(TableFeaturesTest, DataFilesOfAnotherFormatAreRefused) {
  Metadata orc = Plain();
  orc.format_provider = "orc";
  ExpectRefused(CheckReadable(Protocol{}, orc), "'orc'");
}

TEST(TableFeaturesTest, NewTablesAskForTheOldestReadersTheirTypesAllow) {
  EXPECT_EQ(RequiredProtocol(TestSchema()), Protocol{});
  const Schema nested{
      Field{"s",
            DataType::Struct(
                {Field{"a", DataType::Array(DataType::Of(TypeId::kTimestampNtz)), true, ""}}),
            true, ""}};
  const Protocol protocol = RequiredProtocol(nested);
  EXPECT_EQ(protocol.min_reader_version, 3);
  EXPECT_EQ(protocol.reader_features, std::vector<std::string>{"timestampNtz"});
  EXPECT_TRUE(CheckWritable(protocol, Plain()).ok());
}

TEST(TableFeaturesTest, ARaisedProtocolNamesWhatTheOldVersionImplied) {
  const Protocol raised = WithTimestampNtz(Protocol{1, 4, {}, {}});
  EXPECT_EQ(raised.reader_features, std::vector<std::string>{"timestampNtz"});
  EXPECT_EQ(raised.writer_features,
            (std::vector<std::string>{"appendOnly", "invariants", "checkConstraints",
                                      "changeDataFeed", "generatedColumns", "timestampNtz"}));
  EXPECT_EQ(WithTimestampNtz(raised), raised);
  const Protocol named = WithTimestampNtz(Named({"v2Checkpoint"}, {"v2Checkpoint"}));
  EXPECT_EQ(named.reader_features, (std::vector<std::string>{"v2Checkpoint", "timestampNtz"}));
  EXPECT_EQ(named.writer_features, (std::vector<std::string>{"v2Checkpoint", "timestampNtz"}));
}

}  // namespace
}  // namespace penstock::delta
