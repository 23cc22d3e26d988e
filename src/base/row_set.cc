#include "base/row_set.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace penstock {
namespace {

using Chunk = RowSet::Chunk;
using ChunkPtr = std::shared_ptr<const Chunk>;
constexpr size_t kWords = RowSet::kChunkRows / 64;
// Of this many positions or fewer a list takes no more room than bits.
constexpr int64_t kMaxPositions = 4096;

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

// Calls visit(first, last) for the runs of a chunk that reach into [first_row, last_row], cut to
// it. Neighbouring positions of a list may come as several runs.
template <typename Visit>
void RunsWithin(const Chunk& chunk, uint32_t first_row, uint32_t last_row, const Visit& visit) {
  std::visit(Overloaded{
                 [&](const RowSet::Positions& rows) {
                   for (auto row = std::lower_bound(rows.begin(), rows.end(), first_row);
                        row != rows.end() && *row <= last_row; ++row) {
                     visit(*row, *row);
                   }
                 },
                 [&](const RowSet::Runs& runs) {
                   auto run = std::lower_bound(
                       runs.begin(), runs.end(), first_row,
                       [](const RowSet::Run& run, uint32_t row) { return run.last < row; });
                   for (; run != runs.end() && run->first <= last_row; ++run) {
                     visit(std::max<uint32_t>(run->first, first_row),
                           std::min<uint32_t>(run->last, last_row));
                   }
                 },
                 [&](const RowSet::Bits& bits) {
                   for (uint32_t word = first_row / 64; word <= last_row / 64; ++word) {
                     uint64_t left = bits[word];
                     if (word == first_row / 64) left &= ~uint64_t{0} << (first_row % 64);
                     if (word == last_row / 64) left &= ~uint64_t{0} >> (63 - last_row % 64);
                     while (left != 0) {
                       const int begin = std::countr_zero(left);
                       const int length = std::countr_one(left >> begin);
                       visit(word * 64 + static_cast<uint32_t>(begin),
                             word * 64 + static_cast<uint32_t>(begin + length - 1));
                       left &= begin + length == 64 ? 0 : ~uint64_t{0} << (begin + length);
                     }
                   }
                 },
             },
             chunk.rows);
}

template <typename Visit>
void AllRuns(const Chunk& chunk, const Visit& visit) {
  RunsWithin(chunk, 0, RowSet::kChunkRows - 1, visit);
}

// Sets the bits first to last, both included.
void SetBits(uint64_t* words, size_t first, size_t last) {
  for (size_t word = first / 64; word <= last / 64; ++word) {
    uint64_t mask = ~uint64_t{0};
    if (word == first / 64) mask &= ~uint64_t{0} << (first % 64);
    if (word == last / 64) mask &= ~uint64_t{0} >> (63 - last % 64);
    words[word] |= mask;
  }
}

RowSet::Bits BitsOf(const Chunk& chunk) {
  RowSet::Bits bits(kWords, 0);
  AllRuns(chunk, [&](uint32_t first, uint32_t last) { SetBits(bits.data(), first, last); });
  return bits;
}

RowSet::Runs RunsOf(const Chunk& chunk) {
  RowSet::Runs runs;
  AllRuns(chunk, [&](uint32_t first, uint32_t last) {
    if (!runs.empty() && runs.back().last + 1U == first) {
      runs.back().last = static_cast<uint16_t>(last);
    } else {
      runs.push_back({static_cast<uint16_t>(first), static_cast<uint16_t>(last)});
    }
  });
  return runs;
}

}  // namespace

ChunkPtr CompactChunk(int64_t number, const RowSet::Bits& bits) {
  int64_t size = 0;
  for (const uint64_t word : bits) size += std::popcount(word);
  if (size == 0) return nullptr;
  Chunk chunk{number, size, bits};
  RowSet::Runs runs = RunsOf(chunk);
  const size_t others = std::min<size_t>(size * sizeof(uint16_t), kWords * sizeof(uint64_t));
  if (runs.size() * sizeof(RowSet::Run) < others) {
    chunk.rows = std::move(runs);
  } else if (size <= kMaxPositions) {
    RowSet::Positions positions;
    positions.reserve(static_cast<size_t>(size));
    AllRuns(Chunk{number, size, std::move(runs)}, [&](uint32_t first, uint32_t last) {
      for (uint32_t row = first; row <= last; ++row) positions.push_back(row);
    });
    chunk.rows = std::move(positions);
  }
  return std::make_shared<const Chunk>(std::move(chunk));
}

const std::shared_ptr<const RowSet::Chunks>& RowSet::NoChunks() {
  static const auto* const none =
      new std::shared_ptr<const Chunks>(std::make_shared<const Chunks>());
  return *none;
}

RowSet RowSet::OfChunks(Chunks chunks) {
  RowSet set;
  for (const ChunkPtr& chunk : chunks) set.size_ += chunk->size;
  set.chunks_ = std::make_shared<const Chunks>(std::move(chunks));
  return set;
}

