#include "ivm/open_result.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "algebra/unique_key.h"

namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::Node;

template <size_t kSize>
bool IsOneOf(const std::string& name, const std::array<std::string_view, kSize>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsFloating(const ExpressionPtr& expression) {
  return expression->type == "DOUBLE" || expression->type == "FLOAT";
}

// Whether no two rows of the input can be equal in the order, within equal `group`.
bool IsTotal(const Node& node, const std::vector<ExpressionPtr>& group,
             const std::vector<algebra::SortKey>& order) {
  std::set<size_t> columns;
  const auto add = [&](const ExpressionPtr& expression) {
    const algebra::ColumnRef* column = algebra::AsColumn(expression);
    if (column != nullptr) columns.insert(column->index);
  };
  for (const ExpressionPtr& expression : group) add(expression);
  for (const algebra::SortKey& key : order) add(key.value);
  return algebra::IsUniqueBy(node.inputs[0], columns);
}

// Whether no two rows on the right are equally near.
bool IsTotal(const Node& node, const algebra::AsofJoin& join) {
  const size_t width = node.inputs[0]->columns.size();
  std::set<size_t> columns = algebra::KeyColumns(join.keys, /*right=*/true);
  for (const size_t column : algebra::ColumnsOf(join.nearest)) {
    if (column >= width) columns.insert(column - width);
  }
  return algebra::IsUniqueBy(node.inputs[1], columns);
}

std::optional<std::string> Open(const Node& node, const algebra::Aggregate& aggregate) {
  static constexpr std::array<std::string_view, 4> kExact = {"count", "count_star", "min", "max"};
  static constexpr std::array<std::string_view, 14> kOrdered = {
      "first",   "last",    "any_value", "arbitrary", "list",    "array_agg",    "string_agg",
      "arg_min", "arg_max", "min_by",    "max_by",    "listagg", "group_concat", "mode"};
  for (const algebra::AggregateCall& call : aggregate.calls) {
    if (IsOneOf(call.function, kExact)) continue;
    if (IsOneOf(call.function, kOrdered) && !IsTotal(node, aggregate.keys, call.order)) {
      return call.function + " may find other rows first";
    }
    const bool floating = std::any_of(call.arguments.begin(), call.arguments.end(), IsFloating);
    if (floating) return call.function + " of floating-point numbers depends on their order";
  }
  return std::nullopt;
}

std::optional<std::string> Open(const Node& node, const algebra::Window& window) {
  static constexpr std::array<std::string_view, 5> kPeers = {"rank", "dense_rank", "count",
                                                             "count_star", "percent_rank"};
  static constexpr std::array<std::string_view, 6> kWhole = {"count", "count_star", "sum",
                                                             "min",   "max",        "avg"};
  for (const algebra::WindowCall& call : window.calls) {
    const bool floating = std::any_of(call.arguments.begin(), call.arguments.end(), IsFloating);
    const bool by_peers = IsOneOf(call.function, kPeers);
    const bool whole = IsOneOf(call.function, kWhole) && call.order.empty() && !floating;
    if (by_peers || whole || IsTotal(node, call.partition, call.order)) continue;
    return call.function + " over equal rows may number them otherwise";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> OpenResult(const Node& node) {
  if (const auto* aggregate = std::get_if<algebra::Aggregate>(&node.op)) {
    return Open(node, *aggregate);
  }
  if (const auto* window = std::get_if<algebra::Window>(&node.op)) return Open(node, *window);
  if (const auto* distinct = std::get_if<algebra::DistinctOn>(&node.op)) {
    if (IsTotal(node, distinct->targets, distinct->order)) return std::nullopt;
    return "DISTINCT ON may find another row first";
  }
  if (const auto* limit = std::get_if<algebra::Limit>(&node.op)) {
    if (IsTotal(node, {}, limit->order)) return std::nullopt;
    return "LIMIT may take other rows";
  }
  if (const auto* join = std::get_if<algebra::AsofJoin>(&node.op)) {
    if (IsTotal(node, *join)) return std::nullopt;
    return "an asof join may find another of equally near rows";
  }
  return std::nullopt;
}

}  // namespace penstock::ivm
