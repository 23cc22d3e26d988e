#include "base/data_type.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(ParseDataType, ReadsSparkNamesAndAliases) {
  EXPECT_EQ(*ParseDataType("long"), DataType::Of(TypeId::kLong));
  EXPECT_EQ(*ParseDataType(" decimal ( 10 , 2 ) "), DataType::Decimal(10, 2));
  EXPECT_EQ(*ParseDataType("numeric"), DataType::Decimal(10, 0));
  EXPECT_EQ(*ParseDataType("varchar(20)"), DataType::Of(TypeId::kString));
  EXPECT_EQ(*ParseDataType("map<string,array<struct<a:int,`b c`:timestamp_ntz>>>"),
            DataType::Map(DataType::Of(TypeId::kString),
                          DataType::Array(DataType::Struct(
                              {Field{"a", DataType::Of(TypeId::kInteger), true, ""},
                               Field{"b c", DataType::Of(TypeId::kTimestampNtz), true, ""}}))));
}

TEST(ParseDataType, PrintedTypesReadBackEqual) {
  for (const char* text :
       {"BOOLEAN", "TINYINT", "DECIMAL(38,10)", "ARRAY<ARRAY<DATE>>", "MAP<STRING, BINARY>",
        "STRUCT<a: INT NOT NULL, `x``y`: STRUCT<>>", "TIMESTAMP", "VOID"}) {
    const auto type = ParseDataType(text);
    ASSERT_TRUE(type.ok()) << text;
    EXPECT_EQ(ToString(*type), text);
  }
}

TEST(ParseDataType, ProposesTheNearestTypeForAMisspeltOne) {
  const auto type = ParseDataType("BIGNT");
  ASSERT_FALSE(type.ok());
  EXPECT_EQ(type.error().code, "UNKNOWN_TYPE");
  EXPECT_NE(type.error().remedy.find("BIGINT"), std::string::npos);
}

TEST(ParseDataType, RefusesWhatIsIncompleteOrTooDeep) {
  for (const char* text : {"", "ARRAY", "ARRAY<INT", "DECIMAL(39,0)", "DECIMAL(5,6)", "INT INT",
                           "STRUCT<a>", "MAP<INT>"}) {
    EXPECT_FALSE(ParseDataType(text).ok()) << text;
  }
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "ARRAY<";
  EXPECT_FALSE(ParseDataType(deep).ok());
}

TEST(ParseSchema, KeepsCommentsAndNotNull) {
  const auto schema = ParseSchema("id BIGINT NOT NULL COMMENT 'the ''key''', `full name` string");
  ASSERT_TRUE(schema.ok());
  ASSERT_EQ(schema->size(), 2u);
  EXPECT_FALSE((*schema)[0].nullable);
  EXPECT_EQ((*schema)[0].comment, "the 'key'");
  EXPECT_EQ((*schema)[1].name, "full name");
  EXPECT_NE(FindField(*schema, "FULL NAME"), nullptr);
}

}  // namespace
}  // namespace penstock
