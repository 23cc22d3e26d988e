#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "delta/actions.h"
#include "delta/packed_file.h"

namespace penstock::delta {

// File actions to be put over a FileSet together. Of several of one path the last add stands, else
// the last remove: an add and a remove of one commit are the same file with another vector.
class FileChanges {
 public:
  void Take(const AddFile& file) { files_.push_back(pack_.Take(file)); }
  void Take(const RemoveFile& file) { files_.push_back(pack_.Take(file)); }
  bool empty() const { return files_.empty(); }

 private:
  friend class FileSet;
  FilePack pack_;
  std::vector<PackedFile> files_;
};

// All files of a table by path, as an immutable value: With() shares what did not change.
// Internally a stack of sorted layers, newest last, each at most half the size of the one below; so
// bringing a table of a million files forward by a small commit costs about the size of the commit.
// A file takes about as many bytes as its path and statistics have. Thread-safe as every value.
class FileSet {
 private:
  struct Layer;

 public:
  // The same files with the changes put over them.
  FileSet With(FileChanges changes) const;
  // The file of that decoded path. A view, as all here: it lives as long as a set that has it.
  std::optional<PackedFile> Find(std::string_view key) const;
  // The same if it is an active one.
  std::optional<PackedFile> FindActive(std::string_view key) const;
  // Each file once, by ascending path, tombstones included.
  void ForEach(const std::function<void(PackedFile)>& visit) const;

  // The same one after the other. Keeps the files alive.
  class Cursor {
   public:
    explicit Cursor(const FileSet& files);
    // Nothing at the end.
    std::optional<PackedFile> Next();

   private:
    struct Place {
      std::shared_ptr<const Layer> layer;
      size_t at = 0;
    };
    std::vector<Place> places_;  // newest layer first
  };

  int64_t num_active() const { return num_active_; }
  int64_t total_bytes() const { return total_bytes_; }
  // Rows of the active files; -1 when a file has no statistics of it.
  int64_t num_records() const { return num_unknown_ > 0 ? -1 : num_records_; }
  // Active files with a deletion vector.
  int64_t num_vectors() const { return num_vectors_; }
  // Files, tombstones included, with fields that this program does not know.
  int64_t num_extra() const { return num_extra_; }

 private:
  struct Layer {
    FilePack pack;
    std::vector<PackedFile> files;  // ascending keys, each once
  };

  void Count(PackedFile file, int64_t sign);
  static Layer Merge(const Layer& below, const Layer& above);

  std::vector<std::shared_ptr<const Layer>> layers_;
  int64_t num_active_ = 0;
  int64_t total_bytes_ = 0;
  int64_t num_records_ = 0;
  int64_t num_unknown_ = 0;
  int64_t num_vectors_ = 0;
  int64_t num_extra_ = 0;
};

}  // namespace penstock::delta
