#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::sql {

// A Java date pattern ("yyyy-MM-dd HH:mm:ss") as the engine's strftime or strptime format
// ("%Y-%m-%d %H:%M:%S"). Fails with UNSUPPORTED_PATTERN, naming the letters that have no
// counterpart.
Result<std::string> FormattingPattern(std::string_view java);
Result<std::string> ParsingPattern(std::string_view java);

}  // namespace penstock::sql
