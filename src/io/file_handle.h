#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::io {

// An open file descriptor of this machine, closed at the end of its life. Not thread-safe.
class FileHandle {
 public:
  // `flags` and `mode` as of open(2); O_CLOEXEC is added. `action` words the error.
  static Result<FileHandle> Open(const std::string& path, int flags, std::string_view action,
                                 unsigned mode = 0666);
  FileHandle(FileHandle&& other) noexcept;
  FileHandle& operator=(FileHandle&&) = delete;
  ~FileHandle();

  int descriptor() const { return descriptor_; }
  Status WriteAll(std::string_view bytes);
  // At most `length` bytes from `offset`; less only at the end of the file. -1: everything.
  Result<std::string> ReadAt(int64_t offset, int64_t length);
  Status Sync();

 private:
  FileHandle(int descriptor, std::string path);

  int descriptor_;
  std::string path_;
};

// Makes the entries of a folder durable.
Status SyncFolder(const std::string& folder);

}  // namespace penstock::io
