#include "delta/file_set.h"

#include <algorithm>
#include <utility>

#include "delta/file_order.h"

namespace penstock::delta {

namespace {

// Sizes and counts are what a stranger says: a sum may wrap, and comes back when the file goes.
int64_t Sum(int64_t sum, int64_t sign, int64_t number) {
  return static_cast<int64_t>(static_cast<uint64_t>(sum) +
                              static_cast<uint64_t>(sign) * static_cast<uint64_t>(number));
}

}  // namespace

void FileSet::Count(PackedFile file, int64_t sign) {
  if (file.has_extra()) num_extra_ += sign;
  if (!file.active()) return;
  num_active_ += sign;
  total_bytes_ = Sum(total_bytes_, sign, file.size());
  const int64_t records = file.num_records();
  if (records < 0)
    num_unknown_ += sign;
  else
    num_records_ = Sum(num_records_, sign, records);
  if (file.has_vector()) num_vectors_ += sign;
}

FileSet::Layer FileSet::Merge(const Layer& below, const Layer& above) {
  Layer merged;
  merged.files.reserve(below.files.size() + above.files.size());
  const auto take = [&](PackedFile file) { merged.files.push_back(merged.pack.Take(file)); };
  auto low = below.files.begin();
  const auto end = below.files.end();
  for (const PackedFile& file : above.files) {
    while (low != end && low->key() < file.key()) take(*low++);
    if (low != end && low->key() == file.key()) ++low;
    take(file);
  }
  std::for_each(low, end, take);
  return merged;
}

FileSet FileSet::With(FileChanges changes) const {
  if (changes.empty()) return *this;
  FileSet next = *this;
  // Before they are put in order: so they lie in memory.
  for (const PackedFile& file : changes.files_) next.Count(file, +1);
  for (const PackedFile& file : OrderFiles(&changes.files_)) next.Count(file, -1);
  Layer top{std::move(changes.pack_), std::move(changes.files_)};
  if (!layers_.empty()) {
    for (const PackedFile& file : top.files) {
      if (const auto before = Find(file.key())) next.Count(*before, -1);
    }
  }
  while (!next.layers_.empty() && next.layers_.back()->files.size() <= 2 * top.files.size()) {
    top = Merge(*next.layers_.back(), top);
    next.layers_.pop_back();
  }
  next.layers_.push_back(std::make_shared<const Layer>(std::move(top)));
  return next;
}

std::optional<PackedFile> FileSet::Find(std::string_view key) const {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const std::vector<PackedFile>& files = (*layer)->files;
    const auto found = std::lower_bound(
        files.begin(), files.end(), key,
        [](const PackedFile& file, std::string_view wanted) { return file.key() < wanted; });
    if (found != files.end() && found->key() == key) return *found;
  }
  return std::nullopt;
}

std::optional<PackedFile> FileSet::FindActive(std::string_view key) const {
  const auto file = Find(key);
  return file && file->active() ? file : std::nullopt;
}

void FileSet::ForEach(const std::function<void(PackedFile)>& visit) const {
  Cursor cursor(*this);
  while (const auto file = cursor.Next()) visit(*file);
}

FileSet::Cursor::Cursor(const FileSet& files) {
  for (auto layer = files.layers_.rbegin(); layer != files.layers_.rend(); ++layer) {
    places_.push_back({*layer, 0});
  }
}

std::optional<PackedFile> FileSet::Cursor::Next() {
  std::optional<PackedFile> least;
  for (const Place& place : places_) {
    if (place.at == place.layer->files.size()) continue;
    const PackedFile file = place.layer->files[place.at];
    if (!least || file.key() < least->key()) least = file;
  }
  if (!least) return least;
  for (Place& place : places_) {
    const auto& files = place.layer->files;
    if (place.at < files.size() && files[place.at].key() == least->key()) ++place.at;
  }
  return least;
}

}  // namespace penstock::delta
