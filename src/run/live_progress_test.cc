#include "run/live_progress.h"

#include <gtest/gtest.h>

namespace penstock::run {
namespace {

FlowProgress Of(const std::string& dataset, const std::string& status, int64_t rows_in) {
  FlowProgress progress;
  progress.dataset = dataset;
  progress.status = status;
  progress.rows_in = rows_in;
  return progress;
}

TEST(LiveProgress, ATickAddsWhatTheRunningQueryHasReadToWhatWasReported) {
  RunningQueries queries;
  std::vector<FlowProgress> seen;
  LiveProgress live([&](const FlowProgress& progress) { seen.push_back(progress); }, queries);
  live.Report(Of("t", "RUNNING", 100));
  int64_t rows = 7;
  {
    const QueryScope scope(queries, {nullptr, "t", [&] { return rows; }});
    live.Tick();
    rows = 9;
    live.Tick();
  }
  live.Tick();
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[1].rows_in, 107);
  EXPECT_EQ(seen[2].rows_in, 109);
  EXPECT_EQ(seen[3].rows_in, 100);
}

TEST(LiveProgress, WhatEndedIsNotSentAgain) {
  RunningQueries queries;
  std::vector<std::string> seen;
  LiveProgress live([&](const FlowProgress& progress) { seen.push_back(progress.dataset); },
                    queries);
  live.Report(Of("a", "RUNNING", 0));
  live.Report(Of("b", "RUNNING", 0));
  live.Report(Of("a", "COMPLETED", 5));
  seen.clear();
  live.Tick();
  EXPECT_EQ(seen, std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace penstock::run
