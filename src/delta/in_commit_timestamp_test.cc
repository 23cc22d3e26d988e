#include <gtest/gtest.h>

#include "delta/action_json.h"
#include "delta/delta_fixture.h"
#include "delta/transaction.h"

namespace penstock::delta {
namespace {

const char kEnable[] = "delta.enableInCommitTimestamps";

TableState StateAt(Version version, int64_t timestamp_ms, Configuration configuration) {
  const Change change = Create(std::move(configuration));
  return FromCheckpoint(version, {*change.protocol, *change.metadata}, timestamp_ms);
}

const Metadata* MetadataOf(const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    if (const auto* metadata = std::get_if<Metadata>(&action)) return metadata;
  }
  return nullptr;
}

TEST(InCommitTimestampTest, StandsFirstInTheFirstActionAndIsLaterThanTheOneBefore) {
  const TableState state = StateAt(4, 2000, {{kEnable, "true"}});
  const auto actions = BuildCommit(state, 4, Append("a"), 1500);
  EXPECT_EQ(std::get<CommitInfo>(actions.front()).extra["inCommitTimestamp"], 2001);
  const std::string text = EncodeCommit(actions);
  EXPECT_TRUE(text.starts_with(R"({"commitInfo":{"inCommitTimestamp":2001,)")) << text;
  EXPECT_EQ(Must(DecodeCommit(text, "commit")), actions);
}

TEST(InCommitTimestampTest, IsLeftOutWhereItIsNotEnabled) {
  const auto actions = BuildCommit(StateAt(4, 2000, {}), 4, Append("a"), 1500);
  EXPECT_FALSE(std::get<CommitInfo>(actions.front()).extra.contains("inCommitTimestamp"));
}

TEST(InCommitTimestampTest, EnablingItInATableSaysSinceWhen) {
  Change change;
  change.metadata = *Create({{kEnable, "true"}}).metadata;
  const auto actions = BuildCommit(StateAt(4, 2000, {}), 4, change, 3000);
  const Configuration& properties = MetadataOf(actions)->configuration;
  EXPECT_EQ(properties.at("delta.inCommitTimestampEnablementVersion"), "5");
  EXPECT_EQ(properties.at("delta.inCommitTimestampEnablementTimestamp"), "3000");
  EXPECT_EQ(std::get<CommitInfo>(actions.front()).extra["inCommitTimestamp"], 3000);
}

TEST(InCommitTimestampTest, ReplacedMetadataKeepsSinceWhen) {
  const TableState state = StateAt(4, 2000,
                                   {{kEnable, "true"},
                                    {"delta.inCommitTimestampEnablementVersion", "2"},
                                    {"delta.inCommitTimestampEnablementTimestamp", "1500"}});
  Change change;
  change.metadata = *Create({{kEnable, "true"}}).metadata;
  Configuration replaced = MetadataOf(BuildCommit(state, 4, change, 3000))->configuration;
  EXPECT_EQ(replaced.at("delta.inCommitTimestampEnablementVersion"), "2");
  EXPECT_EQ(replaced.at("delta.inCommitTimestampEnablementTimestamp"), "1500");
  change.metadata->configuration[kEnable] = "false";
  replaced = MetadataOf(BuildCommit(state, 4, change, 3000))->configuration;
  EXPECT_FALSE(replaced.contains("delta.inCommitTimestampEnablementVersion"));
}

TEST(InCommitTimestampTest, ATableThatHasItFromTheStartSaysNothingMore) {
  const auto actions = BuildCommit({}, -1, Create({{kEnable, "true"}}), 3000);
  EXPECT_FALSE(
      MetadataOf(actions)->configuration.contains("delta.inCommitTimestampEnablementVersion"));
}

}  // namespace
}  // namespace penstock::delta
