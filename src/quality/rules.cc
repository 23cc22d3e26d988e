#include "quality/rules.h"

#include <algorithm>

#include "base/text.h"

namespace penstock::quality {
namespace {

using duck::QuoteIdentifier;

duck::RowAction ActionOf(model::OnViolation action) {
  switch (action) {
    case model::OnViolation::kWarn:
      return duck::RowAction::kWarn;
    case model::OnViolation::kDrop:
      return duck::RowAction::kDrop;
    case model::OnViolation::kFail:
      return duck::RowAction::kFail;
    case model::OnViolation::kQuarantine:
      return duck::RowAction::kQuarantine;
  }
  return duck::RowAction::kWarn;
}

std::string ColumnList(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) {
    if (!list.empty()) list += ", ";
    list += QuoteIdentifier(column);
  }
  return list;
}

std::string AnyNull(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) {
    if (!text.empty()) text += " OR ";
    text += QuoteIdentifier(column) + " IS NULL";
  }
  return "(" + text + ")";
}

// (a, b) of the outer row among (x, y) of the relation; the caller rules NULLs out.
std::string IsAmong(const std::vector<std::string>& columns, const std::string& relation,
                    const std::vector<std::string>& others) {
  if (columns.size() == 1) {
    return "(" + ColumnList(columns) + " IN (SELECT " + ColumnList(others) + " FROM " + relation +
           " WHERE NOT " + AnyNull(others) + "))";
  }
  return "((" + ColumnList(columns) + ") IN (SELECT (" + ColumnList(others) + ") FROM " + relation +
         " WHERE NOT " + AnyNull(others) + "))";
}

// A key with a NULL equals no other. Of several rows with one key the first passes, unless the
// table has it already.
std::string UniqueCondition(const model::UniqueRule& rule, const RowRuleContext& context) {
  std::string order;
  for (const std::string& condition : context.kept_when) {
    order += (order.empty() ? "coalesce((" : " AND coalesce((") + condition + "), true)";
  }
  if (!order.empty()) order = "(" + order + ") DESC";
  if (context.has_position) {
    order += (order.empty() ? "" : ", ");
    order += "\"__penstock_position\".file, \"__penstock_position\".record";
  }
  std::string first = "row_number() OVER (PARTITION BY " + ColumnList(rule.columns);
  if (!order.empty()) first += " ORDER BY " + order;
  first += ") = 1";
  std::string condition = AnyNull(rule.columns) + " OR (" + first;
  if (!context.existing.empty()) {
    condition += " AND NOT " + IsAmong(rule.columns, context.existing, rule.columns);
  }
  return condition + ")";
}

}  // namespace

bool JudgesRows(const Rule& rule) {
  return std::holds_alternative<model::RowRule>(rule.declared.rule) ||
         std::holds_alternative<model::UniqueRule>(rule.declared.rule) ||
         std::holds_alternative<model::ForeignKeyRule>(rule.declared.rule);
}

bool TakesRowsOut(const Rule& rule) {
  return rule.declared.on_violation == model::OnViolation::kDrop ||
         rule.declared.on_violation == model::OnViolation::kQuarantine;
}

bool TakesRowsOut(const std::vector<Rule>& rules) {
  return std::any_of(rules.begin(), rules.end(),
                     [](const Rule& rule) { return TakesRowsOut(rule); });
}

duck::RowRuleSpec RowRuleOf(const Rule& rule, const RowRuleContext& context) {
  duck::RowRuleSpec spec{rule.declared.name, rule.condition, ActionOf(rule.declared.on_violation)};
  if (const auto* unique = std::get_if<model::UniqueRule>(&rule.declared.rule)) {
    spec.condition = UniqueCondition(*unique, context);
  } else if (const auto* key = std::get_if<model::ForeignKeyRule>(&rule.declared.rule)) {
    spec.condition = AnyNull(key->columns) + " OR " +
                     IsAmong(key->columns, context.referenced, key->referenced_columns);
  }
  return spec;
}

std::optional<std::string> TableQuestion(const Rule& rule, const std::string& relation) {
  if (std::holds_alternative<model::NotEmptyRule>(rule.declared.rule)) {
    return "SELECT count(*) > 0 FROM " + relation;
  }
  if (std::holds_alternative<model::AggregateRule>(rule.declared.rule)) {
    return "SELECT (" + rule.condition + ") FROM " + relation;
  }
  return std::nullopt;
}

bool HoldsForColumns(const model::ColumnsRule& rule, const Schema& columns) {
  for (const std::string& column : rule.columns) {
    if (FindField(columns, column) == nullptr) return false;
  }
  return true;
}

std::optional<Error> MissingColumn(const Rule& rule, const Schema& columns) {
  const std::vector<std::string>* named = nullptr;
  if (const auto* unique = std::get_if<model::UniqueRule>(&rule.declared.rule)) {
    named = &unique->columns;
  } else if (const auto* key = std::get_if<model::ForeignKeyRule>(&rule.declared.rule)) {
    named = &key->columns;
  }
  if (named == nullptr) return std::nullopt;
  std::vector<std::string> known;
  for (const Field& field : columns) known.push_back(field.name);
  for (const std::string& column : *named) {
    if (FindField(columns, column) != nullptr) continue;
    const auto nearest = NearestName(column, known);
    return UserError("COLUMN_NOT_FOUND",
                     "the expectation " + rule.declared.name + " names the column " + column +
                         ", which the dataset does not have",
                     nearest ? "Did you mean " + *nearest + "?" : "Name a column of its query.")
        .At(rule.declared.rule_where);
  }
  return std::nullopt;
}

}  // namespace penstock::quality