RowSet RowSet::Of(std::vector<int64_t> rows) {
  std::sort(rows.begin(), rows.end());
  Chunks chunks;
  Bits bits(kWords, 0);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto position = static_cast<size_t>(rows[i] % kChunkRows);
    bits[position / 64] |= uint64_t{1} << (position % 64);
    const int64_t number = rows[i] / kChunkRows;
    if (i + 1 < rows.size() && rows[i + 1] / kChunkRows == number) continue;
    chunks.push_back(CompactChunk(number, bits));
    std::fill(bits.begin(), bits.end(), 0);
  }
  return OfChunks(std::move(chunks));
}

namespace {
RowSet::Chunks::const_iterator FirstAtOrAfter(const RowSet::Chunks& chunks, int64_t number) {
  return std::lower_bound(
      chunks.begin(), chunks.end(), number,
      [](const ChunkPtr& chunk, int64_t wanted) { return chunk->number < wanted; });
}
}  // namespace

bool RowSet::Contains(int64_t row) const {
  uint64_t word = 0;
  return Mark(row, 1, &word) > 0;
}

int64_t RowSet::End() const {
  if (chunks_->empty()) return 0;
  const Chunk& chunk = *chunks_->back();
  int64_t end = 0;
  AllRuns(chunk, [&](uint32_t, uint32_t last) { end = last + 1; });
  return chunk.number * kChunkRows + end;
}

ChunkPtr RowSet::CombineChunks(const Chunk& a, const Chunk& b, Combine combine) {
  Bits bits = BitsOf(a);
  const Bits others = BitsOf(b);
  for (size_t i = 0; i < kWords; ++i) bits[i] = combine(bits[i], others[i]);
  return CompactChunk(a.number, bits);
}

RowSet RowSet::Union(const RowSet& other) const {
  if (empty()) return other;
  if (other.empty()) return *this;
  Chunks chunks;
  auto theirs = other.chunks_->begin();
  for (const ChunkPtr& chunk : *chunks_) {
    while (theirs != other.chunks_->end() && (*theirs)->number < chunk->number) {
      chunks.push_back(*theirs++);
    }
    if (theirs != other.chunks_->end() && (*theirs)->number == chunk->number) {
      chunks.push_back(
          CombineChunks(*chunk, **theirs++, [](uint64_t a, uint64_t b) { return a | b; }));
    } else {
      chunks.push_back(chunk);
    }
  }
  chunks.insert(chunks.end(), theirs, other.chunks_->end());
  return OfChunks(std::move(chunks));
}

RowSet RowSet::Without(const RowSet& other) const {
  Chunks chunks;
  for (const ChunkPtr& chunk : *chunks_) {
    const auto theirs = FirstAtOrAfter(*other.chunks_, chunk->number);
    if (theirs == other.chunks_->end() || (*theirs)->number != chunk->number) {
      chunks.push_back(chunk);
      continue;
    }
    ChunkPtr rest = CombineChunks(*chunk, **theirs, [](uint64_t a, uint64_t b) { return a & ~b; });
    if (rest != nullptr) chunks.push_back(std::move(rest));
  }
  return OfChunks(std::move(chunks));
}

void RowSet::ForEachRange(const std::function<void(int64_t begin, int64_t end)>& visit) const {
  int64_t begin = 0;
  int64_t end = 0;
  for (const ChunkPtr& chunk : *chunks_) {
    const int64_t base = chunk->number * kChunkRows;
    AllRuns(*chunk, [&](uint32_t first, uint32_t last) {
      if (base + first == end) {
        end = base + last + 1;
        return;
      }
      if (end > begin) visit(begin, end);
      begin = base + first;
      end = base + last + 1;
    });
  }
  if (end > begin) visit(begin, end);
}

template <typename Visit>
void RowSet::RunsOf(int64_t begin, int64_t end, const Visit& visit) const {
  for (auto chunk = FirstAtOrAfter(*chunks_, begin / kChunkRows);
       chunk != chunks_->end() && (*chunk)->number <= (end - 1) / kChunkRows; ++chunk) {
    const int64_t base = (*chunk)->number * kChunkRows;
    const auto from = static_cast<uint32_t>(std::max<int64_t>(begin - base, 0));
    const auto to = static_cast<uint32_t>(std::min<int64_t>(end - 1 - base, kChunkRows - 1));
    RunsWithin(**chunk, from, to,
               [&](uint32_t first, uint32_t last) { visit(base + first, base + last); });
  }
}

size_t RowSet::Mark(int64_t begin, size_t count, uint64_t* words) const {
  if (count == 0 || empty()) return 0;
  size_t marked = 0;
  RunsOf(begin, begin + static_cast<int64_t>(count), [&](int64_t first, int64_t last) {
    SetBits(words, static_cast<size_t>(first - begin), static_cast<size_t>(last - begin));
    marked += static_cast<size_t>(last - first + 1);
  });
  return marked;
}

bool RowSet::ContainsAnyOf(int64_t begin, int64_t end) const {
  begin = std::max<int64_t>(begin, 0);
  if (begin >= end) return false;
  bool any = false;
  RunsOf(begin, end, [&](int64_t, int64_t) { any = true; });
  return any;
}

bool RowSet::operator==(const RowSet& other) const {
  return size_ == other.size_ && IsSubsetOf(other);
}

}  // namespace penstock
