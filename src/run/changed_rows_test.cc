#include "run/changed_rows.h"

#include "lake/row_change_fixture.h"

namespace penstock::run {
namespace {

class ChangedRowsTest : public lake::RowChangeTest {
 protected:
  ChangedAmount Since(delta::Version before) {
    return lake::Must(ChangedRows(table_, before, lake::Must(table_.Commits(before, Version()))));
  }
  // Every file goes, and the removes say no more of them than their paths.
  void RemoveAll() {
    const auto base = lake::Must(table_.Latest());
    delta::Change change;
    change.info.operation = "DELETE";
    for (const delta::AddFile& file : base->files()) {
      delta::RemoveFile remove;
      remove.path = file.path;
      remove.deletion_timestamp_ms = 1;
      remove.deletion_vector = file.deletion_vector;
      change.removes.push_back(remove);
    }
    Commit(base, change);
  }
};

TEST_F(ChangedRowsTest, RemovedFilesHaveTheRowsOfTheirAdds) {
  Create("id BIGINT", {{"delta.enableDeletionVectors", "true"}});
  Insert("SELECT range AS id FROM range(1000)");
  Insert("SELECT range AS id FROM range(50)");
  Delete("id >= 990");
  RemoveAll();
  EXPECT_EQ(Since(3).rows, 1040) << "of the table as it was, without what was deleted before";
  EXPECT_EQ(Since(1).rows, 50 + 10 + 1040) << "of an add in between";
  EXPECT_EQ(Since(2).rows, 10 + 1040);
  EXPECT_EQ(Since(4).rows, 0);
  EXPECT_EQ(Since(0).bytes, 0);
}

TEST_F(ChangedRowsTest, OnlyTheDifferenceOfVectorsCounts) {
  Create("id BIGINT", {{"delta.enableDeletionVectors", "true"}});
  Insert("SELECT range AS id FROM range(1000)");
  Delete("id < 10");
  Delete("id < 25");
  EXPECT_EQ(Since(1).rows, 25);
  EXPECT_EQ(Since(2).rows, 15);
}

TEST_F(ChangedRowsTest, ChangeFilesCountByTheirBytes) {
  Create("id BIGINT, v STRING", {{"delta.enableChangeDataFeed", "true"}});
  Insert("SELECT range AS id, 'a' AS v FROM range(1000)");
  lake::Must(lake::UpdateRows(Tools(), table_, {{{{"v"}, "'b'"}}, "id = 1"}));
  const ChangedAmount amount = Since(1);
  EXPECT_EQ(amount.rows, 0);
  EXPECT_GT(amount.bytes, 0);
}

}  // namespace
}  // namespace penstock::run
