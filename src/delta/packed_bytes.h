#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Numbers and texts one behind the other in as few bytes as they need: only for memory of this
// process, so that a reader trusts what it reads.
namespace penstock::delta {

class PackedWriter {
 public:
  explicit PackedWriter(std::string* out) : out_(out) {}

  void Unsigned(uint64_t number) {
    for (; number >= 0x80; number >>= 7) out_->push_back(static_cast<char>(number | 0x80));
    out_->push_back(static_cast<char>(number));
  }
  // Small ones of either sign are short.
  void Signed(int64_t number) {
    Unsigned((static_cast<uint64_t>(number) << 1) ^ static_cast<uint64_t>(number >> 63));
  }
  void Text(std::string_view text) {
    Unsigned(text.size());
    out_->append(text);
  }

 private:
  std::string* out_;
};

class PackedReader {
 public:
  explicit PackedReader(const char* at) : at_(at) {}

  uint64_t Unsigned() {
    uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      number |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  }
  int64_t Signed() {
    const uint64_t number = Unsigned();
    return static_cast<int64_t>(number >> 1) ^ -static_cast<int64_t>(number & 1);
  }
  std::string_view Text() {
    const uint64_t size = Unsigned();
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }
  const char* at() const { return at_; }

 private:
  const char* at_;
};

}  // namespace penstock::delta
