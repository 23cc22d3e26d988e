#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "io/file_handle.h"
#include "io/local_error.h"
#include "io/storage.h"

namespace penstock::io {

namespace {

// Hidden from listings; short whatever the final name is.
constexpr std::string_view kTemporaryPrefix = ".penstock-tmp-";

TimestampMicros Micros(const timespec& time) {
  return static_cast<TimestampMicros>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

FileInfo ToFileInfo(std::string path, const struct stat& info) {
  return FileInfo{std::move(path), info.st_size, Micros(info.st_mtim)};
}

// No such thing at that path (a part of it may be a file, or a link that leads nowhere or round in
// a circle).
bool IsAbsent(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP;
}

// Two links may lead to one folder; a folder that is its own ancestor would never end.
struct FolderId {
  dev_t device;
  ino_t inode;
  bool operator==(const FolderId&) const = default;
};

class Listing {
 public:
  explicit Listing(bool recursive) : recursive_(recursive) {}

  Status Walk(const std::string& folder) {
    DIR* stream = ::opendir(folder.c_str());
    if (stream == nullptr) {
      return errno == ENOENT ? OkStatus() : Status(FileError(errno, "list", folder));
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
    struct stat self;
    if (::fstat(::dirfd(stream), &self) != 0) return FileError(errno, "list", folder);
    const FolderId id{self.st_dev, self.st_ino};
    if (std::find(ancestors_.begin(), ancestors_.end(), id) != ancestors_.end()) return OkStatus();
    ancestors_.push_back(id);
    Status status = WalkEntries(stream, folder);
    ancestors_.pop_back();
    return status;
  }

  std::vector<FileInfo> Sorted() && {
    std::sort(files_.begin(), files_.end(),
              [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
    return std::move(files_);
  }

  std::vector<std::string> SortedFolderNames() && {
    std::sort(folder_names_.begin(), folder_names_.end());
    return std::move(folder_names_);
  }

 private:
  Status WalkEntries(DIR* stream, const std::string& folder) {
    std::vector<std::string> folders;
    for (errno = 0; const dirent* entry = ::readdir(stream); errno = 0) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == ".." || name.starts_with(kTemporaryPrefix)) continue;
      std::string path = (folder == "/" ? "" : folder) + "/" + std::string(name);
      struct stat info;
      if (::fstatat(::dirfd(stream), entry->d_name, &info, 0) != 0) {
        if (IsAbsent(errno)) continue;
        return FileError(errno, "list", path);
      }
      if (S_ISREG(info.st_mode))
        files_.push_back(ToFileInfo(std::move(path), info));
      else if (S_ISDIR(info.st_mode) && recursive_)
        folders.push_back(std::move(path));
      else if (S_ISDIR(info.st_mode))
        folder_names_.emplace_back(name);
    }
    if (errno != 0) return FileError(errno, "list", folder);
    for (const std::string& inner : folders) RETURN_IF_ERROR(Walk(inner));
    return OkStatus();
  }

  bool recursive_;
  std::vector<FolderId> ancestors_;
  std::vector<FileInfo> files_;
  std::vector<std::string> folder_names_;  // of the folder itself, unless recursive
};

class LocalStorage : public Storage {
 public:
  Result<std::string> Read(const std::string& path) override {
    ASSIGN_OR_RETURN(FileHandle file, FileHandle::Open(path, O_RDONLY, "read"));
    return file.ReadAt(0, -1);
  }

  Result<std::string> ReadRange(const std::string& path, int64_t offset, int64_t length) override {
    ASSIGN_OR_RETURN(FileHandle file, FileHandle::Open(path, O_RDONLY, "read"));
    return file.ReadAt(std::max<int64_t>(offset, 0), std::max<int64_t>(length, 0));
  }

  Result<std::vector<FileInfo>> List(const std::string& folder) override {
    return ListWith(folder, false);
  }

  Result<std::vector<FileInfo>> ListRecursive(const std::string& folder) override {
    return ListWith(folder, true);
  }

  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    Listing listing(false);
    RETURN_IF_ERROR(listing.Walk(JoinPath("/", folder)));
    return std::move(listing).SortedFolderNames();
  }

  Result<std::optional<FileInfo>> Stat(const std::string& path) override {
    struct stat info;
    if (::stat(path.c_str(), &info) == 0) return std::optional(ToFileInfo(path, info));
    if (IsAbsent(errno)) return std::optional<FileInfo>();
    return FileError(errno, "look at", path);
  }

  Result<bool> IsFolder(const std::string& path) override {
    struct stat info;
    if (::stat(path.c_str(), &info) == 0) return S_ISDIR(info.st_mode);
    if (IsAbsent(errno)) return false;
    return FileError(errno, "look at", path);
  }

  Result<bool> IsLink(const std::string& path) override {
    struct stat info;
    if (::lstat(path.c_str(), &info) == 0) return S_ISLNK(info.st_mode);
    if (IsAbsent(errno)) return false;
    return FileError(errno, "look at", path);
  }

  Status CreateFolders(const std::string& path) override {
    if (::mkdir(path.c_str(), 0777) == 0) return SyncFolder(ParentPath(path));
    if (errno == ENOENT && path != "/") {
      RETURN_IF_ERROR(CreateFolders(ParentPath(path)));
      if (::mkdir(path.c_str(), 0777) == 0) return SyncFolder(ParentPath(path));
    }
    if (errno != EEXIST) return FileError(errno, "create the folder", path);
    ASSIGN_OR_RETURN(const bool is_folder, IsFolder(path));
    return is_folder ? OkStatus() : Status(FileError(ENOTDIR, "create the folder", path));
  }

  Status Write(const std::string& path, std::string_view bytes) override {
    const std::string folder = ParentPath(path);
    ASSIGN_OR_RETURN(const std::string temporary, WriteTemporary(folder, path, bytes));
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
      const Error error = FileError(errno, "write", path);
      ::unlink(temporary.c_str());
      return error;
    }
    return SyncFolder(folder);
  }

  Result<PutOutcome> PutIfAbsent(const std::string& path, std::string_view bytes) override {
    // Spares the loser of a race a sync; the link below is what decides.
    struct stat info;
    if (::lstat(path.c_str(), &info) == 0) return PutOutcome::kExists;
    const std::string folder = ParentPath(path);
    ASSIGN_OR_RETURN(const std::string temporary, WriteTemporary(folder, path, bytes));
    Result<PutOutcome> outcome = LinkIfAbsent(temporary, path);
    ::unlink(temporary.c_str());
    if (outcome.ok() && *outcome == PutOutcome::kCreated) RETURN_IF_ERROR(SyncFolder(folder));
    return outcome;
  }

  Status Append(const std::string& path, std::string_view bytes) override {
    ASSIGN_OR_RETURN(const std::optional<FileInfo> before, Stat(path));
    ASSIGN_OR_RETURN(FileHandle file,
                     FileHandle::Open(path, O_WRONLY | O_APPEND | O_CREAT, "append to"));
    RETURN_IF_ERROR(file.WriteAll(bytes));
    RETURN_IF_ERROR(file.Sync());
    return before ? OkStatus() : SyncFolder(ParentPath(path));
  }

  Status Delete(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return SyncFolder(ParentPath(path));
    if (IsAbsent(errno)) return OkStatus();
    return FileError(errno, "delete", path);
  }

  Status DeleteTree(const std::string& folder) override {
    if (JoinPath("/", folder) == "/") return FileError(EPERM, "delete", folder);
    std::error_code error;
    const auto removed = std::filesystem::remove_all(folder, error);
    if (error) return FileError(error.value(), "delete", folder);
    return removed == 0 ? OkStatus() : SyncFolder(ParentPath(folder));
  }

  Status DeleteIfEmpty(const std::string& folder) override {
    if (::rmdir(folder.c_str()) == 0) return SyncFolder(ParentPath(folder));
    if (IsAbsent(errno) || errno == ENOTEMPTY || errno == EEXIST) return OkStatus();
    return FileError(errno, "delete", folder);
  }

  Status BeforeEngineWrite(const std::string& folder) override { return CreateFolders(folder); }

  Status Sync(const std::string& path) override {
    ASSIGN_OR_RETURN(FileHandle file, FileHandle::Open(path, O_RDONLY, "sync"));
    RETURN_IF_ERROR(file.Sync());
    return SyncFolder(ParentPath(path));
  }

 private:
  static Result<std::vector<FileInfo>> ListWith(const std::string& folder, bool recursive) {
    Listing listing(recursive);
    RETURN_IF_ERROR(listing.Walk(JoinPath("/", folder)));
    return std::move(listing).Sorted();
  }

  // A synced file with all the bytes, in the folder where it is to be renamed or linked. Errors
  // name `path`.
  static Result<std::string> WriteTemporary(const std::string& folder, const std::string& path,
                                            std::string_view bytes) {
    const std::string temporary = JoinPath(
        folder, std::string(kTemporaryPrefix) + std::to_string(::getpid()) + "-" + NewUuid());
    Result<FileHandle> file = FileHandle::Open(temporary, O_WRONLY | O_CREAT | O_EXCL, "write");
    if (!file.ok()) return std::move(file).error().Because("writing '" + path + "'");
    Status written = file->WriteAll(bytes);
    if (written.ok()) written = file->Sync();
    if (written.ok()) return temporary;
    ::unlink(temporary.c_str());
    return std::move(written).error().Because("writing '" + path + "'");
  }

  static Result<PutOutcome> LinkIfAbsent(const std::string& temporary, const std::string& path) {
    if (::link(temporary.c_str(), path.c_str()) == 0) return PutOutcome::kCreated;
    if (errno == EEXIST) {
      // Over a network the answer to a link that succeeded may be lost and the repetition be told
      // "exists".
      struct stat info;
      const bool ours = ::stat(temporary.c_str(), &info) == 0 && info.st_nlink == 2;
      return ours ? PutOutcome::kCreated : PutOutcome::kExists;
    }
    const int refused = errno;
    if (refused != EPERM && refused != EOPNOTSUPP && refused != ENOSYS && refused != EMLINK) {
      return FileError(refused, "write", path);
    }
    // File systems without hard links (FAT, some shared folders) can still rename without
    // replacing.
    if (::syscall(SYS_renameat2, AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(),
                  RENAME_NOREPLACE) == 0) {
      return PutOutcome::kCreated;
    }
    if (errno == EEXIST) return PutOutcome::kExists;
    return FileError(refused, "write", path);
  }
};

}  // namespace

std::unique_ptr<Storage> NewLocalStorage() { return std::make_unique<LocalStorage>(); }

}  // namespace penstock::io
