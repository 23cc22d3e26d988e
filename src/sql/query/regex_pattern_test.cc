#include "sql/query/regex_pattern.h"

#include <gtest/gtest.h>

namespace penstock::sql {
namespace {

std::string Translated(std::string_view java) {
  const Result<std::string> pattern = RegexPattern(java);
  return pattern.ok() ? *pattern : "error: " + pattern.error().message;
}

TEST(RegexPatternTest, WhatBothKnowStays) {
  for (const char* pattern :
       {"", "a+b*?c{2,3}", "^(\\d+)-(?:x|y)$", "[^a-z\\d_-]+", "[]a]", "\\Qa+b\\E+", "a\\+",
        "\\p{L}+", "[a-]", "(?i)abc", "Straße+", "a{b", "\\[x\\]"}) {
    EXPECT_EQ(Translated(pattern), pattern);
  }
}

TEST(RegexPatternTest, NamesOfClassesAndGroups) {
  EXPECT_EQ(Translated("\\p{Punct}+"), "[[:punct:]]+");
  EXPECT_EQ(Translated("[\\p{Alpha}\\p{XDigit}.]"), "[[:alpha:][:xdigit:].]");
  EXPECT_EQ(Translated("(?<year>\\d{4})"), "(?P<year>\\d{4})");
}

TEST(RegexPatternTest, PossessiveQuantifiersThatTakeNothingBackAreGreedy) {
  EXPECT_EQ(Translated("([ ]*+[a-zA-Z].*)|(n/a)"), "([ ]*[a-zA-Z].*)|(n/a)");
  EXPECT_EQ(Translated("\\d++\\D"), "\\d+\\D");
  EXPECT_EQ(Translated("a?+b"), "a?b");
  EXPECT_EQ(Translated("\\s{2,}+"), "\\s{2,}");
  EXPECT_EQ(Translated("x++|y"), "x+|y");
  EXPECT_EQ(Translated("^\\p{Alpha}\\d++$"), "^[[:alpha:]]\\d+$");
}

TEST(RegexPatternTest, WhatTheEngineLacksIsNamed) {
  EXPECT_EQ(Translated("a*+a"), "error: a possessive quantifier in the regular expression 'a*+a'");
  EXPECT_EQ(Translated("a*+b?a"),
            "error: a possessive quantifier in the regular expression 'a*+b?a'");
  EXPECT_EQ(Translated("(ab)*+a"),
            "error: a possessive quantifier in the regular expression '(ab)*+a'");
  EXPECT_EQ(Translated("(?=x)y"), "error: look-around in the regular expression '(?=x)y'");
  EXPECT_EQ(Translated("(?<!x)y"), "error: look-around in the regular expression '(?<!x)y'");
  EXPECT_EQ(Translated("(?>x)y"), "error: an atomic group in the regular expression '(?>x)y'");
  EXPECT_EQ(Translated("(.)\\1"), "error: a back-reference in the regular expression '(.)\\1'");
  EXPECT_EQ(Translated("[a-z&&[^b]]"),
            "error: an intersection of classes in the regular expression '[a-z&&[^b]]'");
  EXPECT_EQ(Translated("[a[b]]"),
            "error: a class inside of a class in the regular expression '[a[b]]'");
}

}  // namespace
}  // namespace penstock::sql
