#include "base/json.h"

#include <utility>

namespace penstock {

Result<Json> ParseJson(std::string_view text, std::string_view what) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& failure) {
    return DataError("BAD_JSON", std::string(what) + " is not valid JSON: " + failure.what());
  }
}

std::string DumpJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace penstock
