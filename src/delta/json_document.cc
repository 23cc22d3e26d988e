#include "delta/json_document.h"

namespace penstock::delta {

namespace {

constexpr size_t kDeepestNesting = 128;
constexpr size_t kFirstCapacity = 4096;

}  // namespace

bool JsonElement::IsNull() const { return !element_ || element_->is_null(); }

bool JsonElement::IsObject() const { return element_ && element_->is_object(); }

JsonElement JsonElement::operator[](std::string_view key) const {
  simdjson::dom::object object;
  simdjson::dom::element member;
  if (!element_ || element_->get(object) != simdjson::SUCCESS) return {};
  if (object.at_key(key).get(member) != simdjson::SUCCESS) return {};
  return JsonElement(member);
}

std::optional<std::string> JsonElement::String() const {
  std::string_view text;
  if (!element_ || element_->get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

std::optional<int64_t> JsonElement::Int() const {
  int64_t number;
  if (!element_ || element_->get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

std::optional<bool> JsonElement::Bool() const {
  bool flag;
  if (!element_ || element_->get(flag) != simdjson::SUCCESS) return std::nullopt;
  return flag;
}

std::optional<std::vector<JsonElement>> JsonElement::Array() const {
  simdjson::dom::array array;
  if (!element_ || element_->get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<JsonElement> elements;
  for (const simdjson::dom::element element : array) elements.emplace_back(element);
  return elements;
}

std::optional<std::vector<std::pair<std::string, JsonElement>>> JsonElement::Members() const {
  simdjson::dom::object object;
  if (!element_ || element_->get(object) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::pair<std::string, JsonElement>> members;
  for (const auto& [key, value] : object)
    members.emplace_back(std::string(key), JsonElement(value));
  return members;
}

Json JsonElement::ToJson() const {
  if (!element_) return nullptr;
  switch (element_->type()) {
    case simdjson::dom::element_type::INT64:
      return int64_t(*element_);
    case simdjson::dom::element_type::UINT64:
      return uint64_t(*element_);
    case simdjson::dom::element_type::DOUBLE:
      return double(*element_);
    case simdjson::dom::element_type::STRING:
      return *String();
    case simdjson::dom::element_type::BOOL:
      return *Bool();
    case simdjson::dom::element_type::NULL_VALUE:
      return nullptr;
    case simdjson::dom::element_type::ARRAY: {
      Json list = Json::array();
      for (const simdjson::dom::element element : simdjson::dom::array(*element_)) {
        list.push_back(JsonElement(element).ToJson());
      }
      return list;
    }
    case simdjson::dom::element_type::OBJECT: {
      Json object = Json::object();
      for (const auto& [key, value] : simdjson::dom::object(*element_)) {
        object[std::string(key)] = JsonElement(value).ToJson();
      }
      return object;
    }
  }
  return nullptr;
}

JsonDocument::JsonDocument() {
  // A parser that could not get its memory now fails each Parse instead.
  if (parser_.allocate(kFirstCapacity, kDeepestNesting) != simdjson::SUCCESS) return;
}

Result<JsonElement> JsonDocument::Parse(std::string_view text, std::string_view what) {
  simdjson::dom::element root;
  const simdjson::error_code error = parser_.parse(text.data(), text.size(), true).get(root);
  if (error != simdjson::SUCCESS) {
    return DataError("BAD_JSON",
                     std::string(what) + " is not valid JSON: " + simdjson::error_message(error));
  }
  return JsonElement(root);
}

}  // namespace penstock::delta
