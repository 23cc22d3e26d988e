#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "run/context.h"

namespace penstock::run {

// Tells an observer how the flows go: what they report, and in between what their running queries
// have read. Thread-safe; the observer is called by one thread at a time.
class LiveProgress {
 public:
  using Observer = std::function<void(const FlowProgress&)>;
  // `queries` is borrowed. An empty observer is not called.
  LiveProgress(Observer observer, RunningQueries& queries);

  void Report(const FlowProgress& progress);
  // Sends each flow that runs once more, brought up to date.
  void Tick();

 private:
  struct Running {
    FlowProgress reported;
    std::chrono::steady_clock::time_point since;
  };

  void Send(const std::string& dataset) const;

  Observer observer_;
  RunningQueries& queries_;
  std::mutex mutex_;
  std::map<std::string, Running> running_;  // by dataset
};

}  // namespace penstock::run
