#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "cli/diagnostics.h"
#include "cli/terminal.h"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kBetweenDrawings{100};
constexpr size_t kMostLiveLines = 12;
constexpr double kBetweenLines = 10;  // seconds of a flow, where there is no terminal
// Rates over shorter times say nothing.
constexpr double kShortestRated = 1.0;
constexpr int64_t kFewestRated = 10000;  // rows; the rate of fewer says nothing

bool HasEnded(const std::string& status) {
  return status == "COMPLETED" || status == "FAILED" || status == "SKIPPED" || status == "STOPPED";
}

std::string Mark(const std::string& status) {
  if (status == "COMPLETED") return "\x1b[32m✔\x1b[0m ";
  if (status == "FAILED") return "\x1b[31m✘\x1b[0m ";
  return "\x1b[33m-\x1b[0m ";
}

std::string StatusWord(const std::string& status) {
  std::string word = status;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return word;
}

std::string Remaining(const run::FlowProgress& flow) {
  if (HasEnded(flow.status) || flow.percent <= 0 || flow.percent >= 100) return "";
  const double left = flow.seconds * (100 - flow.percent) / flow.percent;
  return fmt::format("  {:.0f} %, {:.0f} s left", flow.percent, left);
}

}  // namespace

std::string ProgressText(const run::FlowProgress& flow) {
  std::string text = flow.dataset;
  if (!flow.flow.empty() && flow.flow != flow.dataset) text += " (flow " + flow.flow + ")";
  text += "  " + StatusWord(flow.status);
  if (!flow.mode.empty()) text += "  " + flow.mode;
  if (!flow.reason.empty()) text += " (" + flow.reason + ")";
  if (flow.rows_in > 0 || flow.rows_out > 0) text += "  in " + Grouped(flow.rows_in);
  // What a query writes is known once it ends.
  if (flow.rows_out > 0 || (HasEnded(flow.status) && flow.rows_in > 0)) {
    text += "  out " + Grouped(flow.rows_out);
  }
  if (flow.changes) {
    text += "  inserted " + Grouped(flow.changes->inserted) + "  updated " +
            Grouped(flow.changes->updated) + "  deleted " + Grouped(flow.changes->deleted);
    if (flow.changes->late > 0) text += "  late " + Grouped(flow.changes->late);
  }
  if (!HasEnded(flow.status) && flow.batches > 0) {
    text += "  batches " + Grouped(flow.batches);
  }
  if (flow.dropped > 0) text += "  dropped " + Grouped(flow.dropped);
  if (flow.quarantined > 0) text += "  quarantined " + Grouped(flow.quarantined);
  if (flow.seconds >= kShortestRated && flow.rows_in >= kFewestRated) {
    text += "  " + Grouped(static_cast<int64_t>(static_cast<double>(flow.rows_in) / flow.seconds)) +
            " rows/s";
  }
  if (flow.status != "SKIPPED" && flow.status != "EXCLUDED")
    text += fmt::format("  {:.1f} s", flow.seconds);
  return text + Remaining(flow);
}

Progress::Progress() : live_(AllowsAnsi(stderr)), began_(steady_clock::now()) {}

double Progress::seconds() const {
  return std::chrono::duration<double>(steady_clock::now() - began_).count();
}

void Progress::Show(const run::FlowProgress& flow) {
  std::lock_guard lock(mutex_);
  if (flow.status == "QUEUED" || flow.status == "EXCLUDED") return;
  const std::string text = HasEnded(flow.status) ? Ended(flow) : Running(flow);
  std::fputs(text.c_str(), stderr);
}

std::string Progress::Ended(const run::FlowProgress& flow) {
  if (!ended_.insert({flow.dataset, flow.status}).second) return "";
  running_.erase(flow.dataset);
  const std::string mark = live_ ? Mark(flow.status) : "";
  const std::string line = Erase() + mark + ProgressText(flow) + "\n";
  return live_ ? line + Draw() : line;
}

std::string Progress::Running(const run::FlowProgress& flow) {
  if (!live_) {
    double& next = next_line_.try_emplace(flow.dataset, kBetweenLines).first->second;
    if (flow.seconds < next) return "";
    next = flow.seconds + kBetweenLines;
    return ProgressText(flow) + "\n";
  }
  running_[flow.dataset] = flow;
  if (steady_clock::now() - last_drawn_ < kBetweenDrawings) return "";
  const std::string erased = Erase();
  return erased + Draw();
}

void Progress::Warn(const std::string& text) {
  std::lock_guard lock(mutex_);
  std::fputs(Erase().c_str(), stderr);
  PrintWarning(text);
}

void Progress::End() {
  std::lock_guard lock(mutex_);
  running_.clear();
  std::fputs(Erase().c_str(), stderr);
}

std::string Progress::Draw() {
  const size_t width = TerminalWidth(stderr);
  std::string text;
  size_t lines = 0;
  for (const auto& [key, flow] : running_) {
    if (++lines > kMostLiveLines) break;
    text += "  " + std::string(Truncate(ProgressText(flow), width > 4 ? width - 3 : 1)) + "\n";
  }
  drawn_ = std::min(running_.size(), kMostLiveLines);
  last_drawn_ = steady_clock::now();
  return text;
}

// Up to the first live line, and everything from there on cleared.
std::string Progress::Erase() {
  if (drawn_ == 0) return "";
  const std::string text = fmt::format("\x1b[{}A\r\x1b[J", drawn_);
  drawn_ = 0;
  return text;
}

}  // namespace penstock::cli
