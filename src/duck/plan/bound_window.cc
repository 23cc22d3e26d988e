#include <duckdb.hpp>
#include <duckdb/function/aggregate_function.hpp>
#include <duckdb/planner/bound_result_modifier.hpp>
#include <duckdb/planner/expression/bound_window_expression.hpp>

#include "duck/plan/bound_expression.h"
#include "duck/plan/lost_arguments.h"

// Windows of a bound query.
namespace penstock::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::WindowBoundary;

std::string FunctionName(const duckdb::BoundWindowExpression& window) {
  switch (window.GetExpressionType()) {
    case ExpressionType::WINDOW_AGGREGATE:
      return window.aggregate->name;
    case ExpressionType::WINDOW_RANK:
      return "rank";
    case ExpressionType::WINDOW_RANK_DENSE:
      return "dense_rank";
    case ExpressionType::WINDOW_NTILE:
      return "ntile";
    case ExpressionType::WINDOW_PERCENT_RANK:
      return "percent_rank";
    case ExpressionType::WINDOW_CUME_DIST:
      return "cume_dist";
    case ExpressionType::WINDOW_ROW_NUMBER:
      return "row_number";
    case ExpressionType::WINDOW_FIRST_VALUE:
      return "first_value";
    case ExpressionType::WINDOW_LAST_VALUE:
      return "last_value";
    case ExpressionType::WINDOW_LEAD:
      return "lead";
    case ExpressionType::WINDOW_LAG:
      return "lag";
    case ExpressionType::WINDOW_NTH_VALUE:
      return "nth_value";
    default:
      throw NoCounterpart{"the window function " + window.ToString(), std::nullopt};
  }
}

struct BoundaryText {
  const char* unit;
  const char* words;  // after the expression where `has_value`
  bool has_value;
};

BoundaryText TextOf(WindowBoundary boundary) {
  switch (boundary) {
    case WindowBoundary::UNBOUNDED_PRECEDING:
      return {nullptr, "UNBOUNDED PRECEDING", false};
    case WindowBoundary::UNBOUNDED_FOLLOWING:
      return {nullptr, "UNBOUNDED FOLLOWING", false};
    case WindowBoundary::CURRENT_ROW_RANGE:
      return {"RANGE", "CURRENT ROW", false};
    case WindowBoundary::CURRENT_ROW_ROWS:
      return {"ROWS", "CURRENT ROW", false};
    case WindowBoundary::CURRENT_ROW_GROUPS:
      return {"GROUPS", "CURRENT ROW", false};
    case WindowBoundary::EXPR_PRECEDING_ROWS:
      return {"ROWS", " PRECEDING", true};
    case WindowBoundary::EXPR_FOLLOWING_ROWS:
      return {"ROWS", " FOLLOWING", true};
    case WindowBoundary::EXPR_PRECEDING_RANGE:
      return {"RANGE", " PRECEDING", true};
    case WindowBoundary::EXPR_FOLLOWING_RANGE:
      return {"RANGE", " FOLLOWING", true};
    case WindowBoundary::EXPR_PRECEDING_GROUPS:
      return {"GROUPS", " PRECEDING", true};
    case WindowBoundary::EXPR_FOLLOWING_GROUPS:
      return {"GROUPS", " FOLLOWING", true};
    default:
      throw NoCounterpart{"the frame of a window", std::nullopt};
  }
}

// The engine has the bound itself, `order value - distance`, where a frame names the distance.
algebra::ExpressionPtr Distance(const algebra::ExpressionPtr& bound) {
  const auto* call = std::get_if<algebra::Call>(&bound->form);
  if (call == nullptr || call->arguments.size() != 2) {
    throw NoCounterpart{"the frame of a window", std::nullopt};
  }
  return call->arguments[1];
}

const char* ExclusionText(duckdb::WindowExcludeMode mode) {
  switch (mode) {
    case duckdb::WindowExcludeMode::CURRENT_ROW:
      return " EXCLUDE CURRENT ROW";
    case duckdb::WindowExcludeMode::GROUP:
      return " EXCLUDE GROUP";
    case duckdb::WindowExcludeMode::TIES:
      return " EXCLUDE TIES";
    default:
      return "";
  }
}

}  // namespace

algebra::WindowCall ExpressionReader::ReadWindow(const duckdb::Expression& expression) const {
  const auto& window = expression.Cast<duckdb::BoundWindowExpression>();
  algebra::WindowCall call;
  call.function = FunctionName(window);
  for (const auto& child : window.children) call.arguments.push_back(Read(*child));
  if (window.aggregate) {
    for (std::string& lost :
         LostArguments(*window.aggregate, window.bind_info.get(), window.return_type)) {
      call.arguments.push_back(algebra::MakeLiteral(std::move(lost), ""));
    }
  }
  if (window.offset_expr) call.arguments.push_back(Read(*window.offset_expr));
  if (window.default_expr) call.arguments.push_back(Read(*window.default_expr));
  call.distinct = window.distinct;
  call.ignore_nulls = window.ignore_nulls;
  if (window.filter_expr) call.filter = Read(*window.filter_expr);
  for (const auto& order : window.arg_orders) call.argument_order.push_back(ReadOrder(order));
  for (const auto& partition : window.partitions) call.partition.push_back(Read(*partition));
  for (const auto& order : window.orders) call.order.push_back(ReadOrder(order));
  call.type = window.return_type.ToString();

  const BoundaryText start = TextOf(window.start);
  const BoundaryText end = TextOf(window.end);
  const char* const unit = start.unit != nullptr ? start.unit
                           : end.unit != nullptr ? end.unit
                                                 : "ROWS";
  std::string text = std::string(" ") + unit + " BETWEEN ";
  const auto add = [&](const BoundaryText& boundary, const auto& value) {
    if (boundary.has_value) {
      call.frame_texts.push_back(std::move(text));
      const bool range = std::string_view(boundary.unit) == "RANGE";
      call.frame_values.push_back(range ? Distance(Read(*value)) : Read(*value));
      text = boundary.words;
    } else {
      text += boundary.words;
    }
  };
  add(start, window.start_expr);
  text += " AND ";
  add(end, window.end_expr);
  call.frame_texts.push_back(text + ExclusionText(window.exclude_clause));
  return call;
}

}  // namespace penstock::duck
