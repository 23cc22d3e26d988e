#include "base/json.h"
#include "lake/row_change.h"

namespace penstock::lake {
namespace {

constexpr std::string_view kTightBounds = "tightBounds";

// Where the value of a field of the outermost object begins and ends in JSON text that parses;
// numbers in it stay as they are written, which reading and writing them anew would not promise.
std::optional<std::pair<size_t, size_t>> FieldValue(std::string_view text, std::string_view name) {
  int depth = 0;
  size_t begin = 0;  // of the value; 0: none
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const size_t start = i + 1;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      const size_t colon = text.find_first_not_of(" \t\r\n", i + 1);
      const bool is_name = colon != std::string_view::npos && text[colon] == ':';
      if (depth == 1 && begin == 0 && is_name && text.substr(start, i - start) == name) {
        begin = colon + 1;
        i = colon;
      }
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == ',' && depth == 1) || ((c == '}' || c == ']') && depth == 1)) {
      if (begin > 0) return std::pair(begin, i);
      if (c != ',') --depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string WideStatistics(const std::string& statistics, int64_t physical_rows) {
  const auto json = ParseJson(statistics, "statistics");
  const std::string rows = "\"numRecords\":" + std::to_string(physical_rows);
  if (!json.ok() || !json->is_object() || json->empty()) {
    return "{" + rows + ",\"tightBounds\":false}";
  }
  std::string text = statistics;
  if (const auto place = FieldValue(text, kTightBounds)) {
    text.replace(place->first, place->second - place->first, "false");
  } else {
    text.insert(text.find('{') + 1, "\"tightBounds\":false,");
  }
  if (!json->contains("numRecords")) text.insert(text.find('{') + 1, rows + ",");
  return text;
}

}  // namespace penstock::lake
