#include "base/text.h"
#include "lake/row_change_fixture.h"

namespace penstock::lake {
namespace {

// Each once with deletion vectors and once with files that are rewritten.
class DeleteRowsTest : public RowChangeTest, public testing::WithParamInterface<bool> {
 protected:
  delta::Configuration Properties(delta::Configuration more = {}) {
    if (GetParam()) more["delta.enableDeletionVectors"] = "true";
    return more;
  }
};

TEST_P(DeleteRowsTest, RowsThatSatisfyTheConditionGo) {
  Create("id BIGINT, name STRING", Properties());
  Insert("SELECT range, 'n' || range FROM range(10)");
  const auto result = Delete("id % 3 = 0 OR name = 'n7'");
  EXPECT_EQ(result.version, 2);
  EXPECT_EQ(Metric(result, "numDeletedRows"), "5");
  EXPECT_EQ(TableRows("id"), (Lines{"1", "2", "4", "5", "8"}));
  const auto adds = LastActions<delta::AddFile>();
  ASSERT_EQ(adds.size(), 1u);
  EXPECT_EQ(adds[0].deletion_vector.has_value(), GetParam());
  if (GetParam()) {
    EXPECT_EQ(adds[0].deletion_vector->cardinality, 5);
    EXPECT_NE(adds[0].stats.find("\"tightBounds\":false"), std::string::npos) << adds[0].stats;
    EXPECT_NE(adds[0].stats.find("\"numRecords\":10"), std::string::npos);
    EXPECT_EQ(LastActions<delta::RemoveFile>()[0].path, adds[0].path);
  }
}

TEST_P(DeleteRowsTest, ConditionThatIsNullKeepsTheRow) {
  Create("id BIGINT", Properties());
  Insert("SELECT * FROM (VALUES (1), (NULL), (3))");
  Delete("id < 2");
  EXPECT_EQ(TableRows(), (Lines{"NULL", "3"}));
}

TEST_P(DeleteRowsTest, DeletingAgainAddsToWhatWasDeleted) {
  Create("id BIGINT", Properties());
  Insert("SELECT range FROM range(10)");
  Delete("id < 3");
  const auto second = Delete("id < 5");
  EXPECT_EQ(Metric(second, "numDeletedRows"), "2");
  EXPECT_EQ(TableRows(), (Lines{"5", "6", "7", "8", "9"}));
  Delete("id >= 5");
  EXPECT_EQ(TableRows(), Lines{});
  EXPECT_EQ(Must(table_.Latest())->NumFiles(), 0);
}

TEST_P(DeleteRowsTest, FileWhoseRowsAllGoIsRemovedAndOthersAreLeftAlone) {
  Create("id BIGINT", Properties());
  Insert("SELECT range FROM range(5)");
  Insert("SELECT range FROM range(5, 9)");
  const auto result = Delete("id < 5");
  EXPECT_EQ(Metric(result, "numRemovedFiles"), "1");
  EXPECT_EQ(LastActions<delta::AddFile>().size(), 0u);
  EXPECT_EQ(TableRows(), (Lines{"5", "6", "7", "8"}));
}

TEST_P(DeleteRowsTest, NothingToDeleteMakesNoCommit) {
  Create("id BIGINT", Properties());
  EXPECT_EQ(Delete("id = 1").version, std::nullopt);
  EXPECT_EQ(Delete("").version, std::nullopt);
  Insert("SELECT 1");
  EXPECT_EQ(Delete("id = 2").version, std::nullopt);
  EXPECT_EQ(Version(), 1);
}

TEST_P(DeleteRowsTest, WithoutConditionEveryFileGoes) {
  Create("id BIGINT, p INT", Properties(), {"p"});
  Insert("SELECT range, range % 2 FROM range(5)");
  const auto result = Delete("");
  EXPECT_EQ(Metric(result, "numDeletedRows"), "5");
  EXPECT_EQ(TableRows(), Lines{});
}

TEST_P(DeleteRowsTest, PartitionedTableKeepsItsPartitions) {
  Create("id BIGINT, p STRING", Properties(), {"p"});
  Insert("SELECT range, CASE range % 3 WHEN 0 THEN 'a b' WHEN 1 THEN 'c=d' END FROM range(9)");
  Delete("id IN (0, 1, 2)");
  EXPECT_EQ(TableRows(), (Lines{"3|a b", "4|c=d", "5|NULL", "6|a b", "7|c=d", "8|NULL"}));
  Delete("p IS NULL");
  EXPECT_EQ(TableRows(), (Lines{"3|a b", "4|c=d", "6|a b", "7|c=d"}));
  EXPECT_EQ(Must(table_.Latest())->NumFiles(), 2);
}

TEST_P(DeleteRowsTest, ChangeFeedHasTheDeletedRowsOnlyWhenTheFilesDoNotSayIt) {
  Create("id BIGINT, name STRING", Properties({{"delta.enableChangeDataFeed", "true"}}));
  Insert("SELECT range, 'n' || range FROM range(4)");
  EXPECT_EQ(LastActions<delta::AddCdcFile>().size(), 0u);
  Delete("id > 1");
  EXPECT_EQ(Changes("id, name"), (Lines{"delete|2|n2", "delete|3|n3"}));
  EXPECT_EQ(TableRows("id"), (Lines{"0", "1"}));
  Delete("true");
  EXPECT_EQ(LastActions<delta::AddCdcFile>().size(), 0u);
}

TEST_P(DeleteRowsTest, AppendOnlyTableKeepsItsRows) {
  Create("id BIGINT", Properties({{"delta.appendOnly", "true"}}));
  Insert("SELECT range FROM range(4)");
  EXPECT_EQ(Code(DeleteRows(Tools(), table_, {"id = 1", "target"})), "APPEND_ONLY_TABLE");
  EXPECT_EQ(TableRows().size(), 4u);
}

TEST_P(DeleteRowsTest, WrongConditionIsAnErrorOfTheUser) {
  Create("id BIGINT", Properties());
  Insert("SELECT 1");
  const auto result = DeleteRows(Tools(), table_, {"nothing = 1", "target"});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kUser) << ToString(result.error());
}

INSTANTIATE_TEST_SUITE_P(Rows, DeleteRowsTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Vectors" : "Rewritten"; });

}  // namespace
}  // namespace penstock::lake
