#pragma once

#include <cstddef>
#include <cstdio>
#include <string_view>

namespace penstock::cli {

// Whether the stream is a terminal.
bool IsTerminal(std::FILE* stream);
// Whether colours and cursor movements may be written: a terminal, NO_COLOR unset or empty, TERM
// not "dumb".
bool AllowsAnsi(std::FILE* stream);
// Columns of the terminal, 80 when unknown.
size_t TerminalWidth(std::FILE* stream);

// Columns that UTF-8 text takes on a terminal: wide characters two, combining ones none.
size_t DisplayWidth(std::string_view text);
// The longest beginning of `text` that takes at most `width` columns.
std::string_view Truncate(std::string_view text, size_t width);

}  // namespace penstock::cli
