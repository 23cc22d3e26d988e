#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace penstock::delta {

// A value inside a JsonDocument: missing parts and parts of another type are nothing instead of
// errors, so that foreign text is read by asking for what one expects. Valid until the document
// parses again.
class JsonElement {
 public:
  JsonElement() = default;
  explicit JsonElement(simdjson::dom::element element) : element_(element) {}

  bool IsNull() const;  // also: missing
  bool IsObject() const;
  // The member of an object; null when this is no object or has no such member.
  JsonElement operator[](std::string_view key) const;
  std::optional<std::string> String() const;
  std::optional<int64_t> Int() const;
  std::optional<bool> Bool() const;
  std::optional<std::vector<JsonElement>> Array() const;
  std::optional<std::vector<std::pair<std::string, JsonElement>>> Members() const;
  Json ToJson() const;

 private:
  std::optional<simdjson::dom::element> element_;
};

// Parses what others wrote: nesting is limited, UTF-8 is checked. Reuses its memory; not
// thread-safe.
class JsonDocument {
 public:
  JsonDocument();
  // BAD_JSON names `what`.
  Result<JsonElement> Parse(std::string_view text, std::string_view what);

 private:
  simdjson::dom::parser parser_;
};

}  // namespace penstock::delta
