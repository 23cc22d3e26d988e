#include "duck/plan/bound_expression.h"

#include <array>
#include <duckdb.hpp>
#include <duckdb/function/lambda_functions.hpp>
#include <duckdb/planner/bound_result_modifier.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <string_view>
#include <unordered_map>

#include "base/sql_text.h"
#include "duck/plan/lost_arguments.h"

namespace penstock::duck {

using algebra::Call;
using algebra::ExpressionPtr;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;

namespace {

std::optional<size_t> OffsetOf(const duckdb::BaseExpression& expression) {
  if (!expression.GetQueryLocation().IsValid()) return std::nullopt;
  return expression.GetQueryLocation().GetIndex();
}

ExpressionPtr Make(decltype(algebra::Expression::form) form, const duckdb::LogicalType& type,
                   bool deterministic = true) {
  return std::make_shared<const algebra::Expression>(
      algebra::Expression{std::move(form), type.ToString(), deterministic});
}

const char* ComparisonSymbol(ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL:
      return "=";
    case ExpressionType::COMPARE_NOTEQUAL:
      return "<>";
    case ExpressionType::COMPARE_LESSTHAN:
      return "<";
    case ExpressionType::COMPARE_GREATERTHAN:
      return ">";
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return "<=";
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return ">=";
    case ExpressionType::COMPARE_DISTINCT_FROM:
      return "IS DISTINCT FROM";
    case ExpressionType::COMPARE_NOT_DISTINCT_FROM:
      return "IS NOT DISTINCT FROM";
    default:
      return nullptr;
  }
}

bool IsInfix(const std::string& name) {
  static constexpr std::array<std::string_view, 18> kSymbols = {
      "+",   "-",    "*", "/", "//", "%",  "||", "~~",  "!~~",
      "~~*", "!~~*", "&", "|", "<<", ">>", "->", "->>", "^@"};
  return std::find(kSymbols.begin(), kSymbols.end(), name) != kSymbols.end();
}

// Functions that give the instant of the query.
bool IsCurrentTime(const std::string& name) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "now",   "get_current_timestamp", "transaction_timestamp",  "current_date",
      "today", "current_timestamp",     "current_localtimestamp", "get_current_time"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// A value as SQL text that is of its type again.
std::string LiteralText(const duckdb::Value& value) {
  const duckdb::LogicalType& type = value.type();
  if (value.IsNull()) {
    return type.id() == duckdb::LogicalTypeId::SQLNULL ? "NULL"
                                                       : "CAST(NULL AS " + type.ToString() + ")";
  }
  switch (type.id()) {
    case duckdb::LogicalTypeId::VARCHAR:
      if (type.HasAlias()) break;
      return QuoteLiteral(duckdb::StringValue::Get(value));
    case duckdb::LogicalTypeId::BOOLEAN:
      return duckdb::BooleanValue::Get(value) ? "true" : "false";
    case duckdb::LogicalTypeId::INTEGER:
      return "(" + value.ToString() + ")";
    default:
      break;
  }
  return "CAST(" + value.ToSQLString() + " AS " + type.ToString() + ")";
}

}  // namespace

// One walk down an expression.
class ExpressionVisit {
 public:
  explicit ExpressionVisit(const ExpressionReader& reader) : reader_(reader) {}

  ExpressionPtr Read(const duckdb::Expression& expression) {
    switch (expression.GetExpressionClass()) {
      case ExpressionClass::BOUND_COLUMN_REF:
        return ReadColumn(expression.Cast<duckdb::BoundColumnRefExpression>());
      case ExpressionClass::BOUND_REF:
        return ReadLambdaInput(expression.Cast<duckdb::BoundReferenceExpression>());
      case ExpressionClass::BOUND_CONSTANT: {
        const auto& constant = expression.Cast<duckdb::BoundConstantExpression>();
        return Make(algebra::Literal{LiteralText(constant.value)}, expression.return_type);
      }
      case ExpressionClass::BOUND_CAST: {
        const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
        return Make(algebra::Cast{Read(*cast.child), cast.try_cast}, expression.return_type);
      }
      case ExpressionClass::BOUND_COMPARISON: {
        const auto& comparison = expression.Cast<duckdb::BoundComparisonExpression>();
        return Make(Call{Call::Syntax::kInfix,
                         ComparisonSymbol(expression.GetExpressionType()),
                         {Read(*comparison.left), Read(*comparison.right)}},
                    expression.return_type);
      }
      case ExpressionClass::BOUND_CONJUNCTION:
        return Make(
            Call{Call::Syntax::kInfix,
                 expression.GetExpressionType() == ExpressionType::CONJUNCTION_AND ? "AND" : "OR",
                 ReadAll(expression.Cast<duckdb::BoundConjunctionExpression>().children)},
            expression.return_type);
      case ExpressionClass::BOUND_BETWEEN:
        return ReadBetween(expression.Cast<duckdb::BoundBetweenExpression>());
      case ExpressionClass::BOUND_CASE:
        return ReadCase(expression.Cast<duckdb::BoundCaseExpression>());
      case ExpressionClass::BOUND_OPERATOR:
        return ReadOperator(expression.Cast<duckdb::BoundOperatorExpression>());
      case ExpressionClass::BOUND_FUNCTION:
        return ReadFunction(expression.Cast<duckdb::BoundFunctionExpression>());
      default:
        throw NoCounterpart{"the expression " + expression.ToString(), OffsetOf(expression)};
    }
  }

