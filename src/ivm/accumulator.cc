#include "ivm/accumulator.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace penstock::ivm {
namespace {

using algebra::AggregateCall;
using algebra::ExpressionPtr;

constexpr char kDouble[] = "DOUBLE";
constexpr char kCount[] = "BIGINT";

ExpressionPtr Literal(const char* text, const std::string& type) {
  return algebra::MakeLiteral("CAST(" + std::string(text) + " AS " + type + ")", type);
}
ExpressionPtr Null(const std::string& type) { return Literal("NULL", type); }
ExpressionPtr OrZero(const ExpressionPtr& value) {
  return algebra::MakeCoalesce(value, Literal("0", value->type));
}
ExpressionPtr Plus(const ExpressionPtr& a, const ExpressionPtr& b) {
  return algebra::MakeInfix("+", {a, b}, a->type);
}
ExpressionPtr Minus(const ExpressionPtr& a, const ExpressionPtr& b) {
  return algebra::MakeInfix("-", {a, b}, a->type);
}
ExpressionPtr Times(const ExpressionPtr& a, const ExpressionPtr& b) {
  return algebra::MakeInfix("*", {a, b}, a->type);
}
ExpressionPtr Over(const ExpressionPtr& a, const ExpressionPtr& b) {
  return algebra::MakeInfix("/", {a, b}, a->type);
}
ExpressionPtr Compare(const char* op, const ExpressionPtr& a, const ExpressionPtr& b) {
  return algebra::MakeInfix(op, {a, b}, "BOOLEAN");
}
ExpressionPtr And(const ExpressionPtr& a, const ExpressionPtr& b) {
  return algebra::Conjunction({a, b});
}
ExpressionPtr Or(const ExpressionPtr& a, const ExpressionPtr& b) {
  return algebra::MakeInfix("OR", {a, b}, "BOOLEAN");
}
ExpressionPtr IsTrue(const ExpressionPtr& a) {
  return algebra::MakePostfix(a, "IS TRUE", "BOOLEAN");
}
ExpressionPtr IsNotTrue(const ExpressionPtr& a) {
  return algebra::MakePostfix(a, "IS NOT TRUE", "BOOLEAN");
}
ExpressionPtr Abs(const ExpressionPtr& a) { return algebra::MakeFunction("abs", {a}, a->type); }
ExpressionPtr IsInfinite(const ExpressionPtr& a) {
  return IsNotTrue(algebra::MakeFunction("isfinite", {a}, "BOOLEAN"));
}
ExpressionPtr As(const ExpressionPtr& value, const std::string& type) {
  return value->type == type ? value : algebra::MakeCast(value, type);
}

ExpressionPtr AndFilter(const ExpressionPtr& filter, const ExpressionPtr& condition) {
  return filter ? And(filter, condition) : condition;
}

AggregateCall Part(const AggregateCall& call, std::string function, Expressions arguments,
                   std::string type) {
  return {std::move(function), std::move(arguments), false, call.filter, {}, std::move(type)};
}
AggregateCall CountPart(const AggregateCall& call) {
  return Part(call, "count", {call.arguments[0]}, kCount);
}

bool IsExact(const std::string& type) {
  static constexpr std::array<std::string_view, 10> kWhole = {
      "TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",  "HUGEINT",
      "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "BOOLEAN"};
  return type.starts_with("DECIMAL") ||
         std::find(kWhole.begin(), kWhole.end(), type) != kWhole.end();
}
// Values that are compared as a whole, without parts.
bool IsScalar(const std::string& type) {
  return type.find_first_of("[{") == std::string::npos && !type.starts_with("STRUCT") &&
         !type.starts_with("MAP") && !type.starts_with("UNION");
}

// ---- rules: one a kind of function

using Rule = std::optional<Accumulator> (*)(const AggregateCall& call);

ExpressionPtr MergedCount(const GroupParts& group, size_t part) {
  return Minus(Plus(OrZero(group.kept[part]), OrZero(group.added[part])),
               OrZero(group.removed[part]));
}

std::optional<Accumulator> Count(const AggregateCall& call) {
  if (call.distinct) return std::nullopt;
  Accumulator count;
  count.parts = {Part(call, call.function, call.arguments, call.type)};
  count.merged = [](const GroupParts& group) { return Expressions{MergedCount(group, 0)}; };
  count.result = [](const Expressions& parts) { return parts[0]; };
  return count;
}

// What a sum of exact numbers is, and how many there were.
std::string ExactSumType(const std::string& type) {
  if (!type.starts_with("DECIMAL")) return "HUGEINT";
  const size_t comma = type.find(',');
  return comma == std::string::npos ? "" : "DECIMAL(38" + type.substr(comma);
}

// As the engine divides: a decimal's digits by the count with as many zeros as it has decimals.
ExpressionPtr ExactAverage(const ExpressionPtr& sum, const ExpressionPtr& count) {
  const ExpressionPtr numbers = As(count, kDouble);
  const size_t comma = sum->type.find(',');
  if (comma == std::string::npos) return Over(As(sum, kDouble), numbers);
  const std::string decimals = sum->type.substr(comma + 1, sum->type.size() - comma - 2);
  const ExpressionPtr scale = Literal(("1e" + decimals).c_str(), kDouble);
  const ExpressionPtr digits =
      algebra::MakeFunction("round", {Times(As(sum, kDouble), scale)}, kDouble);
  return Over(digits, Times(numbers, scale));
}

std::optional<Accumulator> ExactSum(const AggregateCall& call, bool average) {
  const std::string type = ExactSumType(call.arguments[0]->type);
  if (type.empty()) return std::nullopt;
  Accumulator sum;
  sum.parts = {Part(call, "sum", {call.arguments[0]}, type), CountPart(call)};
  sum.merged = [](const GroupParts& group) {
    return Expressions{MergedCount(group, 0), MergedCount(group, 1)};
  };
  sum.result = [average, type = call.type](const Expressions& parts) {
    const ExpressionPtr value = average ? ExactAverage(parts[0], parts[1]) : parts[0];
    return algebra::MakeCase(Compare("<>", parts[1], Literal("0", kCount)), As(value, type),
                             Null(type));
  };
  return sum;
}

// Parts: the sum, what its additions lost of it (Neumaier, "Rundungsfehleranalyse einiger Verfahren
// zur Summation endlicher Summen", 1974), and how many numbers there were.
struct Compensated {
  ExpressionPtr sum;
  ExpressionPtr lost;
};
Compensated Add(const Compensated& to, const ExpressionPtr& value) {
  const ExpressionPtr sum = Plus(to.sum, value);
  const ExpressionPtr lost =
      algebra::MakeCase(Compare(">=", Abs(to.sum), Abs(value)), Plus(Minus(to.sum, sum), value),
                        Plus(Minus(value, sum), to.sum));
  return {sum, Plus(to.lost, lost)};
}

Compensated MergedSum(const GroupParts& group) {
  Compensated sum{OrZero(group.kept[0]), OrZero(group.kept[1])};
  sum = Add(sum, OrZero(group.added[0]));
  return Add(sum, Minus(Literal("0", kDouble), OrZero(group.removed[0])));
}

std::optional<Accumulator> FloatingSum(const AggregateCall& call, bool average) {
  Accumulator sum;
  sum.parts = {Part(call, "sum", {call.arguments[0]}, kDouble),
               Part(call, "any_value", {Literal("0", kDouble)}, kDouble), CountPart(call)};
  sum.merged = [](const GroupParts& group) {
    const Compensated merged = MergedSum(group);
    return Expressions{merged.sum, merged.lost, MergedCount(group, 2)};
  };
  // Infinite and not-a-number cannot be taken out again, and where most of a sum goes what is left
  // of it is not exact enough.
  sum.lost = [](const GroupParts& group) {
    const Compensated merged = MergedSum(group);
    const ExpressionPtr value = Plus(merged.sum, merged.lost);
    const ExpressionPtr shrunk = And(
        Compare("<>", OrZero(group.removed[2]), Literal("0", kCount)),
        Compare(
            "<", Times(Abs(value), Literal("1000", kDouble)),
            algebra::MakeFunction(
                "greatest", {Abs(OrZero(group.kept[0])), Abs(OrZero(group.removed[0]))}, kDouble)));
    return Or(IsInfinite(value), shrunk);
  };
  sum.result = [average, type = call.type](const Expressions& parts) {
    const ExpressionPtr total = Plus(parts[0], parts[1]);
    return algebra::MakeCase(Compare("<>", parts[2], Literal("0", kCount)),
                             As(average ? Over(total, As(parts[2], kDouble)) : total, type),
                             Null(type));
  };
  return sum;
}

std::optional<Accumulator> SumOrAverage(const AggregateCall& call, bool average) {
  if (call.distinct) return std::nullopt;
  const std::string& type = call.arguments[0]->type;
  if (algebra::IsFloatingType(type)) return FloatingSum(call, average);
  return IsExact(type) ? ExactSum(call, average) : std::nullopt;
}
std::optional<Accumulator> Sum(const AggregateCall& call) { return SumOrAverage(call, false); }
std::optional<Accumulator> Average(const AggregateCall& call) { return SumOrAverage(call, true); }

// Values of the row whose last part comes `before` all others ("<": the least one).
Accumulator Extremum(std::vector<AggregateCall> parts, const char* before) {
  Accumulator extremum;
  extremum.parts = std::move(parts);
  const auto wins = [before](const ExpressionPtr& a, const ExpressionPtr& b) {
    return Compare(before, a, b);
  };
  extremum.merged = [wins](const GroupParts& group) {
    const ExpressionPtr& kept = group.kept.back();
    const ExpressionPtr newer = Or(algebra::MakeIsNull(kept), wins(group.added.back(), kept));
    Expressions merged;
    for (size_t i = 0; i < group.kept.size(); ++i) {
      merged.push_back(algebra::MakeCase(newer, group.added[i], group.kept[i]));
    }
    return merged;
  };
  extremum.loses_by_removal = true;
  extremum.lost = [wins](const GroupParts& group) {
    const ExpressionPtr& kept = group.kept.back();
    const ExpressionPtr& removed = group.removed.back();
    return And(algebra::MakeIsNotNull(removed),
               And(IsNotTrue(wins(kept, removed)), IsNotTrue(wins(group.added.back(), kept))));
  };
  extremum.result = [](const Expressions& parts) { return parts[0]; };
  return extremum;
}

std::optional<Accumulator> ExtremeValue(const AggregateCall& call, const char* before) {
  if (call.arguments.size() != 1 || !IsScalar(call.type)) return std::nullopt;
  return Extremum({Part(call, call.function, call.arguments, call.type)}, before);
}
std::optional<Accumulator> Minimum(const AggregateCall& call) { return ExtremeValue(call, "<"); }
std::optional<Accumulator> Maximum(const AggregateCall& call) { return ExtremeValue(call, ">"); }

// The value beside the extremum, and the extremum.
std::optional<Accumulator> ValueAt(const AggregateCall& call, const char* extremum,
                                   const char* before) {
  if (call.arguments.size() != 2 || !IsScalar(call.arguments[1]->type)) return std::nullopt;
  AggregateCall by = Part(call, extremum, {call.arguments[1]}, call.arguments[1]->type);
  const bool with_nulls = call.function.ends_with("_null");
  if (!with_nulls) by.filter = AndFilter(call.filter, algebra::MakeIsNotNull(call.arguments[0]));
  return Extremum({Part(call, call.function, call.arguments, call.type), std::move(by)}, before);
}
std::optional<Accumulator> ValueAtMaximum(const AggregateCall& call) {
  return ValueAt(call, "max", ">");
}
std::optional<Accumulator> ValueAtMinimum(const AggregateCall& call) {
  return ValueAt(call, "min", "<");
}

// The value of one row, and of how many it could be.
std::optional<Accumulator> AnyValue(const AggregateCall& call) {
  Accumulator any;
  AggregateCall rows = Part(call, "count_star", {}, kCount);
  if (call.function == "any_value") rows = CountPart(call);  // passes over NULL
  any.parts = {Part(call, call.function, call.arguments, call.type), std::move(rows)};
  any.merged = [](const GroupParts& group) {
    const ExpressionPtr none = Compare("=", OrZero(group.kept[1]), Literal("0", kCount));
    return Expressions{algebra::MakeCase(none, group.added[0], group.kept[0]),
                       MergedCount(group, 1)};
  };
  any.loses_by_removal = true;
  any.lost = [](const GroupParts& group) {
    return Compare("<>", OrZero(group.removed[1]), Literal("0", kCount));
  };
  any.result = [](const Expressions& parts) { return parts[0]; };
  return any;
}

// How many are true, and how many false.
Accumulator Truths(const AggregateCall& call) {
  Accumulator truths;
  const ExpressionPtr& value = call.arguments[0];
  AggregateCall no = CountPart(call);
  AggregateCall yes = CountPart(call);
  yes.filter = AndFilter(call.filter, IsTrue(value));
  no.filter = AndFilter(call.filter, algebra::MakePostfix(value, "IS FALSE", "BOOLEAN"));
  truths.parts = {std::move(yes), std::move(no)};
  truths.merged = [](const GroupParts& group) {
    return Expressions{MergedCount(group, 0), MergedCount(group, 1)};
  };
  return truths;
}
ExpressionPtr NullIfNone(const Expressions& parts, const ExpressionPtr& value) {
  return algebra::MakeCase(Compare("<>", Plus(parts[0], parts[1]), Literal("0", kCount)), value,
                           Null("BOOLEAN"));
}
std::optional<Accumulator> AllTrue(const AggregateCall& call) {
  Accumulator truths = Truths(call);
  truths.result = [](const Expressions& parts) {
    return NullIfNone(parts, Compare("=", parts[1], Literal("0", kCount)));
  };
  return truths;
}
std::optional<Accumulator> AnyTrue(const AggregateCall& call) {
  Accumulator truths = Truths(call);
  truths.result = [](const Expressions& parts) {
    return NullIfNone(parts, Compare("<>", parts[0], Literal("0", kCount)));
  };
  return truths;
}

// How many numbers there were, their mean and their variance, put together after Chan, Golub and
// LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979.
struct Moments {
  ExpressionPtr count;
  ExpressionPtr mean;
  ExpressionPtr variance;
};
Moments MergedMoments(const GroupParts& group) {
  const ExpressionPtr kept = As(OrZero(group.kept[0]), kDouble);
  const ExpressionPtr added = As(OrZero(group.added[0]), kDouble);
  const ExpressionPtr count = Plus(kept, added);
  const ExpressionPtr share = Over(
      added,
      algebra::MakeCase(Compare("=", count, Literal("0", kDouble)), Literal("1", kDouble), count));
  const ExpressionPtr distance = Minus(OrZero(group.added[1]), OrZero(group.kept[1]));
  const ExpressionPtr rest = Minus(Literal("1", kDouble), share);
  const ExpressionPtr variance =
      Plus(Plus(Times(OrZero(group.kept[2]), rest), Times(OrZero(group.added[2]), share)),
           Times(Times(distance, distance), Times(share, rest)));
  return {Plus(OrZero(group.kept[0]), OrZero(group.added[0])),
          Plus(OrZero(group.kept[1]), Times(distance, share)), variance};
}

std::optional<Accumulator> Spread(const AggregateCall& call, bool sample, bool root) {
  if (call.distinct || call.arguments[0]->type != kDouble) return std::nullopt;
  Accumulator spread;
  spread.parts = {CountPart(call), Part(call, "avg", call.arguments, kDouble),
                  Part(call, "var_pop", call.arguments, kDouble)};
  spread.merged = [](const GroupParts& group) {
    const Moments moments = MergedMoments(group);
    return Expressions{moments.count, moments.mean, moments.variance};
  };
  spread.loses_by_removal = true;
  spread.lost = [](const GroupParts& group) {
    return Or(Compare("<>", OrZero(group.removed[0]), Literal("0", kCount)),
              IsInfinite(MergedMoments(group).variance));
  };
  spread.result = [sample, root](const Expressions& parts) {
    const ExpressionPtr count = As(parts[0], kDouble);
    const ExpressionPtr one = Literal("1", kDouble);
    const ExpressionPtr variance =
        sample ? Over(Times(parts[2], count), Minus(count, one)) : parts[2];
    return algebra::MakeCase(Compare(sample ? ">" : ">=", count, one),
                             root ? algebra::MakeFunction("sqrt", {variance}, kDouble) : variance,
                             Null(kDouble));
  };
  return spread;
}
template <bool kSample, bool kRoot>
std::optional<Accumulator> SpreadOf(const AggregateCall& call) {
  return Spread(call, kSample, kRoot);
}

struct Function {
  std::string_view name;
  Rule rule;
};
constexpr Function kFunctions[] = {
    {"count", Count},
    {"count_star", Count},
    {"count_if", Count},
    {"countif", Count},
    {"sum", Sum},
    {"avg", Average},
    {"mean", Average},
    {"min", Minimum},
    {"max", Maximum},
    {"arg_max", ValueAtMaximum},
    {"argmax", ValueAtMaximum},
    {"max_by", ValueAtMaximum},
    {"arg_max_null", ValueAtMaximum},
    {"arg_min", ValueAtMinimum},
    {"argmin", ValueAtMinimum},
    {"min_by", ValueAtMinimum},
    {"arg_min_null", ValueAtMinimum},
    {"any_value", AnyValue},
    {"arbitrary", AnyValue},
    {"first", AnyValue},
    {"bool_and", AllTrue},
    {"bool_or", AnyTrue},
    {"var_pop", SpreadOf<false, false>},
    {"var_samp", SpreadOf<true, false>},
    {"variance", SpreadOf<true, false>},
    {"stddev_pop", SpreadOf<false, true>},
    {"stddev_samp", SpreadOf<true, true>},
    {"stddev", SpreadOf<true, true>},
};

}  // namespace

std::optional<Accumulator> AccumulatorOf(const AggregateCall& call) {
  if (!call.order.empty()) return std::nullopt;
  for (const Function& function : kFunctions) {
    if (function.name == call.function) return function.rule(call);
  }
  return std::nullopt;
}

}  // namespace penstock::ivm
