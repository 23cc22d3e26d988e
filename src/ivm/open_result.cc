#include "ivm/open_result.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "algebra/unique_key.h"
#include "ivm/restrict.h"

namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::Node;
using algebra::NodePtr;
using Places = std::set<size_t>;  // of columns

template <size_t kSize>
bool IsOneOf(const std::string& name, const std::array<std::string_view, kSize>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsFloating(const ExpressionPtr& expression) {
  return expression->type == "DOUBLE" || expression->type == "FLOAT";
}

// Aggregates that are the same however their rows come.
bool IsExact(const std::string& function) {
  static constexpr std::array<std::string_view, 17> kExact = {"count",
                                                              "count_star",
                                                              "min",
                                                              "max",
                                                              "bool_and",
                                                              "bool_or",
                                                              "bit_and",
                                                              "bit_or",
                                                              "bit_xor",
                                                              "median",
                                                              "quantile",
                                                              "mad",
                                                              "quantile_cont",
                                                              "quantile_disc",
                                                              "count_if",
                                                              "countif",
                                                              "approx_count_distinct"};
  return IsOneOf(function, kExact);
}

// Likewise, of numbers without rounding.
bool IsExactOfWholeNumbers(const std::string& function) {
  static constexpr std::array<std::string_view, 4> kSums = {"sum", "avg", "mean",
                                                            "sum_no_overflow"};
  return IsOneOf(function, kSums);
}

bool IsExact(const std::string& function, const std::vector<ExpressionPtr>& arguments) {
  return IsExact(function) || (IsExactOfWholeNumbers(function) &&
                               std::none_of(arguments.begin(), arguments.end(), IsFloating));
}

// The columns of which the expression tells every value.
void AddColumns(const ExpressionPtr& expression, Places* columns) {
  if (const auto column = algebra::ColumnKeptBy(expression)) columns->insert(*column);
  const auto* call = std::get_if<algebra::Call>(&expression->form);
  if (call == nullptr || (call->name != "row" && call->name != "struct_pack")) return;
  for (const ExpressionPtr& argument : call->arguments) AddColumns(argument, columns);
}

Places ColumnsOf(const std::vector<ExpressionPtr>& group,
                 const std::vector<algebra::SortKey>& order) {
  Places columns;
  for (const ExpressionPtr& expression : group) AddColumns(expression, &columns);
  for (const algebra::SortKey& key : order) AddColumns(key.value, &columns);
  return columns;
}

// Whether rows that agree on the columns are equal altogether.
bool DecideRow(const Places& columns, const NodePtr& rows) {
  return columns.size() == rows->columns.size() || algebra::IsUniqueBy(rows, columns);
}

// Whether rows that agree on the columns agree on the expression.
bool Decide(const Places& columns, const ExpressionPtr& expression) {
  const auto needed = algebra::ColumnsOf(expression);
  return std::includes(columns.begin(), columns.end(), needed.begin(), needed.end());
}

// Whether the rows of a group that come first all agree on the argument.
bool IsDecided(const ExpressionPtr& argument, const algebra::Aggregate& aggregate,
               const algebra::AggregateCall& call, const Places& decided) {
  const auto is_argument = [&](const ExpressionPtr& other) { return IsSame(argument, other); };
  return Decide(decided, argument) ||
         std::any_of(aggregate.keys.begin(), aggregate.keys.end(), is_argument) ||
         std::any_of(call.order.begin(), call.order.end(),
                     [&](const algebra::SortKey& key) { return is_argument(key.value); });
}

bool IsExtreme(const std::string& function) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "arg_min", "arg_max", "min_by", "max_by", "argmin", "argmax", "arg_min_null", "arg_max_null"};
  return IsOneOf(function, kNames);
}

bool FollowsOrder(const std::string& function) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "first",     "last",       "any_value", "arbitrary",    "list",
      "array_agg", "string_agg", "listagg",   "group_concat", "mode"};
  return IsOneOf(function, kNames);
}

