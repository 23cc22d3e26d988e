#include <gtest/gtest.h>

#include "io/storage.h"

namespace penstock::io {
namespace {

TEST(PathTest, JoinResolvesDotsAndKeepsAbsolutePaths) {
  EXPECT_EQ(JoinPath("/root", "a/b"), "/root/a/b");
  EXPECT_EQ(JoinPath("/root/", "./a//b/"), "/root/a/b");
  EXPECT_EQ(JoinPath("/root", "../a"), "/a");
  EXPECT_EQ(JoinPath("/root", "../../../a"), "/a");
  EXPECT_EQ(JoinPath("/root", "/b/c"), "/b/c");
  EXPECT_EQ(JoinPath("/root", ""), "/root");
  EXPECT_EQ(JoinPath("/", "."), "/");
}

TEST(PathTest, ParentAndBaseName) {
  EXPECT_EQ(ParentPath("/a/b/c.json"), "/a/b");
  EXPECT_EQ(ParentPath("/a/b/"), "/a");
  EXPECT_EQ(ParentPath("/a"), "/");
  EXPECT_EQ(ParentPath("/"), "/");
  EXPECT_EQ(BaseName("/a/b/c.json"), "c.json");
  EXPECT_EQ(BaseName("/a/b/"), "b");
}

TEST(PathTest, InsideIsDecidedByWholeNamesAfterDots) {
  EXPECT_TRUE(IsInside("/data", "/data"));
  EXPECT_TRUE(IsInside("/data", "/data/x/y"));
  EXPECT_TRUE(IsInside("/", "/anything"));
  EXPECT_FALSE(IsInside("/data", "/database/x"));
  EXPECT_FALSE(IsInside("/data", "/data/../etc/passwd"));
  EXPECT_FALSE(IsInside("/data/x", "/data"));
}

}  // namespace
}  // namespace penstock::io
