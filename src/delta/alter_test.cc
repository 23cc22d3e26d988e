#include "delta/alter.h"

#include <gtest/gtest.h>

#include "delta/delta_fixture.h"
#include "delta/properties.h"
#include "delta/table_features.h"
#include "delta/type_widening.h"

namespace penstock::delta {
namespace {

DataType Of(TypeId id) { return DataType::Of(id); }
NewColumn Column(const std::string& name, DataType type) {
  return {Field{name, std::move(type)}, {}, {}, {}, {}};
}

// Plans on a table's state and applies what came of it.
class AlterTest : public ::testing::Test {
 protected:
  AlterTest() { Make({}); }

  void Make(Configuration properties, std::vector<std::string> partitions = {}) {
    TableDefinition definition;
    definition.columns = {
        Column("id", Of(TypeId::kInteger)), Column("name", Of(TypeId::kString)),
        Column("at", DataType::Struct({Field{"x", Of(TypeId::kShort)}})),
        Column("list", DataType::Map(Of(TypeId::kString), DataType::Array(Of(TypeId::kByte))))};
    definition.partition_columns = std::move(partitions);
    definition.properties = std::move(properties);
    const Change change = Must(NewTable(definition, 1));
    state_ = Apply({}, 0, {*change.protocol, *change.metadata}, 1);
  }
  Alteration Plan(const AlterRequest& request) {
    auto planned = Must(PlanAlteration(state_, request));
    if (!planned) throw std::runtime_error("nothing to do");
    return *planned;
  }
  void Alter(const AlterRequest& request) {
    const Change change = Plan(request).change;
    std::vector<Action> actions;
    if (change.protocol) actions.emplace_back(*change.protocol);
    if (change.metadata) actions.emplace_back(*change.metadata);
    actions.insert(actions.end(), change.domains.begin(), change.domains.end());
    state_ = Apply(state_, state_.version + 1, std::move(actions), 2);
    Must(CheckWritable(*state_.protocol, *state_.metadata));
  }
  Error Refusal(const AlterRequest& request) {
    const auto planned = PlanAlteration(state_, request);
    if (planned.ok()) throw std::runtime_error("not refused");
    return planned.error();
  }
  std::vector<TableColumn> Columns() { return Must(TableColumns(*state_.metadata)); }
  std::string Names() {
    std::string names;
    for (const Field& field : state_.metadata->schema) names += field.name + " ";
    return names;
  }
  void Map() { Alter(SetProperties{{{"delta.columnMapping.mode", "name"}}}); }

