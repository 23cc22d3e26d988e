#include <algorithm>
#include <charconv>
#include <duckdb.hpp>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/common/types/variant_value.hpp>
#include <duckdb/common/types/variant_visitor.hpp>
#include <duckdb/function/function_binder.hpp>
#include <duckdb/parser/parsed_data/create_scalar_function_info.hpp>
#include <duckdb/planner/expression/bound_operator_expression.hpp>

#include "base/json.h"
#include "duck/spark/scalar.h"
#include "duck/variant_json.h"

// The functions of the pack over variants.
namespace penstock::duck {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Value;
using duckdb::VariantValue;

duckdb::Vector& EngineVector(duckdb_vector vector) {
  return *reinterpret_cast<duckdb::Vector*>(vector);
}

bool IsNullVariant(const duckdb::UnifiedVariantVectorData& variants, idx_t row) {
  return !variants.RowIsValid(row) ||
         variants.GetTypeId(row, 0) == duckdb::VariantLogicalType::VARIANT_NULL;
}

using AppendRow = void (*)(const duckdb::UnifiedVariantVectorData&, idx_t, std::string*);

// A text of every variant; NULL of a null. Of other types NULL: the call is never made for them.
template <AppendRow kAppend>
void VariantTexts(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const idx_t rows = duckdb_data_chunk_get_size(input);
  if (EngineVector(vector).GetType().id() != duckdb::LogicalTypeId::VARIANT) {
    for (idx_t row = 0; row < rows; ++row) SetNull(output, row);
    return;
  }
  duckdb::RecursiveUnifiedVectorFormat format;
  duckdb::Vector::RecursiveToUnifiedFormat(EngineVector(vector), rows, format);
  const duckdb::UnifiedVariantVectorData variants(format);
  std::string text;
  for (idx_t row = 0; row < rows; ++row) {
    text.clear();
    if (IsNullVariant(variants, row)) {
      SetNull(output, row);
      continue;
    }
    kAppend(variants, row, &text);
    SetText(output, row, text);
  }
}

// ---- parse_json

constexpr size_t kMaxDepth = 500;
constexpr size_t kMaxDigits = 38;

// A number with a point but no exponent is a decimal as long as its digits fit.
std::optional<Value> DecimalValue(std::string_view text) {
  if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
  const bool negative = text.starts_with('-');
  __int128 whole = 0;
  size_t digits = 0, scale = 0;
  bool point = false;
  for (const char c : text.substr(negative ? 1 : 0)) {
    if (c == '.') {
      point = true;
      continue;
    }
    whole = whole * 10 + (c - '0');
    if (whole != 0) ++digits;
    if (point) ++scale;
    if (digits > kMaxDigits || scale > kMaxDigits) return std::nullopt;
  }
  if (negative) whole = -whole;
  const auto width = static_cast<uint8_t>(std::max<size_t>({digits, scale, 1}));
  const duckdb_hugeint stored = ToHugeint(whole);
  const auto scale8 = static_cast<uint8_t>(scale);
  if (width <= 18) return Value::DECIMAL(static_cast<int64_t>(whole), width, scale8);
  return Value::DECIMAL(duckdb::hugeint_t(stored.upper, stored.lower), width, scale8);
}

// Builds the value while the text is read.
class VariantBuilder : public nlohmann::json_sax<Json> {
 public:
  VariantValue Take() { return std::move(root_); }

