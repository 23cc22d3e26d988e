#include "base/row_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/z85.h"

namespace penstock {
namespace {

std::vector<int64_t> RowsOf(const RowSet& set) {
  std::vector<int64_t> rows;
  set.ForEachRange([&](int64_t begin, int64_t end) {
    EXPECT_LT(begin, end);
    if (!rows.empty()) {
      EXPECT_GT(begin, rows.back() + 1);
    }
    for (int64_t row = begin; row < end; ++row) rows.push_back(row);
  });
  return rows;
}

// Some scattered, some in a row, some dense, over several chunks.
std::set<int64_t> SomeRows(uint32_t seed) {
  std::mt19937 random(seed);
  std::set<int64_t> rows;
  for (int i = 0; i < 300; ++i) rows.insert(random() % 400000);
  const int64_t run = random() % 200000;
  for (int64_t i = 0; i < 70000; ++i) rows.insert(run + i);
  for (int i = 0; i < 20000; ++i) rows.insert(524288 + random() % 65536);
  rows.insert(int64_t{1} << 40);
  return rows;
}

TEST(RowSetTest, AnEmptySetHasNothing) {
  const RowSet none;
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.Contains(0));
  EXPECT_EQ(none.End(), 0);
  EXPECT_EQ(none, RowSet::Of({}));
  EXPECT_EQ(none.Union(RowSet::Of({1})), RowSet::Of({1}));
}

TEST(RowSetTest, RowsInAnyOrderAreKeptOnce) {
  const RowSet set = RowSet::Of({70000, 3, 5, 3, 4, 65535, 65536});
  EXPECT_EQ(RowsOf(set), (std::vector<int64_t>{3, 4, 5, 65535, 65536, 70000}));
  EXPECT_EQ(set.size(), 6);
  EXPECT_EQ(set.End(), 70001);
  EXPECT_TRUE(set.Contains(65535));
  EXPECT_FALSE(set.Contains(65537));
}

TEST(RowSetTest, EveryKindOfChunkBehavesAsASet) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    const std::set<int64_t> a = SomeRows(seed);
    const std::set<int64_t> b = SomeRows(seed + 100);
    const RowSet one = RowSet::Of({a.begin(), a.end()});
    const RowSet other = RowSet::Of({b.begin(), b.end()});
    EXPECT_EQ(RowsOf(one), std::vector<int64_t>(a.begin(), a.end()));
    std::set<int64_t> both = a;
    both.insert(b.begin(), b.end());
    EXPECT_EQ(RowsOf(one.Union(other)), std::vector<int64_t>(both.begin(), both.end()));
    std::set<int64_t> rest;
    for (const int64_t row : a) {
      if (b.count(row) == 0) rest.insert(row);
    }
    EXPECT_EQ(RowsOf(one.Without(other)), std::vector<int64_t>(rest.begin(), rest.end()));
    EXPECT_TRUE(one.IsSubsetOf(one.Union(other)));
    EXPECT_FALSE(one.IsSubsetOf(other));
  }
}

TEST(RowSetTest, MarkSetsTheBitsOfAWindow) {
  const std::set<int64_t> rows = SomeRows(7);
  const RowSet set = RowSet::Of({rows.begin(), rows.end()});
  for (int64_t begin = 0; begin < 700000; begin += 2047) {
    uint64_t words[32] = {};
    size_t expected = 0;
    const size_t marked = set.Mark(begin, 2047, words);
    for (int64_t i = 0; i < 2047; ++i) {
      const bool bit = (words[i / 64] >> (i % 64) & 1) != 0;
      ASSERT_EQ(bit, rows.count(begin + i) > 0) << begin + i;
      expected += bit ? 1 : 0;
    }
    EXPECT_EQ(marked, expected);
    EXPECT_EQ(words[31] >> 63, 0u);
  }
}

TEST(RowSetTest, AnyOfARangeIsToldAlsoAboveTwoToTheThirtyOne) {
  const int64_t far = (int64_t{1} << 40) + 5;
  const RowSet set = RowSet::Of({0, 70000, far});
  EXPECT_TRUE(set.ContainsAnyOf(0, 1));
  EXPECT_FALSE(set.ContainsAnyOf(1, 70000));
  EXPECT_TRUE(set.ContainsAnyOf(1, 70001));
  EXPECT_FALSE(set.ContainsAnyOf(70001, far));
  EXPECT_TRUE(set.ContainsAnyOf(far, far + 1));
  EXPECT_FALSE(set.ContainsAnyOf(far + 1, int64_t{1} << 62));
  EXPECT_TRUE(set.ContainsAnyOf(-10, 1));
  EXPECT_FALSE(set.ContainsAnyOf(5, 5));
  EXPECT_FALSE(RowSet().ContainsAnyOf(0, far));
}

TEST(Z85Test, TheTextOfTheSpecificationIsBothWaysItsBytes) {
  const std::string bytes = "\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B";
  EXPECT_EQ(EncodeZ85(bytes), "HelloWorld");
  EXPECT_EQ(DecodeZ85("HelloWorld"), bytes);
  EXPECT_EQ(DecodeZ85("Hello"), bytes.substr(0, 4));
}

TEST(Z85Test, WhatIsNoZ85IsNothing) {
  EXPECT_EQ(DecodeZ85("Hell"), std::nullopt);
  EXPECT_EQ(DecodeZ85("Hel o"), std::nullopt);
  EXPECT_EQ(DecodeZ85("#####"), std::nullopt);
  EXPECT_EQ(DecodeZ85(""), "");
}

}  // namespace
}  // namespace penstock
