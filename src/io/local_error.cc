#include "io/local_error.h"

#include <cerrno>
#include <system_error>

namespace penstock::io {

namespace {

struct Refusal {
  std::string_view code;
  std::string_view remedy;
};

Refusal Classify(int error_number) {
  switch (error_number) {
    case ENOENT:
      return {"NOT_FOUND", "Check the path; a file may also have been removed meanwhile."};
    case EACCES:
    case EPERM:
      return {"PERMISSION_DENIED", "Give the current user the right to this path, or use another."};
    case EROFS:
      return {"READ_ONLY",
              "The file system is mounted read-only: choose a storage folder elsewhere."};
    case ENOSPC:
    case EDQUOT:
      return {"DISK_FULL", "Free space (or raise the quota) on that disk and run again."};
    case EISDIR:
      return {"IS_A_FOLDER", "Name a file instead of a folder."};
    case ENOTDIR:
      return {"NOT_A_FOLDER", "A part of this path is a file: name a folder."};
    case ENAMETOOLONG:
      return {"NAME_TOO_LONG", "Shorten the name; most file systems allow 255 bytes a name."};
    case EMFILE:
    case ENFILE:
      return {"TOO_MANY_OPEN_FILES", "Raise the limit of open files (ulimit -n) and run again."};
    case EFBIG:
      return {"FILE_TOO_LARGE", "Raise the limit of file sizes (ulimit -f) and run again."};
    default:
      return {"IO_ERROR", "Look at the disk and the system log (dmesg), then run again."};
  }
}

}  // namespace

Error FileError(int error_number, std::string_view action, const std::string& path) {
  const Refusal refusal = Classify(error_number);
  return SystemError(std::string(refusal.code),
                     "cannot " + std::string(action) + " '" + path +
                         "': " + std::system_category().message(error_number),
                     std::string(refusal.remedy));
}

}  // namespace penstock::io
