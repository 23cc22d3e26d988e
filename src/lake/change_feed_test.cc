#include "lake/change_feed.h"

#include "delta/deletion_vector.h"
#include "lake/row_change_fixture.h"
#include "lake/table_operation.h"

namespace penstock::lake {
namespace {

// One file of 400,000 rows in several row groups, whose deletion vector the tests set.
class ChangeFeedTest : public RowChangeTest {
 protected:
  void Make() {
    Create("id BIGINT, name STRING", {{"delta.enableDeletionVectors", "true"}});
    Insert("SELECT range AS id, 'n' || range AS name FROM range(400000)");
    ASSERT_EQ(Must(table_.Latest())->files().size(), 1u);
  }
  // A commit that gives the file another vector, in a file of its own or within the log.
  void Set(const std::optional<RowSet>& deleted, bool is_inline = false) {
    const auto base = Must(table_.Latest());
    delta::AddFile file = base->files().front();
    delta::Change change;
    change.info.operation = "DELETE";
    change.removes.push_back(delta::RemovalOf(file, 1));
    file.deletion_vector.reset();
    if (deleted && is_inline) file.deletion_vector = delta::InlineVector(*deleted);
    if (deleted && !is_inline) {
      const auto written = delta::NewVectorFile({*deleted}, NewUuid());
      ASSERT_TRUE(storage_->Write(path_ + "/" + written.path, written.bytes).ok());
      file.deletion_vector = written.vectors[0];
    }
    change.adds.push_back(file);
    Commit(base, change);
  }
  std::string Sql(delta::Version from, std::optional<delta::Version> to = std::nullopt) {
    ChangeRange range;
    range.from_version = from;
    range.to_version = to;
    return Kept(ChangeFeedRelation(table_, range));
  }
  Lines Feed(delta::Version from, std::optional<delta::Version> to = std::nullopt) {
    return Rows("SELECT id, name, _change_type, _commit_version FROM (" + Sql(from, to) +
                ") ORDER BY _commit_version, _change_type, id");
  }
};

TEST_F(ChangeFeedTest, AVectorThatComesGrowsShrinksAndGoesIsTheRowsOfEachStep) {
  Make();
  Set(RowSet::Of({5, 200000}));
  Set(RowSet::Of({5, 7, 200000, 399999}), true);
  Set(RowSet::Of({7, 399998}));
  Set(std::nullopt);
  EXPECT_EQ(Feed(2, 2), (Lines{"5|n5|delete|2", "200000|n200000|delete|2"}));
  EXPECT_EQ(Feed(3, 3), (Lines{"7|n7|delete|3", "399999|n399999|delete|3"}));
  EXPECT_EQ(Feed(4, 4), (Lines{"399998|n399998|delete|4", "5|n5|insert|4",
                               "200000|n200000|insert|4", "399999|n399999|insert|4"}));
  EXPECT_EQ(Feed(5, 5), (Lines{"7|n7|insert|5", "399998|n399998|insert|5"}));
  EXPECT_EQ(Feed(2).size(), 10u) << "the same file several times in one range";
  EXPECT_EQ(Row("SELECT count(*) FROM (" + Sql(2) + ") WHERE _change_type = 'insert' AND id > 6"),
            "4");
}

TEST_F(ChangeFeedTest, AVectorThatSaysTheSameAsBeforeIsNoChange) {
  Make();
  const RowSet rows = RowSet::Of({1, 2, 3});
  Set(rows);
  Set(rows);
  Set(rows, true);
  EXPECT_EQ(Feed(3), Lines{});
}

TEST_F(ChangeFeedTest, RestoreBringsBackWhatWasDeleted) {
  Make();
  Delete("id % 100000 = 17");
  Must(Restore(Tools(), table_, {{1, std::nullopt}}));
  EXPECT_EQ(Feed(3), (Lines{"17|n17|insert|3", "100017|n100017|insert|3", "200017|n200017|insert|3",
                            "300017|n300017|insert|3"}));
}

TEST_F(ChangeFeedTest, PositionsAboveTwoToTheThirtyOneAreNoRowsOfTheFile) {
  Make();
  Set(RowSet::Of({3, (int64_t{1} << 31) + 3, (int64_t{1} << 40)}));
  EXPECT_EQ(Feed(2), (Lines{"3|n3|delete|2"}));
}

TEST_F(ChangeFeedTest, AVectorOfAnotherCardinalityFailsTheQueryByName) {
  Make();
  const auto base = Must(table_.Latest());
  delta::AddFile file = base->files().front();
  delta::Change change;
  change.info.operation = "DELETE";
  change.removes.push_back(delta::RemovalOf(file, 1));
  file.deletion_vector = delta::InlineVector(RowSet::Of({1, 2}));
  file.deletion_vector->cardinality = 9;
  change.adds.push_back(file);
  Commit(base, change);
  const auto rows = connection_.Query(Sql(2));
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, "BAD_DELETION_VECTOR");
}

TEST_F(ChangeFeedTest, RowGroupsWithoutAChangedRowAreNotRead) {
  Make();
  Set(RowSet::Of({130000, 130001}));
  Must(connection_.Query("CALL enable_logging('PhysicalOperator')"));
  EXPECT_EQ(Feed(2).size(), 2u);
  EXPECT_EQ(Row("SELECT count(*) FROM duckdb_logs WHERE message LIKE '%ReadRowGroup%'"), "1");
  EXPECT_EQ(Row("SELECT count(*) FROM duckdb_logs WHERE message LIKE '%SkipRowGroup%'"), "3");
}

}  // namespace
}  // namespace penstock::lake
