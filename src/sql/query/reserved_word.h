#pragma once

#include <string_view>

namespace penstock::sql {

// Whether the engine refuses the bare word as a column's name where Spark allows it: offset,
// default, end …
bool IsReservedByEngineOnly(std::string_view word);

}  // namespace penstock::sql
