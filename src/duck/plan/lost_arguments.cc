#include "duck/plan/lost_arguments.h"

#include <algorithm>
#include <array>
#include <duckdb.hpp>
#include <duckdb/common/serializer/serializer.hpp>
#include <string_view>

#include "base/sql_text.h"
#include "duck/plan/bound_expression.h"

namespace penstock::duck {
namespace {

// Keeps what a binding writes of itself as SQL text, by the name of the property.
class Capture final : public duckdb::Serializer {
 public:
  std::vector<std::pair<std::string, std::string>> values;

 protected:
  void OnPropertyBegin(const duckdb::field_id_t, const char* tag) override { tags_.push_back(tag); }
  void OnPropertyEnd() override { tags_.pop_back(); }
  void OnOptionalPropertyBegin(const duckdb::field_id_t, const char* tag, bool) override {
    tags_.push_back(tag);
  }
  void OnOptionalPropertyEnd(bool) override { tags_.pop_back(); }
  void OnObjectBegin() override {}
  void OnObjectEnd() override {}
  void OnListBegin(duckdb::idx_t) override {}
  void OnListEnd() override {}
  void OnNullableBegin(bool) override {}
  void OnNullableEnd() override {}
  void WriteNull() override { Add("NULL"); }
  void WriteValue(bool value) override { Add(value ? "true" : "false"); }
  void WriteValue(uint8_t value) override { Add(std::to_string(value)); }
  void WriteValue(int8_t value) override { Add(std::to_string(value)); }
  void WriteValue(uint16_t value) override { Add(std::to_string(value)); }
  void WriteValue(int16_t value) override { Add(std::to_string(value)); }
  void WriteValue(uint32_t value) override { Add(std::to_string(value)); }
  void WriteValue(int32_t value) override { Add(std::to_string(value)); }
  void WriteValue(uint64_t value) override { Add(std::to_string(value)); }
  void WriteValue(int64_t value) override { Add(std::to_string(value)); }
  void WriteValue(duckdb::hugeint_t value) override { Add(value.ToString()); }
  void WriteValue(duckdb::uhugeint_t value) override { Add(value.ToString()); }
  void WriteValue(float value) override { Add(duckdb::Value::FLOAT(value).ToString()); }
  void WriteValue(double value) override { Add(duckdb::Value::DOUBLE(value).ToString()); }
  void WriteValue(const duckdb::string_t value) override { Add(QuoteLiteral(value.GetString())); }
  void WriteValue(const std::string& value) override { Add(QuoteLiteral(value)); }
  void WriteValue(const char* value) override { Add(QuoteLiteral(value)); }
  void WriteDataPtr(duckdb::const_data_ptr_t, duckdb::idx_t) override { Add("NULL"); }

 private:
  void Add(std::string value) {
    if (!tags_.empty()) values.emplace_back(tags_.back(), std::move(value));
  }

  std::vector<std::string> tags_;
};

// Aggregates whose bindings hold nothing but what follows from the types of their arguments.
bool KeepsArguments(const std::string& name) {
  static constexpr std::array<std::string_view, 22> kNames = {
      "histogram", "arg_min_null", "arg_max_null", "sum",      "avg",     "mean",
      "list",      "array_agg",    "first",        "last",     "arg_min", "arg_max",
      "min_by",    "max_by",       "argmin",       "argmax",   "min",     "max",
      "median",    "mad",          "any_value",    "arbitrary"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Capture Captured(const duckdb::AggregateFunction& function, const duckdb::FunctionData& bound) {
  if (function.serialize == nullptr) {
    throw NoCounterpart{"the aggregate " + function.name, std::nullopt};
  }
  Capture capture;
  function.serialize(capture, bound.Copy().get(), function);
  return capture;
}

// The fractions that ApproximateQuantileBindData keeps.
std::string FractionsText(const Capture& capture, bool list) {
  std::string text;
  for (const auto& [tag, value] : capture.values) {
    if (tag == "quantiles") text += (text.empty() ? "" : ", ") + value;
  }
  return list ? "[" + text + "]" : text;
}

// "25" with two decimals is "0.25".
std::string Scaled(std::string digits, size_t scale) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  if (scale > 0) {
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - scale, ".");
  }
  return (negative ? "-" : "") + digits;
}

// The quantiles that QuantileBindData keeps: numbers between 0 and 1, the order said by `desc`.
std::string QuantilesText(const Capture& capture, bool list) {
  std::vector<std::string> quantiles;
  size_t scale = 0;
  bool descending = false;
  for (const auto& [tag, value] : capture.values) {
    if (tag == "scale") scale = std::stoul(value);
    if (tag == "desc") descending = value == "true";
    if (tag != "value") continue;
    quantiles.push_back(Scaled(value, scale));
    scale = 0;
  }
  std::string text;
  for (const std::string& quantile : quantiles) {
    text += (text.empty() ? "" : ", ") + std::string(descending ? "-" : "") + quantile;
  }
  return list ? "[" + text + "]" : text;
}

}  // namespace

std::vector<std::string> LostArguments(const duckdb::AggregateFunction& function,
                                       const duckdb::FunctionData* bound,
                                       const duckdb::LogicalType& result) {
  if (bound == nullptr || KeepsArguments(function.name)) return {};
  if (function.name == "string_agg" || function.name == "group_concat" ||
      function.name == "listagg") {
    const Capture capture = Captured(function, *bound);
    for (const auto& [tag, value] : capture.values) {
      if (tag == "separator") return {value};
    }
  }
  if (function.name == "quantile_cont" || function.name == "quantile_disc" ||
      function.name == "quantile") {
    const bool list = result.id() == duckdb::LogicalTypeId::LIST;
    return {QuantilesText(Captured(function, *bound), list)};
  }
  if (function.name == "approx_quantile") {
    const bool list = result.id() == duckdb::LogicalTypeId::LIST;
    return {FractionsText(Captured(function, *bound), list)};
  }
  throw NoCounterpart{"the aggregate " + function.name, std::nullopt};
}

}  // namespace penstock::duck
