#pragma once

#include <string_view>

namespace penstock {

// Whether the word stands in the text by itself, ASCII case ignored.
bool HasWord(std::string_view text, std::string_view word);

}  // namespace penstock
