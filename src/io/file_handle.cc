#include "io/file_handle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "io/local_error.h"

namespace penstock::io {

namespace {

constexpr int64_t kReadStep = 1 << 20;

}  // namespace

Result<FileHandle> FileHandle::Open(const std::string& path, int flags, std::string_view action,
                                    unsigned mode) {
  int descriptor;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return FileError(errno, action, path);
  return FileHandle(descriptor, path);
}

FileHandle::FileHandle(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {}

FileHandle::FileHandle(FileHandle&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status FileHandle::WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(errno, "write", path_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return OkStatus();
}

Result<std::string> FileHandle::ReadAt(int64_t offset, int64_t length) {
  struct stat info;
  if (::fstat(descriptor_, &info) != 0) return FileError(errno, "read", path_);
  if (S_ISDIR(info.st_mode)) return FileError(EISDIR, "read", path_);
  std::string bytes;
  // The size is only a first guess: the file may grow, and files of /proc say 0.
  int64_t room = std::max<int64_t>(info.st_size - offset, 0) + 1;
  while (length < 0 || static_cast<int64_t>(bytes.size()) < length) {
    const size_t have = bytes.size();
    if (length >= 0) room = std::min<int64_t>(room, length - static_cast<int64_t>(have));
    bytes.resize(have + static_cast<size_t>(room));
    const ssize_t got = ::pread(descriptor_, bytes.data() + have, static_cast<size_t>(room),
                                offset + static_cast<int64_t>(have));
    if (got < 0 && errno != EINTR) return FileError(errno, "read", path_);
    bytes.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) break;
    if (got > 0) room = got < room ? room - got : kReadStep;
  }
  return bytes;
}

Status FileHandle::Sync() {
  if (::fsync(descriptor_) != 0) return FileError(errno, "sync", path_);
  return OkStatus();
}

Status SyncFolder(const std::string& folder) {
  ASSIGN_OR_RETURN(FileHandle handle, FileHandle::Open(folder, O_RDONLY | O_DIRECTORY, "sync"));
  return handle.Sync();
}

}  // namespace penstock::io
