#include "delta/table_columns.h"

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

constexpr char kMapped[] =
    R"json({"type":"struct","fields":[{"name":"a","type":"long","nullable":false,"metadata":{"delta.columnMapping.id":1,"delta.columnMapping.physicalName":"col-1","comment":"x"}},{"name":"s","type":{"type":"array","elementType":{"type":"struct","fields":[{"name":"b","type":"decimal(5,2)","nullable":true,"metadata":{"delta.columnMapping.id":3,"delta.columnMapping.physicalName":"col-3"}}]},"containsNull":true},"nullable":true,"metadata":{}}]})json";

TEST(TableColumnsTest, PhysicalNamesAndIdsAreFoundInNestedTypes) {
  Metadata metadata;
  metadata.schema_string = kMapped;
  const auto columns = Must(TableColumns(metadata));
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(PhysicalName(columns[0]), "col-1");
  EXPECT_EQ(ColumnId(columns[0]), 1);
  EXPECT_EQ(PhysicalName(columns[1]), "s");
  EXPECT_EQ(ColumnId(columns[1]), std::nullopt);
  const TableColumn& element = columns[1].children[0];
  EXPECT_EQ(PhysicalName(element.children[0]), "col-3");
  EXPECT_EQ(FindColumn(columns, "A"), &columns[0]);
  EXPECT_EQ(FindColumn(columns, "b"), nullptr);
}

TEST(TableColumnsTest, EncodingGivesTheSameSchemaBack) {
  Metadata metadata;
  metadata.schema_string = kMapped;
  const auto columns = Must(TableColumns(metadata));
  metadata.schema_string = EncodeColumns(columns);
  EXPECT_EQ(Json::parse(metadata.schema_string), Json::parse(kMapped));
  EXPECT_EQ(Must(TableColumns(metadata)), columns);
  EXPECT_EQ(SchemaOf(columns), Must(SchemaFromJson(kMapped)));
}

TEST(TableColumnsTest, TheModeOfColumnMappingIsRead) {
  Metadata metadata;
  EXPECT_EQ(ColumnMappingOf(metadata), ColumnMapping::kNone);
  metadata.configuration["delta.columnMapping.mode"] = "name";
  EXPECT_EQ(ColumnMappingOf(metadata), ColumnMapping::kName);
  metadata.configuration["delta.columnMapping.mode"] = "ID";
  EXPECT_EQ(ColumnMappingOf(metadata), ColumnMapping::kId);
}

}  // namespace
}  // namespace penstock::delta