  std::vector<ExpressionPtr> ReadAll(
      const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& expressions) {
    std::vector<ExpressionPtr> read;
    for (const auto& expression : expressions) read.push_back(Read(*expression));
    return read;
  }

 private:
  ExpressionPtr ReadColumn(const duckdb::BoundColumnRefExpression& column) {
    const auto index = reader_.column_(column.binding);
    if (!index) throw NoCounterpart{"the reference " + column.ToString(), OffsetOf(column)};
    return Make(algebra::ColumnRef{*index}, column.return_type);
  }

  ExpressionPtr ReadLambdaInput(const duckdb::BoundReferenceExpression& reference) {
    if (reader_.lambda_inputs_.empty() || reference.index >= reader_.lambda_inputs_.back().size()) {
      throw NoCounterpart{"the reference " + reference.ToString(), OffsetOf(reference)};
    }
    return reader_.lambda_inputs_.back()[reference.index];
  }

  ExpressionPtr ReadBetween(const duckdb::BoundBetweenExpression& between) {
    const ExpressionPtr input = Read(*between.input);
    const auto& boolean = between.return_type;
    return Make(Call{Call::Syntax::kInfix,
                     "AND",
                     {Make(Call{Call::Syntax::kInfix,
                                between.lower_inclusive ? ">=" : ">",
                                {input, Read(*between.lower)}},
                           boolean),
                      Make(Call{Call::Syntax::kInfix,
                                between.upper_inclusive ? "<=" : "<",
                                {input, Read(*between.upper)}},
                           boolean)}},
                boolean);
  }

  ExpressionPtr ReadCase(const duckdb::BoundCaseExpression& choice) {
    algebra::Case read;
    for (const auto& check : choice.case_checks) {
      read.branches.emplace_back(Read(*check.when_expr), Read(*check.then_expr));
    }
    if (choice.else_expr) read.otherwise = Read(*choice.else_expr);
    return Make(std::move(read), choice.return_type);
  }

  ExpressionPtr ReadOperator(const duckdb::BoundOperatorExpression& operation) {
    const auto syntax = [&](Call::Syntax how, const char* name) {
      return Make(Call{how, name, ReadAll(operation.children)}, operation.return_type);
    };
    switch (operation.GetExpressionType()) {
      case ExpressionType::OPERATOR_NOT:
        return syntax(Call::Syntax::kPrefix, "NOT");
      case ExpressionType::OPERATOR_IS_NULL:
        return syntax(Call::Syntax::kPostfix, "IS NULL");
      case ExpressionType::OPERATOR_IS_NOT_NULL:
        return syntax(Call::Syntax::kPostfix, "IS NOT NULL");
      case ExpressionType::COMPARE_IN:
        return syntax(Call::Syntax::kMembership, "IN");
      case ExpressionType::COMPARE_NOT_IN:
        return syntax(Call::Syntax::kMembership, "NOT IN");
      case ExpressionType::OPERATOR_COALESCE:
        return syntax(Call::Syntax::kKeyword, "coalesce");
      case ExpressionType::OPERATOR_NULLIF:
        return syntax(Call::Syntax::kKeyword, "nullif");
      case ExpressionType::OPERATOR_TRY:
        return syntax(Call::Syntax::kKeyword, "try");
      default:
        throw NoCounterpart{"the expression " + operation.ToString(), OffsetOf(operation)};
    }
  }

