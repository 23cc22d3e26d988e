#include "cli/progress.h"

#include <gtest/gtest.h>

namespace penstock::cli {
namespace {

// What is written where standard error is no terminal.
std::string Shown(const std::vector<run::FlowProgress>& flows) {
  testing::internal::CaptureStderr();
  Progress progress;
  for (const run::FlowProgress& flow : flows) progress.Show(flow);
  progress.End();
  return testing::internal::GetCapturedStderr();
}

run::FlowProgress After(double seconds, int64_t rows, const std::string& status = "RUNNING") {
  run::FlowProgress flow;
  flow.dataset = flow.flow = "t";
  flow.status = status;
  flow.seconds = seconds;
  flow.rows_in = rows;
  flow.rows_out = rows;
  return flow;
}

TEST(Progress, ALongFlowGivesALineNowAndThenWithoutATerminal) {
  EXPECT_EQ(Shown({After(0, 0), After(9.9, 5), After(10, 20), After(19, 30), After(20.5, 41000)}),
            "t  running  in 20  out 20  10.0 s\n"
            "t  running  in 41,000  out 41,000  2,000 rows/s  20.5 s\n");
}

TEST(Progress, WhatARunningFlowHasWrittenIsSaidOnceABatchIsCommitted) {
  run::FlowProgress flow = After(0.5, 1234567);
  flow.rows_out = 0;
  EXPECT_EQ(ProgressText(flow), "t  running  in 1,234,567  0.5 s");
  flow.rows_out = 7;
  flow.batches = 2;
  EXPECT_EQ(ProgressText(flow), "t  running  in 1,234,567  out 7  batches 2  0.5 s");
  flow.status = "COMPLETED";
  flow.rows_out = 0;
  EXPECT_EQ(ProgressText(flow), "t  completed  in 1,234,567  out 0  0.5 s");
}

TEST(Progress, AShortFlowGivesOneLineAsItEnds) {
  EXPECT_EQ(Shown({After(0, 0), After(0.5, 5), After(0.6, 5, "COMPLETED")}),
            "t  completed  in 5  out 5  0.6 s\n");
}

}  // namespace
}  // namespace penstock::cli
