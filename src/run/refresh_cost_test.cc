#include "run/refresh_cost.h"

#include <gtest/gtest.h>

namespace penstock::run {
namespace {

RefreshSizes Aggregate(int64_t changed_rows) {
  RefreshSizes sizes;
  sizes.query = {10'000'000, 200'000'000};
  sizes.view = {1'000'000, 16'000'000};
  sizes.changes = {changed_rows, changed_rows * 20};
  sizes.scanned = sizes.query;
  sizes.technique = Technique::kKeys;
  return sizes;
}

TEST(RefreshCostTest, RecomputingIsChosenFromSomeChangeSizeOnAndNeverAgainBelow) {
  bool recompute = false;
  for (int64_t rows = 1; rows <= 10'000'000; rows *= 2) {
    const bool cheaper = RecomputingIsCheaper(Aggregate(rows));
    EXPECT_TRUE(cheaper || !recompute) << rows;
    recompute = cheaper;
  }
  EXPECT_TRUE(recompute);
  EXPECT_FALSE(RecomputingIsCheaper(Aggregate(10'000)));
}

// What was measured: seconds by changes and recomputed, after so many changed rows of ten million.
TEST(RefreshCostTest, TheChoiceIsAtMostAThirdDearerThanRecomputingWasMeasured) {
  struct Measured {
    int64_t rows;
    double by_keys, groups_recomputed, by_change, filter_recomputed;
  };
  for (const Measured& measured :
       {Measured{10'000, 0.59, 1.35, 0.10, 1.07}, Measured{100'000, 0.87, 1.40, 0.22, 1.08},
        Measured{300'000, 1.41, 1.53, 0.30, 1.21}, Measured{1'000'000, 3.00, 1.52, 0.95, 1.26},
        Measured{3'000'000, 5.00, 1.75, 3.14, 1.56},
        Measured{10'000'000, 10.38, 2.79, 10.71, 2.76}}) {
    if (!RecomputingIsCheaper(Aggregate(measured.rows))) {
      EXPECT_LE(measured.by_keys, 1.3 * measured.groups_recomputed) << measured.rows;
    }
    RefreshSizes filter = Aggregate(measured.rows);
    filter.view = {9'000'000, 180'000'000};
    filter.scanned = {};
    filter.technique = Technique::kChange;
    if (!RecomputingIsCheaper(filter)) {
      EXPECT_LE(measured.by_change, 1.3 * measured.filter_recomputed) << measured.rows;
    }
  }
  EXPECT_FALSE(RecomputingIsCheaper(Aggregate(100'000)));
}

// The same aggregate from the kept state of its million groups.
TEST(RefreshCostTest, KeptStateIsUsedWhereItWasMeasuredToBeCheaper) {
  struct Measured {
    int64_t rows;
    double from_state, recomputed;
  };
  for (const Measured& measured : {Measured{100'000, 0.97, 1.61}, Measured{300'000, 1.41, 1.43},
                                   Measured{600'000, 2.16, 1.65}}) {
    RefreshSizes sizes = Aggregate(measured.rows);
    sizes.scanned = {1'000'000, 30'000'000};
    sizes.technique = Technique::kState;
    EXPECT_EQ(RecomputingIsCheaper(sizes), measured.from_state > measured.recomputed)
        << measured.rows;
  }
}

TEST(RefreshCostTest, FewChangedRowsAreAlwaysFollowed) {
  RefreshSizes sizes = Aggregate(900);
  sizes.query = {900, 9000};
  sizes.scanned = {90'000'000, 900'000'000};
  EXPECT_FALSE(RecomputingIsCheaper(sizes));
}

TEST(RefreshCostTest, RowsToReadAndWriteAreThoseOfTheSteps) {
  const auto costs = CostsOf(Aggregate(1000));
  ASSERT_EQ(costs.size(), 2);
  EXPECT_EQ(costs[0].read, (Amount{10'000'000, 200'000'000}));
  EXPECT_EQ(costs[0].written, (Amount{1'000'000, 16'000'000}));
  EXPECT_EQ(costs[1].technique, Technique::kKeys);
  EXPECT_EQ(costs[1].read, (Amount{11'001'000, 216'020'000}));
  EXPECT_EQ(costs[1].written.rows, 1000);
}

TEST(RefreshCostTest, WithoutATechniqueThereIsOneCost) {
  RefreshSizes sizes = Aggregate(1000);
  sizes.technique.reset();
  EXPECT_EQ(CostsOf(sizes).size(), 1);
  EXPECT_FALSE(RecomputingIsCheaper(sizes));
}

TEST(RefreshCostTest, EmptyTablesCostNothing) {
  RefreshSizes sizes;
  sizes.technique = Technique::kChange;
  EXPECT_EQ(CostsOf(sizes)[1].seconds, 0);
}

}  // namespace
}  // namespace penstock::run
