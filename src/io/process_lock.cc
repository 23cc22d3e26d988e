#include "io/process_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace penstock::io {
namespace {

Error CannotLock(const std::string& path) {
  return SystemError("CANNOT_LOCK", "cannot lock " + path + ": " + std::strerror(errno),
                     "Check that the storage folder is writable by this user.");
}

std::string HolderOf(int file) {
  char text[64] = {};
  const ssize_t length = pread(file, text, sizeof text - 1, 0);
  std::string holder(text, length > 0 ? static_cast<size_t>(length) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder.empty() ? "unknown" : holder;
}

}  // namespace

Result<std::unique_ptr<ProcessLock>> ProcessLock::Acquire(const std::string& path, bool wait) {
  std::error_code failure;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failure);
  errno = failure.value();
  if (failure) return CannotLock(path);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return CannotLock(path);
  std::unique_ptr<ProcessLock> lock(new ProcessLock(file));
  int outcome = 0;
  do {
    outcome = flock(file, LOCK_EX | (wait ? 0 : LOCK_NB));
  } while (outcome != 0 && errno == EINTR);
  if (outcome != 0 && errno == EWOULDBLOCK) {
    return UserError(
        "LOCKED",
        "another update runs on this storage: process " + HolderOf(file) + " holds " + path,
        "Wait for it to end, or stop it.");
  }
  if (outcome != 0) return CannotLock(path);
  const std::string holder = std::to_string(getpid()) + "\n";
  if (ftruncate(file, 0) != 0 || pwrite(file, holder.data(), holder.size(), 0) < 0) {
    return CannotLock(path);
  }
  return lock;
}

ProcessLock::~ProcessLock() { close(file_); }

}  // namespace penstock::io
