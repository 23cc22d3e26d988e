#include "sql/query/date_pattern.h"

#include <gtest/gtest.h>

namespace penstock::sql {
namespace {

TEST(DatePatternTest, LettersBecomeTheEnginesSpecifiers) {
  EXPECT_EQ(*FormattingPattern("yyyy-MM-dd HH:mm:ss.SSS"), "%Y-%m-%d %H:%M:%S.%g");
  EXPECT_EQ(*FormattingPattern("d/M/yy h:mm a, EEEE MMMM"), "%-d/%-m/%y %-I:%M %p, %A %B");
  EXPECT_EQ(*ParsingPattern("d/M/yyyy HH:mmXXX"), "%d/%m/%Y %H:%M%z");
}

TEST(DatePatternTest, QuotedTextAndPercentSignsStandForThemselves) {
  EXPECT_EQ(*ParsingPattern("yyyy'T'HH''''%"), "%YT%H''%%");
}

TEST(DatePatternTest, WhatHasNoCounterpartIsNamed) {
  const Result<std::string> week = FormattingPattern("YYYY-'W'ww");
  ASSERT_FALSE(week.ok());
  EXPECT_EQ(week.error().code, "UNSUPPORTED_PATTERN");
  EXPECT_NE(week.error().message.find("\"YYYY\""), std::string::npos);
  EXPECT_FALSE(ParsingPattern("yyyy[-MM]").ok());
  EXPECT_FALSE(FormattingPattern("yyyy XXX").ok());
}

}  // namespace
}  // namespace penstock::sql
