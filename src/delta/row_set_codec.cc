#include "delta/row_set_codec.h"

#include <bit>
#include <cstring>
#include <optional>

namespace penstock::delta {
namespace {

using Chunk = RowSet::Chunk;
using ChunkPtr = std::shared_ptr<const Chunk>;

constexpr uint32_t kPortableMagic = 1681511377;
constexpr uint32_t kNativeMagic = 1681511376;
// Of the 32-bit bitmaps: their first word tells whether some chunks are lists of runs.
constexpr uint32_t kCookieWithoutRuns = 12346;
constexpr uint32_t kCookieWithRuns = 12347;
constexpr uint32_t kMaxChunks = 65536;
constexpr uint32_t kMaxPositions = 4096;  // with more, a chunk is written as bits
constexpr size_t kBitWords = 1024;
constexpr size_t kOffsetsFrom = 4;  // bitmaps with runs and fewer chunks have no table of offsets

static_assert(std::endian::native == std::endian::little);

constexpr uint32_t Swapped(uint32_t number) {
  return number >> 24 | (number >> 8 & 0xFF00) | (number << 8 & 0xFF0000) | number << 24;
}

class Writer {
 public:
  template <typename T>
  void Put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  template <typename T>
  void PutAll(const std::vector<T>& values) {
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads numbers until the bytes end; then everything is zero and ok() false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <typename T>
  T Get() {
    T value{};
    if (Has(sizeof(T))) {
      std::memcpy(&value, left_.data(), sizeof(T));
      left_.remove_prefix(sizeof(T));
    }
    return value;
  }
  template <typename T>
  std::vector<T> GetAll(size_t count) {
    if (count == 0 || !Has(count * sizeof(T))) return {};
    std::vector<T> values(count);
    std::memcpy(values.data(), left_.data(), count * sizeof(T));
    left_.remove_prefix(count * sizeof(T));
    return values;
  }
  bool ok() const { return ok_; }
  size_t left() const { return left_.size(); }

 private:
  bool Has(size_t count) {
    ok_ = ok_ && count <= left_.size();
    return ok_;
  }

  std::string_view left_;
  bool ok_ = true;
};

size_t EncodedSize(const Chunk& chunk) {
  if (const auto* runs = std::get_if<RowSet::Runs>(&chunk.rows)) {
    return sizeof(uint16_t) + runs->size() * 2 * sizeof(uint16_t);
  }
  if (const auto* rows = std::get_if<RowSet::Positions>(&chunk.rows)) {
    return rows->size() * sizeof(uint16_t);
  }
  return kBitWords * sizeof(uint64_t);
}

// The chunks [begin, end) have the same upper half.
void EncodeBitmap(const RowSet::Chunks& chunks, size_t begin, size_t end, Writer* out) {
  const size_t count = end - begin;
  std::vector<uint8_t> run_flags((count + 7) / 8, 0);
  bool has_runs = false;
  for (size_t i = 0; i < count; ++i) {
    if (!std::holds_alternative<RowSet::Runs>(chunks[begin + i]->rows)) continue;
    run_flags[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
    has_runs = true;
  }
  size_t offset = 2 * sizeof(uint32_t) + count * 8;
  if (has_runs) {
    out->Put<uint32_t>(kCookieWithRuns | static_cast<uint32_t>(count - 1) << 16);
    out->PutAll(run_flags);
    offset = sizeof(uint32_t) + run_flags.size() + count * 8;
  } else {
    out->Put<uint32_t>(kCookieWithoutRuns);
    out->Put<uint32_t>(static_cast<uint32_t>(count));
  }
  for (size_t i = begin; i < end; ++i) {
    out->Put<uint16_t>(static_cast<uint16_t>(chunks[i]->number & 0xFFFF));
    out->Put<uint16_t>(static_cast<uint16_t>(chunks[i]->size - 1));
  }
  if (!has_runs || count >= kOffsetsFrom) {
    for (size_t i = begin; i < end; ++i) {
      out->Put<uint32_t>(static_cast<uint32_t>(offset));
      offset += EncodedSize(*chunks[i]);
    }
  }
  for (size_t i = begin; i < end; ++i) {
    if (const auto* runs = std::get_if<RowSet::Runs>(&chunks[i]->rows)) {
      out->Put<uint16_t>(static_cast<uint16_t>(runs->size()));
      for (const RowSet::Run& run : *runs) {
        out->Put<uint16_t>(run.first);
        out->Put<uint16_t>(run.last - run.first);
      }
    } else if (const auto* rows = std::get_if<RowSet::Positions>(&chunks[i]->rows)) {
      out->PutAll(*rows);
    } else {
      out->PutAll(std::get<RowSet::Bits>(chunks[i]->rows));
    }
  }
}

class Decoder {
 public:
  Decoder(std::string_view bytes, std::string_view where) : in_(bytes), where_(where) {}

  Result<RowSet> Decode() {
    const auto magic = in_.Get<uint32_t>();
    if (magic == kPortableMagic) {
      RETURN_IF_ERROR(Portable());
    } else if (magic == kNativeMagic || magic == Swapped(kNativeMagic)) {
      RETURN_IF_ERROR(Native(magic != kNativeMagic));
    } else {
      return Bad("it begins with " + std::to_string(magic) + " instead of " +
                 std::to_string(kPortableMagic));
    }
    if (!in_.ok()) return Bad("it is cut off");
    if (in_.left() > 0) return Bad(std::to_string(in_.left()) + " bytes follow its end");
    return RowSet::OfChunks(std::move(chunks_));
  }

 private:
  Error Bad(const std::string& what) const {
    return DataError("BAD_DELETION_VECTOR", std::string(where_) + " cannot be read: " + what,
                     "Restore the table to a version before it, or repair it with the tool that "
                     "wrote it.");
  }

  Status Portable() {
    const auto count = in_.Get<uint64_t>();
    int64_t last = -1;
    for (uint64_t i = 0; i < count; ++i) {
      const auto key = in_.Get<uint32_t>();
      if (!in_.ok()) return Bad("it is cut off");
      if (key > INT32_MAX || static_cast<int64_t>(key) <= last) {
        return Bad("its bitmap " + std::to_string(i) + " has the key " + std::to_string(key));
      }
      last = key;
      RETURN_IF_ERROR(Bitmap(key));
    }
    return OkStatus();
  }

  // The bitmaps of the keys 0, 1, 2 … follow each other, each behind its size. Both orders of bytes
  // are found for the numbers around the bitmaps.
  Status Native(bool big_endian) {
    const auto number = [&] {
      const auto read = in_.Get<uint32_t>();
      return big_endian ? Swapped(read) : read;
    };
    const uint32_t count = number();
    for (uint32_t key = 0; key < count && key <= INT32_MAX; ++key) {
      const uint32_t size = number();
      if (!in_.ok() || size > in_.left()) return Bad("it is cut off");
      const size_t before = in_.left();
      RETURN_IF_ERROR(Bitmap(key));
      if (before - in_.left() != size) {
        return Bad("its bitmap " + std::to_string(key) + " is not of the size it says");
      }
    }
    return OkStatus();
  }

  Status Bitmap(uint32_t key) {
    const auto cookie = in_.Get<uint32_t>();
    const bool with_runs = (cookie & 0xFFFF) == kCookieWithRuns;
    if (!with_runs && cookie != kCookieWithoutRuns) {
      return Bad("a bitmap begins with " + std::to_string(cookie));
    }
    const uint32_t count = with_runs ? (cookie >> 16) + 1 : in_.Get<uint32_t>();
    if (count > kMaxChunks) return Bad("a bitmap has " + std::to_string(count) + " containers");
    std::vector<uint8_t> run_flags;
    if (with_runs) run_flags = in_.GetAll<uint8_t>((count + 7) / 8);
    const auto header = in_.GetAll<uint16_t>(size_t{count} * 2);
    if (!with_runs || count >= kOffsetsFrom) (void)in_.GetAll<uint32_t>(count);
    if (!in_.ok()) return Bad("it is cut off");
    for (uint32_t i = 0; i < count; ++i) {
      if (i > 0 && header[2 * i] <= header[2 * i - 2]) {
        return Bad("the containers of a bitmap are out of order");
      }
      const bool runs = with_runs && (run_flags[i / 8] >> (i % 8) & 1) != 0;
      const int64_t number = (static_cast<int64_t>(key) << 16) | header[2 * i];
      RETURN_IF_ERROR(Container(number, uint32_t{header[2 * i + 1]} + 1, runs));
    }
    return OkStatus();
  }

  Status Container(int64_t number, uint32_t size, bool runs) {
    Chunk chunk{number, size, {}};
    int64_t counted = 0;
    if (runs) {
      ASSIGN_OR_RETURN(chunk.rows, RunList(&counted));
    } else if (size <= kMaxPositions) {
      auto rows = in_.GetAll<uint16_t>(size);
      for (size_t i = 1; i < rows.size(); ++i) {
        if (rows[i] <= rows[i - 1]) return Bad("the rows of a container are out of order");
      }
      counted = static_cast<int64_t>(rows.size());
      chunk.rows = std::move(rows);
    } else {
      auto bits = in_.GetAll<uint64_t>(kBitWords);
      for (const uint64_t word : bits) counted += std::popcount(word);
      chunk.rows = std::move(bits);
    }
    if (!in_.ok()) return Bad("it is cut off");
    if (counted != size) {
      return Bad("a container has " + std::to_string(counted) + " rows and says " +
                 std::to_string(size));
    }
    chunks_.push_back(std::make_shared<const Chunk>(std::move(chunk)));
    return OkStatus();
  }

  Result<RowSet::Runs> RunList(int64_t* counted) {
    const auto count = in_.Get<uint16_t>();
    const auto pairs = in_.GetAll<uint16_t>(size_t{count} * 2);
    RowSet::Runs runs;
    for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
      const uint32_t first = pairs[i];
      const uint32_t last = first + pairs[i + 1];
      if (last > UINT16_MAX || (!runs.empty() && first <= runs.back().last)) {
        return Bad("the runs of a container are out of order");
      }
      *counted += last - first + 1;
      runs.push_back({static_cast<uint16_t>(first), static_cast<uint16_t>(last)});
    }
    return runs;
  }

  Reader in_;
  std::string_view where_;
  RowSet::Chunks chunks_;
};

}  // namespace

std::string EncodeRowSet(const RowSet& rows) {
  const RowSet::Chunks& chunks = rows.chunks();
  std::vector<size_t> begins;  // of each bitmap
  for (size_t i = 0; i < chunks.size(); ++i) {
    if (i == 0 || chunks[i]->number >> 16 != chunks[i - 1]->number >> 16) begins.push_back(i);
  }
  Writer out;
  out.Put<uint32_t>(kPortableMagic);
  out.Put<uint64_t>(begins.size());
  for (size_t i = 0; i < begins.size(); ++i) {
    out.Put<uint32_t>(static_cast<uint32_t>(chunks[begins[i]]->number >> 16));
    EncodeBitmap(chunks, begins[i], i + 1 < begins.size() ? begins[i + 1] : chunks.size(), &out);
  }
  return out.Take();
}

Result<RowSet> DecodeRowSet(std::string_view bytes, std::string_view where) {
  return Decoder(bytes, where).Decode();
}

}  // namespace penstock::delta
