#include "sql/query/date_interval.h"

#include <gtest/gtest.h>

namespace penstock::sql {
namespace {

TEST(DateIntervalTest, PartsAreJoinedInTheSingular) {
  EXPECT_EQ(*IntervalText({{"7", "days", ""}}), "7 day");
  EXPECT_EQ(*IntervalText({{"1", "day", ""}, {"-2", "hours", ""}}), "1 day -2 hour");
  EXPECT_EQ(*IntervalText({{"interval 3 weeks", "", ""}}), "3 weeks");
}

TEST(DateIntervalTest, RangesAreReadFromTheFirstUnitToTheLast) {
  EXPECT_EQ(*IntervalText({{"1 2", "day", "hour"}}), "1 day 2 hour");
  EXPECT_EQ(*IntervalText({{"-1-6", "year", "month"}}), "-1 year -6 month");
  EXPECT_EQ(*IntervalText({{"1 2:03:04.5", "day", "second"}}),
            "1 day 2 hour 03 minute 04.5 second");
}

TEST(DateIntervalTest, ARangeWithTooFewPartsIsAnError) {
  const Result<std::string> text = IntervalText({{"1", "day", "hour"}});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, "BAD_INTERVAL");
}

TEST(DateIntervalTest, UnitsAreKnownInAnyCaseAndNumber) {
  EXPECT_TRUE(IsIntervalUnit("DAYS"));
  EXPECT_TRUE(IsIntervalUnit("week"));
  EXPECT_FALSE(IsIntervalUnit("s"));
  EXPECT_FALSE(IsIntervalUnit("dayss"));
}

}  // namespace
}  // namespace penstock::sql