  bool null() override { return Add(VariantValue::NullValue()); }
  bool boolean(bool value) override { return Add(VariantValue(Value::BOOLEAN(value))); }
  bool number_integer(int64_t value) override { return Add(VariantValue(Value::BIGINT(value))); }
  bool number_unsigned(uint64_t value) override {
    if (value > static_cast<uint64_t>(INT64_MAX)) return Real(std::to_string(value));
    return number_integer(static_cast<int64_t>(value));
  }
  bool number_float(double, const std::string& text) override { return Real(text); }
  bool string(std::string& value) override { return Add(VariantValue(Value(value))); }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(duckdb::VariantValueType::OBJECT); }
  bool start_array(size_t) override { return Open(duckdb::VariantValueType::ARRAY); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(std::string& name) override {
    Level& level = open_.back();
    level.key = name;
    return level.value.ObjectChildren().find(name) == level.value.ObjectChildren().end();
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  struct Level {
    VariantValue value;
    std::string key;
  };

  bool Real(const std::string& text) {
    if (auto decimal = DecimalValue(text)) return Add(VariantValue(*std::move(decimal)));
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc{} && Add(VariantValue(Value::DOUBLE(value)));
  }

  bool Open(duckdb::VariantValueType type) {
    if (open_.size() >= kMaxDepth) return false;
    open_.push_back({VariantValue(type), ""});
    return true;
  }

  bool Close() {
    VariantValue done = std::move(open_.back().value);
    open_.pop_back();
    return Add(std::move(done));
  }

  bool Add(VariantValue&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.value_type == duckdb::VariantValueType::OBJECT) {
      open_.back().value.AddChild(open_.back().key, std::move(value));
    } else {
      open_.back().value.AddItem(std::move(value));
    }
    return true;
  }

  VariantValue root_;
  std::vector<Level> open_;
};

std::optional<VariantValue> ParsedVariant(std::string_view text) {
  VariantBuilder builder;
  if (!Json::sax_parse(text, &builder)) return std::nullopt;
  return builder.Take();
}

template <bool kLenient>
void ParseRows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const idx_t rows = duckdb_data_chunk_get_size(input);
  duckdb::vector<VariantValue> values;
  for (idx_t row = 0; row < rows; ++row) {
    if (IsNativeNull(vector, row)) {
      values.push_back(VariantValue::NullValue());
      continue;
    }
    auto parsed = ParsedVariant(NativeString(vector, row));
    if (!parsed && !kLenient) {
      return FailRow(info, "MALFORMED_RECORD_IN_PARSING",
                     "this is no JSON value, or has a key twice: " +
                         std::string(NativeString(vector, row).substr(0, 200)),
                     "Correct the text, or use try_parse_json, which gives NULL.");
    }
    values.push_back(parsed ? *std::move(parsed) : VariantValue::NullValue());
  }
  VariantValue::ToVARIANT(values, EngineVector(output));
}

// ---- paths

// The steps of a path that the translation wrote: $."a"[0]; nothing: it has one that variants do
// not know.
std::optional<duckdb::vector<duckdb::VariantPathComponent>> PathSteps(std::string_view path) {
  duckdb::vector<duckdb::VariantPathComponent> steps;
  if (!path.starts_with('$')) return std::nullopt;
  for (size_t at = 1; at < path.size();) {
    if (path[at] == '[') {
      const size_t end = path.find(']', at);
      if (end == std::string_view::npos) return std::nullopt;
      std::string_view index = path.substr(at + 1, end - at - 1);
      if (index.size() >= 2 && (index[0] == '\'' || index[0] == '"')) {
        steps.emplace_back(std::string(index.substr(1, index.size() - 2)));
      } else {
        uint32_t number = 0;
        const auto parsed = std::from_chars(index.data(), index.data() + index.size(), number);
        if (parsed.ec != std::errc{} || parsed.ptr != index.data() + index.size()) {
          return std::nullopt;
        }
        steps.emplace_back(number);
      }
      at = end + 1;
      continue;
    }
    if (path[at] != '.') return std::nullopt;
    std::string key;
    ++at;
    if (at < path.size() && path[at] == '"') {
      for (++at; at < path.size() && path[at] != '"'; ++at) {
        if (path[at] == '\\' && at + 1 < path.size()) ++at;
        key += path[at];
      }
      ++at;
    } else {
      const size_t end = std::min(path.find_first_of(".[", at), path.size());
      key = path.substr(at, end - at);
      at = end;
    }
    if (key.empty()) return std::nullopt;
    steps.emplace_back(std::move(key));
  }
  return steps;
}

