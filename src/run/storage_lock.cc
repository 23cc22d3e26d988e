#include "run/storage_lock.h"

#include <charconv>

namespace penstock::run {
namespace {

constexpr char kSecondsKey[] = "penstock.lease.seconds";
// A request may be tried again for two minutes, and half of the lease is trusted without a renewal.
constexpr int64_t kSeconds = 300;
constexpr int64_t kLeast = 4;

Result<int64_t> LeaseSeconds(const model::Project& project) {
  const auto found = project.configuration.find(kSecondsKey);
  if (found == project.configuration.end()) return kSeconds;
  const std::string& text = found->second;
  int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure == std::errc{} && end == text.data() + text.size() && seconds >= kLeast &&
      seconds <= 86400) {
    return seconds;
  }
  return UserError("BAD_SETTING", std::string(kSecondsKey) + " is \"" + text + "\"",
                   "Give a number of seconds from 4 to 86400; 300 is the default.")
      .At({project.file, 0, 0});
}

}  // namespace

Result<std::unique_ptr<StorageLock>> StorageLock::Acquire(Workspace& workspace, bool wait) {
  std::unique_ptr<StorageLock> lock(new StorageLock(workspace));
  const catalog::Layout& layout = workspace.catalog->layout();
  if (workspace.leased == nullptr) {
    ASSIGN_OR_RETURN(lock->file_, io::ProcessLock::Acquire(layout.LockPath(), wait));
    return lock;
  }
  ASSIGN_OR_RETURN(const int64_t seconds, LeaseSeconds(workspace.project));
  ASSIGN_OR_RETURN(lock->lease_, io::Lease::Acquire(workspace.leased->base(), layout.LeaseFolder(),
                                                    seconds, wait));
  workspace.leased->Watch(lock->lease_.get());
  return lock;
}

StorageLock::~StorageLock() {
  if (lease_) workspace_.leased->Watch(nullptr);
}

}  // namespace penstock::run