std::optional<std::string> Open(const Node& node, const algebra::Aggregate& aggregate) {
  for (const algebra::AggregateCall& call : aggregate.calls) {
    if (IsExact(call.function, call.arguments)) continue;
    Places decided = ColumnsOf(aggregate.keys, call.order);
    if (IsExtreme(call.function)) AddColumns(call.arguments.at(1), &decided);
    if (FollowsOrder(call.function) || IsExtreme(call.function)) {
      const bool same = std::all_of(
          call.arguments.begin(), call.arguments.end(),
          [&](const auto& argument) { return IsDecided(argument, aggregate, call, decided); });
      if (same || DecideRow(decided, node.inputs[0])) continue;
      return call.function + " may find other rows first";
    }
    if (std::any_of(call.arguments.begin(), call.arguments.end(), IsFloating)) {
      return call.function + " of floating-point numbers depends on their order";
    }
    return call.function + " may depend on the order of rows";
  }
  return std::nullopt;
}

// Whether the call gives the same to rows that are equal in its order.
bool IsByPeers(const algebra::WindowCall& call) {
  static constexpr std::array<std::string_view, 4> kRanks = {"rank", "dense_rank", "percent_rank",
                                                             "cume_dist"};
  if (IsOneOf(call.function, kRanks)) return true;
  const bool rows = !call.frame_texts.empty() && call.frame_texts[0].starts_with(" ROWS");
  return !rows && IsExact(call.function, call.arguments);
}

bool HaveSameOrder(const algebra::WindowCall& a, const algebra::WindowCall& b) {
  return std::equal(a.partition.begin(), a.partition.end(), b.partition.begin(), b.partition.end(),
                    IsSame) &&
         std::equal(a.order.begin(), a.order.end(), b.order.begin(), b.order.end(),
                    [](const algebra::SortKey& x, const algebra::SortKey& y) {
                      return x.descending == y.descending && x.nulls_first == y.nulls_first &&
                             IsSame(x.value, y.value);
                    });
}

std::optional<std::string> Open(const Node& node, const algebra::Window& window) {
  const algebra::WindowCall* positioned = nullptr;
  for (const algebra::WindowCall& call : window.calls) {
    if (IsByPeers(call)) continue;
    const Places decided = ColumnsOf(call.partition, call.order);
    const bool unique = algebra::IsUniqueBy(node.inputs[0], decided);
    // Equal rows are numbered in some order: in two orders, they would be paired by chance.
    if (!unique && (!DecideRow(decided, node.inputs[0]) ||
                    (positioned != nullptr && !HaveSameOrder(*positioned, call)))) {
      return call.function + " over equal rows may number them otherwise";
    }
    if (!unique) positioned = &call;
    const bool floating = std::any_of(call.arguments.begin(), call.arguments.end(), IsFloating);
    if (floating && IsExactOfWholeNumbers(call.function)) {
      return call.function + " of floating-point numbers depends on their order";
    }
  }
  return std::nullopt;
}

// Whether no two rows on the right are equally near.
bool IsTotal(const Node& node, const algebra::AsofJoin& join) {
  const size_t width = node.inputs[0]->columns.size();
  Places columns = algebra::KeyColumns(join.keys, /*right=*/true);
  for (const size_t column : algebra::ColumnsOf(join.nearest)) {
    if (column >= width) columns.insert(column - width);
  }
  return DecideRow(columns, node.inputs[1]);
}

}  // namespace

std::optional<std::string> OpenResult(const Node& node) {
  if (const auto* aggregate = std::get_if<algebra::Aggregate>(&node.op)) {
    return Open(node, *aggregate);
  }
  if (const auto* window = std::get_if<algebra::Window>(&node.op)) return Open(node, *window);
  if (const auto* distinct = std::get_if<algebra::DistinctOn>(&node.op)) {
    if (DecideRow(ColumnsOf(distinct->targets, distinct->order), node.inputs[0])) {
      return std::nullopt;
    }
    return "DISTINCT ON may find another row first";
  }
  if (const auto* limit = std::get_if<algebra::Limit>(&node.op)) {
    if (DecideRow(ColumnsOf({}, limit->order), node.inputs[0])) return std::nullopt;
    return "LIMIT may take other rows";
  }
  if (const auto* join = std::get_if<algebra::AsofJoin>(&node.op)) {
    if (IsTotal(node, *join)) return std::nullopt;
    return "an asof join may find another of equally near rows";
  }
  return std::nullopt;
}

}  // namespace penstock::ivm
