#include "io/fault_storage.h"
#include "lake/row_change_fixture.h"

namespace penstock::lake {
namespace {

using When = MergeClause::When;
using Action = MergeClause::Action;

class RowChangeCrashTest : public RowChangeTest, public testing::WithParamInterface<bool> {
 protected:
  MergeRequest Merge() {
    MergeRequest request;
    request.source = "SELECT * FROM (VALUES (1, 10), (7, 70)) AS v(id, n)";
    request.on = "target.id = source.id";
    request.clauses = {{When::kMatched, Action::kUpdateStar, "", {}},
                       {When::kNotMatched, Action::kInsertStar, "", {}},
                       {When::kNotMatchedBySource, Action::kDelete, "target.id = 3", {}}};
    return request;
  }
  delta::Configuration Properties() {
    delta::Configuration properties{{"delta.enableChangeDataFeed", "true"},
                                    {"delta.checkpointInterval", "2"}};
    if (GetParam()) properties["delta.enableDeletionVectors"] = "true";
    return properties;
  }
};

TEST_P(RowChangeCrashTest, CrashAtAnyOperationLeavesTheOldOrTheNewState) {
  const Lines before = {"0|0", "1|1", "2|2", "3|3"};
  const Lines after = {"0|0", "1|10", "2|2", "7|70"};
  using io::FaultStorage;
  for (const auto torn :
       {FaultStorage::Torn::kBefore, FaultStorage::Torn::kPartly, FaultStorage::Torn::kAfter}) {
    bool crashed = true;
    int64_t operation = 0;
    for (; crashed; ++operation) {
      ASSERT_LT(operation, 60);
      ASSERT_TRUE(storage_->DeleteTree(path_).ok());
      Create("id INT, n INT", Properties());
      Insert("SELECT range, range FROM range(4)");
      FaultStorage storage(storage_.get(), operation, torn);
      const auto codec = NewCheckpointCodec(engine_.get(), &storage);
      delta::Table table(&storage, codec.get(), path_, &clock_);
      const auto result =
          MergeRows({engine_.get(), &connection_, &storage, &clock_, {}}, table, Merge());
      crashed = storage.crashed();
      const Lines rows = TableRows();
      EXPECT_TRUE(rows == before || rows == after) << "operation " << operation;
      EXPECT_TRUE(!result.ok() || rows == after) << "operation " << operation;
      // The table takes the change now, or has it already.
      (void)Must(MergeRows(Tools(), table_, Merge()));
      EXPECT_EQ(TableRows(), after) << "operation " << operation;
    }
    EXPECT_GT(operation, 5);
  }
}

TEST_P(RowChangeCrashTest, FailedStatementLeavesNoFileBehind) {
  Create("id INT, n INT", {{"delta.constraints.small", "n < 100"}});
  Insert("SELECT range, range FROM range(4)");
  const auto files = Must(storage_->ListRecursive(path_)).size();
  MergeRequest request = Merge();
  request.source = "SELECT 1 AS id, 1000 AS n";
  EXPECT_EQ(Code(MergeRows(Tools(), table_, request)), "CHECK_CONSTRAINT_VIOLATED");
  EXPECT_EQ(Must(storage_->ListRecursive(path_)).size(), files);
}

INSTANTIATE_TEST_SUITE_P(Rows, RowChangeCrashTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Vectors" : "Rewritten"; });

}  // namespace
}  // namespace penstock::lake
