#include "run/live_progress.h"

namespace penstock::run {

LiveProgress::LiveProgress(Observer observer, RunningQueries& queries)
    : observer_(std::move(observer)), queries_(queries) {}

void LiveProgress::Report(const FlowProgress& progress) {
  const std::lock_guard lock(mutex_);
  if (progress.status == "RUNNING") {
    const auto now = std::chrono::steady_clock::now();
    running_.try_emplace(progress.dataset, Running{{}, now}).first->second.reported = progress;
    return Send(progress.dataset);
  }
  running_.erase(progress.dataset);
  if (observer_) observer_(progress);
}

void LiveProgress::Tick() {
  const std::lock_guard lock(mutex_);
  for (const auto& [dataset, running] : running_) Send(dataset);
}

// The mutex is held.
void LiveProgress::Send(const std::string& dataset) const {
  if (!observer_) return;
  const Running& running = running_.at(dataset);
  FlowProgress progress = running.reported;
  progress.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - running.since).count();
  if (const auto query = queries_.ProgressOf(dataset)) {
    progress.rows_in += query->rows;
    progress.percent = query->percent;
  }
  observer_(progress);
}

}  // namespace penstock::run
