#include "delta/file_order.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace penstock::delta {

namespace {

// The files themselves lie all over memory, so that comparing their keys is mostly waiting. Keys of
// a table have much in common, too: what decides are a few bytes behind what a run of files agrees
// in, and these are kept beside the file.
struct Ordered {
  uint64_t bytes;
  size_t number;  // in which it came
  PackedFile file;
};

constexpr size_t kFewFiles = 8;
constexpr int kMostLevels = 64;

// By key; of one key removes before adds, and in the order they came.
bool Before(const Ordered& a, const Ordered& b) {
  const int keys = a.file.key().compare(b.file.key());
  if (keys != 0) return keys < 0;
  if (a.file.active() != b.file.active()) return b.file.active();
  return a.number < b.number;
}

size_t CommonLength(std::span<const Ordered> run) {
  const std::string_view first = run.front().file.key();
  size_t common = first.size();
  for (const Ordered& ordered : run) {
    const std::string_view key = ordered.file.key().substr(0, common);
    common = static_cast<size_t>(std::mismatch(key.begin(), key.end(), first.begin()).first -
                                 key.begin());
  }
  return common;
}

uint64_t BytesAt(std::string_view key, size_t begin) {
  uint64_t bytes = 0;
  for (size_t i = begin; i < begin + sizeof(bytes); ++i) {
    bytes = bytes << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
  }
  return bytes;
}

// Sorts by the bytes behind what all have in common, then in the same way each run that agrees in
// these too.
void Sort(std::span<Ordered> run, int level) {
  if (run.size() <= kFewFiles || level == kMostLevels) {
    std::sort(run.begin(), run.end(), Before);
    return;
  }
  const size_t common = CommonLength(run);
  for (Ordered& ordered : run) ordered.bytes = BytesAt(ordered.file.key(), common);
  std::sort(run.begin(), run.end(), [](const Ordered& a, const Ordered& b) {
    return a.bytes != b.bytes ? a.bytes < b.bytes : a.number < b.number;
  });
  if (run.front().bytes == run.back().bytes) {  // keys that are equal or end
    std::sort(run.begin(), run.end(), Before);
    return;
  }
  for (size_t begin = 0, end = 0; begin < run.size(); begin = end) {
    while (end < run.size() && run[end].bytes == run[begin].bytes) ++end;
    if (end - begin > 1) Sort(run.subspan(begin, end - begin), level + 1);
  }
}

}  // namespace

std::vector<PackedFile> OrderFiles(std::vector<PackedFile>* files) {
  std::vector<PackedFile> dropped;
  const auto disordered = [](const PackedFile& a, const PackedFile& b) {
    return a.key() >= b.key();
  };
  if (std::adjacent_find(files->begin(), files->end(), disordered) == files->end()) return dropped;
  std::vector<Ordered> ordered;
  ordered.reserve(files->size());
  for (const PackedFile& file : *files) ordered.push_back({0, ordered.size(), file});
  Sort(ordered, 0);
  files->clear();
  for (size_t i = 0; i < ordered.size(); ++i) {
    // Files whose bytes differ were told apart by them, or are of different runs.
    const bool last = i + 1 == ordered.size() || ordered[i].bytes != ordered[i + 1].bytes ||
                      ordered[i].file.key() != ordered[i + 1].file.key();
    (last ? *files : dropped).push_back(ordered[i].file);
  }
  return dropped;
}

}  // namespace penstock::delta
