#include "ivm/time_window.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "ivm/instant.h"

namespace penstock::ivm {
namespace {

using algebra::Call;
using algebra::ExpressionPtr;

// Each bound is a reading of the input.
constexpr size_t kMostBounds = 2;

// Whether it is a value at every instant: made of the time and constants by functions that give
// NULL for NULL only.
bool IsNeverNull(const algebra::Expression& expression) {
  static constexpr std::array<std::string_view, 10> kStrict = {
      "+",        "-",       "date_trunc", "to_years",   "to_months",
      "to_weeks", "to_days", "to_hours",   "to_minutes", "to_seconds"};
  if (std::holds_alternative<algebra::CurrentTime>(expression.form)) return true;
  if (const auto* literal = std::get_if<algebra::Literal>(&expression.form)) {
    return literal->sql.find("NULL") == std::string::npos;
  }
  if (const auto* cast = std::get_if<algebra::Cast>(&expression.form)) {
    return !cast->null_on_failure && IsNeverNull(*cast->value);
  }
  const auto* call = std::get_if<Call>(&expression.form);
  return call != nullptr &&
         std::find(kStrict.begin(), kStrict.end(), call->name) != kStrict.end() &&
         std::all_of(call->arguments.begin(), call->arguments.end(),
                     [](const ExpressionPtr& argument) { return IsNeverNull(*argument); });
}

// The comparison of something with the time turned round: true where the other is false. Null when
// it is none, or may be NULL at one instant and not at another.
ExpressionPtr Opposite(const ExpressionPtr& condition) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 4> kOpposites = {
      {{"<", ">="}, {"<=", ">"}, {">", "<="}, {">=", "<"}}};
  const auto* call = std::get_if<Call>(&condition->form);
  if (call == nullptr || call->arguments.size() != 2) return nullptr;
  const bool left = algebra::DependsOnTime(call->arguments[0]);
  const bool right = algebra::DependsOnTime(call->arguments[1]);
  if (left == right || !IsNeverNull(*call->arguments[left ? 0 : 1])) return nullptr;
  for (const auto& [name, opposite] : kOpposites) {
    if (call->syntax != Call::Syntax::kInfix || call->name != name) continue;
    return algebra::MakeInfix(opposite, call->arguments, condition->type);
  }
  return nullptr;
}

}  // namespace

std::vector<ExpressionPtr> TrueOnlyAt(const ExpressionPtr& condition, const std::string& at,
                                      const std::string& other) {
  std::vector<ExpressionPtr> conjuncts;
  algebra::AddConjuncts(condition, &conjuncts);
  std::vector<ExpressionPtr> bounds;
  std::vector<ExpressionPtr> opposites;
  for (const ExpressionPtr& conjunct : conjuncts) {
    if (!algebra::DependsOnTime(conjunct)) continue;
    bounds.push_back(conjunct);
    opposites.push_back(Opposite(conjunct));
  }
  const ExpressionPtr holds = FixTime(condition, at);
  if (bounds.size() > kMostBounds ||
      std::find(opposites.begin(), opposites.end(), nullptr) != opposites.end()) {
    return {algebra::Conjunction(
        {holds, algebra::MakePostfix(FixTime(condition, other), "IS NOT TRUE", "BOOLEAN")})};
  }
  std::vector<ExpressionPtr> conditions;
  std::vector<ExpressionPtr> before = {holds};  // and the bounds up to here held at the other
  for (size_t i = 0; i < bounds.size(); ++i) {
    std::vector<ExpressionPtr> all = before;
    all.push_back(FixTime(opposites[i], other));
    conditions.push_back(algebra::Conjunction(std::move(all)));
    before.push_back(FixTime(bounds[i], other));
  }
  return conditions;
}

}  // namespace penstock::ivm
