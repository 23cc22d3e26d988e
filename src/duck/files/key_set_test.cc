#include "duck/files/key_set.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

namespace penstock::duck {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();

TEST(KeySetTest, ContainsWhatItWasGivenAndNothingElse) {
  std::mt19937_64 random(7);
  for (const int64_t spread : {int64_t{100}, int64_t{1} << 20, kGreatest}) {
    std::set<int64_t> expected = {kLeast, -1, 0, kGreatest};
    for (int i = 0; i < 5000; ++i) expected.insert(static_cast<int64_t>(random()) % spread);
    std::vector<int64_t> given(expected.rbegin(), expected.rend());
    given.push_back(0);
    const KeySet keys(given);
    for (const int64_t key : expected) ASSERT_TRUE(keys.Contains(key)) << key;
    for (int i = 0; i < 50000; ++i) {
      const int64_t key = static_cast<int64_t>(random()) % spread;
      ASSERT_EQ(keys.Contains(key), expected.contains(key)) << key;
    }
    EXPECT_EQ(keys.min(), kLeast);
    EXPECT_EQ(keys.max(), kGreatest);
  }
}

TEST(KeySetTest, TheQuickTestLetsFewOthersThrough) {
  std::vector<int64_t> some;
  for (int64_t i = 0; i < 10000; ++i) some.push_back(i * 9973);
  const KeySet keys(some);
  int wrong = 0;
  for (int64_t i = 0; i < 100000; ++i) wrong += keys.MayContain(i * 9973 + 1) ? 1 : 0;
  EXPECT_LT(wrong, 3000);
}

TEST(KeySetTest, AnyOfARangeCountsBothEnds) {
  const KeySet keys({10, 20});
  EXPECT_TRUE(keys.ContainsAnyOf(10, 10));
  EXPECT_TRUE(keys.ContainsAnyOf(kLeast, 10));
  EXPECT_TRUE(keys.ContainsAnyOf(20, kGreatest));
  EXPECT_FALSE(keys.ContainsAnyOf(11, 19));
  EXPECT_FALSE(keys.ContainsAnyOf(21, kGreatest));
}

TEST(KeySetTest, NoKeysContainNothing) {
  const KeySet keys({});
  EXPECT_TRUE(keys.empty());
  EXPECT_FALSE(keys.Contains(0));
  EXPECT_FALSE(keys.ContainsAnyOf(kLeast, kGreatest));
}

}  // namespace
}  // namespace penstock::duck
