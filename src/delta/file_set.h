#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "delta/actions.h"

namespace penstock::delta {

// `numRecords` of the statistics, or nothing when there is none to be believed. Of several files
// the sum, or nothing when one has none.
std::optional<int64_t> NumRecords(const AddFile& file);
std::optional<int64_t> NumRecords(const std::vector<AddFile>& files);

// The last word of the log on one data file: active, or removed (a tombstone).
struct FileEntry {
  std::variant<AddFile, RemoveFile> state;
  std::string decoded_path;  // only when the path in the log is percent-encoded
  // statistics' numRecords of an active file; -1: unknown
  int64_t num_records = -1;

  bool active() const { return std::holds_alternative<AddFile>(state); }
  // Names the file however the log spells it.
  std::string_view key() const;
};

std::shared_ptr<const FileEntry> NewFileEntry(AddFile add);
std::shared_ptr<const FileEntry> NewFileEntry(RemoveFile remove);

// All files of a table by path, as an immutable value: With() shares what did not change.
// Internally a stack of sorted layers, newest last, each at most half the size of the one below; so
// bringing a table of a million files forward by a small commit costs about the size of the commit.
// Thread-safe as every value.
class FileSet {
 public:
  // The same files with `entries` put over them, the last of one path winning.
  FileSet With(std::vector<std::shared_ptr<const FileEntry>> entries) const;
  // The file of that decoded path, or null.
  const FileEntry* Find(std::string_view key) const;
  // Each file once, by ascending path, tombstones included.
  void ForEach(const std::function<void(const FileEntry&)>& visit) const;

  int64_t num_active() const { return num_active_; }
  int64_t total_bytes() const { return total_bytes_; }
  // Rows of the active files; -1 when a file has no statistics of it.
  int64_t num_records() const { return num_unknown_ > 0 ? -1 : num_records_; }
  // Active files with a deletion vector.
  int64_t num_vectors() const { return num_vectors_; }

 private:
  using Layer = std::vector<std::shared_ptr<const FileEntry>>;  // ascending keys, each once

  void Count(const FileEntry* entry, int64_t sign);
  static Layer Merge(const Layer& below, const Layer& above);

  std::vector<std::shared_ptr<const Layer>> layers_;
  int64_t num_active_ = 0;
  int64_t total_bytes_ = 0;
  int64_t num_records_ = 0;
  int64_t num_unknown_ = 0;
  int64_t num_vectors_ = 0;
};

}  // namespace penstock::delta
