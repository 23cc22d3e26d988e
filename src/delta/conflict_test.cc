#include "delta/conflict.h"

#include <gtest/gtest.h>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

class ConflictTest : public ::testing::Test {
 protected:
  ConflictTest() {
    Change create = Create();
    base_ = Apply({}, 0, {*create.protocol, *create.metadata, File("old")}, 1);
  }

  // What one winner with these actions does to the change.
  std::optional<Conflicted> Against(const Change& change, std::vector<Action> winner) {
    return FindConflict(base_, change, {CommitEntry{1, std::move(winner)}});
  }
  static Change ReadAll(Change change) {
    change.read.whole_table = true;
    return change;
  }
  static Change Removing(const std::string& path) {
    Change change;
    change.removes = {Tombstone(File(path))};
    return change;
  }

  TableState base_;
};

TEST_F(ConflictTest, BlindAppendsPassWhateverOthersDidToTheFiles) {
  EXPECT_FALSE(Against(Append("new"), {File("theirs")}));
  EXPECT_FALSE(Against(Append("new"), {Tombstone(File("old"))}));
}

TEST_F(ConflictTest, ReadingTheWholeTableConflictsWithRowsAddedOrRemoved) {
  const auto conflict = Against(ReadAll(Append("new")), {File("theirs")});
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->with, 1);
  EXPECT_TRUE(Against(ReadAll(Append("new")), {Tombstone(File("old"))}));
}

TEST_F(ConflictTest, CompactionChangesNoRows) {
  AddFile add = File("compacted");
  RemoveFile remove = Tombstone(File("old"));
  add.data_change = remove.data_change = false;
  EXPECT_FALSE(Against(ReadAll(Append("new")), {add, remove}));
}

TEST_F(ConflictTest, TheSameFileCannotBeRemovedTwice) {
  const auto conflict = Against(Removing("ol%64"), {Tombstone(File("old"))});
  ASSERT_TRUE(conflict);
  EXPECT_NE(conflict->why.find("'old'"), std::string::npos);
  EXPECT_FALSE(Against(Removing("other"), {Tombstone(File("old"))}));
}

TEST_F(ConflictTest, AnotherSchemaConflictsUnlessItIsTheSame) {
  Metadata changed = *base_.metadata;
  changed.configuration["delta.appendOnly"] = "true";
  EXPECT_TRUE(Against(Append("new"), {changed}));
  EXPECT_FALSE(Against(Append("new"), {*base_.metadata}));
  Change same = Append("new");
  same.metadata = changed;
  EXPECT_FALSE(Against(same, {changed}));
}

TEST_F(ConflictTest, AnotherProtocolConflictsUnlessItIsTheSame) {
  const Protocol raised{1, 4, {}, {}};
  EXPECT_TRUE(Against(Append("new"), {raised}));
  EXPECT_FALSE(Against(Append("new"), {*base_.protocol}));
}

TEST_F(ConflictTest, OneWriterNameWithTwoWritersConflicts) {
  EXPECT_TRUE(Against(Batch("flow", 5, "new"), {SetTransaction{"flow", 4, std::nullopt}}));
  EXPECT_FALSE(Against(Batch("flow", 5, "new"), {SetTransaction{"other", 4, std::nullopt}}));
}

TEST_F(ConflictTest, CreatingATableConflictsWithAnyWinner) {
  EXPECT_TRUE(FindConflict({}, Create(), {CommitEntry{0, {}}}));
  EXPECT_FALSE(FindConflict({}, Create(), {}));
}

TEST_F(ConflictTest, TransactionsAreContainedAtTheirVersionOrAHigherOne) {
  const TableState state = Apply(base_, 1, {SetTransaction{"flow", 5, std::nullopt}}, 2);
  const auto contains = [&](int64_t version) {
    return ContainsTransactions(state, {SetTransaction{"flow", version, std::nullopt}});
  };
  EXPECT_TRUE(contains(4));
  EXPECT_TRUE(contains(5));
  EXPECT_FALSE(contains(6));
  EXPECT_FALSE(ContainsTransactions(state, {}));
  EXPECT_FALSE(ContainsTransactions(
      state, {SetTransaction{"flow", 5, std::nullopt}, SetTransaction{"other", 0, std::nullopt}}));
}

}  // namespace
}  // namespace penstock::delta
