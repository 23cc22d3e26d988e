#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"
#include "delta/snapshot.h"

namespace penstock::delta {

// Writes checkpoints of one table beside its commits. While one is being written, and for four
// times as long afterwards, of the snapshots that are wanted only the newest waits: so checkpoints
// of a great table take at most a fifth of one core, whatever the rate of commits.
//
//   idle --Want--> waiting --(the pause is over)--> writing --> idle, or waiting when another is
//   wanted
class CheckpointThread {
 public:
  using Write = std::function<Status(const SnapshotPtr&)>;
  // The thread starts with the first snapshot that is wanted.
  explicit CheckpointThread(Write write) : write_(std::move(write)) {}
  // Writes what still waits, without a pause.
  ~CheckpointThread();
  CheckpointThread(const CheckpointThread&) = delete;

  // Any thread. What went wrong since the last call, if anything.
  Status Want(SnapshotPtr snapshot);

 private:
  using Time = std::chrono::steady_clock;

  void Run();

  const Write write_;
  std::mutex mutex_;
  std::condition_variable changed_;
  SnapshotPtr wanted_;
  bool ending_ = false;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace penstock::delta
