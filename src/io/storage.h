#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace penstock::io {

struct FileInfo {
  std::string path;  // absolute, as given to List plus the name
  int64_t size = 0;  // bytes
  TimestampMicros modified = 0;

  bool operator==(const FileInfo&) const = default;
};

enum class PutOutcome { kCreated, kExists };

// The one door to files. Paths are absolute ("/data/x", "s3://bucket/x"). Errors are kSystem
// (NOT_FOUND, DISK_FULL, PERMISSION_DENIED, IO_ERROR …) and name the path. Thread-safe. What
// returns OK after a write is durable: file and folder entry are synced.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual Result<std::string> Read(const std::string& path) = 0;
  virtual Result<std::string> ReadRange(const std::string& path, int64_t offset,
                                        int64_t length) = 0;
  // A range of a file that a listing told of, without mixing in what has replaced it since:
  // FILE_CHANGED when it is seen to be another one (a store without versions may only tell by size
  // and second). Fewer bytes at the end of the file.
  virtual Result<std::string> ReadListed(const FileInfo& listed, int64_t offset, int64_t length) {
    return ReadRange(listed.path, offset, length);
  }
  // Entries directly in a folder, files only, sorted by name. A missing folder is an empty list.
  virtual Result<std::vector<FileInfo>> List(const std::string& folder) = 0;
  // All files below a folder, sorted by path. A missing folder is an empty list. Follows no symlink
  // cycles.
  virtual Result<std::vector<FileInfo>> ListRecursive(const std::string& folder) = 0;
  // Names of the folders directly in a folder, sorted. A missing folder is an empty list.
  virtual Result<std::vector<std::string>> ListFolders(const std::string& folder) = 0;
  // Nothing when the path does not exist.
  virtual Result<std::optional<FileInfo>> Stat(const std::string& path) = 0;
  virtual Result<bool> IsFolder(const std::string& path) = 0;
  // Whether the last part of the path is a symbolic link; where there are none: false.
  virtual Result<bool> IsLink(const std::string& /*path*/) { return false; }

  virtual Status CreateFolders(const std::string& path) = 0;
  // Replaces the file as a whole: readers see the old or the new bytes, never a mixture.
  virtual Status Write(const std::string& path, std::string_view bytes) = 0;
  // Creates the file with all its bytes, or reports that the name is taken. Never replaces.
  virtual Result<PutOutcome> PutIfAbsent(const std::string& path, std::string_view bytes) = 0;
  // Adds bytes at the end of a file (created if missing) and syncs it. One writer at a time.
  virtual Status Append(const std::string& path, std::string_view bytes) = 0;
  // A missing file is no error.
  virtual Status Delete(const std::string& path) = 0;
  virtual Status DeleteTree(const std::string& folder) = 0;
  // Deletes a folder with nothing in it; one that is not empty, or missing, is left and no error.
  // Where folders are only parts of names there is nothing to do.
  virtual Status DeleteIfEmpty(const std::string& /*folder*/) { return OkStatus(); }

  // The engine writes data files itself: BeforeEngineWrite is called before it writes below
  // `folder` (creates the folder), Sync afterwards for each file it wrote (file and folder entry
  // become durable).
  virtual Status BeforeEngineWrite(const std::string& folder) = 0;
  virtual Status Sync(const std::string& path) = 0;
};

// Files of this machine.
std::unique_ptr<Storage> NewLocalStorage();

// Paths are of this machine ("/data/x") or name an object store and a bucket or container in it
// ("s3://bucket/x"), which is then their root. Keys stand in them as they are, not encoded.

// Whether the path names an object store: s3, s3a, s3n, gs, gcs, az, azure, abfss, abfs, wasbs.
bool IsRemote(std::string_view path);
// "a/b" under "/root" → "/root/a/b"; an absolute `path` stays. ".." and "." are resolved lexically,
// never above the root. Other spellings of a scheme become one ("s3a://b" → "s3://b").
std::string JoinPath(std::string_view folder, std::string_view path);
std::string ParentPath(std::string_view path);
std::string BaseName(std::string_view path);
// Whether `path` lies at or below `folder` after lexical resolution.
bool IsInside(std::string_view folder, std::string_view path);

}  // namespace penstock::io