void ExtractRows(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  const idx_t rows = arguments.size();
  duckdb::UnifiedVectorFormat paths;
  arguments.data[1].ToUnifiedFormat(rows, paths);
  const idx_t first = paths.sel->get_index(0);
  std::optional<duckdb::vector<duckdb::VariantPathComponent>> steps;
  if (paths.validity.RowIsValid(first)) {
    const auto& path = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(paths)[first];
    steps = PathSteps({path.GetData(), path.GetSize()});
  }
  if (!steps) {
    throw duckdb::InvalidInputException(ErrorForEngine(
        UserError("BAD_VARIANT_PATH", "this is no path into a variant",
                  "Write it as $.a.b[0] or $['a']; a wildcard is for JSON texts only.")));
  }
  if (steps->empty()) {
    result.Reference(arguments.data[0]);
    return;
  }
  duckdb::VariantUtils::VariantExtract(arguments.data[0], *steps, result, rows);
}

// A path into JSON text is the engine's; what is no JSON gives NULL.
duckdb::unique_ptr<duckdb::Expression> TextPath(duckdb::FunctionBindExpressionInput& input) {
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
  for (const auto& argument : input.children) arguments.push_back(argument->Copy());
  duckdb::ErrorData error;
  auto extract =
      duckdb::FunctionBinder(input.context)
          .BindScalarFunction(DEFAULT_SCHEMA, "json_extract_string", std::move(arguments), error);
  if (extract == nullptr) error.Throw();
  auto lenient = duckdb::make_uniq<duckdb::BoundOperatorExpression>(
      duckdb::ExpressionType::OPERATOR_TRY, extract->return_type);
  lenient->children.push_back(std::move(extract));
  return lenient;
}

void RegisterPath(duckdb::ClientContext& context) {
  duckdb::ScalarFunctionSet set("spark_json_path");
  duckdb::ScalarFunction text({LogicalType::VARCHAR, LogicalType::VARCHAR}, LogicalType::VARCHAR,
                              nullptr);
  text.SetBindExpressionCallback(TextPath);
  set.AddFunction(std::move(text));
  set.AddFunction(duckdb::ScalarFunction({LogicalType::VARIANT(), LogicalType::VARCHAR},
                                         LogicalType::VARIANT(), ExtractRows));
  duckdb::CreateScalarFunctionInfo info(std::move(set));
  info.on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
  info.internal = true;
  duckdb::Catalog::GetSystemCatalog(context).CreateFunction(context, info);
}

}  // namespace

Status RegisterSparkVariants(duckdb_connection connection) {
  FunctionSet json("spark_variant_json");
  json.Add({DUCKDB_TYPE_ANY}, DUCKDB_TYPE_VARCHAR, VariantTexts<AppendVariantJson>);
  RETURN_IF_ERROR(json.Register(connection));
  FunctionSet text("spark_variant_text");
  text.Add({DUCKDB_TYPE_ANY}, DUCKDB_TYPE_VARCHAR, VariantTexts<AppendVariantText>);
  RETURN_IF_ERROR(text.Register(connection));
  FunctionSet parse("spark_parse_json");
  parse.Add({DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_VARIANT, ParseRows<false>);
  RETURN_IF_ERROR(parse.Register(connection));
  FunctionSet try_parse("spark_try_parse_json");
  try_parse.Add({DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_VARIANT, ParseRows<true>);
  RETURN_IF_ERROR(try_parse.Register(connection));
  auto& context = *reinterpret_cast<duckdb::Connection*>(connection)->context;
  try {
    context.RunFunctionInTransaction([&] { RegisterPath(context); });
  } catch (const std::exception& exception) {
    return InternalError(std::string("spark_json_path cannot be registered: ") + exception.what());
  }
  return OkStatus();
}

}  // namespace penstock::duck
