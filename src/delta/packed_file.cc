#include "delta/packed_file.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "base/text.h"
#include "delta/json_document.h"
#include "delta/packed_bytes.h"

namespace penstock::delta {

namespace {

// What a run of bytes begins with: which of the parts that few files have are there.
enum Part : uint64_t {
  kActive = 1 << 0,
  kDataChange = 1 << 1,
  kDecodedPath = 1 << 2,  // the path in the log is percent-encoded
  kVector = 1 << 3,
  kVectorOffset = 1 << 4,
  kBaseRowId = 1 << 5,
  kRowCommitVersion = 1 << 6,
  kClusteringProvider = 1 << 7,
  kTags = 1 << 8,
  kExtra = 1 << 9,
  kSize = 1 << 10,               // of a tombstone
  kDeletionTimestamp = 1 << 11,  // of a tombstone
};

// The number in `{"numRecords":12,…`, as nearly every writer begins; with a million files, parsing
// all statistics for it would take most of the time.
std::optional<int64_t> LeadingNumRecords(std::string_view stats) {
  constexpr std::string_view kStart = "{\"numRecords\":";
  if (!stats.starts_with(kStart) || !stats.ends_with('}')) return std::nullopt;
  const char* const begin = stats.data() + kStart.size();
  const char* const last = stats.data() + stats.size();
  int64_t records = 0;
  const auto [end, error] = std::from_chars(begin, last, records);
  const bool whole = error == std::errc() && end != last && (*end == ',' || *end == '}');
  return whole && records >= 0 ? std::optional(records) : std::nullopt;
}

// What add and remove have in common of which parts there are.
template <typename File>
uint64_t PartsOf(const File& file, bool decoded) {
  uint64_t parts = 0;
  if (file.data_change) parts |= kDataChange;
  if (decoded) parts |= kDecodedPath;
  if (file.deletion_vector) parts |= kVector;
  if (file.deletion_vector && file.deletion_vector->offset) parts |= kVectorOffset;
  if (file.base_row_id) parts |= kBaseRowId;
  if (file.default_row_commit_version) parts |= kRowCommitVersion;
  if (!file.tags.empty()) parts |= kTags;
  if (file.extra.is_object() && !file.extra.empty()) parts |= kExtra;
  return parts;
}

// Both kinds begin with: parts, path, decoded path, number of records, size.
template <typename File>
void PackStart(PackedWriter& out, const File& file, uint64_t parts, const std::string& decoded,
               int64_t records, int64_t size) {
  out.Unsigned(parts);
  out.Text(file.path);
  if (parts & kDecodedPath) out.Text(decoded);
  out.Signed(records);
  out.Signed(size);
}

void PackValues(PackedWriter& out, const PartitionValues& values) {
  out.Unsigned(values.size());
  for (const auto& [name, value] : values) {
    out.Text(name);
    out.Unsigned(value.has_value());
    if (value) out.Text(*value);
  }
}

template <typename File>
void PackEnd(PackedWriter& out, const File& file, uint64_t parts) {
  PackValues(out, file.partition_values);
  if (parts & kVector) {
    out.Text(file.deletion_vector->storage_type);
    out.Text(file.deletion_vector->path_or_inline);
    if (parts & kVectorOffset) out.Signed(*file.deletion_vector->offset);
    out.Signed(file.deletion_vector->size_in_bytes);
    out.Signed(file.deletion_vector->cardinality);
  }
  if (parts & kBaseRowId) out.Signed(*file.base_row_id);
  if (parts & kRowCommitVersion) out.Signed(*file.default_row_commit_version);
  if (parts & kTags) {
    out.Unsigned(file.tags.size());
    for (const auto& [key, value] : file.tags) {
      out.Text(key);
      out.Text(value);
    }
  }
  if (parts & kExtra) out.Text(DumpJson(file.extra));
}

// Behind the length of the whole.
PackedReader Open(const char* bytes) {
  PackedReader in(bytes);
  in.Unsigned();
  return in;
}

struct Start {
  uint64_t parts;
  std::string_view path;
  int64_t records;
  int64_t size;
};

Start ReadStart(PackedReader& in) {
  Start start{};
  start.parts = in.Unsigned();
  start.path = in.Text();
  if (start.parts & kDecodedPath) in.Text();
  start.records = in.Signed();
  start.size = in.Signed();
  return start;
}

// Into what is there: the columns of a table are the same in every file.
void ReadValues(PackedReader& in, PartitionValues* values) {
  const uint64_t count = in.Unsigned();
  bool same = values->size() == count;
  auto at = values->begin();
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view name = in.Text();
    same = same && at->first == name;
    if (!same && i < values->size()) {
      values->erase(at, values->end());
      at = values->end();
    }
    if (!same) at = values->emplace_hint(values->end(), name, std::nullopt);
    if (in.Unsigned() == 0) {
      at->second.reset();
    } else if (at->second) {
      at->second->assign(in.Text());
    } else {
      at->second.emplace(in.Text());
    }
    ++at;
  }
  values->erase(at, values->end());
}

template <typename File>
void ReadEnd(PackedReader& in, uint64_t parts, File* file) {
  ReadValues(in, &file->partition_values);
  file->deletion_vector.reset();
  if (parts & kVector) {
    DeletionVector& vector = file->deletion_vector.emplace();
    vector.storage_type = in.Text();
    vector.path_or_inline = in.Text();
    if (parts & kVectorOffset) vector.offset = in.Signed();
    vector.size_in_bytes = in.Signed();
    vector.cardinality = in.Signed();
  }
  const auto number = [&](Part part) {
    return parts & part ? std::optional(in.Signed()) : std::nullopt;
  };
  file->base_row_id = number(kBaseRowId);
  file->default_row_commit_version = number(kRowCommitVersion);
  file->tags.clear();
  for (uint64_t left = parts & kTags ? in.Unsigned() : 0; left > 0; --left) {
    const std::string_view key = in.Text();
    file->tags.emplace(key, in.Text());
  }
  file->extra = Json();
  if (parts & kExtra) {
    if (Result<Json> extra = ParseJson(in.Text(), "extra"); extra.ok()) file->extra = *extra;
  }
}

std::string DecodedIfNeeded(const std::string& path) {
  return path.find('%') == path.npos ? std::string() : PercentDecode(path);
}

}  // namespace

