#include "base/text.h"
#include "lake/row_change_fixture.h"

namespace penstock::lake {
namespace {

class UpdateRowsTest : public RowChangeTest, public testing::WithParamInterface<bool> {
 protected:
  delta::Configuration Properties(delta::Configuration more = {}) {
    if (GetParam()) more["delta.enableDeletionVectors"] = "true";
    return more;
  }
  Result<OperationResult> Update(std::vector<Assignment> assignments, std::string condition) {
    return UpdateRows(Tools(), table_, {std::move(assignments), std::move(condition), "t"});
  }
};

TEST_P(UpdateRowsTest, AssignedColumnsChangeAndOthersStay) {
  Create("id BIGINT, name STRING, n INT", Properties());
  Insert("SELECT range, 'n' || range, range * 10 FROM range(4)");
  const auto result = Must(Update({{{"N"}, "n + 1"}, {{"name"}, "upper(t.name)"}}, "t.id >= 2"));
  EXPECT_EQ(Metric(result, "numUpdatedRows"), "2");
  EXPECT_EQ(TableRows(), (Lines{"0|n0|0", "1|n1|10", "2|N2|21", "3|N3|31"}));
}

TEST_P(UpdateRowsTest, AssignmentsSeeTheRowAsItWas) {
  Create("a INT, b INT", Properties());
  Insert("SELECT 1, 2");
  (void)Must(Update({{{"a"}, "b"}, {{"b"}, "a"}}, ""));
  EXPECT_EQ(TableRows(), (Lines{"2|1"}));
}

TEST_P(UpdateRowsTest, FieldsOfStructsAreAssignedOneByOne) {
  Create("id INT, s STRUCT<x: INT, y: STRUCT<z: STRING, w: INT>>", Properties());
  Insert("SELECT 1, {'x': 1, 'y': {'z': 'a', 'w': 5}} UNION ALL SELECT 2, NULL");
  (void)Must(Update({{{"s", "Y", "z"}, "'new'"}, {{"s", "x"}, "s.x + 1"}}, ""));
  EXPECT_EQ(TableRows("id, s.x, s.y.z, s.y.w"), (Lines{"1|2|new|5", "2|NULL|new|NULL"}));
}

TEST_P(UpdateRowsTest, DefaultIsTheColumnsOrNull) {
  const Schema schema = Columns("id INT, a INT, b STRING");
  const std::string json =
      R"({"type":"struct","fields":[{"name":"id","type":"integer","nullable":true,"metadata":{}},)"
      R"({"name":"a","type":"integer","nullable":true,"metadata":{"CURRENT_DEFAULT":"40 + 2"}},)"
      R"({"name":"b","type":"string","nullable":true,"metadata":{}}]})";
  CreateWith(schema, json, Properties(), {});
  Insert("SELECT 1, 2, 'x'");
  (void)Must(Update({{{"a"}, "", true}, {{"b"}, "", true}}, ""));
  EXPECT_EQ(TableRows(), (Lines{"1|42|NULL"}));
}

TEST_P(UpdateRowsTest, ValuesAreStoredAsSparkStoresThem) {
  Create("i INT, d DECIMAL(5,2), s STRING, l BIGINT, b BOOLEAN, day DATE", Properties());
  Insert("SELECT 1, 1, 'a', 1, true, DATE '2024-01-01'");
  (void)Must(
      Update({{{"i"}, "2.9::DOUBLE"}, {{"d"}, "1.005"}, {{"s"}, "5"}, {{"day"}, "NULL"}}, ""));
  EXPECT_EQ(TableRows(), (Lines{"2|1.01|5|1|true|NULL"}));
  EXPECT_EQ(Code(Update({{{"i"}, "'5'"}}, "")), "CANNOT_STORE_TYPE");
  EXPECT_EQ(Code(Update({{{"b"}, "1"}}, "")), "CANNOT_STORE_TYPE");
  const auto overflow = Update({{{"i"}, "l + 3000000000"}}, "");
  ASSERT_FALSE(overflow.ok());
  EXPECT_EQ(overflow.error().kind, ErrorKind::kData);
  EXPECT_EQ(Version(), 2);
}

TEST_P(UpdateRowsTest, WrongAssignmentsAreNamed) {
  Create("id INT, s STRUCT<x: INT>", Properties());
  Insert("SELECT 1, NULL");
  EXPECT_EQ(Code(Update({{{"idd"}, "1"}}, "")), "COLUMN_NOT_FOUND");
  EXPECT_EQ(Code(Update({{{"s", "y"}, "1"}}, "")), "COLUMN_NOT_FOUND");
  EXPECT_EQ(Code(Update({{{"id", "y"}, "1"}}, "")), "COLUMN_NOT_FOUND");
  EXPECT_EQ(Code(Update({{{"id"}, "1"}, {{"ID"}, "2"}}, "")), "DUPLICATE_ASSIGNMENT");
  EXPECT_EQ(Code(Update({{{"s"}, "NULL"}, {{"s", "x"}, "2"}}, "")), "DUPLICATE_ASSIGNMENT");
}

TEST_P(UpdateRowsTest, ChangeFeedHasTheRowsBeforeAndAfter) {
  Create("id BIGINT, n INT, p STRING", Properties({{"delta.enableChangeDataFeed", "true"}}), {"p"});
  Insert("SELECT range, range, 'p' || (range % 2) FROM range(4)");
  (void)Must(Update({{{"n"}, "n * 100"}, {{"p"}, "'moved'"}}, "id = 3"));
  EXPECT_EQ(Changes("id, n"), (Lines{"update_postimage|3|300", "update_preimage|3|3"}));
  EXPECT_EQ(LastActions<delta::AddCdcFile>().size(), 2u);
  EXPECT_EQ(TableRows(), (Lines{"0|0|p0", "1|1|p1", "2|2|p0", "3|300|moved"}));
}

TEST_P(UpdateRowsTest, NoRowMakesNoCommit) {
  Create("id BIGINT", Properties());
  EXPECT_EQ(Must(Update({{{"id"}, "1"}}, "")).version, std::nullopt);
  Insert("SELECT 1");
  EXPECT_EQ(Must(Update({{{"id"}, "1"}}, "id IS NULL")).version, std::nullopt);
  EXPECT_EQ(Version(), 1);
}

TEST_P(UpdateRowsTest, RowsAreTheSameAsRecomputed) {
  Create("id BIGINT, n DOUBLE, g INT", Properties());
  const std::string source =
      "SELECT range AS id, range * 0.5 AS n, (hash(range) % 7)::INT AS g FROM range(50000)";
  Insert(source + " WHERE id < 20000");
  Insert(source + " WHERE id >= 20000");
  (void)Must(Update({{{"n"}, "n + g"}}, "g IN (2, 5)"));
  (void)Must(Update({{{"g"}, "g + 1"}}, "id % 11 = 0"));
  const auto snapshot = Must(table_.Latest());
  const Relation relation = Must(SnapshotRelation(path_, *snapshot, {}));
  const std::string expected =
      "SELECT id, CASE WHEN g IN (2, 5) THEN n + g ELSE n END::DOUBLE, CASE WHEN id % 11 = 0 THEN "
      "g + 1 ELSE g END FROM (" +
      source + ")";
  EXPECT_EQ(Row("SELECT count(*) FROM ((" + relation.sql + ") EXCEPT ALL (" + expected + "))"),
            "0");
  EXPECT_EQ(Row("SELECT count(*) FROM (" + relation.sql + ")"), "50000");
}

INSTANTIATE_TEST_SUITE_P(Rows, UpdateRowsTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Vectors" : "Rewritten"; });

}  // namespace
}  // namespace penstock::lake
