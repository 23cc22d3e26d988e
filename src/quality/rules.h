#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duck/row_check.h"
#include "model/dataset.h"

// Expectations → predicates over rows and questions to the whole table.
namespace penstock::quality {

// An expectation with its condition in the engine's SQL (empty for rules that have none).
struct Rule {
  model::Expectation declared;
  std::string condition;
};

// Whether the rule is judged row by row (and so counted in the pass that writes the rows).
bool JudgesRows(const Rule& rule);

// Whether rows that break it are no rows of the table; any of them.
bool TakesRowsOut(const Rule& rule);
bool TakesRowsOut(const std::vector<Rule>& rules);

// What row rules over more than one row need to know.
struct RowRuleContext {
  std::string existing;  // relation with the rows already in the table; empty when there are none
  bool has_position = false;  // rows carry __penstock_position, which decides who came first
  // Conditions of the other rules that take rows out: a row that breaks one of them is no row that
  // came first.
  std::vector<std::string> kept_when;
  std::string referenced;  // relation of a foreign key's table
};
// `rule` must judge rows.
duck::RowRuleSpec RowRuleOf(const Rule& rule, const RowRuleContext& context);

// A query with one boolean: whether the rule holds for the table as it would be (`relation`).
// Nothing for EXPECT COLUMNS, which HoldsForColumns answers. `rule` must not judge rows.
std::optional<std::string> TableQuestion(const Rule& rule, const std::string& relation);
bool HoldsForColumns(const model::ColumnsRule& rule, const Schema& columns);

// The first column that the rule names and `columns` lacks: a definition error, with the nearest
// name. Conditions are bound by the engine and not looked at here.
std::optional<Error> MissingColumn(const Rule& rule, const Schema& columns);

}  // namespace penstock::quality