std::optional<int64_t> NumRecords(const AddFile& file) {
  if (file.stats.empty()) return std::nullopt;
  if (const auto first = LeadingNumRecords(file.stats)) return first;
  static thread_local JsonDocument document;
  const Result<JsonElement> root = document.Parse(file.stats, "stats");
  const int64_t records = root.ok() ? (*root)["numRecords"].Int().value_or(-1) : -1;
  return records < 0 ? std::nullopt : std::optional(records);
}

std::optional<int64_t> NumRecords(const std::vector<AddFile>& files) {
  int64_t sum = 0;
  for (const AddFile& file : files) {
    const auto records = NumRecords(file);
    if (!records) return std::nullopt;
    sum += *records;
  }
  return sum;
}

bool PackedFile::active() const { return Open(bytes_).Unsigned() & kActive; }
bool PackedFile::has_vector() const { return Open(bytes_).Unsigned() & kVector; }
bool PackedFile::has_extra() const { return Open(bytes_).Unsigned() & kExtra; }

std::string_view PackedFile::key() const {
  PackedReader in = Open(bytes_);
  const uint64_t parts = in.Unsigned();
  const std::string_view path = in.Text();
  return parts & kDecodedPath ? in.Text() : path;
}
std::string_view PackedFile::path() const {
  PackedReader in = Open(bytes_);
  return ReadStart(in).path;
}
int64_t PackedFile::num_records() const {
  PackedReader in = Open(bytes_);
  return ReadStart(in).records;
}
int64_t PackedFile::size() const {
  PackedReader in = Open(bytes_);
  return ReadStart(in).size;
}

int64_t PackedFile::deletion_timestamp_ms() const {
  PackedReader in = Open(bytes_);
  return ReadStart(in).parts & kDeletionTimestamp ? in.Signed() : 0;
}

void PackedFile::Read(AddFile* file) const {
  PackedReader in = Open(bytes_);
  const Start start = ReadStart(in);
  file->path = start.path;
  file->size = start.size;
  file->data_change = start.parts & kDataChange;
  file->modification_time_ms = in.Signed();
  file->stats = in.Text();
  ReadEnd(in, start.parts, file);
  file->clustering_provider.reset();
  if (start.parts & kClusteringProvider) file->clustering_provider = in.Text();
}

void PackedFile::Read(RemoveFile* file) const {
  PackedReader in = Open(bytes_);
  const Start start = ReadStart(in);
  file->path = start.path;
  file->data_change = start.parts & kDataChange;
  file->size = start.parts & kSize ? std::optional(start.size) : std::nullopt;
  file->deletion_timestamp_ms.reset();
  if (start.parts & kDeletionTimestamp) file->deletion_timestamp_ms = in.Signed();
  ReadEnd(in, start.parts, file);
}

AddFile PackedFile::Add() const {
  AddFile file;
  Read(&file);
  return file;
}

RemoveFile PackedFile::Remove() const {
  RemoveFile file;
  Read(&file);
  return file;
}

PackedFile FilePack::Take(const AddFile& file) {
  const std::string decoded = DecodedIfNeeded(file.path);
  uint64_t parts = PartsOf(file, !decoded.empty()) | kActive;
  if (file.clustering_provider) parts |= kClusteringProvider;
  draft_.clear();
  PackedWriter out(&draft_);
  PackStart(out, file, parts, decoded, NumRecords(file).value_or(-1), file.size);
  out.Signed(file.modification_time_ms);
  out.Text(file.stats);
  PackEnd(out, file, parts);
  if (file.clustering_provider) out.Text(*file.clustering_provider);
  return Keep(draft_);
}

PackedFile FilePack::Take(const RemoveFile& file) {
  const std::string decoded = DecodedIfNeeded(file.path);
  uint64_t parts = PartsOf(file, !decoded.empty());
  if (file.size) parts |= kSize;
  if (file.deletion_timestamp_ms) parts |= kDeletionTimestamp;
  draft_.clear();
  PackedWriter out(&draft_);
  PackStart(out, file, parts, decoded, -1, file.size.value_or(0));
  if (file.deletion_timestamp_ms) out.Signed(*file.deletion_timestamp_ms);
  PackEnd(out, file, parts);
  return Keep(draft_);
}

PackedFile FilePack::Take(PackedFile file) {
  PackedReader in(file.bytes_);
  return Keep(in.Text());
}

PackedFile FilePack::Keep(std::string_view bytes) {
  constexpr size_t kFirstBlock = 1 << 10;
  constexpr size_t kLargestBlock = 1 << 20;
  length_.clear();
  PackedWriter(&length_).Unsigned(bytes.size());
  const size_t needed = length_.size() + bytes.size();
  if (block_bytes_ - used_ < needed) {
    block_bytes_ = std::max(std::clamp(2 * block_bytes_, kFirstBlock, kLargestBlock), needed);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_bytes_));
    used_ = 0;
  }
  char* const at = blocks_.back().get() + used_;
  std::memcpy(at, length_.data(), length_.size());
  std::memcpy(at + length_.size(), bytes.data(), bytes.size());
  used_ += needed;
  return PackedFile(at);
}

}  // namespace penstock::delta
