#include "base/text.h"
#include "lake/row_change_fixture.h"

namespace penstock::lake {
namespace {

using When = MergeClause::When;
using Action = MergeClause::Action;

class MergeRowsTest : public RowChangeTest, public testing::WithParamInterface<bool> {
 protected:
  delta::Configuration Properties(delta::Configuration more = {}) {
    if (GetParam()) more["delta.enableDeletionVectors"] = "true";
    return more;
  }
  static MergeClause UpdateStar(std::string condition = "") {
    return {When::kMatched, Action::kUpdateStar, std::move(condition), {}};
  }
  static MergeClause InsertStar(std::string condition = "") {
    return {When::kNotMatched, Action::kInsertStar, std::move(condition), {}};
  }
  static MergeClause DeleteMatched(std::string condition = "") {
    return {When::kMatched, Action::kDelete, std::move(condition), {}};
  }
  static MergeClause DeleteUnmatched(std::string condition = "") {
    return {When::kNotMatchedBySource, Action::kDelete, std::move(condition), {}};
  }
  Result<OperationResult> TryMerge(const std::string& source, std::vector<MergeClause> clauses,
                                   const std::string& on = "t.id = s.id", bool evolve = false) {
    MergeRequest request;
    request.source = source;
    request.source_alias = "s";
    request.alias = "t";
    request.on = on;
    request.clauses = std::move(clauses);
    request.schema_evolution = evolve;
    return MergeRows(Tools(), table_, request);
  }
  OperationResult Merge(const std::string& source, std::vector<MergeClause> clauses,
                        const std::string& on = "t.id = s.id", bool evolve = false) {
    return Must(TryMerge(source, std::move(clauses), on, evolve));
  }
};

TEST_P(MergeRowsTest, MatchedRowsAreUpdatedAndOthersInserted) {
  Create("id BIGINT, name STRING", Properties());
  Insert("SELECT range, 'old' || range FROM range(4)");
  const auto result = Merge("SELECT range + 2 AS id, 'new' || range AS name FROM range(4)",
                            {UpdateStar(), InsertStar()});
  EXPECT_EQ(TableRows(), (Lines{"0|old0", "1|old1", "2|new0", "3|new1", "4|new2", "5|new3"}));
  EXPECT_EQ(Metric(result, "numSourceRows"), "4");
  EXPECT_EQ(Metric(result, "numTargetRowsUpdated"), "2");
  EXPECT_EQ(Metric(result, "numTargetRowsInserted"), "2");
  EXPECT_EQ(Metric(result, "numTargetRowsDeleted"), "0");
  EXPECT_EQ(Metric(result, "numTargetRowsCopied"), GetParam() ? "0" : "2");
}

TEST_P(MergeRowsTest, FirstClauseThatFitsDecides) {
  Create("id INT, n INT", Properties());
  Insert("SELECT range, range FROM range(6)");
  const MergeClause half{
      When::kMatched, Action::kUpdate, "s.k = 'half'", {{{"n"}, "t.n * 10 + s.v"}}};
  const MergeClause insert{
      When::kNotMatched, Action::kInsert, "s.v > 5", {{{"n"}, "s.v"}, {{"id"}, "s.id"}}};
  const MergeClause other{When::kNotMatched, Action::kInsert, "", {{{"id"}, "-s.id"}}};
  const auto result = Merge(
      "SELECT * FROM (VALUES (1, 'half', 1), (2, 'gone', 2), (3, 'keep', 3), (4, NULL, 4), (7, "
      "'x', 7), (8, 'y', NULL)) "
      "AS v(id, k, v)",
      {DeleteMatched("s.k = 'gone'"),
       half,
       {When::kMatched, Action::kUpdate, "s.k IS NULL", {{{"n"}, "NULL"}}},
       insert,
       other,
       {When::kNotMatchedBySource, Action::kUpdate, "t.id = 5", {{{"n"}, "t.n + 1"}}},
       DeleteUnmatched("t.id < 5")});
  EXPECT_EQ(TableRows(), (Lines{"-8|NULL", "1|11", "3|3", "4|NULL", "5|6", "7|7"}));
  EXPECT_EQ(Metric(result, "numTargetRowsMatchedUpdated"), "2");
  EXPECT_EQ(Metric(result, "numTargetRowsMatchedDeleted"), "1");
  EXPECT_EQ(Metric(result, "numTargetRowsNotMatchedBySourceUpdated"), "1");
  EXPECT_EQ(Metric(result, "numTargetRowsNotMatchedBySourceDeleted"), "1");
  EXPECT_EQ(Metric(result, "numTargetRowsInserted"), "2");
}

TEST_P(MergeRowsTest, NullKeysMatchNothing) {
  Create("id INT, n INT", Properties());
  Insert("SELECT NULL, 1");
  Merge("SELECT NULL::INT AS id, 2 AS n", {UpdateStar(), InsertStar()});
  EXPECT_EQ(TableRows(), (Lines{"NULL|1", "NULL|2"}));
}

TEST_P(MergeRowsTest, SeveralSourceRowsForOneTargetRowAreAnErrorWithKeyAndCounts) {
  Create("id INT, n INT", Properties());
  Insert("SELECT range, range FROM range(3)");
  const std::string source = "SELECT * FROM (VALUES (1, 10), (1, 11), (2, 12)) AS v(id, n)";
  const auto merged = TryMerge(source, {UpdateStar()});
  ASSERT_EQ(Code(merged), "MERGE_SEVERAL_SOURCE_ROWS");
  EXPECT_NE(merged.error().message.find("2 rows of the source"), std::string::npos);
  EXPECT_NE(merged.error().message.find("'id': 1"), std::string::npos) << merged.error().message;
  EXPECT_EQ(Version(), 1);
  // The condition leaves one.
  Merge(source, {UpdateStar("s.n <> 10")});
  EXPECT_EQ(TableRows(), (Lines{"0|0", "1|11", "2|12"}));
  EXPECT_EQ(Code(TryMerge(source, {DeleteMatched("s.n > 0")})), "MERGE_SEVERAL_SOURCE_ROWS");
  // Deleting the same row twice is deleting it.
  const auto deleted = Merge(source, {DeleteMatched()});
  EXPECT_EQ(Metric(deleted, "numTargetRowsDeleted"), "2");
  EXPECT_EQ(TableRows(), (Lines{"0|0"}));
  // Inserts take every row.
  Merge(source, {InsertStar()});
  EXPECT_EQ(TableRows(), (Lines{"0|0", "1|10", "1|11", "2|12"}));
}

TEST_P(MergeRowsTest, DuplicatesInTheTargetAreAllChanged) {
  Create("id INT, n INT", Properties());
  Insert("SELECT 1, range FROM range(3)");
  Merge("SELECT 1 AS id, 9 AS n", {UpdateStar(), InsertStar()});
  EXPECT_EQ(TableRows(), (Lines{"1|9", "1|9", "1|9"}));
}

TEST_P(MergeRowsTest, EmptySourceAndEmptyTableAreNoTrouble) {
  Create("id INT, n INT", Properties());
  EXPECT_EQ(
      Merge("SELECT 1 AS id, 2 AS n WHERE false", {UpdateStar(), InsertStar(), DeleteUnmatched()})
          .version,
      std::nullopt);
  Merge("SELECT 1 AS id, 2 AS n", {UpdateStar(), InsertStar()});
  EXPECT_EQ(TableRows(), (Lines{"1|2"}));
  EXPECT_EQ(Merge("SELECT 1 AS id, 2 AS n WHERE false", {UpdateStar(), InsertStar()}).version,
            std::nullopt);
  EXPECT_EQ(Merge("SELECT 1 AS id, 3 AS n", {UpdateStar("s.n < 0")}).version, std::nullopt);
  EXPECT_EQ(Version(), 1);
  Merge("SELECT 1 AS id, 2 AS n WHERE false", {DeleteUnmatched()});
  EXPECT_EQ(TableRows(), Lines{});
}

TEST_P(MergeRowsTest, SourceWithTheColumnsOfTheTableInOtherOrderAndMore) {
  Create("id INT, name STRING", Properties());
  Merge("SELECT 'x' AS NAME, 5 AS extra, 1 AS ID", {UpdateStar(), InsertStar()});
  EXPECT_EQ(TableRows(), (Lines{"1|x"}));
  const auto missing = TryMerge("SELECT 1 AS id", {UpdateStar()});
  EXPECT_EQ(Code(missing), "MERGE_COLUMN_MISSING");
  EXPECT_EQ(Code(TryMerge("SELECT 1 AS id, 'a' AS name",
                          {{When::kMatched, Action::kInsertStar, "", {}}})),
            "MERGE_CLAUSE_MISFIT");
  EXPECT_EQ(Code(TryMerge("SELECT 1 AS id, [1] AS name", {InsertStar()})), "CANNOT_STORE_TYPE");
}

TEST_P(MergeRowsTest, SchemaEvolutionAddsTheColumnsOfTheSource) {
  Create("id INT, s STRUCT<x: INT>", Properties());
  Insert("SELECT 1, {'x': 1} UNION ALL SELECT 2, {'x': 2}");
  Merge(
      "SELECT 2 AS id, {'x': 20, 'y': 'deep'} AS s, DATE '2024-01-01' AS day UNION ALL SELECT 3, "
      "{'x': 30, 'y': 'd'}, NULL",
      {UpdateStar(), InsertStar()}, "t.id = s.id", true);
  EXPECT_EQ(TableRows("id, s.x, s.y, day"),
            (Lines{"1|1|NULL|NULL", "2|20|deep|2024-01-01", "3|30|d|NULL"}));
  EXPECT_EQ(LastActions<delta::Metadata>().size(), 1u);
  // What the source lacks stays.
  Merge("SELECT 2 AS id, {'x': 21, 'y': 'e'} AS s", {UpdateStar(), InsertStar()}, "t.id = s.id",
        true);
  EXPECT_EQ(TableRows("id, s.x, day"), (Lines{"1|1|NULL", "2|21|2024-01-01", "3|30|NULL"}));
}

TEST_P(MergeRowsTest, ChangeFeedHasEveryKindOfChange) {
  Create("id INT, n INT", Properties({{"delta.enableChangeDataFeed", "true"}}));
  Insert("SELECT range, range FROM range(5)");
  Merge("SELECT * FROM (VALUES (1, 10), (2, -1), (9, 90)) AS v(id, n)",
        {DeleteMatched("s.n < 0"), UpdateStar(), InsertStar(), DeleteUnmatched("t.id = 4")});
  EXPECT_EQ(Changes("id, n"), (Lines{"delete|2|2", "delete|4|4", "insert|9|90",
                                     "update_postimage|1|10", "update_preimage|1|1"}));
  EXPECT_EQ(TableRows(), (Lines{"0|0", "1|10", "3|3", "9|90"}));
  Merge("SELECT 100 AS id, 1 AS n", {InsertStar()});
  EXPECT_EQ(LastActions<delta::AddCdcFile>().size(), 0u);
}

TEST_P(MergeRowsTest, RowsDeletedTwiceAreOneDeleteInTheFeed) {
  Create("id INT", Properties({{"delta.enableChangeDataFeed", "true"}}));
  Insert("SELECT range FROM range(3)");
  Merge("SELECT 1 AS id UNION ALL SELECT 1", {DeleteMatched()});
  EXPECT_EQ(Changes("id"), (Lines{"delete|1"}));
}

TEST_P(MergeRowsTest, SourceMayBeTheTableItself) {
  Create("id INT, n INT", Properties());
  Insert("SELECT range, range FROM range(4)");
  const auto snapshot = Must(table_.Latest());
  const Relation self = Must(SnapshotRelation(path_, *snapshot, {}));
  Merge("SELECT id + 2 AS id, n FROM (" + self.sql + ")", {UpdateStar(), InsertStar()});
  EXPECT_EQ(TableRows(), (Lines{"0|0", "1|1", "2|0", "3|1", "4|2", "5|3"}));
}

TEST_P(MergeRowsTest, RandomMergesAreTheSameAsRecomputed) {
  Create("id BIGINT, v BIGINT, p INT", Properties(), {"p"});
  ASSERT_TRUE(connection_.Execute("CREATE TEMP TABLE model(id BIGINT, v BIGINT, p INT)").ok());
  for (int round = 0; round < 6; ++round) {
    const std::string seed = std::to_string(round);
    const std::string source =
        "SELECT DISTINCT ON (id) id, v, p FROM (SELECT (hash(range + 1000 * " + seed +
        ") % 300)::BIGINT AS id, (hash(range * 7 + " + seed +
        ") % 50)::BIGINT AS v, (hash(range) % 3)::INT AS p FROM range(120)) ORDER BY id, v, p";
    Merge(source, {DeleteMatched("s.v % 5 = 0"), UpdateStar("s.v % 5 < 3"), InsertStar("s.v <> 7"),
                   DeleteUnmatched("t.v = " + seed)});
    ASSERT_TRUE(connection_.Execute("CREATE OR REPLACE TEMP TABLE s AS " + source).ok());
    ASSERT_TRUE(
        connection_
            .Execute("CREATE OR REPLACE TEMP TABLE model AS SELECT m.* FROM model m JOIN s USING "
                     "(id) WHERE s.v % 5 >= 3 "
                     "UNION ALL SELECT s.* FROM model m JOIN s USING (id) WHERE s.v % 5 IN (1, 2) "
                     "UNION ALL SELECT s.* FROM s ANTI JOIN model USING (id) WHERE v <> 7 "
                     "UNION ALL SELECT model.* FROM model ANTI JOIN s USING (id) WHERE v <> " +
                     seed)
            .ok());
    ASSERT_EQ(TableRows(), Rows("SELECT * FROM model ORDER BY ALL")) << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, MergeRowsTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Vectors" : "Rewritten"; });

}  // namespace
}  // namespace penstock::lake
