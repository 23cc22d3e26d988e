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

TEST(PathTest, BucketIsTheRootOfItsPaths) {
  EXPECT_EQ(JoinPath("s3://bucket/a", "b//c/./d"), "s3://bucket/a/b/c/d");
  EXPECT_EQ(JoinPath("s3://bucket/a", "../../../x"), "s3://bucket/x");
  EXPECT_EQ(JoinPath("/local", "s3://bucket/a/"), "s3://bucket/a");
  EXPECT_EQ(JoinPath("s3://bucket/a", "/local"), "/local");
  EXPECT_EQ(JoinPath("/", "S3A://Bucket/A"), "s3://Bucket/A");
  EXPECT_EQ(JoinPath("/", "s3://bucket"), "s3://bucket");
  EXPECT_EQ(ParentPath("s3://bucket/a/b"), "s3://bucket/a");
  EXPECT_EQ(ParentPath("s3://bucket/a"), "s3://bucket");
  EXPECT_EQ(ParentPath("s3://bucket"), "s3://bucket");
  EXPECT_EQ(BaseName("s3://bucket/a/b.json"), "b.json");
  EXPECT_EQ(BaseName("s3://bucket"), "");
}

TEST(PathTest, BucketsAreInsideOfNothingElse) {
  EXPECT_TRUE(IsInside("s3://bucket", "s3a://bucket/a"));
  EXPECT_TRUE(IsInside("s3://bucket/a", "s3://bucket/a/b"));
  EXPECT_FALSE(IsInside("s3://bucket/a", "s3://bucket/ab"));
  EXPECT_FALSE(IsInside("s3://bucket/a", "s3://bucket/a/../b"));
  EXPECT_FALSE(IsInside("s3://bucket", "s3://bucket2/a"));
  EXPECT_FALSE(IsInside("/", "s3://bucket/a"));
  EXPECT_FALSE(IsInside("s3://bucket", "/bucket/a"));
}

TEST(PathTest, NamesThatOnlyLookLikeSchemesAreOfThisMachine) {
  EXPECT_FALSE(IsRemote("/s3://bucket"));
  EXPECT_FALSE(IsRemote("s3:/bucket"));
  EXPECT_EQ(JoinPath("/a", "s3:/bucket"), "/a/s3:/bucket");
}

}  // namespace
}  // namespace penstock::io
