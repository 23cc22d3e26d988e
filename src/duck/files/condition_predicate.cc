#include "duck/files/condition_predicate.h"

#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/filter/expression_filter.hpp>
#include <duckdb/planner/filter/list.hpp>
#include <optional>

#include "duck/files/engine_value.h"

namespace penstock::duck {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::TableFilter;
using duckdb::TableFilterType;
using Op = Comparison::Operator;
using Path = std::vector<std::string>;

Predicate Everything() { return {Anything{}}; }
Predicate Nothing() { return {Disjunction{}}; }

std::optional<Op> OperatorOf(ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL:
      return Op::kEqual;
    case ExpressionType::COMPARE_NOTEQUAL:
      return Op::kNotEqual;
    case ExpressionType::COMPARE_LESSTHAN:
      return Op::kLess;
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return Op::kLessOrEqual;
    case ExpressionType::COMPARE_GREATERTHAN:
      return Op::kGreater;
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return Op::kGreaterOrEqual;
    case ExpressionType::COMPARE_NOT_DISTINCT_FROM:
      return Op::kNullSafeEqual;
    default:
      return std::nullopt;
  }
}

Op Mirrored(Op op) {
  switch (op) {
    case Op::kLess:
      return Op::kGreater;
    case Op::kLessOrEqual:
      return Op::kGreaterOrEqual;
    case Op::kGreater:
      return Op::kLess;
    case Op::kGreaterOrEqual:
      return Op::kLessOrEqual;
    default:
      return op;
  }
}

Predicate Compare(Path column, Op op, const duckdb::Value& value) {
  if (value.IsNull()) {
    if (op == Op::kNullSafeEqual) return {Comparison{std::move(column), op, {}}};
    return Nothing();
  }
  auto text = TextOfValue(value);
  if (!text) return Everything();
  return {Comparison{std::move(column), op, {*std::move(text)}}};
}

// Each value is compared with each file: of long lists the range is enough, which a join says too.
constexpr size_t kMostValues = 1000;

Predicate Among(Path column, const duckdb::vector<duckdb::Value>& values) {
  if (values.size() > kMostValues) return Everything();
  Comparison in{std::move(column), Op::kIn, {}};
  for (const duckdb::Value& value : values) {
    if (value.IsNull()) continue;
    auto text = TextOfValue(value);
    if (!text) return Everything();
    in.values.push_back(*std::move(text));
  }
  return {std::move(in)};
}

template <typename Junction>
Predicate Join(std::vector<Predicate> parts) {
  if (parts.size() == 1) return std::move(parts[0]);
  return {Junction{std::move(parts)}};
}

class Translator {
 public:
  explicit Translator(const ColumnOf& column_of) : column_of_(column_of) {}

  Predicate Translate(const Expression& condition) const {
    switch (condition.GetExpressionClass()) {
      case ExpressionClass::BOUND_CONJUNCTION:
        return OfConjunction(condition.Cast<duckdb::BoundConjunctionExpression>());
      case ExpressionClass::BOUND_COMPARISON:
        return OfComparison(condition.Cast<duckdb::BoundComparisonExpression>());
      case ExpressionClass::BOUND_BETWEEN:
        return OfBetween(condition.Cast<duckdb::BoundBetweenExpression>());
      case ExpressionClass::BOUND_OPERATOR:
        return OfOperator(condition.Cast<duckdb::BoundOperatorExpression>());
      case ExpressionClass::BOUND_CONSTANT:
        return OfConstant(condition.Cast<duckdb::BoundConstantExpression>().value);
      default: {
        Path path = PathOf(condition);
        if (path.empty()) return Everything();
        return {Comparison{std::move(path), Op::kEqual, {"true"}}};
      }
    }
  }

