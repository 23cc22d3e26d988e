#include "model/dataset.h"

#include <gtest/gtest.h>

namespace penstock::model {
namespace {

TEST(DatasetTest, NamesAreWrittenWithoutEmptyPartsAndQuotedWhereNeeded) {
  EXPECT_EQ(ToString(TableName{"main", "default", "t"}), "main.default.t");
  EXPECT_EQ(ToString(TableName{"", "", "t"}), "t");
  EXPECT_EQ(ToString(TableName{"", "my schema", "a`b"}), "`my schema`.`a``b`");
}

TEST(DatasetTest, TheKeyOfANameIgnoresCase) {
  EXPECT_EQ(Key(TableName{"Main", "Default", "T"}), Key(TableName{"main", "DEFAULT", "t"}));
}

TEST(DatasetTest, LocationsAreCountedFromWhereTheTextBegins) {
  const QueryText text{"SELECT a,\n  b", {"f.sql", 3, 5}, {}};
  EXPECT_EQ(LocationAt(text, 7), (SourceLocation{"f.sql", 3, 12}));
  EXPECT_EQ(LocationAt(text, 12), (SourceLocation{"f.sql", 4, 3}));
}

TEST(DatasetTest, LocationsAfterAParameterAreThoseOfTheFile) {
  // Written as "a ${key} b" at 1:1 where key = "long\nvalue".
  const QueryText text{"a long\nvalue b", {"f.sql", 1, 1}, {{2, 1, 3, true}, {12, 1, 9, false}}};
  EXPECT_EQ(LocationAt(text, 0), (SourceLocation{"f.sql", 1, 1}));
  EXPECT_EQ(LocationAt(text, 8), (SourceLocation{"f.sql", 1, 3}));
  EXPECT_EQ(LocationAt(text, 13), (SourceLocation{"f.sql", 1, 10}));
}

TEST(DatasetTest, OnlyConditionsHaveAConditionText) {
  Expectation expectation{"e", RowRule{"a > 0"}, OnViolation::kDrop, {}, {"f.sql", 2, 3}, {}};
  ASSERT_TRUE(ConditionText(expectation).has_value());
  EXPECT_EQ(ConditionText(expectation)->where.line, 2);
  expectation.rule = NotEmptyRule{};
  EXPECT_FALSE(ConditionText(expectation).has_value());
}

}  // namespace
}  // namespace penstock::model