  TableState state_;
};

TEST_F(AlterTest, NewTablesHaveDeletionVectorsUnlessToldOtherwise) {
  EXPECT_TRUE(HasFeature(*state_.protocol, "deletionVectors"));
  Make({{"delta.enableDeletionVectors", "false"}});
  EXPECT_EQ(*state_.protocol, Protocol{});
}

TEST_F(AlterTest, ColumnsComeWhereTheyAreWanted) {
  NewColumn first = Column("a", Of(TypeId::kLong));
  first.place.first = true;
  NewColumn after = Column("b", Of(TypeId::kLong));
  after.place.after = "ID";
  NewColumn inside = Column("y", Of(TypeId::kDate));
  inside.parents = {"at"};
  inside.field.comment = "why";
  Alter(AddColumns{{first, after, inside}, false});
  EXPECT_EQ(Names(), "a id b name at list ");
  EXPECT_EQ(state_.metadata->schema[4].type.fields[1].comment, "why");
  EXPECT_EQ(Refusal(AddColumns{{Column("NAME", Of(TypeId::kLong))}, false}).code, "COLUMN_EXISTS");
  EXPECT_FALSE(Must(PlanAlteration(state_, AddColumns{{Column("NAME", Of(TypeId::kLong))}, true})));
  EXPECT_EQ(Refusal(AddColumns{{Column("a b", Of(TypeId::kLong))}, false}).code, "BAD_COLUMN_NAME");
  NewColumn strict = Column("c", Of(TypeId::kLong));
  strict.field.nullable = false;
  EXPECT_EQ(Refusal(AddColumns{{strict}, false}).code, "COLUMN_NEEDS_VALUES");
}

TEST_F(AlterTest, RenamingAndDroppingSayHowToSwitchColumnMappingOn) {
  const Error error = Refusal(RenameColumn{{"name"}, "title"});
  EXPECT_EQ(error.code, "COLUMN_MAPPING_NEEDED");
  EXPECT_NE(error.remedy.find("'delta.columnMapping.mode' = 'name'"), std::string::npos);
  EXPECT_EQ(Refusal(DropColumns{{{"name"}}, false}).code, "COLUMN_MAPPING_NEEDED");
}

TEST_F(AlterTest, MappedColumnsKeepTheirNamesInFiles) {
  Map();
  EXPECT_EQ(state_.metadata->configuration.at("delta.columnMapping.maxColumnId"), "5");
  Alter(RenameColumn{{"name"}, "the title"});
  Alter(RenameColumn{{"at", "x"}, "z"});
  EXPECT_EQ(Names(), "id the title at list ");
  EXPECT_EQ(PhysicalName(Columns()[1]), "name");
  EXPECT_EQ(PhysicalName(Columns()[2].children[0]), "x");
  Alter(DropColumns{{{"the title"}}, false});
  Alter(AddColumns{{Column("name", Of(TypeId::kString))}, false});
  EXPECT_EQ(ColumnId(Columns()[3]), 6);
  EXPECT_NE(PhysicalName(Columns()[3]), "name");
}

TEST_F(AlterTest, ColumnsInUseNameWhatDependsOnThem) {
  Make({{"delta.columnMapping.mode", "name"}}, {"name"});
  Alter(AddConstraint{"Positive", "id > 0 AND 'at' <> ''"});
  const Error error = Refusal(DropColumns{{{"id"}}, false});
  EXPECT_EQ(error.code, "COLUMN_IN_USE");
  EXPECT_NE(error.message.find("constraint positive"), std::string::npos) << error.message;
  EXPECT_EQ(Refusal(RenameColumn{{"id"}, "key"}).code, "COLUMN_IN_USE");
  EXPECT_NE(Refusal(DropColumns{{{"name"}}, false}).message.find("partitioned"), std::string::npos);
  Alter(RenameColumn{{"name"}, "part"});
  EXPECT_EQ(state_.metadata->partition_columns, std::vector<std::string>{"part"});
  Alter(RenameColumn{{"at"}, "place"});
}

TEST_F(AlterTest, TypesAreWidenedAndTheChangeIsRecorded) {
  const ChangeColumn to_long{{"id"}, Of(TypeId::kLong), {}, {}, {}, false, {}};
  EXPECT_EQ(Refusal(to_long).code, "TYPE_WIDENING_NEEDED");
  Alter(SetProperties{{{"delta.enableTypeWidening", "true"}}});
  Alter(to_long);
  EXPECT_TRUE(HasFeature(*state_.protocol, "typeWidening"));
  EXPECT_EQ(Columns()[0].metadata["delta.typeChanges"],
            Json::parse(R"([{"fromType":"integer","toType":"long"}])"));
  Alter(ChangeColumn{{"list", "value", "element"}, Of(TypeId::kShort), {}, {}, {}, false, {}});
  EXPECT_EQ(Columns()[3].metadata["delta.typeChanges"],
            Json::parse(R"([{"fromType":"byte","toType":"short","fieldPath":"value.element"}])"));
  Alter(ChangeColumn{{"at", "x"}, Of(TypeId::kDouble), {}, {}, {}, false, {}});
  EXPECT_EQ(Columns()[2].children[0].metadata["delta.typeChanges"][0]["toType"], "double");
  const Error back = Refusal(ChangeColumn{{"id"}, Of(TypeId::kInteger), {}, {}, {}, false, {}});
  EXPECT_EQ(back.code, "UNSUPPORTED_TYPE_CHANGE");
  EXPECT_NE(back.remedy.find("DECIMAL(20,0)"), std::string::npos);
}

TEST(TypeWideningTest, OnlyWhatTheProtocolAllowsIsWider) {
  EXPECT_TRUE(CanWiden(Of(TypeId::kByte), Of(TypeId::kDouble)));
  EXPECT_FALSE(CanWiden(Of(TypeId::kLong), Of(TypeId::kDouble)));
  EXPECT_TRUE(CanWiden(Of(TypeId::kInteger), DataType::Decimal(12, 2)));
  EXPECT_FALSE(CanWiden(Of(TypeId::kInteger), DataType::Decimal(11, 2)));
  EXPECT_FALSE(CanWiden(Of(TypeId::kLong), DataType::Decimal(19, 0)));
  EXPECT_TRUE(CanWiden(DataType::Decimal(5, 2), DataType::Decimal(7, 4)));
  EXPECT_FALSE(CanWiden(DataType::Decimal(5, 2), DataType::Decimal(7, 5)));
  EXPECT_FALSE(CanWiden(DataType::Decimal(5, 2), DataType::Decimal(5, 2)));
  EXPECT_TRUE(CanWiden(Of(TypeId::kDate), Of(TypeId::kTimestampNtz)));
  EXPECT_FALSE(CanWiden(Of(TypeId::kDate), Of(TypeId::kTimestamp)));
}

TEST_F(AlterTest, ColumnsAreMovedCommentedAndMadeStricter) {
  ChangeColumn move{{"list"}, {}, {}, {}, {}, false, {}};
  move.place.after = "id";
  Alter(move);
  EXPECT_EQ(Names(), "id list name at ");
  const Alteration strict = Plan(ChangeColumn{{"id"}, {}, "key", false, {}, false, {}});
  EXPECT_TRUE(strict.check_rows);
  EXPECT_FALSE(strict.change.metadata->schema[0].nullable);
  EXPECT_EQ(strict.change.metadata->schema[0].comment, "key");
  Alter(ChangeColumn{{"name"}, {}, {}, {}, "'none'", false, {}});
  EXPECT_TRUE(HasFeature(*state_.protocol, "allowColumnDefaults"));
  EXPECT_EQ(Refusal(ChangeColumn{{"nam"}, {}, "x", {}, {}, false, {}}).remedy,
            "Did you mean name?");
}

TEST_F(AlterTest, PropertiesAreCheckedAndMisspeltOnesGetTheNearestName) {
  Alter(SetProperties{{{"DELTA.APPENDONLY", "TRUE"}, {"mine", "1"}}});
  EXPECT_EQ(state_.metadata->configuration.at("delta.appendOnly"), "true");
  EXPECT_EQ(Refusal(SetProperties{{{"delta.apendOnly", "true"}}}).remedy,
            "Did you mean delta.appendOnly?");
  for (const auto& [key, value] : Configuration{{"delta.appendOnly", "yes"},
                                                {"delta.checkpointInterval", "0"},
                                                {"delta.logRetentionDuration", "1 month"},
                                                {"delta.isolationLevel", "None"},
                                                {"delta.targetFileSize", "big"},
                                                {"delta.constraints.c", "true"},
                                                {"delta.columnMapping.mode", "id"}}) {
    EXPECT_EQ(Refusal(SetProperties{{{key, value}}}).code, "BAD_PROPERTY") << key;
  }
  Alter(UnsetProperties{{"delta.appendonly"}, false});
  EXPECT_FALSE(state_.metadata->configuration.contains("delta.appendOnly"));
  EXPECT_EQ(Refusal(UnsetProperties{{"other"}, false}).code, "PROPERTY_NOT_FOUND");
}

TEST_F(AlterTest, ConstraintsComeAndGo) {
  const Alteration added = Plan(AddConstraint{"c", "id > 0"});
  EXPECT_TRUE(added.check_rows);
  Alter(AddConstraint{"c", "id > 0"});
  EXPECT_TRUE(HasFeature(*state_.protocol, "checkConstraints"));
  EXPECT_EQ(Refusal(AddConstraint{"C", "id > 1"}).code, "CONSTRAINT_EXISTS");
  EXPECT_EQ(Refusal(DropFeature{"checkConstraints", false}).code, "CANNOT_DROP_FEATURE");
  EXPECT_EQ(Refusal(DropConstraint{"d", false}).code, "CONSTRAINT_NOT_FOUND");
  Alter(DropConstraint{"C", false});
  Alter(DropFeature{"checkConstraints", false});
  EXPECT_FALSE(HasFeature(*state_.protocol, "checkConstraints"));
}

TEST_F(AlterTest, ClusteringIsADomainOfPhysicalNames) {
  Map();
  Alter(RenameColumn{{"at"}, "place"});
  Alter(ClusterBy{{{"id"}, {"place", "x"}}});
  EXPECT_EQ(Json::parse(state_.domains->at("delta.clustering").configuration),
            Json::parse(R"({"clusteringColumns":[["id"],["at","x"]],)"
                        R"("domainName":"delta.clustering"})"));
  EXPECT_TRUE(HasFeature(*state_.protocol, "domainMetadata"));
  EXPECT_EQ(Refusal(DropColumns{{{"id"}}, false}).code, "COLUMN_IN_USE");
  EXPECT_EQ(Refusal(ClusterBy{{{"list"}}}).code, "BAD_CLUSTERING");
  Alter(ClusterBy{{}});
  Alter(DropColumns{{{"id"}}, false});
}

TEST_F(AlterTest, DeletionVectorsAreDroppedOnceNoFileHasOne) {
  AddFile marked = File("f");
  marked.deletion_vector = DeletionVector{"i", "abc", {}, 3, 1};
  const TableState clean = state_;
  state_ = Apply(state_, 1, {marked}, 2);
  EXPECT_NE(Refusal(DropFeature{"deletionvectors", false}).remedy.find("PURGE"), std::string::npos);
  state_ = clean;
  EXPECT_TRUE(Plan(DropFeature{"deletionVectors", false}).checkpoint);
  EXPECT_FALSE(HasFeature(*Plan(DropFeature{"deletionVectors", true}).change.protocol,
                          "checkpointProtection"));
  Alter(DropFeature{"deletionVectors", false});
  EXPECT_EQ(state_.protocol->min_reader_version, 1);
  EXPECT_TRUE(HasFeature(*state_.protocol, "checkpointProtection"));
  EXPECT_EQ(ProtectedBefore(*state_.metadata), state_.version);
  EXPECT_EQ(Refusal(DropFeature{"deletionVectors", false}).code, "FEATURE_NOT_FOUND");
  EXPECT_EQ(Refusal(DropFeature{"checkpointProtection", false}).code, "CANNOT_DROP_FEATURE");
  Alter(DropFeature{"checkpointProtection", true});
  EXPECT_EQ(*state_.protocol, Protocol{});
  EXPECT_EQ(ProtectedBefore(*state_.metadata), 0);
}

TEST_F(AlterTest, ColumnMappingIsDroppedOnlyWhereFilesHaveTheColumnsNames) {
  Map();
  Alter(DropFeature{"columnMapping", false});
  EXPECT_EQ(Columns()[0].metadata, Json::object());
  Map();
  Alter(RenameColumn{{"name"}, "title"});
  EXPECT_EQ(Refusal(DropFeature{"columnMapping", false}).code, "CANNOT_DROP_FEATURE");
}

TEST(NewTableTest, WhatCannotBeIsRefused) {
  TableDefinition definition;
  definition.columns = {Column("a", Of(TypeId::kLong)), Column("A", Of(TypeId::kLong))};
  EXPECT_EQ(NewTable(definition, 1).error().code, "DUPLICATE_COLUMN");
  definition.columns.pop_back();
  definition.partition_columns = {"a"};
  EXPECT_EQ(NewTable(definition, 1).error().code, "BAD_PARTITIONING");
  definition.partition_columns = {"b"};
  EXPECT_EQ(NewTable(definition, 1).error().code, "BAD_PARTITIONING");
  definition.partition_columns.clear();
  definition.constraints = {{"c", "a > 0"}, {"C", "a > 1"}};
  EXPECT_EQ(NewTable(definition, 1).error().code, "CONSTRAINT_EXISTS");
}

TEST(NewTableTest, ColumnsOfAMappedTableGetNamesOfTheirOwnInFiles) {
  TableDefinition definition;
  definition.columns = {Column("a b", Of(TypeId::kLong))};
  definition.properties = {{"delta.columnMapping.mode", "id"}};
  definition.cluster_columns = {{"a b"}};
  const Change change = Must(NewTable(definition, 1));
  const auto columns = Must(TableColumns(*change.metadata));
  EXPECT_EQ(ColumnId(columns[0]), 1);
  EXPECT_TRUE(PhysicalName(columns[0]).starts_with("col-"));
  ASSERT_EQ(change.domains.size(), 1U);
  EXPECT_TRUE(HasFeature(*change.protocol, "clustering"));
}

}  // namespace
}  // namespace penstock::delta
