#include "delta/checkpoint_thread.h"

#include <utility>

namespace penstock::delta {

namespace {

constexpr int kPauseShare = 4;

}  // namespace

CheckpointThread::~CheckpointThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status CheckpointThread::Want(SnapshotPtr snapshot) {
  const std::lock_guard lock(mutex_);
  wanted_ = std::move(snapshot);
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  changed_.notify_all();
  if (!failure_) return OkStatus();
  return *std::exchange(failure_, std::nullopt);
}

void CheckpointThread::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || wanted_ != nullptr; });
    if (wanted_ == nullptr) return;
    const SnapshotPtr snapshot = std::exchange(wanted_, nullptr);
    lock.unlock();
    const auto begin = Time::now();
    Status written = write_(snapshot);
    const auto pause = kPauseShare * (Time::now() - begin);
    lock.lock();
    if (!written.ok()) failure_ = std::move(written).error();
    changed_.wait_for(lock, pause, [this] { return ending_; });
  }
}

}  // namespace penstock::delta
