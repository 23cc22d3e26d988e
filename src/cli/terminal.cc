#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace penstock::cli {
namespace {

constexpr size_t kUsualWidth = 80;

struct Range {
  uint32_t first;
  uint32_t last;
};

// Blocks that are shown two columns wide, and marks that join the character before them.
constexpr std::array<Range, 10> kWide = {{{0x1100, 0x115F},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xA000, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFF00, 0xFF60},
                                          {0x1F300, 0x3FFFD}}};
constexpr std::array<Range, 7> kJoining = {{{0x0300, 0x036F},
                                            {0x0483, 0x0489},
                                            {0x0591, 0x05BD},
                                            {0x064B, 0x065F},
                                            {0x200B, 0x200F},
                                            {0x20D0, 0x20FF},
                                            {0xFE00, 0xFE0F}}};

template <size_t N>
bool IsIn(const std::array<Range, N>& ranges, uint32_t character) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return character >= range.first && character <= range.last;
  });
}

size_t WidthOf(uint32_t character) {
  if (character < 0x300) return 1;
  if (IsIn(kJoining, character)) return 0;
  return IsIn(kWide, character) ? 2 : 1;
}

// The character that begins at `at`, which moves behind it; a stray byte counts as one.
uint32_t Next(std::string_view text, size_t* at) {
  const auto byte = static_cast<unsigned char>(text[(*at)++]);
  if (byte < 0xC0) return byte;
  uint32_t character = byte < 0xE0 ? byte & 0x1F : byte < 0xF0 ? byte & 0x0F : byte & 0x07;
  while (*at < text.size() && (static_cast<unsigned char>(text[*at]) & 0xC0) == 0x80) {
    character = character << 6 | (static_cast<unsigned char>(text[(*at)++]) & 0x3F);
  }
  return character;
}

}  // namespace

bool IsTerminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

bool AllowsAnsi(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_color != nullptr && *no_color != 0) return false;
  if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
  return IsTerminal(stream);
}

size_t TerminalWidth(std::FILE* stream) {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) width += WidthOf(Next(text, &at));
  return width;
}

std::string_view Truncate(std::string_view text, size_t width) {
  size_t used = 0;
  size_t at = 0;
  while (at < text.size()) {
    size_t next = at;
    used += WidthOf(Next(text, &next));
    if (used > width) break;
    at = next;
  }
  return text.substr(0, at);
}

}  // namespace penstock::cli
