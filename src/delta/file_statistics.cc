#include "delta/file_statistics.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace penstock::delta {
namespace {

namespace ondemand = simdjson::ondemand;

// Statistics of times are cut to milliseconds.
constexpr int kTimeSlackMicros = 999;
// The common length to which texts are cut, in characters; what is as long may have been.
constexpr size_t kCutLength = 32;
// What writers append to an upper bound that they cut.
constexpr std::string_view kTieBreakers[] = {"\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"};

// A number, text or boolean as text; nothing for anything else.
std::optional<std::string> TextOf(ondemand::value value) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
    return std::string(text);
  }
  if (type != ondemand::json_type::number && type != ondemand::json_type::boolean) {
    return std::nullopt;
  }
  std::string_view token = value.raw_json_token();
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\t' ||
                            token.back() == '\r')) {
    token.remove_suffix(1);
  }
  return std::string(token);
}

class Statistics {
 public:
  explicit Statistics(const std::string& json) : bytes_(json) {}

  // Begins anew each time: what a parser does after it met an error is not defined.
  std::optional<std::string> Get(const char* kind, const std::vector<std::string>& path) const {
    static thread_local ondemand::parser parser;
    ondemand::document document;
    ondemand::object object;
    ondemand::value value;
    if (bytes_.size() == 0 || parser.iterate(bytes_).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS ||
        object.find_field_unordered(kind).get(value) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    for (const std::string& name : path) {
      if (value.get_object().get(object) != simdjson::SUCCESS ||
          object.find_field_unordered(name).get(value) != simdjson::SUCCESS) {
        return std::nullopt;
      }
    }
    return TextOf(value);
  }

 private:
  simdjson::padded_string bytes_;
};

size_t Characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// Statistics of a file that was written with a narrower type have the digits of that one.
void LoosenFraction(const std::string& text, bool upper, ComparableValue* bound) {
  const double single = std::strtof(text.c_str(), nullptr);
  if (std::isnan(single)) return;
  bound->real = upper ? std::max(bound->real, single) : std::min(bound->real, single);
}

void LoosenText(ColumnBounds* bounds) {
  std::string& text = bounds->max->text;
  for (const std::string_view end : kTieBreakers) {
    if (text.size() < end.size() || !text.ends_with(end)) continue;
    text.resize(text.size() - end.size());
    bounds->max_is_prefix = true;
    return;
  }
  bounds->max_is_prefix = Characters(text) >= kCutLength;
}

int64_t Digits(std::string_view number) {
  return std::count_if(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

ColumnBounds BoundsOf(const AddFile& file, const std::vector<std::string>& path,
                      const DataType& type) {
  ColumnBounds bounds;
  const Statistics statistics(file.stats);
  const DataType count = DataType::Of(TypeId::kLong);
  const auto parsed = [](const std::optional<std::string>& text, const DataType& as) {
    return text ? ParseComparable(*text, as) : std::nullopt;
  };
  const auto records = parsed(statistics.Get("numRecords", {}), count);
  const auto nulls = parsed(statistics.Get("nullCount", path), count);
  bounds.none_null = nulls && nulls->number == 0;
  bounds.all_null = nulls && records && nulls->number >= records->number;
  const auto min = statistics.Get("minValues", path);
  const auto max = statistics.Get("maxValues", path);
  bounds.min = parsed(min, type);
  bounds.max = parsed(max, type);
  bounds.loose = IsFraction(type) || IsTime(type) || type.id == TypeId::kString ||
                 statistics.Get("tightBounds", {}) == "false";
  if (IsTime(type)) {
    if (bounds.min) bounds.min->number -= kTimeSlackMicros;
    if (bounds.max) bounds.max->number += kTimeSlackMicros;
  } else if (type.id == TypeId::kDecimal) {
    // Some writers take them through doubles, which keep as many digits as this.
    constexpr int64_t kSureDigits = 15;
    if (min && Digits(*min) > kSureDigits) bounds.min.reset();
    if (max && Digits(*max) > kSureDigits) bounds.max.reset();
  } else if (IsFraction(type)) {
    if (bounds.min) LoosenFraction(*min, false, &*bounds.min);
    if (bounds.max) LoosenFraction(*max, true, &*bounds.max);
  } else if (type.id == TypeId::kString && bounds.max) {
    LoosenText(&bounds);
  }
  return bounds;
}

}  // namespace penstock::delta
