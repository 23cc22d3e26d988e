#include "lake/alter_table.h"

#include "delta/properties.h"
#include "delta/table_features.h"
#include "lake/change_feed.h"
#include "lake/row_change_fixture.h"

namespace penstock::lake {
namespace {

class AlterTableTest : public RowChangeTest {
 protected:
  // Version 0: (id BIGINT, name STRING).
  void Make(delta::Configuration properties = {}) {
    CreateTableRequest request;
    for (const Field& field : Columns("id BIGINT, name STRING")) {
      request.definition.columns.push_back({field, {}, {}, {}, {}});
    }
    request.definition.properties = std::move(properties);
    ASSERT_EQ(Must(CreateTable(Tools(), table_, request)).version, 0);
  }
  OperationResult Alter(const delta::AlterRequest& request) {
    return Must(AlterTable(Tools(), table_, request));
  }
  Lines Feed(delta::Version from) {
    ChangeRange range;
    range.from_version = from;
    const Relation relation = Must(ChangeFeedRelation(table_, range));
    return Rows("SELECT * EXCLUDE (_commit_timestamp) FROM (" + relation.sql + ") ORDER BY ALL");
  }
};

TEST_F(AlterTableTest, RowsAreReadUnderTheNewNames) {
  Make();
  Insert("SELECT 1 AS id, 'a' AS name");
  Alter(delta::SetProperties{{{"delta.columnMapping.mode", "name"}}});
  Alter(delta::RenameColumn{{"name"}, "title"});
  Insert("SELECT 2 AS id, 'b' AS title");
  EXPECT_EQ(TableRows("id, title"), (Lines{"1|a", "2|b"}));
  Alter(delta::DropColumns{{{"title"}}, false});
  Alter(delta::AddColumns{{{Field{"name", DataType::Of(TypeId::kString)}, {}, {}, {}, {}}}, false});
  EXPECT_EQ(TableRows(), (Lines{"1|NULL", "2|NULL"}));
}

TEST_F(AlterTableTest, WidenedColumnsTakeTheGreaterValues) {
  CreateTableRequest request;
  request.definition.columns = {{Field{"n", DataType::Of(TypeId::kInteger)}, {}, {}, {}, {}}};
  request.definition.properties = {{"delta.enableTypeWidening", "true"}};
  Must(CreateTable(Tools(), table_, request));
  Insert("SELECT 1::INTEGER AS n");
  Alter(delta::ChangeColumn{{"n"}, DataType::Of(TypeId::kLong), {}, {}, {}, false, {}});
  Insert("SELECT 5000000000 AS n");
  EXPECT_EQ(TableRows(), (Lines{"1", "5000000000"}));
}

TEST_F(AlterTableTest, RowsThatBreakANewRuleRefuseItAndAreShown) {
  Make();
  Insert("SELECT 1 AS id, 'a' AS name UNION ALL SELECT -1, NULL");
  const auto refused = AlterTable(Tools(), table_, delta::AddConstraint{"positive", "id > 0"});
  ASSERT_EQ(Code(refused), "ROWS_BREAK_RULE");
  EXPECT_NE(refused.error().message.find("-1"), std::string::npos) << refused.error().message;
  const delta::ChangeColumn strict{{"name"}, {}, {}, false, {}, false, {}};
  EXPECT_EQ(Code(AlterTable(Tools(), table_, strict)), "ROWS_BREAK_RULE");
  Delete("id < 0");
  Alter(delta::AddConstraint{"positive", "id > 0"});
  Alter(strict);
  WriteRequest bad;
  bad.query = "SELECT -5 AS id, 'x' AS name";
  EXPECT_NE(Code(WriteRows(Tools(), table_, bad)), "OK");
  EXPECT_EQ(TableRows(), (Lines{"1|a"}));
}

TEST_F(AlterTableTest, WhatIsSoAlreadyMakesNoCommit) {
  Make({{"mine", "1"}});
  EXPECT_FALSE(Alter(delta::SetProperties{{{"mine", "1"}}}).version);
  EXPECT_EQ(Version(), 0);
}

TEST_F(AlterTableTest, ReplacingATableKeepsItsHistory) {
  Make();
  Insert("SELECT 1 AS id, 'a' AS name");
  CreateTableRequest request;
  request.definition.columns = {{Field{"n", DataType::Of(TypeId::kLong)}, {}, {}, {}, {}}};
  EXPECT_EQ(Code(CreateTable(Tools(), table_, request)), "TABLE_EXISTS");
  request.if_not_exists = true;
  EXPECT_FALSE(Must(CreateTable(Tools(), table_, request)).version);
  request.if_not_exists = false;
  request.replace = true;
  EXPECT_EQ(Must(CreateTable(Tools(), table_, request)).version, 2);
  EXPECT_EQ(TableRows(), Lines{});
  EXPECT_EQ(Must(table_.At({1, {}}))->NumFiles(), 1);
}

TEST_F(AlterTableTest, ReplacedTableHasTheFeaturesThatTheNewDefinitionAsksFor) {
  Make();
  CreateTableRequest request;
  request.replace = true;
  request.definition.columns = {{Field{"n", DataType::Of(TypeId::kLong)}, {}, {}, {}, {}}};
  request.definition.properties = {{"delta.feature.v2Checkpoint", "supported"}};
  (void)Must(CreateTable(Tools(), table_, request));
  const auto snapshot = Must(table_.Latest());
  EXPECT_TRUE(delta::HasFeature(snapshot->protocol(), "v2Checkpoint"));
  EXPECT_FALSE(snapshot->metadata().configuration.contains("delta.feature.v2Checkpoint"));
}

TEST_F(AlterTableTest, DeletionVectorsAreDroppedWhenNoFileHasOne) {
  Make();
  Insert("SELECT range AS id, 'a' AS name FROM range(3)");
  Delete("id = 1");
  EXPECT_EQ(Code(AlterTable(Tools(), table_, delta::DropFeature{"deletionVectors", false})),
            "CANNOT_DROP_FEATURE");
  Delete("");
  Alter(delta::DropFeature{"deletionVectors", false});
  const auto snapshot = Must(table_.Latest());
  EXPECT_FALSE(delta::HasFeature(snapshot->protocol(), "deletionVectors"));
  EXPECT_EQ(snapshot->protocol().min_reader_version, 1);
  EXPECT_EQ(delta::ProtectedBefore(snapshot->metadata()), snapshot->version());
  EXPECT_TRUE(Must(storage_->Stat(path_ + "/_delta_log/00000000000000000004.checkpoint.parquet")));
}

TEST_F(AlterTableTest, HistoryIsTruncatedOnceItsLastTraceIsOldEnough) {
  Make();
  Insert("SELECT range AS id, 'a' AS name FROM range(3)");
  Delete("id = 1");
  Delete("");
  const delta::DropFeature drop{"deletionVectors", true};
  auto refused = AlterTable(Tools(), table_, drop);
  ASSERT_EQ(Code(refused), "FEATURE_IN_HISTORY");
  EXPECT_NE(refused.error().message.find("version 3"), std::string::npos);
  EXPECT_EQ(Version(), 4) << "the property is unset, which a day is counted from";
  clock_.SleepFor(int64_t{23} * 3600 * 1'000'000);
  EXPECT_EQ(Code(AlterTable(Tools(), table_, drop)), "FEATURE_IN_HISTORY");
  clock_.SleepFor(int64_t{2} * 3600 * 1'000'000);
  Alter(drop);
  EXPECT_EQ(Must(table_.Latest())->protocol(), delta::Protocol{});
  EXPECT_EQ(Code(table_.At({2, std::nullopt})), "VERSION_NOT_FOUND");
  Insert("SELECT 9, 'new'");
  EXPECT_EQ(TableRows(), Lines{"9|new"});
  EXPECT_EQ(Code(AlterTable(Tools(), table_, delta::DropFeature{"checkConstraints", true})),
            "FEATURE_NOT_FOUND");
}

TEST_F(AlterTableTest, ProtectionGoesWithTheVersionsItProtects) {
  Make();
  Alter(delta::DropFeature{"deletionVectors", false});
  const delta::DropFeature drop{"checkpointProtection", true};
  EXPECT_EQ(Code(AlterTable(Tools(), table_, drop)), "FEATURE_IN_HISTORY");
  clock_.SleepFor(int64_t{25} * 3600 * 1'000'000);
  Alter(drop);
  EXPECT_EQ(Must(table_.Latest())->protocol(), delta::Protocol{});
  EXPECT_EQ(delta::ProtectedBefore(Must(table_.Latest())->metadata()), 0);
}

TEST_F(AlterTableTest, AppendOnlyTablesAreRefusedBeforeFilesAreWritten) {
  Make({{"delta.appendOnly", "true"}});
  Insert("SELECT range AS id, 'a' AS name FROM range(3)");
  const auto files = Must(storage_->List(path_)).size();
  EXPECT_EQ(Code(UpdateRows(Tools(), table_, {{{{"name"}, "'b'"}}, "id = 1", "target"})),
            "APPEND_ONLY_TABLE");
  EXPECT_EQ(Code(DeleteRows(Tools(), table_, {"id = 99", "target"})), "APPEND_ONLY_TABLE");
  WriteRequest overwrite;
  overwrite.query = "SELECT 7, 'b'";
  for (const WriteMode mode : {WriteMode::kOverwrite, WriteMode::kDynamicPartitions}) {
    overwrite.mode = mode;
    EXPECT_EQ(Code(WriteRows(Tools(), table_, overwrite)), "APPEND_ONLY_TABLE");
  }
  CreateTableRequest replace;
  replace.replace = true;
  replace.query = overwrite.query;
  replace.definition.columns = {{Field{"n", DataType::Of(TypeId::kLong)}, {}, {}, {}, {}},
                                {Field{"m", DataType::Of(TypeId::kString)}, {}, {}, {}, {}}};
  EXPECT_EQ(Code(CreateTable(Tools(), table_, replace)), "APPEND_ONLY_TABLE");
  EXPECT_EQ(Must(storage_->List(path_)).size(), files);
  Insert("SELECT 8, 'c'");
}

TEST_F(AlterTableTest, OverwrittenSchemaDoesNotKeepWhatSpeaksOfColumnsThatAreGone) {
  Make();
  Alter(delta::AddConstraint{"positive", "id > 0"});
  WriteRequest overwrite;
  overwrite.query = "SELECT 'x' AS name";
  overwrite.mode = WriteMode::kOverwrite;
  overwrite.overwrite_schema = true;
  const auto refused = WriteRows(Tools(), table_, overwrite);
  ASSERT_EQ(Code(refused), "COLUMN_IN_USE");
  EXPECT_NE(refused.error().message.find("positive"), std::string::npos);
  Alter(delta::DropConstraint{"positive", false});
  Alter(delta::ClusterBy{{{"id"}}});
  (void)Must(WriteRows(Tools(), table_, overwrite));
  EXPECT_EQ(TableRows(), Lines{"x"});
  (void)Must(Optimize(Tools(), table_, {}));
  Alter(delta::ClusterBy{{{"name"}}});
  overwrite.query = "SELECT 'y' AS name, 1 AS b";
  (void)Must(WriteRows(Tools(), table_, overwrite));
  EXPECT_NE(Must(table_.Latest())->DomainMetadataOf("delta.clustering")->configuration.find("name"),
            std::string::npos);
}

TEST_F(AlterTableTest, TheFeedIsDerivedFromFilesAndDeletionVectors) {
  Make();
  Insert("SELECT range AS id, 'a' AS name FROM range(3)");
  Delete("id = 1");
  Delete("id = 2");
  Delete("");
  EXPECT_EQ(Feed(0), (Lines{"0|a|delete|4", "0|a|insert|1", "1|a|delete|2", "1|a|insert|1",
                            "2|a|delete|3", "2|a|insert|1"}));
  EXPECT_EQ(Feed(3), (Lines{"0|a|delete|4", "2|a|delete|3"}));
}

TEST_F(AlterTableTest, TheFeedComesFromChangeFilesWhereThereAreSome) {
  Make({{"delta.enableChangeDataFeed", "true"}, {"delta.columnMapping.mode", "name"}});
  Insert("SELECT range AS id, 'a' AS name FROM range(2)");
  Must(UpdateRows(Tools(), table_, {{{{"name"}, "'b'"}}, "id = 1"}));
  Alter(delta::RenameColumn{{"name"}, "title"});
  EXPECT_EQ(Feed(2), (Lines{"1|a|update_preimage|2", "1|b|update_postimage|2"}));
  Alter(delta::DropColumns{{{"title"}}, false});
  ChangeRange range;
  range.from_version = 1;
  EXPECT_EQ(Code(ChangeFeedRelation(table_, range)), "CHANGE_FEED_SCHEMA");
}

TEST_F(AlterTableTest, RangesThatAreNotThereAreRefused) {
  Make();
  ChangeRange range;
  EXPECT_EQ(Code(ChangeFeedRelation(table_, range)), "BAD_CHANGE_RANGE");
  range.from_version = 5;
  EXPECT_EQ(Code(ChangeFeedRelation(table_, range)), "VERSION_NOT_FOUND");
  range.from_version = 0;
  range.to_version = 3;
  EXPECT_EQ(Code(ChangeFeedRelation(table_, range)), "VERSION_NOT_FOUND");
  EXPECT_EQ(Feed(0), Lines{});
}

}  // namespace
}  // namespace penstock::lake
