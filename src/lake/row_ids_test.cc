#include <algorithm>
#include <map>
#include <set>

#include "delta/alter.h"
#include "lake/alter_table.h"
#include "lake/row_change_fixture.h"

namespace penstock::lake {
namespace {

// Rows keep their ids whatever is done to the files they are in (PROTOCOL.md, "Row Tracking"): with
// deletion vectors, and where files are rewritten.
class RowIdsTest : public RowChangeTest, public testing::WithParamInterface<const char*> {
 protected:
  // Rows 0 to 5 of version 1, in two partitions; without ids when `tracked` is false.
  void CreateTracked(bool tracked = true, delta::Configuration properties = {}) {
    if (tracked) properties["delta.enableRowTracking"] = "true";
    properties["delta.enableDeletionVectors"] = GetParam();
    Create("a BIGINT, b STRING, p INT", std::move(properties), {"p"});
    Insert("SELECT range, 'x' || range, range % 2 FROM range(6)");
  }

  // "id|version" of each row of the newest version by its key.
  std::map<std::string, std::string> Ids() {
    RelationOptions options;
    options.with_row_ids = true;
    const Relation relation = Must(SnapshotRelation(path_, *Must(table_.Latest()), options));
    std::map<std::string, std::string> ids;
    for (const std::string& line : Rows(std::string("SELECT a, ") + kRowIdColumn + ", " +
                                        kRowVersionColumn + " FROM (" + relation.sql + ")")) {
      const size_t first = line.find('|');
      EXPECT_TRUE(ids.emplace(line.substr(0, first), line.substr(first + 1)).second) << line;
    }
    return ids;
  }
  // The row `key` with the version `version`.
  static void SetVersion(std::map<std::string, std::string>* ids, const std::string& key,
                         delta::Version version) {
    std::string& text = ids->at(key);
    text = text.substr(0, text.find('|') + 1) + std::to_string(version);
  }
  std::string Tags() {
    const Json extra = LastActions<delta::CommitInfo>()[0].extra;
    return extra.contains("tags") ? DumpJson(extra["tags"]) : "none";
  }
  // Updates 0, deletes 1, inserts 9, updates what the source lacks and is above 3.
  static MergeRequest TestMerge() {
    using When = MergeClause::When;
    using Action = MergeClause::Action;
    MergeRequest request;
    request.source = "SELECT * FROM (VALUES (0, 's0'), (1, 's1'), (9, 's9')) AS v(a, b)";
    request.on = "target.a = source.a";
    request.clauses = {
        {When::kMatched, Action::kUpdate, "target.a = 0", {{{"b"}, "source.b"}}},
        {When::kMatched, Action::kDelete, "", {}},
        {When::kNotMatched, Action::kInsert, "", {{{"a"}, "source.a"}, {{"p"}, "0"}}},
        {When::kNotMatchedBySource, Action::kUpdate, "target.a > 3", {{{"b"}, "'alone'"}}}};
    return request;
  }
  void CheckMerged(std::map<std::string, std::string> expected) {
    for (const char* key : {"0", "4", "5"}) SetVersion(&expected, key, 2);
    expected.erase("1");
    auto ids = Ids();
    EXPECT_GE(std::stoi(ids.at("9")), 6);
    EXPECT_TRUE(ids.at("9").ends_with("|2"));
    ids.erase("9");
    EXPECT_EQ(ids, expected);
  }
  void SetProperties(delta::Configuration properties) {
    Must(AlterTable(Tools(), table_, delta::SetProperties{std::move(properties)}));
  }
};

constexpr char kPreserved[] = R"({"delta.rowTracking.preserved":"true"})";

TEST_P(RowIdsTest, InsertedRowsGetFreshOnes) {
  CreateTracked();
  Insert("SELECT 10, 'new', 0 UNION ALL SELECT 11, 'new', 0");
  const auto ids = Ids();
  ASSERT_EQ(ids.size(), 8U);
  EXPECT_EQ(ids.at("10"), "6|2");
  EXPECT_EQ(ids.at("11"), "7|2");
  EXPECT_EQ(Tags(), kPreserved);
  EXPECT_EQ(TableRows("a, b, p").size(), 8U);
}

TEST_P(RowIdsTest, RowsThatADeleteLeavesKeepIdAndVersion) {
  CreateTracked();
  auto expected = Ids();
  Delete("a IN (2, 3)");
  expected.erase("2");
  expected.erase("3");
  EXPECT_EQ(Ids(), expected);
  Delete("a = 0");
  expected.erase("0");
  EXPECT_EQ(Ids(), expected);
  EXPECT_EQ(Tags(), kPreserved);
}

TEST_P(RowIdsTest, UpdatedRowsKeepTheIdAndHaveTheVersionOfTheUpdate) {
  CreateTracked(true, {{"delta.enableChangeDataFeed", "true"}});
  auto expected = Ids();
  Must(UpdateRows(Tools(), table_, {{{{"b"}, "'u'"}, {{"p"}, "1 - p"}}, "a < 3", "target"}));
  for (const char* key : {"0", "1", "2"}) SetVersion(&expected, key, 2);
  EXPECT_EQ(Ids(), expected);
  EXPECT_EQ(Changes("a, b").size(), 6U);
  Must(UpdateRows(Tools(), table_, {{{{"b"}, "'again'"}}, "a IN (0, 5)", "target"}));
  for (const char* key : {"0", "5"}) SetVersion(&expected, key, 3);
  EXPECT_EQ(Ids(), expected);
  EXPECT_EQ(Tags(), kPreserved);
}

TEST_P(RowIdsTest, MergeKeepsThoseOfMatchedRowsAndGivesFreshOnesToInsertedOnes) {
  CreateTracked();
  auto expected = Ids();
  Must(MergeRows(Tools(), table_, TestMerge()));
  CheckMerged(std::move(expected));
}

TEST_P(RowIdsTest, MergeWithAChangeFeedKeepsThemToo) {
  CreateTracked(true, {{"delta.enableChangeDataFeed", "true"}});
  auto expected = Ids();
  Must(MergeRows(Tools(), table_, TestMerge()));
  CheckMerged(std::move(expected));
  EXPECT_EQ(Changes("a").size(), 8U);
}

TEST_P(RowIdsTest, MergeThatOnlyInsertsWritesFreshOnes) {
  CreateTracked();
  auto expected = Ids();
  MergeRequest request = TestMerge();
  request.clauses.erase(request.clauses.begin(), request.clauses.end() - 2);
  request.clauses.pop_back();
  Must(MergeRows(Tools(), table_, request));
  expected["9"] = "6|2";
  EXPECT_EQ(Ids(), expected);
}

TEST_P(RowIdsTest, CompactionAndZorderKeepIdsAndVersions) {
  CreateTracked();
  Insert("SELECT 10 + range, 'new', range % 2 FROM range(4)");
  Delete("a IN (0, 13)");
  const auto expected = Ids();
  Must(Optimize(Tools(), table_, {}));
  EXPECT_EQ(Version(), 4);
  EXPECT_EQ(Ids(), expected);
  OptimizeRequest ordered;
  ordered.zorder_columns = {"b"};
  Must(Optimize(Tools(), table_, ordered));
  EXPECT_EQ(Version(), 5);
  EXPECT_EQ(Ids(), expected);
  EXPECT_EQ(Tags(), kPreserved);
}

TEST_P(RowIdsTest, PurgeKeepsThemAndDoesNotTakeTheirColumnsForDroppedOnes) {
  CreateTracked(true, {{"delta.columnMapping.mode", "name"}});
  Delete("a = 4");
  Insert("SELECT 10, 'new', 0");
  const auto expected = Ids();
  OptimizeRequest purge;
  purge.purge_only = true;
  Must(Optimize(Tools(), table_, purge));
  EXPECT_EQ(Ids(), expected);
  EXPECT_FALSE(Must(Optimize(Tools(), table_, purge)).version);
}

TEST_P(RowIdsTest, ReplacedRowsGetFreshOnesAndTheOthersKeepTheirs) {
  CreateTracked();
  auto expected = Ids();
  WriteRequest request;
  request.query = "SELECT 2::BIGINT, 'r', 0";
  request.mode = WriteMode::kReplaceWhere;
  request.replace_where = "a = 2";
  Must(WriteRows(Tools(), table_, request));
  const auto ids = Ids();
  EXPECT_GE(std::stoi(ids.at("2")), 6);
  expected["2"] = ids.at("2");
  EXPECT_EQ(ids, expected);
}

TEST_P(RowIdsTest, RestoredRowsHaveTheIdsOfBefore) {
  CreateTracked();
  const auto expected = Ids();
  Delete("a < 3");
  Must(UpdateRows(Tools(), table_, {{{{"b"}, "'u'"}}, "a > 4", "target"}));
  Must(Restore(Tools(), table_, {{1, std::nullopt}}));
  EXPECT_EQ(Ids(), expected);
  Insert("SELECT 20, 'new', 1");
  EXPECT_GT(std::stoi(Ids().at("20")), 5);
}

TEST_P(RowIdsTest, ExistingRowsGetThemWhenTheTableBeginsToTrackRows) {
  CreateTracked(false);
  Delete("a = 5");
  SetProperties({{"delta.enableRowTracking", "true"}});
  const auto before = Ids();
  std::set<std::string> ids;
  for (const auto& [key, id] : before) ids.insert(id);
  EXPECT_EQ(ids.size(), 5U);
  EXPECT_FALSE(ids.contains("NULL|NULL"));
  EXPECT_EQ(LastActions<delta::DomainMetadata>().size(), 1U);
  const auto adds = LastActions<delta::AddFile>();
  EXPECT_TRUE(std::none_of(adds.begin(), adds.end(), [](auto& add) { return add.data_change; }));
  OptimizeRequest ordered;
  ordered.zorder_columns = {"a"};
  Must(Optimize(Tools(), table_, ordered));
  EXPECT_EQ(Ids(), before);
}

TEST_P(RowIdsTest, TheyAreGoneWithTheFeatureAndBeginAnewAfterIt) {
  CreateTracked();
  Must(AlterTable(Tools(), table_, delta::DropFeature{"rowTracking"}));
  const auto snapshot = Must(table_.Latest());
  EXPECT_FALSE(delta::HasFeature(snapshot->protocol(), "rowTracking"));
  EXPECT_EQ(snapshot->DomainMetadataOf("delta.rowTracking"), nullptr);
  for (const auto& file : snapshot->files()) {
    EXPECT_FALSE(file.base_row_id || file.default_row_commit_version);
  }
  for (const auto& [key, value] : snapshot->metadata().configuration) {
    EXPECT_EQ(key.find("rowTracking"), std::string::npos) << key;
  }
  SetProperties({{"delta.enableRowTracking", "true"}});
  EXPECT_EQ(Ids().size(), 6U);
}

TEST_P(RowIdsTest, CloneHasThoseOfItsSourceAlsoOverATableWithMore) {
  CreateTracked();
  const auto expected = Ids();
  const std::string place = folder_ / "clone";
  delta::Table clone(storage_.get(), codec_.get(), place, &clock_);
  for (const bool replace : {false, true}) {
    CloneRequest request;
    request.replace = replace;
    Must(Clone(Tools(), table_, clone, request));
    const auto snapshot = Must(clone.Latest());
    const auto commit = Must(clone.Commits(snapshot->version() - 1, snapshot->version())).back();
    EXPECT_LE(std::count_if(commit.actions.begin(), commit.actions.end(),
                            [](const delta::Action& action) {
                              return std::holds_alternative<delta::DomainMetadata>(action);
                            }),
              1);
    RelationOptions options;
    options.with_row_ids = true;
    const Relation relation = Must(SnapshotRelation(place, *snapshot, options));
    EXPECT_EQ(Row(std::string("SELECT min(") + kRowIdColumn + ") || '-' || max(" + kRowIdColumn +
                  ") FROM (" + relation.sql + ")"),
              "0-5");
    WriteRequest more;
    more.query = "SELECT 7, 'more', 1";
    Must(WriteRows(Tools(), clone, more));
  }
  EXPECT_EQ(Must(clone.Latest())->DomainMetadataOf("delta.rowTracking")->configuration,
            "{\"rowIdHighWaterMark\":7}");
}

INSTANTIATE_TEST_SUITE_P(DeletionVectors, RowIdsTest, testing::Values("true", "false"));

}  // namespace
}  // namespace penstock::lake
