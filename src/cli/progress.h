#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "run/project_run.h"

namespace penstock::cli {

// One flow's state as one line: "silver  append  in 100  out 98  dropped 1  quarantined 1  0.4 s".
std::string ProgressText(const run::FlowProgress& flow);

// Shows on standard error how an update goes: a line for each flow as it ends, and on a terminal
// below them one live line for each that runs; elsewhere a line now and then for each that takes
// long. Thread-safe.
class Progress {
 public:
  Progress();

  void Show(const run::FlowProgress& flow);
  // A warning above the live lines.
  void Warn(const std::string& text);
  // Takes the live lines away.
  void End();
  double seconds() const;

 private:
  std::string Ended(const run::FlowProgress& flow);
  std::string Running(const run::FlowProgress& flow);
  std::string Draw();
  std::string Erase();

  const bool live_;
  const std::chrono::steady_clock::time_point began_;
  std::mutex mutex_;
  std::map<std::string, run::FlowProgress> running_;  // by dataset
  std::map<std::string, std::string> ended_;          // the status it ended with, by dataset
  std::map<std::string, double> next_line_;           // without a terminal: seconds, by dataset
  size_t drawn_ = 0;                                  // live lines on the screen
  std::chrono::steady_clock::time_point last_drawn_;
};

}  // namespace penstock::cli
