#include "delta/unknown_fields.h"

#include <gtest/gtest.h>

namespace penstock::delta {
namespace {

std::string TypesOf(std::initializer_list<Json> objects) {
  Schema fields;
  for (const Json& object : objects) AddFieldsOf(object, &fields);
  std::string text;
  for (const Field& field : fields) text += field.name + " " + ToString(field.type) + ";";
  return text;
}

TEST(UnknownFieldsTest, EveryKindOfValueHasAType) {
  EXPECT_EQ(TypesOf({Json{{"b", true}, {"i", 1}, {"n", nullptr}, {"r", 1.5}, {"s", "x"}}}),
            "b BOOLEAN;i BIGINT;r DOUBLE;s STRING;");
  EXPECT_EQ(TypesOf({Json{{"a", {1, 2.5}}, {"e", Json::array()}, {"o", {{"x", {{"y", 1}}}}}}}),
            "a ARRAY<DOUBLE>;e ARRAY<STRING>;o STRUCT<x: STRUCT<y: BIGINT>>;");
  EXPECT_EQ(TypesOf({Json{{"e", Json::object()}, {"u", UINT64_MAX}}}), "e STRING;u STRING;");
}

TEST(UnknownFieldsTest, TypesOfSeveralFilesAreBroughtTogether) {
  EXPECT_EQ(TypesOf({Json{{"a", 1}, {"o", {{"x", 1}}}}, Json{{"a", 1.5}, {"o", {{"y", "t"}}}}}),
            "a DOUBLE;o STRUCT<x: BIGINT, y: STRING>;");
  EXPECT_EQ(TypesOf({Json{{"a", 1}}, Json{{"a", "x"}}, Json{{"A", 2}}}), "a STRING;");
  EXPECT_EQ(TypesOf({Json{{"a", {1}}}, Json{{"a", {{"x", 1}}}}}), "a STRING;");
}

}  // namespace
}  // namespace penstock::delta
