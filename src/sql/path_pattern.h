#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::sql {

// Whether a relative path is named by a pattern: "*" and "?" within one folder, "[a-z]", "[!x]",
// "{a,b}", "**" over any number of folders. A pattern without any of these names the path itself.
bool MatchesPathPattern(std::string_view pattern, std::string_view path);

// The folders at the front of a pattern that hold none of these characters; where a search can
// begin.
std::string FixedFolder(std::string_view pattern);

}  // namespace penstock::sql
