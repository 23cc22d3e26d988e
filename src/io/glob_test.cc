#include "io/glob.h"

#include <gtest/gtest.h>

namespace penstock::io {
namespace {

bool Matches(std::string_view pattern, std::string_view path) {
  return Glob(pattern).Matches(path);
}

TEST(GlobTest, StarsAndQuestionMarksStayWithinOneName) {
  EXPECT_TRUE(Matches("a/*.sql", "a/b.sql"));
  EXPECT_FALSE(Matches("a/*.sql", "a/b/c.sql"));
  EXPECT_FALSE(Matches("/a/*", "/a/b/c"));
  EXPECT_TRUE(Matches("a?.json", "a1.json"));
  EXPECT_FALSE(Matches("a?b", "a/b"));
  EXPECT_FALSE(Matches("/a/*", "a/b"));
}

TEST(GlobTest, TwoStarsAreAnyNumberOfFolders) {
  EXPECT_TRUE(Matches("a/**", "a/b/c.sql"));
  EXPECT_TRUE(Matches("**/*.sql", "x.sql"));
  EXPECT_TRUE(Matches("/**/*.sql", "/a/b/x.sql"));
  EXPECT_TRUE(Matches("a/**/c.sql", "a/c.sql"));
  EXPECT_TRUE(Matches("a/**/c/**/d", "a/b/c/c/d"));
  EXPECT_FALSE(Matches("a/**", "a"));
}

TEST(GlobTest, BracesChooseAlsoNestedAndAcrossFolders) {
  EXPECT_TRUE(Matches("a/{b,c{1,2}}.sql", "a/c2.sql"));
  EXPECT_TRUE(Matches("{a/b,c}/d", "a/b/d"));
  EXPECT_TRUE(Matches("a{,b}", "a"));
  EXPECT_FALSE(Matches("{a,b}", "c"));
  EXPECT_TRUE(Matches("a{b", "a{b"));
  EXPECT_TRUE(Matches("a\\{b,c}", "a{b,c}"));
}

TEST(GlobTest, ClassesAndEscapes) {
  EXPECT_TRUE(Matches("a/[bc]?.sql", "a/cx.sql"));
  EXPECT_FALSE(Matches("a/[!b].sql", "a/b.sql"));
  EXPECT_TRUE(Matches("/a/[!x]*", "/a/yz"));
  EXPECT_FALSE(Matches("/a/[!x]*", "/a/xz"));
  EXPECT_TRUE(Matches("/a/\\*", "/a/*"));
  EXPECT_FALSE(Matches("/a/\\*", "/a/b"));
}

TEST(GlobTest, HiddenNamesAreOnlyMatchedByName) {
  EXPECT_FALSE(Matches("*", ".a"));
  EXPECT_TRUE(Matches(".*", ".a"));
}

TEST(GlobTest, ManyBracesDoNotGrowWithoutBound) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "{a,b}";
  EXPECT_TRUE(Matches(pattern, std::string(40, 'a')));
}

TEST(GlobTest, AnEscapedPathNamesItselfAlone) {
  const std::string strange = "/it's [a] *b* {c,d} \\e";
  EXPECT_TRUE(Matches(EscapeGlob(strange) + "/*.json", strange + "/1.json"));
  EXPECT_FALSE(Matches(EscapeGlob("/[a]") + "/*.json", "/a/1.json"));
  EXPECT_EQ(FixedFolder(EscapeGlob(strange) + "/*.json"), strange);
}

TEST(GlobTest, FixedFolderEndsBeforeTheFirstSpecialCharacter) {
  EXPECT_EQ(FixedFolder("/p/a/*/b"), "/p/a");
  EXPECT_EQ(FixedFolder("/a/b*/c"), "/a");
  EXPECT_EQ(FixedFolder("/p/a/b.sql"), "/p/a");
  EXPECT_EQ(FixedFolder("/*.sql"), "/");
  EXPECT_EQ(FixedFolder("*.sql"), "");
  EXPECT_TRUE(IsGlob("a{b"));
  EXPECT_FALSE(IsGlob("/a/b.sql"));
}

}  // namespace
}  // namespace penstock::io
