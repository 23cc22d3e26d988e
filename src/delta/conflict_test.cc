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

CommitInfo Info(const char* operation, bool blind) {
  CommitInfo info;
  info.operation = operation;
  info.is_blind_append = blind;
  return info;
}

Change ReadingWhere(const char* column, const char* value) {
  Change change = Append("new");
  change.read.predicates = {Predicate{Comparison{{column}, Comparison::Operator::kEqual, {value}}}};
  return change;
}

AddFile WithIds(const std::string& path, int low, int high) {
  AddFile file = File(path);
  file.stats = R"({"numRecords":10,"minValues":{"id":)" + std::to_string(low) +
               R"(},"maxValues":{"id":)" + std::to_string(high) + R"(},"nullCount":{"id":0}})";
  return file;
}

TEST_F(ConflictTest, BlindAppendsComeAfterWhatReadTheTableUnlessItIsSerializable) {
  const std::vector<Action> blind = {Info("WRITE", true), File("theirs")};
  EXPECT_FALSE(Against(ReadAll(Append("new")), blind));
  Change stricter = ReadAll(Append("new"));
  stricter.metadata = *base_.metadata;
  stricter.metadata->configuration["delta.constraints.c"] = "id > 0";
  EXPECT_TRUE(Against(stricter, blind));
  Metadata serializable = *base_.metadata;
  serializable.configuration["delta.isolationLevel"] = "Serializable";
  base_ = Apply(base_, 1, {serializable}, 2);
  EXPECT_TRUE(Against(ReadAll(Append("new")), blind));
  EXPECT_FALSE(Against(Append("new"), blind));
}

TEST_F(ConflictTest, RowsOutsideOfWhatWasReadDoNoHarm) {
  const Change change = ReadingWhere("id", "5");
  const CommitInfo merge = Info("MERGE", false);
  EXPECT_TRUE(Against(change, {merge, WithIds("theirs", 1, 9)}));
  EXPECT_FALSE(Against(change, {merge, WithIds("theirs", 10, 19)}));
  EXPECT_TRUE(Against(change, {merge, File("without statistics")}));
  base_ = Apply(base_, 1, {WithIds("low", 1, 9), WithIds("high", 10, 19)}, 2);
  EXPECT_TRUE(Against(change, {merge, Tombstone(WithIds("low", 1, 9))}));
  EXPECT_FALSE(Against(change, {merge, Tombstone(WithIds("high", 10, 19))}));
}

TEST_F(ConflictTest, FilesThatWereReadMustStay) {
  Change change = Append("new");
  change.read.files = {"o%6Cd"};
  const auto conflict = Against(change, {Info("DELETE", false), Tombstone(File("old"))});
  ASSERT_TRUE(conflict);
  EXPECT_NE(conflict->why.find("'old'"), std::string::npos);
  RemoveFile packed = Tombstone(File("old"));
  packed.data_change = false;
  EXPECT_FALSE(Against(change, {packed}));
}

TEST_F(ConflictTest, TwoChangesOfOneFilesRowsConflict) {
  AddFile marked = File("old");
  marked.deletion_vector = DeletionVector{"i", "a", {}, 1, 1};
  Change ours = Removing("old");
  ours.adds = {marked};
  const auto both = Against(ours, {Tombstone(File("old")), marked});
  ASSERT_TRUE(both);
  EXPECT_NE(both->why.find("it deleted rows of the file 'old'"), std::string::npos) << both->why;
  RemoveFile packed = Tombstone(File("old"));
  packed.data_change = false;
  const auto compaction = Against(ours, {packed});
  ASSERT_TRUE(compaction);
  EXPECT_NE(compaction->why.find("elsewhere"), std::string::npos) << compaction->why;
}

TEST_F(ConflictTest, DomainsThatBothChangeConflict) {
  Change ours = Append("new");
  ours.domains = {DomainMetadata{"mine", "{}", false}};
  EXPECT_TRUE(Against(ours, {DomainMetadata{"mine", "{}", true}}));
  EXPECT_FALSE(Against(ours, {DomainMetadata{"yours", "{}", false}}));
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
