#include "algebra/expression.h"

#include <algorithm>

namespace penstock::algebra {

ExpressionPtr MakeColumn(size_t index, std::string type) {
  return std::make_shared<const Expression>(Expression{ColumnRef{index}, std::move(type)});
}

ExpressionPtr MakeLiteral(std::string sql, std::string type) {
  return std::make_shared<const Expression>(Expression{Literal{std::move(sql)}, std::move(type)});
}

ExpressionPtr MakeFunction(std::string name, std::vector<ExpressionPtr> arguments,
                           std::string type) {
  return std::make_shared<const Expression>(Expression{
      Call{Call::Syntax::kFunction, std::move(name), std::move(arguments)}, std::move(type)});
}

ExpressionPtr MakeInfix(std::string op, std::vector<ExpressionPtr> operands, std::string type) {
  return std::make_shared<const Expression>(
      Expression{Call{Call::Syntax::kInfix, std::move(op), std::move(operands)}, std::move(type)});
}

ExpressionPtr MakePostfix(ExpressionPtr operand, std::string op, std::string type) {
  return std::make_shared<const Expression>(Expression{
      Call{Call::Syntax::kPostfix, std::move(op), {std::move(operand)}}, std::move(type)});
}

ExpressionPtr MakeIsNull(ExpressionPtr value) {
  return MakePostfix(std::move(value), "IS NULL", "BOOLEAN");
}

ExpressionPtr MakeIsNotNull(ExpressionPtr value) {
  return MakePostfix(std::move(value), "IS NOT NULL", "BOOLEAN");
}

ExpressionPtr MakeCast(ExpressionPtr value, std::string type) {
  return std::make_shared<const Expression>(Expression{Cast{std::move(value)}, std::move(type)});
}

ExpressionPtr MakeCoalesce(ExpressionPtr value, ExpressionPtr otherwise) {
  std::string type = value->type;
  return std::make_shared<const Expression>(
      Expression{Call{Call::Syntax::kKeyword, "COALESCE", {std::move(value), std::move(otherwise)}},
                 std::move(type)});
}

ExpressionPtr MakeCase(ExpressionPtr condition, ExpressionPtr value, ExpressionPtr otherwise) {
  std::string type = value->type;
  return std::make_shared<const Expression>(Expression{
      Case{{{std::move(condition), std::move(value)}}, std::move(otherwise)}, std::move(type)});
}

ExpressionPtr Conjunction(std::vector<ExpressionPtr> conditions) {
  if (conditions.empty()) return MakeLiteral("true", "BOOLEAN");
  if (conditions.size() == 1) return std::move(conditions[0]);
  return MakeInfix("AND", std::move(conditions), "BOOLEAN");
}

void AddConjuncts(const ExpressionPtr& condition, std::vector<ExpressionPtr>* conditions) {
  const auto* literal = std::get_if<Literal>(&condition->form);
  if (literal != nullptr && literal->sql == "true") return;
  const auto* call = std::get_if<Call>(&condition->form);
  if (call != nullptr && call->name == "NOT") {
    const auto* negated = std::get_if<Literal>(&call->arguments[0]->form);
    if (negated != nullptr && negated->sql == "false") return;
  }
  if (call == nullptr || call->syntax != Call::Syntax::kInfix || call->name != "AND") {
    conditions->push_back(condition);
    return;
  }
  for (const ExpressionPtr& argument : call->arguments) AddConjuncts(argument, conditions);
}

ExpressionPtr Equality(ExpressionPtr left, ExpressionPtr right, bool null_safe) {
  return MakeInfix(null_safe ? "IS NOT DISTINCT FROM" : "=", {std::move(left), std::move(right)},
                   "BOOLEAN");
}

ExpressionPtr ShiftColumns(const ExpressionPtr& expression, size_t first, int64_t by) {
  return MapParts(expression, [&](const Expression& part) -> ExpressionPtr {
    const auto* column = std::get_if<ColumnRef>(&part.form);
    if (column == nullptr || column->index < first) return nullptr;
    return MakeColumn(static_cast<size_t>(static_cast<int64_t>(column->index) + by), part.type);
  });
}

const ColumnRef* AsColumn(const ExpressionPtr& expression) {
  return std::get_if<ColumnRef>(&expression->form);
}

bool IsDeterministic(const ExpressionPtr& expression) {
  bool deterministic = true;
  ForEach(*expression, [&](const Expression& part) { deterministic &= part.deterministic; });
  return deterministic;
}

bool DependsOnTime(const ExpressionPtr& expression) {
  bool depends = false;
  ForEach(*expression, [&](const Expression& part) {
    depends |= std::holds_alternative<CurrentTime>(part.form);
  });
  return depends;
}

bool IsFloatingType(const std::string& type) { return type == "DOUBLE" || type == "FLOAT"; }

std::vector<size_t> ColumnsOf(const ExpressionPtr& expression) {
  std::vector<size_t> columns;
  ForEach(*expression, [&](const Expression& part) {
    const auto* column = std::get_if<ColumnRef>(&part.form);
    if (column != nullptr) columns.push_back(column->index);
  });
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

}  // namespace penstock::algebra
