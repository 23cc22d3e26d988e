#include "lake/table_transaction.h"

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
