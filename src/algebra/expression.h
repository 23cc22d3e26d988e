#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// Row-wise expressions as immutable values. Names, types and implicit casts are resolved; functions
// are the engine's. Shared freely between plans and threads.
namespace penstock::algebra {

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;
using Expressions = std::vector<ExpressionPtr>;

// A column of the operator's input; the columns of a join's right input follow those of its left.
struct ColumnRef {
  size_t index = 0;
};
struct Literal {
  std::string sql;  // as the engine writes the value, its type included
};
struct Call {
  enum class Syntax {
    kFunction,    // name(a, b)
    kKeyword,     // likewise, where the name is a word of the grammar
    kPrefix,      // name a
    kInfix,       // a name b name c
    kPostfix,     // a name
    kMembership,  // a name (b, c)
    kNamed,       // name(x := a, y := b), the names in `argument_names`
  };
  Syntax syntax = Syntax::kFunction;
  std::string name;
  std::vector<ExpressionPtr> arguments;
  std::vector<std::string> argument_names = {};
};
// To the type of the expression.
struct Cast {
  ExpressionPtr value;
  bool null_on_failure = false;
};
struct Case {
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> branches;  // condition, value
  ExpressionPtr otherwise;
};
// An anonymous function as an argument of a call, and its parameters within `body`.
struct Lambda {
  std::vector<std::string> parameters;
  ExpressionPtr body;
};
struct LambdaParameter {
  std::string name;
};
// now(), current_date …: the same instant everywhere in one evaluation of a plan.
struct CurrentTime {
  std::string function;
};

struct Expression {
  std::variant<ColumnRef, Literal, Call, Cast, Case, Lambda, LambdaParameter, CurrentTime> form;
  std::string type;           // the engine's name of it; empty for a lambda
  bool deterministic = true;  // false: random() and the like, in it or below
};

struct SortKey {
  ExpressionPtr value;
  bool descending = false;
  bool nulls_first = false;
};

ExpressionPtr MakeColumn(size_t index, std::string type);
ExpressionPtr MakeLiteral(std::string sql, std::string type);
ExpressionPtr MakeFunction(std::string name, std::vector<ExpressionPtr> arguments,
                           std::string type);
// a operator b operator …
ExpressionPtr MakeInfix(std::string op, std::vector<ExpressionPtr> operands, std::string type);
ExpressionPtr MakePostfix(ExpressionPtr operand, std::string op, std::string type);
ExpressionPtr MakeIsNull(ExpressionPtr value);
ExpressionPtr MakeIsNotNull(ExpressionPtr value);
ExpressionPtr MakeCast(ExpressionPtr value, std::string type);
// `value` unless that is NULL.
ExpressionPtr MakeCoalesce(ExpressionPtr value, ExpressionPtr otherwise);
// `value` where the condition holds, else `otherwise`, both of one type.
ExpressionPtr MakeCase(ExpressionPtr condition, ExpressionPtr value, ExpressionPtr otherwise);
// a AND b AND …; of none: true.
ExpressionPtr Conjunction(std::vector<ExpressionPtr> conditions);
// a AND b … as a, b …; of constants that are true nothing.
void AddConjuncts(const ExpressionPtr& condition, std::vector<ExpressionPtr>* conditions);
// `left` = `right`, or with `null_safe` also where both are NULL.
ExpressionPtr Equality(ExpressionPtr left, ExpressionPtr right, bool null_safe);

// The expression with every column replaced; `replace` gives the new one of an index.
template <typename Replace>
ExpressionPtr MapColumns(const ExpressionPtr& expression, const Replace& replace);
// The expression with parts replaced: those for which `replace` gives something else than null.
template <typename Replace>
ExpressionPtr MapParts(const ExpressionPtr& expression, const Replace& replace);
// Calls `visit` for the expression and every one below it.
template <typename Visit>
void ForEach(const Expression& expression, const Visit& visit);

// The expression with the columns from `first` on moved by `by`, which may be negative.
ExpressionPtr ShiftColumns(const ExpressionPtr& expression, size_t first, int64_t by);

// The column it is, if it is nothing else.
const ColumnRef* AsColumn(const ExpressionPtr& expression);
bool IsDeterministic(const ExpressionPtr& expression);
bool DependsOnTime(const ExpressionPtr& expression);
// DOUBLE and FLOAT.
bool IsFloatingType(const std::string& type);
// Which columns of the input it names.
std::vector<size_t> ColumnsOf(const ExpressionPtr& expression);

// ---- templates

template <typename Visit>
void ForEach(const Expression& expression, const Visit& visit) {
  visit(expression);
  if (const auto* call = std::get_if<Call>(&expression.form)) {
    for (const ExpressionPtr& argument : call->arguments) ForEach(*argument, visit);
  } else if (const auto* cast = std::get_if<Cast>(&expression.form)) {
    ForEach(*cast->value, visit);
  } else if (const auto* choice = std::get_if<Case>(&expression.form)) {
    for (const auto& [condition, value] : choice->branches) {
      ForEach(*condition, visit);
      ForEach(*value, visit);
    }
    if (choice->otherwise) ForEach(*choice->otherwise, visit);
  } else if (const auto* lambda = std::get_if<Lambda>(&expression.form)) {
    ForEach(*lambda->body, visit);
  }
}

template <typename Replace>
ExpressionPtr MapParts(const ExpressionPtr& expression, const Replace& replace) {
  if (ExpressionPtr replaced = replace(*expression)) return replaced;
  Expression mapped = *expression;
  if (auto* call = std::get_if<Call>(&mapped.form)) {
    for (ExpressionPtr& argument : call->arguments) argument = MapParts(argument, replace);
  } else if (auto* cast = std::get_if<Cast>(&mapped.form)) {
    cast->value = MapParts(cast->value, replace);
  } else if (auto* choice = std::get_if<Case>(&mapped.form)) {
    for (auto& [condition, value] : choice->branches) {
      condition = MapParts(condition, replace);
      value = MapParts(value, replace);
    }
    if (choice->otherwise) choice->otherwise = MapParts(choice->otherwise, replace);
  } else if (auto* lambda = std::get_if<Lambda>(&mapped.form)) {
    lambda->body = MapParts(lambda->body, replace);
  } else {
    return expression;
  }
  return std::make_shared<const Expression>(std::move(mapped));
}

template <typename Replace>
ExpressionPtr MapColumns(const ExpressionPtr& expression, const Replace& replace) {
  return MapParts(expression, [&](const Expression& part) -> ExpressionPtr {
    const auto* column = std::get_if<ColumnRef>(&part.form);
    return column == nullptr ? nullptr : replace(column->index);
  });
}

}  // namespace penstock::algebra
