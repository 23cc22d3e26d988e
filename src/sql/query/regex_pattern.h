#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::sql {

// A regular expression of Java as the engine (RE2) reads it. What RE2 has no counterpart for is an
// UNSUPPORTED_FUNCTION error: look-around, back-references, intersections of classes, and
// possessive quantifiers that could not be greedy ones.
Result<std::string> RegexPattern(std::string_view java);

}  // namespace penstock::sql
