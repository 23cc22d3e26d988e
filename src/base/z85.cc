#include "base/z85.h"

#include <array>
#include <cstdint>

namespace penstock {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
constexpr uint64_t kBase = 85;
constexpr size_t kDigits = 5;
constexpr size_t kBytes = 4;

std::array<int, 256> DigitValues() {
  std::array<int, 256> values;
  values.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int>(i);
  }
  return values;
}

}  // namespace

std::string EncodeZ85(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + kBytes - 1) / kBytes * kDigits);
  for (size_t begin = 0; begin < bytes.size(); begin += kBytes) {
    uint64_t number = 0;
    for (size_t i = 0; i < kBytes; ++i) {
      const bool given = begin + i < bytes.size();
      number = (number << 8) | (given ? static_cast<unsigned char>(bytes[begin + i]) : 0);
    }
    char digits[kDigits];
    for (size_t i = kDigits; i-- > 0; number /= kBase) digits[i] = kAlphabet[number % kBase];
    text.append(digits, kDigits);
  }
  return text;
}

std::optional<std::string> DecodeZ85(std::string_view text) {
  static const std::array<int, 256> kValues = DigitValues();
  if (text.size() % kDigits != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / kDigits * kBytes);
  for (size_t begin = 0; begin < text.size(); begin += kDigits) {
    uint64_t number = 0;
    for (size_t i = 0; i < kDigits; ++i) {
      const int digit = kValues[static_cast<unsigned char>(text[begin + i])];
      if (digit < 0) return std::nullopt;
      number = number * kBase + static_cast<uint64_t>(digit);
    }
    if (number > UINT32_MAX) return std::nullopt;
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes += static_cast<char>((number >> shift) & 0xFF);
    }
  }
  return bytes;
}

}  // namespace penstock
