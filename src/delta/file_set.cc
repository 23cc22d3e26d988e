#include "delta/file_set.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "delta/json_document.h"

namespace penstock::delta {

namespace {

std::string DecodedIfNeeded(const std::string& path) {
  return path.find('%') == path.npos ? std::string() : PercentDecode(path);
}

bool KeyLess(const std::shared_ptr<const FileEntry>& a, const std::shared_ptr<const FileEntry>& b) {
  return a->key() < b->key();
}

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

std::string_view FileEntry::key() const {
  if (!decoded_path.empty()) return decoded_path;
  return std::visit([](const auto& file) -> std::string_view { return file.path; }, state);
}

std::shared_ptr<const FileEntry> NewFileEntry(AddFile add) {
  std::string decoded = DecodedIfNeeded(add.path);
  const int64_t records = NumRecords(add).value_or(-1);
  return std::make_shared<const FileEntry>(FileEntry{std::move(add), std::move(decoded), records});
}

std::shared_ptr<const FileEntry> NewFileEntry(RemoveFile remove) {
  std::string decoded = DecodedIfNeeded(remove.path);
  return std::make_shared<const FileEntry>(FileEntry{std::move(remove), std::move(decoded), -1});
}

void FileSet::Count(const FileEntry* entry, int64_t sign) {
  if (entry == nullptr || !entry->active()) return;
  const AddFile& add = std::get<AddFile>(entry->state);
  num_active_ += sign;
  // Sizes are what a stranger says: a sum may wrap, and comes back when the file goes.
  total_bytes_ =
      static_cast<int64_t>(static_cast<uint64_t>(total_bytes_) +
                           static_cast<uint64_t>(sign) * static_cast<uint64_t>(add.size));
  if (entry->num_records < 0)
    num_unknown_ += sign;
  else
    num_records_ = static_cast<int64_t>(static_cast<uint64_t>(num_records_) +
                                        static_cast<uint64_t>(sign) *
                                            static_cast<uint64_t>(entry->num_records));
  if (add.deletion_vector) num_vectors_ += sign;
}

FileSet::Layer FileSet::Merge(const Layer& below, const Layer& above) {
  Layer merged;
  merged.reserve(below.size() + above.size());
  auto low = below.begin();
  for (const auto& entry : above) {
    while (low != below.end() && KeyLess(*low, entry)) merged.push_back(*low++);
    if (low != below.end() && (*low)->key() == entry->key()) ++low;
    merged.push_back(entry);
  }
  merged.insert(merged.end(), low, below.end());
  return merged;
}

FileSet FileSet::With(std::vector<std::shared_ptr<const FileEntry>> entries) const {
  if (entries.empty()) return *this;
  if (!std::is_sorted(entries.begin(), entries.end(), KeyLess)) {  // checkpoints mostly are
    std::stable_sort(entries.begin(), entries.end(), KeyLess);
  }
  Layer top;
  top.reserve(entries.size());
  for (auto& entry : entries) {
    if (!top.empty() && top.back()->key() == entry->key())
      top.back() = std::move(entry);
    else
      top.push_back(std::move(entry));
  }
  FileSet next = *this;
  for (const auto& entry : top) {
    next.Count(Find(entry->key()), -1);
    next.Count(entry.get(), +1);
  }
  while (!next.layers_.empty() && next.layers_.back()->size() <= 2 * top.size()) {
    top = Merge(*next.layers_.back(), top);
    next.layers_.pop_back();
  }
  next.layers_.push_back(std::make_shared<const Layer>(std::move(top)));
  return next;
}

const FileEntry* FileSet::Find(std::string_view key) const {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const auto found = std::lower_bound(
        (*layer)->begin(), (*layer)->end(), key,
        [](const auto& entry, std::string_view wanted) { return entry->key() < wanted; });
    if (found != (*layer)->end() && (*found)->key() == key) return found->get();
  }
  return nullptr;
}

void FileSet::ForEach(const std::function<void(const FileEntry&)>& visit) const {
  struct Cursor {
    Layer::const_iterator at;
    Layer::const_iterator end;
  };
  std::vector<Cursor> cursors;  // newest layer first
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    cursors.push_back({(*layer)->begin(), (*layer)->end()});
  }
  while (true) {
    const FileEntry* least = nullptr;
    for (const Cursor& cursor : cursors) {
      if (cursor.at == cursor.end) continue;
      if (least == nullptr || (*cursor.at)->key() < least->key()) least = cursor.at->get();
    }
    if (least == nullptr) return;
    for (Cursor& cursor : cursors) {
      if (cursor.at != cursor.end && (*cursor.at)->key() == least->key()) ++cursor.at;
    }
    visit(*least);
  }
}

}  // namespace penstock::delta