  ExpressionPtr ReadFunction(const duckdb::BoundFunctionExpression& function) {
    const std::string& name = function.function.name;
    if (function.children.empty() && IsCurrentTime(name)) {
      return Make(algebra::CurrentTime{name}, function.return_type);
    }
    if (name == "age" && function.children.size() == 1) {
      throw NoCounterpart{"age of one argument", OffsetOf(function)};
    }
    if (name == "date_part" && function.children.size() == 1) {
      throw NoCounterpart{"date_part of a list of parts", OffsetOf(function)};
    }
    const bool deterministic =  // the engine calls error() volatile so that it is not folded away
        name == "error" || function.function.GetStability() != duckdb::FunctionStability::VOLATILE;
    Call call{Call::Syntax::kFunction, name, ReadAll(function.children)};
    if (name == "struct_pack") {
      call.syntax = Call::Syntax::kNamed;
      for (const auto& [child, type] : duckdb::StructType::GetChildTypes(function.return_type)) {
        call.argument_names.push_back(child);
      }
    } else if (call.arguments.size() == 2 && IsInfix(name)) {
      call.syntax = Call::Syntax::kInfix;
    } else if (call.arguments.size() == 1 && name == "-") {
      call.syntax = Call::Syntax::kPrefix;
    }
    const auto* lambda = dynamic_cast<const duckdb::ListLambdaBindData*>(function.bind_info.get());
    if (lambda != nullptr) ReadLambda(*lambda, &call);
    return Make(std::move(call), function.return_type, deterministic);
  }

  // The engine keeps a lambda's body as an expression over a chunk: its parameters, the last one
  // first, then what it captured, which it passes as further arguments of the call.
  void ReadLambda(const duckdb::ListLambdaBindData& bound, Call* call) {
    if (!bound.lambda_expr) return;
    const bool reduces = call->name.find("reduce") != std::string::npos;
    const size_t parameters = (reduces ? 2 : 1) + (bound.has_index ? 1 : 0);
    const size_t own = 1 + (bound.has_initial ? 1 : 0);  // arguments before the captured ones
    algebra::Lambda lambda;
    std::vector<ExpressionPtr> inputs;
    for (size_t i = 0; i < parameters; ++i) {
      lambda.parameters.push_back("x" + std::to_string(reader_.lambdas_++));
    }
    for (size_t i = 0; i < parameters; ++i) {
      inputs.push_back(std::make_shared<const algebra::Expression>(algebra::Expression{
          algebra::LambdaParameter{lambda.parameters[parameters - 1 - i]}, ""}));
    }
    for (size_t i = own; i < call->arguments.size(); ++i) inputs.push_back(call->arguments[i]);
    reader_.lambda_inputs_.push_back(std::move(inputs));
    lambda.body = Read(*bound.lambda_expr);
    reader_.lambda_inputs_.pop_back();
    std::vector<ExpressionPtr> arguments = {call->arguments[0]};
    arguments.push_back(
        std::make_shared<const algebra::Expression>(algebra::Expression{std::move(lambda), ""}));
    if (bound.has_initial) arguments.push_back(call->arguments[1]);
    call->arguments = std::move(arguments);
  }

  const ExpressionReader& reader_;
};

ExpressionPtr ExpressionReader::Read(const duckdb::Expression& expression) const {
  return ExpressionVisit(*this).Read(expression);
}

algebra::SortKey ExpressionReader::ReadOrder(const duckdb::BoundOrderByNode& order) const {
  return {Read(*order.expression), order.type == duckdb::OrderType::DESCENDING,
          order.null_order == duckdb::OrderByNullType::NULLS_FIRST};
}

algebra::AggregateCall ExpressionReader::ReadAggregate(const duckdb::Expression& expression) const {
  const auto& aggregate = expression.Cast<duckdb::BoundAggregateExpression>();
  algebra::AggregateCall call;
  call.function = aggregate.function.name;
  call.arguments = ExpressionVisit(*this).ReadAll(aggregate.children);
  for (std::string& lost :
       LostArguments(aggregate.function, aggregate.bind_info.get(), aggregate.return_type)) {
    call.arguments.push_back(algebra::MakeLiteral(std::move(lost), ""));
  }
  call.distinct = aggregate.IsDistinct();
  if (aggregate.filter) call.filter = Read(*aggregate.filter);
  if (aggregate.order_bys) {
    for (const auto& order : aggregate.order_bys->orders) call.order.push_back(ReadOrder(order));
  }
  call.type = aggregate.return_type.ToString();
  return call;
}

}  // namespace penstock::duck
