#include "delta/table_features.h"

#include <gtest/gtest.h>

#include <set>

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

TEST(TableFeaturesTest, WhatACatalogManagesIsRefused) {
  for (const char* feature : {"catalogManaged", "catalogOwned-preview"}) {
    ExpectRefused(CheckReadable(Named({feature}, {feature}), Plain()), feature);
  }
}

TEST(TableFeaturesTest, EveryNamedFeatureOfAPlainTableMayBePresent) {
  std::vector<std::string> reader, writer;
  for (const TableFeature& feature : TableFeatures()) {
    if (feature.reading == Support::kNone) continue;
    if (feature.for_readers) reader.emplace_back(feature.name);
    if (feature.writing != Support::kNone) writer.emplace_back(feature.name);
  }
  EXPECT_TRUE(CheckWritable(Named(reader, writer), Plain()).ok());
}

TEST(TableFeaturesTest, WhatMustBeKeptButIsNotUnderstoodIsNotWritten) {
  EXPECT_TRUE(CheckWritable(Named({}, {"checkpointProtection"}), Plain()).ok());
  Metadata collated = Plain();
  collated.schema_string = R"({"metadata":{"__COLLATIONS":{}}})";
  ExpectRefused(CheckWritable(Named({}, {"collations"}), collated), "collations");
}

TEST(TableFeaturesTest, EachFeatureHasOneRowAndRequiresOnlyWhatHasOne) {
  std::set<std::string_view> names;
  for (const TableFeature& feature : TableFeatures()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name;
    if (feature.requires_feature.empty()) continue;
    EXPECT_NE(FindTableFeature(feature.requires_feature), nullptr) << feature.name;
  }
}

TEST(TableFeaturesTest, DataFilesOfAnotherFormatAreRefused) {
  Metadata orc = Plain();
  orc.format_provider = "orc";
  ExpectRefused(CheckReadable(Protocol{}, orc), "'orc'");
}

TEST(TableFeaturesTest, ANewTableAsksForTheOldestReadersItsMetadataAllows) {
  EXPECT_EQ(RequiredProtocol(Plain()), Protocol{});
  EXPECT_EQ(RequiredProtocol(Configured("delta.appendOnly", "true")), Protocol{});
  EXPECT_EQ(RequiredProtocol(Configured("delta.constraints.a", "id > 0")),
            (Protocol{1, 3, {}, {}}));
  EXPECT_EQ(RequiredProtocol(Configured("delta.enableChangeDataFeed", "true")),
            (Protocol{1, 4, {}, {}}));
  EXPECT_EQ(RequiredProtocol(Configured("delta.columnMapping.mode", "name")),
            (Protocol{2, 5, {}, {}}));
  Metadata nested = Plain();
  nested.schema = {Field{"s",
                         DataType::Struct({Field{
                             "a", DataType::Array(DataType::Of(TypeId::kTimestampNtz)), true, ""}}),
                         true, ""}};
  EXPECT_EQ(RequiredProtocol(nested),
            Named({"timestampNtz"}, {"appendOnly", "invariants", "timestampNtz"}));
}

TEST(TableFeaturesTest, ARaisedProtocolNamesWhatTheOldVersionImplied) {
  const Protocol raised = WithFeature(Protocol{1, 4, {}, {}}, "timestampNtz");
  EXPECT_EQ(raised,
            Named({"timestampNtz"}, {"appendOnly", "invariants", "checkConstraints",
                                     "changeDataFeed", "generatedColumns", "timestampNtz"}));
  EXPECT_EQ(WithFeature(raised, "timestampNtz"), raised);
  EXPECT_EQ(WithFeature(Named({"v2Checkpoint"}, {"v2Checkpoint"}), "timestampNtz"),
            Named({"v2Checkpoint", "timestampNtz"}, {"v2Checkpoint", "timestampNtz"}));
  // Readers that know column mapping by their version know it by name afterwards.
  const Protocol mapped = WithFeature(Protocol{2, 5, {}, {}}, "deletionVectors");
  EXPECT_EQ(mapped.reader_features, (std::vector<std::string>{"columnMapping", "deletionVectors"}));
}

TEST(TableFeaturesTest, AFeatureForWritersAloneLeavesReadersAsTheyWere) {
  const Protocol raised = WithFeature(Protocol{1, 2, {}, {}}, "clustering");
  EXPECT_EQ(raised,
            (Protocol{1, 7, {}, {"appendOnly", "invariants", "clustering", "domainMetadata"}}));
  // Column mapping is then named for writers, and known to readers by their version.
  const Protocol mapped = WithFeature(raised, "columnMapping");
  EXPECT_TRUE(HasFeature(mapped, "columnMapping"));
}

TEST(TableFeaturesTest, WhatTheMetadataUsesAndTheProtocolLacksIsFound) {
  const Metadata vectors = Configured("delta.enableDeletionVectors", "true");
  EXPECT_EQ(MissingFeature(Protocol{}, vectors), "deletionVectors");
  EXPECT_EQ(MissingFeature(RaisedProtocol(Protocol{}, vectors), vectors), "");
  const Metadata widened = Configured("delta.enableTypeWidening", "true");
  const Protocol preview = Named({"typeWidening-preview"}, {"typeWidening-preview"});
  EXPECT_EQ(RaisedProtocol(preview, widened), preview);
}

}  // namespace
}  // namespace penstock::delta
