#include "sql/query/generator.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "base/sql_text.h"

namespace penstock::sql {
namespace {

constexpr std::array<std::string_view, 8> kGenerators = {
    "explode", "explode_outer", "posexplode", "posexplode_outer",
    "inline",  "inline_outer",  "stack",      "json_tuple"};

class Columns {
 public:
  Columns(const GeneratorCall& call, const std::vector<std::string>& aliases)
      : call_(call), aliases_(aliases) {}

  Fragment Build() {
    const std::string_view name = call_.name;
    if (call_.arguments.empty()) {
      Text(call_.name + "()");
    } else if (name.starts_with("posexplode")) {
      Positions();
    } else if (name.starts_with("explode")) {
      Elements();
    } else if (name.starts_with("inline")) {
      Inline();
    } else if (name == "stack") {
      Stack();
    } else {
      JsonTuple();
    }
    return std::move(out_);
  }

 private:
  bool Outer() const { return call_.outer || call_.name.ends_with("_outer"); }
  void Text(std::string_view text) { out_.Append(text, call_.original); }
  bool IsMap() const {
    static constexpr std::string_view kMaps[] = {"map(", "map_concat(", "map_from_entries(",
                                                 "spark_map_from_arrays(", "spark_str_to_map("};
    return std::any_of(std::begin(kMaps), std::end(kMaps), [&](std::string_view map) {
      return call_.arguments[0].text.starts_with(map);
    });
  }
  void Name(size_t index, const std::string& otherwise) {
    Text(" AS " + QuoteIdentifier(index < aliases_.size() ? aliases_[index] : otherwise));
  }
  // unnest(before argument after)
  void Unnest(std::string_view before, std::string_view after) {
    Text("unnest(");
    Text(before);
    out_.Append(call_.arguments[0]);
    Text(after);
    Text(")");
  }

  void Elements() {
    if (aliases_.size() == 2 || (aliases_.empty() && IsMap())) return Entries();
    Outer() ? Unnest("spark_outer_elements(", ")") : Unnest("", "");
    Name(0, "col");
  }

  void Entries() {
    Outer() ? Unnest("spark_outer_elements(map_keys(", "))") : Unnest("map_keys(", ")");
    Name(0, "key");
    Text(", ");
    Outer() ? Unnest("spark_outer_elements(map_values(", "))") : Unnest("map_values(", ")");
    Name(1, "value");
  }

  void Positions() {
    if (aliases_.size() == 3) {
      Unnest("spark_positions(map_keys(", Outer() ? "), true)" : "), false)");
      Name(0, "pos");
      Text(", ");
      const std::vector<std::string> rest(aliases_.begin() + 1, aliases_.end());
      Columns entries(call_, rest);
      entries.Entries();
      out_.Append(entries.out_);
      return;
    }
    Unnest("spark_positions(", Outer() ? ", true)" : ", false)");
    Name(0, "pos");
    Text(", ");
    Outer() ? Unnest("spark_outer_elements(", ")") : Unnest("", "");
    Name(1, "col");
  }

  void Inline() {
    if (Outer()) {
      Unnest("spark_outer_elements(", "), max_depth := 2");
    } else {
      Unnest("", ", max_depth := 2");
    }
  }

  // stack(n, a1, a2, …): n rows; the values go round by columns.
  void Stack() {
    const size_t rows = static_cast<size_t>(
        std::max(1L, std::strtol(call_.arguments[0].text.c_str(), nullptr, 10)));
    const size_t values = call_.arguments.size() - 1;
    const size_t columns = std::max<size_t>(1, (values + rows - 1) / rows);
    for (size_t column = 0; column < columns; ++column) {
      Text(column == 0 ? "unnest([" : ", unnest([");
      for (size_t value = column; value < values; value += columns) {
        if (value > column) Text(", ");
        out_.Append(call_.arguments[value + 1]);
      }
      Text("])");
      Name(column, "col" + std::to_string(column));
    }
  }

  void JsonTuple() {
    for (size_t i = 1; i < call_.arguments.size(); ++i) {
      if (i > 1) Text(", ");
      Text("spark_json_field(");
      out_.Append(call_.arguments[0]);
      Text(", ");
      out_.Append(call_.arguments[i]);
      Text(")");
      Name(i - 1, "c" + std::to_string(i - 1));
    }
  }

  const GeneratorCall& call_;
  const std::vector<std::string>& aliases_;
  Fragment out_;
};

}  // namespace

bool IsGenerator(const std::string& lower_name) {
  return std::find(kGenerators.begin(), kGenerators.end(), lower_name) != kGenerators.end();
}

Fragment GeneratorColumns(const GeneratorCall& call, const std::vector<std::string>& aliases) {
  return Columns(call, aliases).Build();
}

}  // namespace penstock::sql
