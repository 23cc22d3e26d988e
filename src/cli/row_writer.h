#pragma once

#include <cstdio>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "cli/row_source.h"

namespace penstock::cli {

enum class Format { kTable, kCsv, kJson, kJsonl };

// "table", "csv", "json" or "jsonl".
std::optional<Format> ParseFormat(std::string_view name);

// Writes all rows in the format. `width` is what the terminal offers to a table. A reader that went
// away
// (`penstock … | head`) ends the writing without an error.
Status WriteRows(RowSource& rows, Format format, std::FILE* out, size_t width);

}  // namespace penstock::cli
