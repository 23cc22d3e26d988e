#include <algorithm>
#include <utility>

#include "base/data_type.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/call_rewrite.h"
#include "sql/type_name.h"

// Calls that become operators of the engine, or other calls with their parts moved.
namespace penstock::sql {
namespace {

// A type as json_transform wants it: "INTEGER", ["VARCHAR"], {"a": "DOUBLE"}; a map is a type name,
// and a struct inside of it has names in quotes.
std::string JsonStructure(const DataType& type) {
  if (type.id == TypeId::kArray) return "[" + JsonStructure(type.fields[0].type) + "]";
  if (type.id != TypeId::kStruct) {
    return QuoteJson(EngineType(type));
  }
  std::string fields;
  for (const Field& field : type.fields) {
    if (!fields.empty()) fields += ", ";
    fields += QuoteJson(field.name) + ": " + JsonStructure(field.type);
  }
  return "{" + fields + "}";
}

}  // namespace

Fragment CallRewrite::Texts(std::initializer_list<std::string_view> texts) const {
  Fragment out;
  for (const std::string_view text : texts) out.Append(text, Original());
  return out;
}

Fragment CallRewrite::Calling(std::string_view function, size_t index) const {
  Fragment out = Texts({function, "("});
  out.Append(Rendered(index));
  out.Append(")", Original());
  return out;
}

bool CallRewrite::ApplyOperators() {
  Fragment out;
  const auto text = [&](std::string_view added) { out.Append(added, Original()); };
  if (call_.name == "concat" && Count() > 1) {
    for (size_t i = 0; i < Count(); ++i) {
      text(i == 0 ? "((" : " || (");
      out.Append(Rendered(i));
      text(")");
    }
    text(")");
  } else if (call_.name == "decode" && Count() > 2) {
    text("CASE");
    for (size_t i = 1; i + 1 < Count(); i += 2) {
      text(" WHEN (");
      out.Append(Rendered(0));
      text(") IS NOT DISTINCT FROM (");
      out.Append(Rendered(i));
      text(") THEN ");
      out.Append(Rendered(i + 1));
    }
    if (Count() % 2 == 0) {
      text(" ELSE ");
      out.Append(Rendered(Count() - 1));
    }
    text(" END");
  } else if (call_.name == "elt" && Count() > 1) {
    for (size_t i = 1; i < Count(); ++i) {
      text(i == 1 ? "([" : ", ");
      out.Append(Rendered(i));
    }
    text("])[");
    out.Append(Rendered(0));
    text("]");
  } else if (call_.name == "arrays_zip" && Count() > 0) {
    ZipArrays(&out);
  } else if (call_.name == "reverse" && Count() == 1 && LooksLikeArray(0)) {
    Rename("list_reverse");
    return true;
  } else {
    return false;
  }
  ReplaceCall(std::move(out));
  return true;
}

// Rows of the arrays' elements; each field is named by its column, or by its number.
void CallRewrite::ZipArrays(Fragment* out) const {
  const auto text = [&](std::string_view added) { out->Append(added, Original()); };
  text("list_transform(range(1, greatest(");
  for (size_t i = 0; i < Count(); ++i) {
    text(i == 0 ? "len(" : ", len(");
    out->Append(Rendered(i));
    text(")");
  }
  text(") + 1), lambda zip_index: struct_pack(");
  for (size_t i = 0; i < Count(); ++i) {
    const bool column = Argument(i).kind == NodeKind::kColumn;
    const std::string name = column ? NameOf(tokens_[Argument(i).last - 1]) : std::to_string(i);
    text((i == 0 ? "" : ", ") + QuoteIdentifier(name) + " := (");
    out->Append(Rendered(i));
    text(")[zip_index]");
  }
  text("))");
}

bool CallRewrite::LooksLikeArray(size_t index) const {
  static constexpr std::string_view kArrays[] = {
      "array",          "split",    "sort_array", "array_sort", "collect_list",
      "collect_set",    "sequence", "transform",  "filter",     "flatten",
      "array_distinct", "slice",    "map_keys",   "map_values", "array_union"};
  return Argument(index).kind == NodeKind::kCall &&
         std::find(std::begin(kArrays), std::end(kArrays), Argument(index).text) !=
             std::end(kArrays);
}

// extract(YEAR FROM d) and date_part('YEAR', d): an INT, Sunday is 1; seconds with their fraction.
bool CallRewrite::ApplyExtract() {
  if ((call_.name != "extract" && call_.name != "date_part" && call_.name != "datepart") ||
      Count() != 2) {
    return false;
  }
  std::string field(tokens_[Argument(0).first].text);
  if (const std::optional<std::string> quoted = Constant(0)) field = *quoted;
  field = AsciiLower(field);
  if (field.starts_with("sec") || field == "s") {
    ReplaceCall(Calling("spark_seconds", 1));
    return true;
  }
  const bool weekday = field == "dow" || field == "dayofweek";
  if (call_.name == "datepart") Rename("date_part");
  WrapCall("CAST(", weekday ? " + 1 AS INTEGER)" : " AS INTEGER)");
  return true;
}

// Functions that count another way.
bool CallRewrite::ApplyNumbers() {
  if (call_.name == "skewness" && Count() == 1 && !call_.windowed) {
    const std::string value = Rendered(0).text;
    WrapAll("(", " * (count(" + value + ") - 2) / sqrt(count(" + value + ") * (count(" + value +
                     ") - 1)))");
    return true;
  }
  if (call_.name == "sequence" && (LooksLikeTime(0) || LooksLikeTime(1) || LooksLikeTime(2))) {
    Rename("spark_time_sequence");
    return true;
  }
  return false;
}

bool CallRewrite::LooksLikeTime(size_t index) const {
  if (index >= Count()) return false;
  const Node& node = Argument(index);
  if (node.kind == NodeKind::kLiteral) return node.text.starts_with("INTERVAL");
  static constexpr std::string_view kWords[] = {
      "DATE",  "TIMESTAMP", "TO_DATE",  "TO_TIMESTAMP", "CURRENT_DATE", "DATE_TRUNC",
      "TRUNC", "DATE_ADD",  "DATE_SUB", "LAST_DAY",     "INTERVAL"};
  const bool named = std::any_of(std::begin(kWords), std::end(kWords), [&](std::string_view word) {
    return IsWord(tokens_[node.first], word);
  });
  return named || (node.kind == NodeKind::kCast &&
                   (node.text == "DATE" || node.text.starts_with("TIMESTAMP")));
}

// variant_get(v, '$.a[0]', 'int'): a cast of what is at the path.
std::optional<Error> CallRewrite::ApplyVariantGet() {
  const std::optional<std::string> type = Constant(2);
  if (Count() < 2 || !Constant(1) || (Count() > 2 && !type)) {
    return UserError("UNSUPPORTED_FUNCTION",
                     call_.name + " needs its path and its type as constant texts",
                     "Write it as in variant_get(v, '$.a[0]', 'int').");
  }
  CastPlan plan;
  if (type) {
    ASSIGN_OR_RETURN(plan, PlanCast(*type, call_.name.starts_with("try_")));
  }
  Fragment out = Texts({plan.before, "spark_json_path(CAST("});
  out.Append(Rendered(0));
  out.Append(" AS VARIANT), " + QuoteLiteral(*Constant(1)) + ")" + plan.after, Original());
  ReplaceCall(std::move(out));
  return std::nullopt;
}

// from_json(text, 'a INT, b STRING'): what cannot be read is NULL.
std::optional<Error> CallRewrite::ApplyFromJson() {
  const std::optional<std::string> schema = Constant(1);
  if (!schema) {
    return UserError("UNSUPPORTED_FUNCTION", "from_json needs its schema as a constant text",
                     "Write it as in from_json(x, 'a INT, b ARRAY<STRING>').");
  }
  Result<DataType> type = ParseDataType(*schema);
  if (!type.ok()) {
    ASSIGN_OR_RETURN(Schema fields, ParseSchema(*schema));
    type = DataType::Struct(std::move(fields));
  }
  Fragment out = Texts({"TRY(json_transform("});
  out.Append(Rendered(0));
  out.Append(", " + QuoteLiteral(JsonStructure(*type)) + "))", Original());
  ReplaceCall(std::move(out));
  return std::nullopt;
}

}  // namespace penstock::sql
