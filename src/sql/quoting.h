#pragma once

#include <string>
#include <string_view>

// Names and texts as the engine reads them.
namespace penstock::sql {

std::string QuoteName(std::string_view name);  // "a""b"
std::string QuoteText(std::string_view text);  // 'it''s'

// Whether the engine refuses the bare word as a column's name where Spark allows it: offset,
// default, end …
bool IsReservedByEngineOnly(std::string_view word);

}  // namespace penstock::sql
