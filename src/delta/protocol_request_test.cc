#include "delta/protocol_request.h"

#include <gtest/gtest.h>

#include "delta/delta_fixture.h"
#include "delta/table_features.h"

namespace penstock::delta {
namespace {

TEST(ProtocolRequestTest, PropertiesThatAskForAProtocolAreTakenOut) {
  Configuration properties{{"delta.feature.deletionvectors", "supported"},
                           {"delta.minReaderVersion", "2"},
                           {"delta.minWriterVersion", "5"},
                           {"mine", "1"}};
  const ProtocolRequest request = Must(TakeProtocolRequest(&properties));
  EXPECT_EQ(properties, (Configuration{{"mine", "1"}}));
  const Protocol protocol = Granted(Protocol{}, request);
  EXPECT_TRUE(HasFeature(protocol, "deletionVectors"));
  EXPECT_TRUE(HasFeature(protocol, "columnMapping"));
}

TEST(ProtocolRequestTest, WhatCannotBeAskedForIsNamed) {
  Configuration unknown{{"delta.feature.deletionVector", "supported"}};
  EXPECT_EQ(TakeProtocolRequest(&unknown).error().remedy,
            "Did you mean delta.feature.deletionVectors?");
  for (const auto& [key, value] : Configuration{{"delta.minReaderVersion", "9"},
                                                {"delta.minWriterVersion", "two"},
                                                {"delta.feature.clustering", "no"}}) {
    Configuration bad{{key, value}};
    EXPECT_EQ(TakeProtocolRequest(&bad).error().code, "BAD_PROPERTY") << key;
  }
}

TEST(ProtocolRequestTest, TheNewestVersionsNameWhatTheOldOnesImplied) {
  ProtocolRequest request;
  request.reader_version = 3;
  request.writer_version = 7;
  EXPECT_EQ(Granted(Protocol{2, 5, {}, {}}, request),
            (Protocol{3,
                      7,
                      {"columnMapping"},
                      {"appendOnly", "invariants", "checkConstraints", "changeDataFeed",
                       "generatedColumns", "columnMapping"}}));
  request.reader_version = 1;
  request.writer_version = 2;
  const Protocol newer{1, 4, {}, {}};
  EXPECT_EQ(Granted(newer, request), newer);
}

TEST(ProtocolRequestTest, WithoutAFeatureTheVersionsAreAsLowAsTheyCanBe) {
  const Protocol vectors = WithFeature(Protocol{}, "deletionVectors");
  EXPECT_EQ(WithoutFeature(vectors, "deletionVectors"), Protocol{});
  EXPECT_EQ(WithoutFeature(Protocol{1, 3, {}, {}}, "checkConstraints"), Protocol{});
  EXPECT_EQ(
      WithoutFeature(Protocol{1, 4, {}, {}}, "checkConstraints"),
      (Protocol{1, 7, {}, {"appendOnly", "invariants", "changeDataFeed", "generatedColumns"}}));
  EXPECT_EQ(WithoutFeature(Protocol{2, 5, {}, {}}, "columnMapping"), (Protocol{1, 4, {}, {}}));
}

}  // namespace
}  // namespace penstock::delta
