#include "lake/table_transaction.h"

#include <functional>
#include <thread>

#include "lake/row_change.h"
#include "lake/row_change_fixture.h"

namespace penstock::lake {
namespace {

using TableTransactionTest = RowChangeTest;

TEST_F(TableTransactionTest, OvertakenStatementIsDecidedAgainOnTheNewState) {
  Create("id INT", {{"delta.enableDeletionVectors", "true"}});
  Insert("SELECT range FROM range(10)");
  int attempts = 0;
  const auto result =
      Must(RunTransaction(Tools(), table_,
                          [&](const delta::SnapshotPtr& snapshot,
                              std::vector<std::string>*) -> Result<std::optional<delta::Change>> {
                            delta::Change change;
                            change.info.operation = "DELETE";
                            change.read.whole_table = true;
                            for (const auto& file : snapshot->files()) {
                              change.removes.push_back(delta::RemovalOf(file, 1));
                            }
                            if (++attempts == 1) Delete("id = 3");
                            return std::optional(std::move(change));
                          }));
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(result.version, 3);
  EXPECT_EQ(TableRows(), Lines{});
}

TEST_F(TableTransactionTest, EndlessConflictIsNamedWithTheOtherCommit) {
  Create("id INT");
  Insert("SELECT 1");
  const auto result =
      RunTransaction(Tools(), table_,
                     [&](const delta::SnapshotPtr& snapshot,
                         std::vector<std::string>*) -> Result<std::optional<delta::Change>> {
                       delta::Change change;
                       change.info.operation = "DELETE";
                       change.read.whole_table = true;
                       change.removes.push_back(delta::RemovalOf(snapshot->files().at(0), 1));
                       (void)Must(UpdateRows(Tools(), table_, {{{{"id"}, "id + 1"}}, "", "t"}));
                       return std::optional(std::move(change));
                     });
  ASSERT_EQ(Code(result), "COMMIT_CONFLICT");
  EXPECT_NE(result.error().message.find("(UPDATE)"), std::string::npos) << result.error().message;
}

TEST_F(TableTransactionTest, WritersSideBySideLoseNothing) {
  Create("id INT, n INT", {{"delta.enableDeletionVectors", "true"}});
  Insert("SELECT range, 0 FROM range(4)");
  const auto work = [&](const std::string& id) {
    duck::Connection connection = Must(engine_->Connect());
    delta::Table table(storage_.get(), codec_.get(), path_, &clock_);
    const Lake lake{engine_.get(), &connection, storage_.get(), &clock_, {}};
    for (int i = 0; i < 5; ++i) {
      (void)Must(UpdateRows(lake, table, {{{{"n"}, "n + 1"}}, "id = " + id, "t"}));
      WriteRequest insert;
      insert.query = "SELECT 100, " + id;
      (void)Must(WriteRows(lake, table, insert));
    }
  };
  std::thread first(work, "1");
  std::thread second(work, "2");
  first.join();
  second.join();
  EXPECT_EQ(TableRows(), (Lines{"0|0", "1|5", "2|5", "3|0", "100|1", "100|1", "100|1", "100|1",
                                "100|1", "100|2", "100|2", "100|2", "100|2", "100|2"}));
}

// What one writer decided before another's commit goes in as it is where their rows cannot meet.
class DisjointWritersTest : public RowChangeTest {
 protected:
  // How often `work` is decided when `other` commits in between: once when they do not conflict.
  int Attempts(const std::function<Status()>& other,
               const std::function<Result<OperationResult>(const Lake&)>& work) {
    int attempts = 0;
    Lake lake = Tools();
    lake.translate = [&](std::string_view text) -> Result<std::string> {
      if (++attempts == 1) {
        Status done = other();
        EXPECT_TRUE(done.ok()) << ToString(done.error());
      }
      return std::string(text);
    };
    EXPECT_TRUE(work(lake).ok());
    return attempts;
  }
  // Deciding translates the constraint once an attempt, after the snapshot was read.
  void MakePartitions() {
    Create("id BIGINT, p STRING",
           {{"delta.constraints.any", "id >= 0"}, {"delta.isolationLevel", "Serializable"}}, {"p"});
    Insert("SELECT range, 'a' FROM range(3)");
    Insert("SELECT range, 'b' FROM range(3)");
  }
  Status UpdateOf(const std::string& condition) {
    duck::Connection connection = Must(engine_->Connect());
    delta::Table table(storage_.get(), codec_.get(), path_, &clock_);
    const Lake lake{engine_.get(), &connection, storage_.get(), &clock_, {}};
    const auto done = UpdateRows(lake, table, {{{{"id"}, "id + 10"}}, condition, "t"});
    return done.ok() ? OkStatus() : Status(done.error());
  }
};

TEST_F(DisjointWritersTest, ChangesOfOtherPartitionsDoNotConflict) {
  MakePartitions();
  const auto other = [&] { return UpdateOf("p = 'b'"); };
  EXPECT_EQ(Attempts(other,
                     [&](const Lake& lake) {
                       return DeleteRows(lake, table_, {"p = 'a' AND id = 1", "target"});
                     }),
            1);
  EXPECT_EQ(Attempts(other,
                     [&](const Lake& lake) {
                       return UpdateRows(lake, table_, {{{{"id"}, "id + 1"}}, "t.p = 'a'", "t"});
                     }),
            1);
  MergeRequest merge;
  merge.source = "SELECT 3 AS id";
  merge.on = "source.id = target.id AND target.p = 'a'";
  merge.clauses = {{}};
  EXPECT_EQ(Attempts(other, [&](const Lake& lake) { return MergeRows(lake, table_, merge); }), 1);
  WriteRequest write;
  write.query = "SELECT 7, 'a'";
  write.mode = WriteMode::kReplaceWhere;
  write.replace_where = "p = 'a'";
  EXPECT_EQ(Attempts(other, [&](const Lake& lake) { return WriteRows(lake, table_, write); }), 1);
  EXPECT_EQ(TableRows(), (Lines{"7|a", "40|b", "41|b", "42|b"}));
}

TEST_F(DisjointWritersTest, ChangesOfTheSamePartitionConflict) {
  MakePartitions();
  const auto other = [&] { return UpdateOf("p = 'b'"); };
  EXPECT_EQ(
      Attempts(other,
               [&](const Lake& lake) { return DeleteRows(lake, table_, {"p = 'b'", "target"}); }),
      2);
}

TEST_F(DisjointWritersTest, ConditionsWithQueriesReadTheWholeTable) {
  MakePartitions();
  const auto other = [&] { return UpdateOf("p = 'b'"); };
  EXPECT_EQ(Attempts(other,
                     [&](const Lake& lake) {
                       return DeleteRows(lake, table_,
                                         {"p = 'a' AND id IN (SELECT range FROM range(1))", "t"});
                     }),
            2);
  MergeRequest merge;
  merge.source = "SELECT 2 AS id";
  merge.on = "source.id = target.id AND target.p = 'a'";
  merge.clauses.resize(2);
  merge.clauses[1].when = MergeClause::When::kNotMatchedBySource;
  EXPECT_EQ(Attempts(other, [&](const Lake& lake) { return MergeRows(lake, table_, merge); }), 2);
}

TEST_F(TableTransactionTest, TableThatMustNotBeWrittenIsRefusedBeforeAnyFileIs) {
  Create("id INT");
  Insert("SELECT 1");
  const auto commit =
      storage_->PutIfAbsent(io::JoinPath(path_, "_delta_log/00000000000000000002.json"),
                            R"({"protocol":{"minReaderVersion":1,"minWriterVersion":8}})"
                            "\n");
  ASSERT_TRUE(commit.ok());
  const auto files = [&] { return Must(storage_->ListRecursive(path_)).size(); };
  const size_t before = files();
  WriteRequest write;
  write.query = "SELECT 2";
  EXPECT_EQ(Code(WriteRows(Tools(), table_, write)), "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_EQ(Code(DeleteRows(Tools(), table_, {"id = 1", "t"})), "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_EQ(Code(UpdateRows(Tools(), table_, {{{{"id"}, "2"}}, "", "t"})),
            "UNSUPPORTED_TABLE_FEATURE");
  MergeRequest merge;
  merge.source = "SELECT 2 AS id";
  merge.on = "source.id = target.id";
  merge.clauses = {{}};
  EXPECT_EQ(Code(MergeRows(Tools(), table_, merge)), "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_EQ(Code(Optimize(Tools(), table_, {})), "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_EQ(files(), before);
}

TEST(WideStatisticsTest, OnlyTheBoundsMarkChangesAndNumbersStayAsTheyAre) {
  EXPECT_EQ(WideStatistics("", 5), R"({"numRecords":5,"tightBounds":false})");
  EXPECT_EQ(WideStatistics("not json", 5), R"({"numRecords":5,"tightBounds":false})");
  EXPECT_EQ(WideStatistics(R"({"numRecords":3,"minValues":{"a":1.10}})", 5),
            R"({"tightBounds":false,"numRecords":3,"minValues":{"a":1.10}})");
  EXPECT_EQ(WideStatistics(R"({"minValues":{"tightBounds":"}\""},"tightBounds" : true })", 5),
            R"({"numRecords":5,"minValues":{"tightBounds":"}\""},"tightBounds" :false})");
  EXPECT_EQ(WideStatistics(R"({"tightBounds":true,"numRecords":3})", 5),
            R"({"tightBounds":false,"numRecords":3})");
}

}  // namespace
}  // namespace penstock::lake
