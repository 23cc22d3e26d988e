#include "sql/query/call_rewrite.h"

#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/date_interval.h"
#include "sql/query/date_pattern.h"
#include "sql/query/function_names.h"
#include "sql/query/regex_pattern.h"
#include "sql/query/text_arguments.h"
#include "sql/type_name.h"

namespace penstock::sql {

std::optional<Error> CallRewrite::Apply() {
  if (ApplyExtract() || call_.keyword_arguments) return std::nullopt;
  ApplyTexts();
  if (std::optional<Error> error = ApplyRegex()) return error;
  if (ApplyStructs() || ApplyOperators() || ApplyLambdas() || ApplyUnits()) return std::nullopt;
  if (ApplyAggregates() || ApplyNumbers()) return std::nullopt;
  if (call_.name == "from_json") return ApplyFromJson();
  if (call_.name == "variant_get" || call_.name == "try_variant_get") return ApplyVariantGet();
  if (call_.name == "get_json_object" && Constant(1).value_or("").find('*') != std::string::npos) {
    Rename("spark_json_matches");
    return std::nullopt;
  }
  if (call_.name == "array_sort" && Count() > 1) {
    return UserError("UNSUPPORTED_FUNCTION", "array_sort with a comparator is not supported",
                     "Use sort_array, or sort structs whose first field is the key.");
  }
  if (std::optional<Error> error = ApplyFormats()) return error;
  if (const std::optional<std::string> name = PackName(call_.name)) Rename(*name);
  return std::nullopt;
}

std::optional<std::string> CallRewrite::Constant(size_t index) const {
  if (index >= Count()) return std::nullopt;
  const Node& node = Argument(index);
  if (node.kind != NodeKind::kLiteral || !IsString(tokens_[node.first])) return std::nullopt;
  std::string value;
  for (size_t token = node.first; token < node.last; ++token) {
    value += StringValue(tokens_[token], model::Dialect::kSpark);
  }
  return value;
}

Fragment CallRewrite::Rendered(size_t index) const {
  return rewrite_.Render(Argument(index).first, Argument(index).last);
}

void CallRewrite::Rename(const std::string& name) { rewrite_.Replace(call_.name_token, name); }

void CallRewrite::ReplaceArgument(size_t index, const std::string& text) {
  Fragment fragment;
  fragment.Append(text, tokens_[Argument(index).first].offset);
  rewrite_.ReplaceRange(Argument(index).first, Argument(index).last, std::move(fragment));
}

void CallRewrite::ReplaceCall(Fragment fragment) {
  rewrite_.ReplaceRange(call_.name_token, call_.close + 1, std::move(fragment));
}

void CallRewrite::WrapAll(std::string before, std::string after) {
  rewrite_.Wrap(call_.name_token, nodes_.back().last, std::move(before), std::move(after));
}

void CallRewrite::WrapCall(std::string before, std::string after) {
  rewrite_.Wrap(call_.name_token, call_.close + 1, std::move(before), std::move(after));
}

// Numbers and times where a text belongs. concat also joins arrays: its parts are texts if one is
// seen to be.
void CallRewrite::ApplyTexts() {
  const auto is_text = [&](size_t node) { return IsText(nodes_, tokens_, node); };
  unsigned texts = TextArguments(call_.name);
  const bool joins = call_.name == "concat" &&
                     std::any_of(call_.arguments.begin(), call_.arguments.end(), is_text);
  const bool separated = call_.name == "concat_ws";
  for (size_t i = 0; i < Count(); ++i, texts >>= 1) {
    const Node& node = Argument(i);
    if (separated && i > 0 && !is_text(call_.arguments[i]) && node.first < node.last) {
      rewrite_.Wrap(node.first, node.last, "spark_joined_part(", ", " + Rendered(0).text + ")");
    }
    if (!(joins || (texts & 1)) || is_text(call_.arguments[i]) || node.first == node.last) continue;
    if (call_.name == "reverse" && LooksLikeArray(i)) continue;
    rewrite_.Wrap(node.first, node.last, std::string(kAsText), ")");
  }
}

// Constant patterns become the engine's.
std::optional<Error> CallRewrite::ApplyRegex() {
  static constexpr std::string_view kNames[] = {
      "regexp",       "regexp_count", "regexp_extract", "regexp_extract_all",
      "regexp_instr", "regexp_like",  "regexp_replace", "regexp_substr",
      "rlike",        "split"};
  if (std::find(std::begin(kNames), std::end(kNames), call_.name) == std::end(kNames)) {
    return std::nullopt;
  }
  const std::optional<std::string> java = Constant(1);
  if (!java) return std::nullopt;
  const Result<std::string> pattern = RegexPattern(*java);
  if (!pattern.ok()) return pattern.error();
  if (*pattern != *java) ReplaceArgument(1, QuoteLiteral(*pattern));
  return std::nullopt;
}

// struct, named_struct, map: their parts become named or paired.
bool CallRewrite::ApplyStructs() {
  Fragment out;
  const auto text = [&](std::string_view added) { out.Append(added, Original()); };
  if (call_.name == "named_struct" && Count() % 2 == 0 && Count() > 0) {
    text("struct_pack(");
    for (size_t i = 0; i + 1 < Count(); i += 2) {
      const std::optional<std::string> name = Constant(i);
      if (!name) return false;
      text((i > 0 ? ", " : "") + QuoteIdentifier(*name) + " := ");
      out.Append(Rendered(i + 1));
    }
    text(")");
  } else if (call_.name == "struct" && Count() > 0) {
    text("struct_pack(");
    size_t part = 0;
    for (size_t i = 0; i < Count(); ++i) {
      const Node& node = Argument(i);
      ++part;
      std::string name = "col" + std::to_string(part);
      const bool named = IsWord(tokens_[node.last], "AS") && IsName(tokens_[node.last + 1]);
      if (named) {
        name = NameOf(tokens_[node.last + 1]);
      } else if (node.kind == NodeKind::kColumn) {
        name = NameOf(tokens_[node.last - 1]);
      }
      text((i > 0 ? ", " : "") + QuoteIdentifier(name) + " := ");
      out.Append(Rendered(i));
    }
    text(")");
  } else if (call_.name == "map" && Count() % 2 == 0) {
    text("map([");
    for (size_t i = 0; i < Count(); i += 2) {
      if (i > 0) text(", ");
      out.Append(Rendered(i));
    }
    text("], [");
    for (size_t i = 1; i < Count(); i += 2) {
      if (i > 1) text(", ");
      out.Append(Rendered(i));
    }
    text("])");
  } else {
    return false;
  }
  ReplaceCall(std::move(out));
  return true;
}

// dateadd(DAY, 1, d), timestampdiff(HOUR, a, b): the first argument is a bare word.
bool CallRewrite::ApplyUnits() {
  static constexpr std::string_view kAdd[] = {"dateadd", "date_add", "timestampadd"};
  static constexpr std::string_view kDiff[] = {"datediff", "date_diff", "timestampdiff",
                                               "timediff"};
  const bool adds = std::find(std::begin(kAdd), std::end(kAdd), call_.name) != std::end(kAdd);
  const bool diffs = std::find(std::begin(kDiff), std::end(kDiff), call_.name) != std::end(kDiff);
  if (!(adds || diffs) || Count() != 3) return false;
  std::string unit = AsciiLower(tokens_[Argument(0).first].text);
  if (const std::optional<std::string> quoted = Constant(0)) unit = AsciiLower(*quoted);
  ReplaceArgument(0, QuoteLiteral(unit));
  Rename(adds ? "spark_timestampadd" : "spark_timestampdiff");
  return true;
}

bool CallRewrite::ApplyAggregates() {
  const std::string& name = call_.name;
  if (name == "count" && Count() > 1) {
    Fragment out;
    out.Append(call_.distinct ? "count(DISTINCT CASE WHEN " : "count(CASE WHEN ", Original());
    for (size_t i = 0; i < Count(); ++i) {
      if (i > 0) out.Append(" AND ", Original());
      out.Append("(", Original());
      out.Append(Rendered(i));
      out.Append(") IS NOT NULL", Original());
    }
    out.Append(" THEN row(", Original());
    for (size_t i = 0; i < Count(); ++i) {
      if (i > 0) out.Append(", ", Original());
      out.Append(Rendered(i));
    }
    out.Append(") END)", Original());
    ReplaceCall(std::move(out));
    return true;
  }
  if (name == "collect_list" || name == "array_agg" || name == "collect_set") {
    Rename("list");
    if (name == "collect_set" && !call_.distinct) rewrite_.After(call_.open, "DISTINCT ");
    WrapAll("coalesce(list_filter(", ", lambda element: element IS NOT NULL), [])");
    return true;
  }
  const bool first = name == "first" || name == "first_value" || name == "any_value";
  const bool last = name == "last" || name == "last_value";
  if (first || last) {
    bool skips = call_.ignore_nulls;
    if (Count() == 2) {
      skips = IsWord(tokens_[Argument(1).first], "TRUE");
      rewrite_.Remove(Argument(0).last, Argument(1).last);
    }
    if (call_.windowed) {
      Rename(first ? "first_value" : "last_value");
      if (skips) rewrite_.Before(call_.close, " IGNORE NULLS");
    } else {
      Rename(first ? (skips ? "any_value" : "first") : "last");
      if (skips && last) {
        Fragment value = Rendered(0);
        rewrite_.After(call_.close, " FILTER (WHERE (" + value.text + ") IS NOT NULL)");
      }
    }
    return true;
  }
  if (call_.ignore_nulls && call_.windowed) {
    rewrite_.Before(call_.close, " IGNORE NULLS");
    return true;
  }
  if ((name == "percentile_approx" || name == "approx_percentile") && Count() == 3) {
    rewrite_.Remove(Argument(1).last, Argument(2).last);
  }
  return false;
}

// Constant Java patterns become the engine's; others are left to functions of the pack.
std::optional<Error> CallRewrite::ApplyFormats() {
  static constexpr std::string_view kFormatting[] = {"date_format", "from_unixtime"};
  static constexpr std::string_view kParsing[] = {
      "to_date",        "to_timestamp",      "try_to_date",      "try_to_timestamp",
      "unix_timestamp", "to_unix_timestamp", "to_timestamp_ntz", "to_timestamp_ltz"};
  const auto has = [&](auto& names) {
    return std::find(std::begin(names), std::end(names), call_.name) != std::end(names);
  };
  const bool formats = has(kFormatting);
  if (!(formats || has(kParsing)) || Count() < 2) return std::nullopt;
  const std::optional<std::string> pattern = Constant(1);
  if (!pattern) {
    return UserError("UNSUPPORTED_FUNCTION", call_.name + " needs its pattern as a constant text",
                     "Write the pattern as a literal; choose between several with CASE.");
  }
  const Result<std::string> translated =
      formats ? FormattingPattern(*pattern) : ParsingPattern(*pattern);
  if (!translated.ok()) return translated.error();
  ReplaceArgument(1, QuoteLiteral(*translated));
  return std::nullopt;
}

}  // namespace penstock::sql
