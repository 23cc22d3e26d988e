#include "cli/table_rows.h"

#include <gtest/gtest.h>

#include "cli/inspect.h"
#include "cli/progress.h"
#include "cli/target.h"

namespace penstock::cli {
namespace {

TEST(ParseTimestampTest, FormsWithAndWithoutZone) {
  constexpr int64_t kNoon = 1769860800000;  // 2026-01-31T12:00:00Z
  EXPECT_EQ(ParseTimestampMs("2026-01-31T12:00:00Z").value(), kNoon);
  EXPECT_EQ(ParseTimestampMs("2026-01-31 12:00").value(), kNoon);
  EXPECT_EQ(ParseTimestampMs("2026-01-31T13:00:00+01:00").value(), kNoon);
  EXPECT_EQ(ParseTimestampMs("2026-01-31T10:30:00-0130").value(), kNoon);
  EXPECT_EQ(ParseTimestampMs("2026-01-31T12:00:00.123456Z").value(), kNoon + 123);
  EXPECT_EQ(ParseTimestampMs("2026-01-31").value(), kNoon - 12 * 3600 * 1000);
}

TEST(ParseTimestampTest, OtherTextsAreRefusedWithTheText) {
  for (const char* text :
       {"", "yesterday", "2026-13-01", "2026-02-30", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00X",
        "2026-01-31x", "2026-01-31T", "2026-01-31T12:00:"}) {
    const Result<int64_t> parsed = ParseTimestampMs(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, "INVALID_TIMESTAMP");
  }
}

TEST(ParseTableNameTest, PartsAreCompletedFromTheProject) {
  model::Project project;
  project.catalog = "main";
  project.schema = "sales";
  EXPECT_EQ(ParseTableName("t", project).value(), (model::TableName{"main", "sales", "t"}));
  EXPECT_EQ(ParseTableName("a.t", project).value(), (model::TableName{"main", "a", "t"}));
  EXPECT_EQ(ParseTableName("c.a.`x.``y`", project).value(), (model::TableName{"c", "a", "x.`y"}));
  for (const char* text : {"", ".", "a..b", "a.b.c.d", "`a"}) {
    EXPECT_FALSE(ParseTableName(text, project).ok()) << text;
  }
}

TEST(MatchesShowPatternTest, StarsAndAlternativesWithoutRegardToCase) {
  EXPECT_TRUE(MatchesShowPattern("sil*", "Silver_orders"));
  EXPECT_TRUE(MatchesShowPattern("gold*|*orders", "silver_orders"));
  EXPECT_TRUE(MatchesShowPattern("a[b]?", "a[b]?"));
  EXPECT_FALSE(MatchesShowPattern("silver", "silver_orders"));
  EXPECT_FALSE(MatchesShowPattern("a?", "ab"));
}

TEST(ProgressTextTest, ShowsWhatCounts) {
  run::FlowProgress flow;
  flow.dataset = "default.silver";
  flow.flow = "default.silver";
  flow.status = "COMPLETED";
  flow.mode = "append";
  flow.reason = "2 new files";
  flow.rows_in = 1234567;
  flow.rows_out = 1234560;
  flow.dropped = 3;
  flow.quarantined = 4;
  flow.seconds = 2;
  EXPECT_EQ(ProgressText(flow),
            "default.silver  completed  append (2 new files)  in 1,234,567  out 1,234,560  dropped "
            "3  quarantined 4  "
            "617,283 rows/s  2.0 s");
}

TEST(ProgressTextTest, RunningFlowTellsWhatIsLeft) {
  run::FlowProgress flow;
  flow.dataset = "gold";
  flow.status = "RUNNING";
  flow.seconds = 3;
  flow.percent = 25;
  EXPECT_EQ(ProgressText(flow), "gold  running  3.0 s  25 %, 9 s left");
}

}  // namespace
}  // namespace penstock::cli
