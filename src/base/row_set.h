#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace penstock {

// A set of row positions of one file (0 and above), compressed. An immutable value: copies share
// what they hold, and threads may read it side by side.
class RowSet {
 public:
  static constexpr int64_t kChunkRows = 65536;

  // Positions within a chunk that follow each other: first to last, both contained.
  struct Run {
    uint16_t first;
    uint16_t last;
    bool operator==(const Run&) const = default;
  };
  using Positions = std::vector<uint16_t>;  // ascending, each once
  using Runs = std::vector<Run>;            // ascending, apart from each other
  using Bits = std::vector<uint64_t>;       // 1024 words, lowest bit first
  // The positions from number * kChunkRows on; at least one.
  struct Chunk {
    int64_t number = 0;
    int64_t size = 0;  // positions
    std::variant<Positions, Runs, Bits> rows;
  };
  using Chunks = std::vector<std::shared_ptr<const Chunk>>;

  RowSet() = default;
  // Of positions in any order, repeated or not.
  static RowSet Of(std::vector<int64_t> rows);
  // Of chunks with ascending numbers, each well-formed.
  static RowSet OfChunks(Chunks chunks);

  bool empty() const { return size_ == 0; }
  int64_t size() const { return size_; }
  bool Contains(int64_t row) const;
  // Whether any row of [begin, end) is contained.
  bool ContainsAnyOf(int64_t begin, int64_t end) const;
  // The lowest row that is above all contained; 0 when empty.
  int64_t End() const;
  RowSet Union(const RowSet& other) const;
  // The rows of this set that `other` lacks.
  RowSet Without(const RowSet& other) const;
  // Whether `other` has every row of this set.
  bool IsSubsetOf(const RowSet& other) const { return Without(other).empty(); }
  // The rows as ascending ranges [begin, end) that do not touch each other.
  void ForEachRange(const std::function<void(int64_t begin, int64_t end)>& visit) const;
  // Sets bit i of `words` (which has zeros, (count + 63) / 64 words) where row begin + i is
  // contained; returns how many bits it set.
  size_t Mark(int64_t begin, size_t count, uint64_t* words) const;

  const Chunks& chunks() const { return *chunks_; }
  bool operator==(const RowSet& other) const;

 private:
  static const std::shared_ptr<const Chunks>& NoChunks();
  // Calls visit(first, last) for the runs of rows of [begin, end), which is not empty.
  // Neighbouring rows may come as several runs.
  template <typename Visit>
  void RunsOf(int64_t begin, int64_t end, const Visit& visit) const;
  using Combine = uint64_t (*)(uint64_t, uint64_t);
  static std::shared_ptr<const Chunk> CombineChunks(const Chunk& a, const Chunk& b,
                                                    Combine combine);

  std::shared_ptr<const Chunks> chunks_ = NoChunks();
  int64_t size_ = 0;
};

// A chunk of those bits (1024 words), in the form that takes the least room; null when none is set.
std::shared_ptr<const RowSet::Chunk> CompactChunk(int64_t number, const RowSet::Bits& bits);

}  // namespace penstock
