#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

using Json = nlohmann::json;

// Parses one JSON value without throwing; the error (BAD_JSON) shows the place and `what` was being
// read.
Result<Json> ParseJson(std::string_view text, std::string_view what);

// Compact text; invalid UTF-8 is replaced rather than thrown about.
std::string DumpJson(const Json& json);

}  // namespace penstock
