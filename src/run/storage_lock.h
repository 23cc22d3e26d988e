#pragma once

#include <memory>

#include "base/result.h"
#include "io/lease.h"
#include "io/process_lock.h"
#include "run/project_run.h"

namespace penstock::run {

// The right to update the tables of a storage root, for one process at a time: a locked file on a
// disk; on an object store a lease, without which the workspace's storage writes nothing more.
// Penstock's own tables are safe without it, because their commits are judged by the log; it keeps
// two updates from doing the same work and from overwriting each other's small files.
class StorageLock {
 public:
  // LOCKED names the holder; with `wait`, waits for it. The workspace is borrowed.
  static Result<std::unique_ptr<StorageLock>> Acquire(Workspace& workspace, bool wait);
  ~StorageLock();
  StorageLock(const StorageLock&) = delete;

 private:
  explicit StorageLock(Workspace& workspace) : workspace_(workspace) {}

  Workspace& workspace_;
  std::unique_ptr<io::ProcessLock> file_;
  std::unique_ptr<io::Lease> lease_;
};

}  // namespace penstock::run
