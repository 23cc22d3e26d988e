#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"

namespace penstock::delta {

// `numRecords` of the statistics, or nothing when there is none to be believed. Of several files
// the sum, or nothing when one has none.
std::optional<int64_t> NumRecords(const AddFile& file);
std::optional<int64_t> NumRecords(const std::vector<AddFile>& files);

// The last word of the log on one data file, active or removed (a tombstone), in one run of bytes
// about as long as its texts. A view: the bytes belong to a FilePack. Statistics are kept as the
// text they came as; only their number of records is taken out when a file is packed.
class PackedFile {
 public:
  bool active() const;
  // Names the file however the log spells it: the decoded path.
  std::string_view key() const;
  std::string_view path() const;  // as in the log
  // Of an active file; -1: unknown.
  int64_t num_records() const;
  int64_t size() const;                   // 0 when a tombstone does not say
  int64_t deletion_timestamp_ms() const;  // of a tombstone; 0 when it does not say
  bool has_vector() const;
  // Whether the action has fields that this program does not know.
  bool has_extra() const;

  // The action again. The first two are for files of that kind only; the last ones overwrite `file`
  // and reuse its memory.
  AddFile Add() const;
  RemoveFile Remove() const;
  void Read(AddFile* file) const;
  void Read(RemoveFile* file) const;

 private:
  friend class FilePack;
  explicit PackedFile(const char* bytes) : bytes_(bytes) {}

  const char* bytes_;
};

// Packed files one behind the other, never moved. Grows by one thread; what it has given may be
// read by any.
class FilePack {
 public:
  FilePack() = default;
  FilePack(FilePack&&) = default;
  FilePack& operator=(FilePack&&) = default;

  PackedFile Take(const AddFile& file);
  PackedFile Take(const RemoveFile& file);
  // A copy.
  PackedFile Take(PackedFile file);

 private:
  PackedFile Keep(std::string_view bytes);

  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_bytes_ = 0;  // of the last block
  size_t used_ = 0;         // of those
  std::string draft_;       // these two are kept for their memory
  std::string length_;
};

}  // namespace penstock::delta
