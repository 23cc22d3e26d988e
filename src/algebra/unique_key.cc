#include "algebra/unique_key.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace penstock::algebra {
namespace {

using Columns = std::set<size_t>;

// Those below `limit`.
Columns Below(const Columns& columns, size_t limit) {
  return {columns.begin(), columns.lower_bound(limit)};
}

Columns From(const Columns& columns, size_t first) {
  Columns shifted;
  for (const size_t column : columns) {
    if (column >= first) shifted.insert(column - first);
  }
  return shifted;
}

bool HasAllOf(const Columns& columns, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!columns.contains(i)) return false;
  }
  return true;
}

bool IsUniqueByOfJoin(const Node& node, const Join& join, Columns columns) {
  const NodePtr& left = node.inputs[0];
  const NodePtr& right = node.inputs[1];
  const size_t width = left->columns.size();
  if (join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti) {
    return IsUniqueBy(left, columns);
  }
  if (join.kind == JoinKind::kInner) {
    for (const JoinKey& key : join.keys) {
      const ColumnRef* l = AsColumn(key.left);
      const ColumnRef* r = AsColumn(key.right);
      if (l == nullptr || r == nullptr) continue;
      if (columns.contains(l->index)) columns.insert(width + r->index);
      if (columns.contains(width + r->index)) columns.insert(l->index);
    }
  }
  const Columns of_left = Below(columns, width);
  const Columns of_right = From(columns, width);
  if (join.kind != JoinKind::kFull) {
    if (IsUniqueBy(right, KeyColumns(join.keys, true)) && IsUniqueBy(left, of_left)) return true;
  }
  if (join.kind == JoinKind::kInner) {
    if (IsUniqueBy(left, KeyColumns(join.keys, false)) && IsUniqueBy(right, of_right)) return true;
  }
  // A row that stands alone on its side may look like one that has a partner of NULLs.
  if (join.kind != JoinKind::kInner) return false;
  return IsUniqueBy(left, of_left) && IsUniqueBy(right, of_right);
}

bool IsUniqueByOfProject(const Node& node, const Project& project, const Columns& columns) {
  Columns of_input;
  for (const size_t column : columns) {
    const ColumnRef* passed = AsColumn(project.values[column]);
    if (passed != nullptr) of_input.insert(passed->index);
  }
  return IsUniqueBy(node.inputs[0], of_input);
}

bool IsUniqueByOfTargets(const std::vector<ExpressionPtr>& targets, const Columns& columns) {
  return std::all_of(targets.begin(), targets.end(), [&](const ExpressionPtr& target) {
    const auto column = ColumnKeptBy(target);
    return column && columns.contains(*column);
  });
}

bool IsWholeNumber(const std::string& type) {
  static constexpr std::array<std::string_view, 5> kTypes = {"TINYINT", "SMALLINT", "INTEGER",
                                                             "BIGINT", "HUGEINT"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

// A number that does not fit is an error of the cast, not another number.
bool KeepsValues(const std::string& from, const std::string& to) {
  if (from == "DATE") return to == "TIMESTAMP";
  return IsWholeNumber(from) && (IsWholeNumber(to) || to.starts_with("DECIMAL("));
}

}  // namespace

std::optional<size_t> ColumnKeptBy(const ExpressionPtr& expression) {
  if (const ColumnRef* column = AsColumn(expression)) return column->index;
  const auto* cast = std::get_if<Cast>(&expression->form);
  if (cast == nullptr || cast->null_on_failure ||
      !KeepsValues(cast->value->type, expression->type)) {
    return std::nullopt;
  }
  return ColumnKeptBy(cast->value);
}

Columns KeyColumns(const std::vector<JoinKey>& keys, bool right) {
  Columns columns;
  for (const JoinKey& key : keys) {
    if (const auto column = ColumnKeptBy(right ? key.right : key.left)) columns.insert(*column);
  }
  return columns;
}

bool IsUniqueBy(const NodePtr& node, const Columns& columns) {
  if (const auto* aggregate = std::get_if<Aggregate>(&node->op)) {
    return HasAllOf(columns, aggregate->keys.size());
  }
  if (std::holds_alternative<Distinct>(node->op)) {
    return HasAllOf(columns, node->columns.size()) || IsUniqueBy(node->inputs[0], columns);
  }
  if (const auto* set = std::get_if<SetOperation>(&node->op)) {
    return (!set->all && HasAllOf(columns, node->columns.size())) ||
           IsUniqueBy(node->inputs[0], columns);
  }
  if (const auto* distinct = std::get_if<DistinctOn>(&node->op)) {
    return IsUniqueByOfTargets(distinct->targets, columns) || IsUniqueBy(node->inputs[0], columns);
  }
  if (const auto* values = std::get_if<Values>(&node->op)) return values->rows.size() <= 1;
  if (const auto* project = std::get_if<Project>(&node->op)) {
    return IsUniqueByOfProject(*node, *project, columns);
  }
  if (const auto* join = std::get_if<Join>(&node->op)) {
    return IsUniqueByOfJoin(*node, *join, columns);
  }
  if (std::holds_alternative<AsofJoin>(node->op) || std::holds_alternative<Filter>(node->op) ||
      std::holds_alternative<Limit>(node->op) || std::holds_alternative<Window>(node->op)) {
    return IsUniqueBy(node->inputs[0], Below(columns, node->inputs[0]->columns.size()));
  }
  return false;
}

std::optional<std::vector<size_t>> UniqueKey(const NodePtr& node) {
  Columns columns;
  for (size_t i = 0; i < node->columns.size(); ++i) columns.insert(i);
  if (!IsUniqueBy(node, columns)) return std::nullopt;
  for (size_t i = node->columns.size(); i-- > 0;) {
    columns.erase(i);
    if (!IsUniqueBy(node, columns)) columns.insert(i);
  }
  return std::vector<size_t>(columns.begin(), columns.end());
}

}  // namespace penstock::algebra