 private:
  // A column, or a field of a struct by struct_extract.
  Path PathOf(const Expression& expression) const {
    if (expression.GetExpressionClass() == ExpressionClass::BOUND_FUNCTION) {
      const auto& function = expression.Cast<duckdb::BoundFunctionExpression>();
      const bool extracts =
          function.function.name == "struct_extract" || function.function.name == "array_extract";
      if (!extracts || function.children.size() != 2) return {};
      const Expression& key = *function.children[1];
      if (key.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return {};
      const duckdb::Value& name = key.Cast<duckdb::BoundConstantExpression>().value;
      if (name.IsNull() || name.type().id() != duckdb::LogicalTypeId::VARCHAR) return {};
      Path path = PathOf(*function.children[0]);
      if (!path.empty()) path.push_back(duckdb::StringValue::Get(name));
      return path;
    }
    return column_of_(expression);
  }

  static std::optional<duckdb::Value> ConstantOf(const Expression& expression) {
    if (expression.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return std::nullopt;
    return expression.Cast<duckdb::BoundConstantExpression>().value;
  }

  static Predicate OfConstant(const duckdb::Value& value) {
    if (value.type().id() != duckdb::LogicalTypeId::BOOLEAN && !value.IsNull()) {
      return Everything();
    }
    return value.IsNull() || !value.GetValue<bool>() ? Nothing() : Everything();
  }

  Predicate OfConjunction(const duckdb::BoundConjunctionExpression& condition) const {
    std::vector<Predicate> parts;
    for (const auto& child : condition.children) parts.push_back(Translate(*child));
    if (condition.GetExpressionType() == ExpressionType::CONJUNCTION_AND) {
      return Join<Conjunction>(std::move(parts));
    }
    return Join<Disjunction>(std::move(parts));
  }

  Predicate OfComparison(const duckdb::BoundComparisonExpression& condition) const {
    const auto op = OperatorOf(condition.GetExpressionType());
    if (!op) return Everything();
    Path left = PathOf(*condition.left);
    if (!left.empty()) {
      const auto value = ConstantOf(*condition.right);
      return value ? Compare(std::move(left), *op, *value) : Everything();
    }
    Path right = PathOf(*condition.right);
    const auto value = ConstantOf(*condition.left);
    if (right.empty() || !value) return Everything();
    return Compare(std::move(right), Mirrored(*op), *value);
  }

  Predicate OfBetween(const duckdb::BoundBetweenExpression& condition) const {
    const Path path = PathOf(*condition.input);
    const auto lower = ConstantOf(*condition.lower);
    const auto upper = ConstantOf(*condition.upper);
    std::vector<Predicate> parts;
    if (path.empty()) return Everything();
    if (lower) {
      parts.push_back(
          Compare(path, condition.lower_inclusive ? Op::kGreaterOrEqual : Op::kGreater, *lower));
    }
    if (upper) {
      parts.push_back(
          Compare(path, condition.upper_inclusive ? Op::kLessOrEqual : Op::kLess, *upper));
    }
    return Join<Conjunction>(std::move(parts));
  }

  Predicate OfOperator(const duckdb::BoundOperatorExpression& condition) const {
    if (condition.children.empty()) return Everything();
    Path path = PathOf(*condition.children[0]);
    switch (condition.GetExpressionType()) {
      case ExpressionType::OPERATOR_IS_NULL:
        return path.empty() ? Everything() : Predicate{Comparison{path, Op::kIsNull, {}}};
      case ExpressionType::OPERATOR_IS_NOT_NULL:
        return path.empty() ? Everything() : Predicate{Comparison{path, Op::kIsNotNull, {}}};
      case ExpressionType::COMPARE_IN: {
        if (path.empty()) return Everything();
        duckdb::vector<duckdb::Value> values;
        for (size_t i = 1; i < condition.children.size(); ++i) {
          const auto value = ConstantOf(*condition.children[i]);
          if (!value) return Everything();
          values.push_back(*value);
        }
        return Among(std::move(path), values);
      }
      case ExpressionType::OPERATOR_NOT:
        return path.empty() ? Everything()
                            : Predicate{Comparison{std::move(path), Op::kEqual, {"false"}}};
      default:
        return Everything();
    }
  }

  const ColumnOf& column_of_;
};

}  // namespace

Predicate PredicateOf(const Expression& condition, const ColumnOf& column_of) {
  return Translator(column_of).Translate(condition);
}

Predicate PredicateOf(const TableFilter& filter, const Path& column) {
  switch (filter.filter_type) {
    case TableFilterType::CONSTANT_COMPARISON: {
      const auto& comparison = filter.Cast<duckdb::ConstantFilter>();
      const auto op = OperatorOf(comparison.comparison_type);
      return op ? Compare(column, *op, comparison.constant) : Everything();
    }
    case TableFilterType::IS_NULL:
      return {Comparison{column, Op::kIsNull, {}}};
    case TableFilterType::IS_NOT_NULL:
      return {Comparison{column, Op::kIsNotNull, {}}};
    case TableFilterType::IN_FILTER:
      return Among(column, filter.Cast<duckdb::InFilter>().values);
    case TableFilterType::CONJUNCTION_AND: {
      std::vector<Predicate> parts;
      for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        parts.push_back(PredicateOf(*child, column));
      }
      return {Conjunction{std::move(parts)}};
    }
    case TableFilterType::CONJUNCTION_OR: {
      std::vector<Predicate> parts;
      for (const auto& child : filter.Cast<duckdb::ConjunctionOrFilter>().child_filters) {
        parts.push_back(PredicateOf(*child, column));
      }
      return {Disjunction{std::move(parts)}};
    }
    case TableFilterType::STRUCT_EXTRACT: {
      const auto& field = filter.Cast<duckdb::StructFilter>();
      Path path = column;
      path.push_back(field.child_name);
      return PredicateOf(*field.child_filter, path);
    }
    case TableFilterType::OPTIONAL_FILTER: {
      const auto& optional = filter.Cast<duckdb::OptionalFilter>();
      return optional.child_filter ? PredicateOf(*optional.child_filter, column) : Everything();
    }
    case TableFilterType::EXPRESSION_FILTER: {
      const ColumnOf column_of = [&](const Expression& expression) {
        return expression.GetExpressionClass() == ExpressionClass::BOUND_REF ? column : Path();
      };
      return PredicateOf(*filter.Cast<duckdb::ExpressionFilter>().expr, column_of);
    }
    default:
      return Everything();
  }
}

}  // namespace penstock::duck
