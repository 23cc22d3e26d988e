#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "delta/actions.h"
#include "io/storage.h"

// What each batch of a flow reads, as values, and the log they are kept in (docs/formats/flows.md).
namespace penstock::source {

struct FileEntry {
  std::string path;
  int64_t size = 0;
  TimestampMicros modified = 0;
  bool operator==(const FileEntry&) const = default;
};

// Files of one batch. `ignored` files count as read without being read (includeExistingFiles =
// false).
struct FilesRange {
  std::vector<FileEntry> files;
  std::vector<FileEntry> ignored;
  bool operator==(const FilesRange&) const = default;
};

// Rows that a Delta table gained: everything at `to` when `from` is -1 ("initial"), else the
// commits in (from, to].
struct DeltaRange {
  std::string table_id;
  delta::Version from = -1;
  delta::Version to = -1;
  bool operator==(const DeltaRange&) const = default;
};

using SourceRange = std::variant<FilesRange, DeltaRange>;

// One batch of a flow: by source id, what it reads; and the versions of the tables it reads whole.
struct Batch {
  int64_t number = 0;
  std::map<std::string, SourceRange> ranges;
  std::map<std::string, delta::Version> statics;
  bool operator==(const Batch&) const = default;
};

Json ToJson(const Batch& batch);
// UNSUPPORTED_FORMAT_VERSION names a newer version.
Result<Batch> BatchFromJson(const Json& json);

// All that batches up to one number have read, by source id.
struct Progress {
  int64_t batch = -1;  // the last committed one
  // path → modification time of the file as it was read
  std::map<std::string, std::map<std::string, TimestampMicros>> files;
  std::map<std::string, DeltaRange> tables;  // the last range of each
};

// <flow folder>/offsets: one file a batch, written before the batch runs; every kStride-th repeats
// the whole progress before it, so that reading does not need them all. Storage is borrowed; one
// writer.
class OffsetLog {
 public:
  static constexpr int64_t kStride = 50;

  OffsetLog(io::Storage* storage, std::string folder);

  // Progress of the batches up to and including `committed`. OFFSETS_LOST when one of them is
  // missing.
  Result<Progress> Load(int64_t committed);
  // The batch that was planned with this number, if it was.
  Result<std::optional<Batch>> Read(int64_t number);
  // Writes the plan of a batch that has none yet. BATCH_TAKEN when another writer has planned it
  // otherwise meanwhile. `before`: progress of the batches before.
  Status Plan(const Batch& batch, const Progress& before);
  // Replaces a plan of the same number, which must not have been committed.
  Status Replace(const Batch& batch, const Progress& before);

 private:
  std::string PathOf(int64_t number) const;
  static std::string Encode(const Batch& batch, const Progress& before);

  io::Storage* storage_;
  std::string folder_;
};

// Adds what a batch read.
void Advance(const Batch& batch, Progress* progress);

}  // namespace penstock::source
