#include "base/word.h"

#include <cctype>
#include <string>

#include "base/text.h"

namespace penstock {

bool HasWord(std::string_view text, std::string_view word) {
  const auto within = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  const std::string lower = AsciiLower(text);
  const std::string wanted = AsciiLower(word);
  for (size_t at = lower.find(wanted); at != lower.npos; at = lower.find(wanted, at + 1)) {
    const size_t end = at + wanted.size();
    if ((at == 0 || !within(lower[at - 1])) && (end == lower.size() || !within(lower[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace penstock
