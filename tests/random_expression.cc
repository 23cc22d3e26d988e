#include "tests/random_expression.h"

#include <algorithm>

namespace penstock::tests {
namespace {

Columns OfKind(const Columns& columns, Kind kind) {
  Columns of;
  for (const RandomColumn& column : columns) {
    if (column.kind == kind) of.push_back(column);
  }
  return of;
}

RandomColumn Number(std::string text, Kind kind) { return {std::move(text), kind, ""}; }

RandomColumn ValueOfInteger(Choice& choice, const std::string& a) {
  switch (choice.Below(7)) {
    case 0:
      return Number(a + " + 1", Kind::kInteger);
    case 1:
      return Number("abs(" + a + " - 4)", Kind::kInteger);
    case 2:
      return Number("coalesce(" + a + ", -1)", Kind::kInteger);
    case 3:
      return Number(a + " % 3", Kind::kInteger);
    case 4:
      return Number("CASE WHEN " + a + " > 3 THEN 'many' WHEN " + a + " IS NULL THEN NULL ELSE " +
                        "'few' END",
                    Kind::kText);
    case 5:
      return Number("CAST(" + a + " AS VARCHAR)", Kind::kText);
    default:
      return Number("nullif(" + a + ", 2)", Kind::kInteger);
  }
}

RandomColumn ValueOfText(Choice& choice, const std::string& a) {
  switch (choice.Below(5)) {
    case 0:
      return Number("upper(" + a + ")", Kind::kText);
    case 1:
      return Number(a + " || '!'", Kind::kText);
    case 2:
      return Number("length(" + a + ")", Kind::kInteger);
    case 3:
      return Number("substring(" + a + ", 1, 1)", Kind::kText);
    default:
      return Number("coalesce(" + a + ", 'none')", Kind::kText);
  }
}

RandomColumn ValueOfDate(Choice& choice, const std::string& a) {
  switch (choice.Below(3)) {
    case 0:
      return Number("CAST(date_trunc('week', " + a + ") AS DATE)", Kind::kDate);
    case 1:
      return Number("day(" + a + ") % 4", Kind::kInteger);
    default:
      return Number(a + " + 3", Kind::kDate);
  }
}

std::string Comparison(Choice& choice, const RandomColumn& column) {
  // What sums can come near to is no bound: their last digits are open.
  const std::string bound = column.kind == Kind::kDouble
                                ? std::to_string(choice.Below(12)) + ".037::DOUBLE"
                                : RandomConstant(choice, column.kind);
  return column.name + choice.Word({" > ", " < ", " = ", " <> ", " <= ", " >= "}) + bound;
}

std::string SimplePredicate(Choice& choice, const Columns& columns) {
  const RandomColumn column = choice.Of(columns);
  if (column.kind == Kind::kList) return "len(" + column.name + ") > 1";
  if (choice.Chance(12)) return column.name + choice.Word({" IS NULL", " IS NOT NULL"});
  if (column.kind == Kind::kBoolean) return column.name;
  if (choice.Chance(15)) {
    const auto pair = ComparablePair(choice, columns, columns);
    if (pair) {
      return pair->first.name + choice.Word({" < ", " = ", " IS DISTINCT FROM ", " >= "}) +
             pair->second.name;
    }
  }
  if (column.kind == Kind::kDate && choice.Chance(25)) {
    return column.name + choice.Word({" > ", " <= "}) + "{today} - " +
           std::to_string(choice.Below(12));
  }
  if (column.kind == Kind::kText && choice.Chance(25)) return column.name + " LIKE '%s%'";
  if (column.kind == Kind::kInteger && choice.Chance(25)) {
    return column.name + choice.Word({" IN (1, 2, 3)", " BETWEEN 1 AND 4", " NOT IN (0, 5)"});
  }
  return Comparison(choice, column);
}

// With ORDER BY in the call, so that the result is determined.
RandomColumn OrderedAggregate(Choice& choice, const Columns& columns) {
  const RandomColumn column = choice.Of(columns);
  const auto text = ColumnOfKind(choice, columns, Kind::kText);
  if (text && choice.Chance(50)) {
    return {"string_agg(" + std::string(choice.Chance(30) ? "DISTINCT " : "") + *text +
                ", ',' ORDER BY " + *text + ")",
            Kind::kText, ""};
  }
  if (column.kind == Kind::kInteger && choice.Chance(50)) {
    return {"list(" + column.name + " ORDER BY " + column.name + " DESC)", Kind::kList, ""};
  }
  const auto by = ColumnOfKind(choice, columns, Kind::kInteger);
  const std::string order = by ? "(" + *by + ", " + column.name + ")" : column.name;
  return {choice.Word({"arg_max(", "arg_min("}) + column.name + ", " + order + ")", column.kind,
          ""};
}

RandomColumn AggregateOf(Choice& choice, const RandomColumn& column) {
  const std::string& a = column.name;
  const bool number = column.kind == Kind::kInteger || column.kind == Kind::kDecimal;
  if (column.kind == Kind::kBoolean) {
    return {choice.Word({"bool_and(", "bool_or("}) + a + ")", Kind::kBoolean, ""};
  }
  switch (choice.Below(number ? 8 : column.kind == Kind::kDouble ? 4 : 3)) {
    case 0:
      return {choice.Word({"count(", "count(DISTINCT ", "approx_count_distinct("}) + a + ")",
              Kind::kInteger, ""};
    case 1:
    case 2:
      if (column.kind == Kind::kList) return {"count(" + a + ")", Kind::kInteger, ""};
      return {choice.Word({"min(", "max("}) + a + ")", column.kind, ""};
    case 3:
      if (column.kind == Kind::kInteger && choice.Chance(50)) {
        return {"CAST(sum(" + a + ") AS BIGINT)", Kind::kInteger, ""};
      }
      return {"sum(" + a + ")", column.kind, ""};
    case 4:
      return {"avg(" + a + ")", Kind::kDouble, ""};
    case 5:
      return {choice.Word({"stddev_samp(", "var_pop(", "stddev_pop("}) + a + ")", Kind::kDouble,
              ""};
    case 6:
      return {choice.Word({"median(", "quantile_cont("}) + a + ")", Kind::kDouble, ""};
    default:
      return {"quantile_disc(" + a + choice.Word({", 0.5)", ", 0.9)"}), column.kind, ""};
  }
}

// Of the place of a row in a total order.
RandomColumn PlacedWindowCall(Choice& choice, const Columns& columns, const RandomColumn& column,
                              const std::string& by) {
  const std::string total = " OVER (" + by + "ORDER BY " + TotalOrder(choice, columns);
  const bool number = column.kind == Kind::kInteger || column.kind == Kind::kDecimal;
  switch (choice.Below(number ? 4 : 3)) {
    case 0:
      return {"row_number()" + total + ")", Kind::kInteger, ""};
    case 1:
      return {choice.Word({"lag(", "lead("}) + column.name + ")" + total + ")", column.kind, ""};
    case 2:
      return {"ntile(3)" + total + ")", Kind::kInteger, ""};
    default:
      return {"sum(" + column.name + ")" + total +
                  choice.Word({" ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
                               " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING)"}),
              column.kind, ""};
  }
}

// The same for all rows that are equal in its order.
RandomColumn PeerWindowCall(Choice& choice, const Columns& columns, const RandomColumn& column,
                            const std::string& by) {
  const bool number = column.kind == Kind::kInteger || column.kind == Kind::kDecimal;
  switch (choice.Below(number ? 6 : 4)) {
    case 0:
      return {choice.Word({"rank()", "dense_rank()", "count(*)"}) + " OVER (" + by + "ORDER BY " +
                  column.name + choice.Word({")", " DESC)"}),
              Kind::kInteger, ""};
    case 1:
      return {choice.Word({"first_value(", "last_value("}) + column.name + ") OVER (" + by +
                  "ORDER BY " + TotalOrder(choice, columns) + ")",
              column.kind, ""};
    case 2:
      return {"count(*) OVER (" + by + ")", Kind::kInteger, ""};
    case 3:
      if (column.kind == Kind::kList || column.kind == Kind::kBoolean) {
        return {"count(" + column.name + ") OVER (" + by + ")", Kind::kInteger, ""};
      }
      return {choice.Word({"max(", "min("}) + column.name + ") OVER (" + by + ")", column.kind, ""};
    case 4:
      return {"sum(" + column.name + ") OVER (" + by + "ORDER BY " + column.name +
                  choice.Word({")", " RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING)"}),
              column.kind, ""};
    default:
      return {"avg(" + column.name + ") OVER (" + by + ")", Kind::kDouble, ""};
  }
}

}  // namespace

std::optional<std::string> ColumnOfKind(Choice& choice, const Columns& columns, Kind kind) {
  const Columns of = OfKind(columns, kind);
  if (of.empty()) return std::nullopt;
  return choice.Of(of).name;
}

std::optional<std::pair<RandomColumn, RandomColumn>> ComparablePair(Choice& choice,
                                                                    const Columns& left,
                                                                    const Columns& right) {
  for (int attempt = 0; attempt < 6; ++attempt) {
    const RandomColumn a = choice.Of(left);
    if (a.kind == Kind::kList || a.kind == Kind::kDouble) continue;
    const Columns partners = OfKind(right, a.kind);
    if (!partners.empty()) return std::pair{a, choice.Of(partners)};
  }
  return std::nullopt;
}

std::string TotalOrder(Choice& choice, const Columns& columns) {
  Columns left = columns;
  std::string order;
  while (!left.empty()) {
    const size_t next = choice.Below(left.size());
    order += (order.empty() ? "" : ", ") + left[next].name +
             choice.Word({"", " DESC", " DESC NULLS LAST", " NULLS FIRST"});
    left.erase(left.begin() + static_cast<int64_t>(next));
  }
  return order;
}

RandomColumn RandomValue(Choice& choice, const Columns& columns) {
  const RandomColumn column = choice.Of(columns);
  if (choice.Chance(60)) return column;
  const std::string& a = column.name;
  switch (column.kind) {
    case Kind::kInteger:
      return ValueOfInteger(choice, a);
    case Kind::kText:
      return ValueOfText(choice, a);
    case Kind::kDate:
      return ValueOfDate(choice, a);
    case Kind::kDecimal:
      return Number(a + " + 1.50", Kind::kDecimal);
    case Kind::kDouble:
      return Number("abs(" + a + ")", Kind::kDouble);
    case Kind::kBoolean:
      return Number("NOT " + a, Kind::kBoolean);
    case Kind::kList:
      return choice.Chance(50) ? Number("len(" + a + ")", Kind::kInteger)
                               : Number("list_transform(" + a + ", lambda e: e + 1)", Kind::kList);
  }
  return column;
}

std::string RandomPredicate(Choice& choice, const Columns& columns, int depth) {
  if (depth <= 0 || choice.Chance(60)) return SimplePredicate(choice, columns);
  if (choice.Chance(20)) return "NOT (" + RandomPredicate(choice, columns, depth - 1) + ")";
  return "(" + RandomPredicate(choice, columns, depth - 1) + choice.Word({" AND ", " OR "}) +
         RandomPredicate(choice, columns, depth - 1) + ")";
}

RandomColumn RandomAggregate(Choice& choice, const Columns& columns, const Columns& keys) {
  RandomColumn call;
  if (choice.Chance(20)) {
    call = {"count(*)", Kind::kInteger, ""};
  } else if (!keys.empty() && choice.Chance(6)) {
    const RandomColumn key = choice.Of(keys);
    call = {"any_value(" + key.name + ")", key.kind, ""};
  } else if (choice.Chance(25)) {
    call = OrderedAggregate(choice, columns);
  } else {
    call = AggregateOf(choice, choice.Of(columns));
  }
  if (call.name.starts_with("quantile_cont(")) {
    call.name.insert(call.name.size() - 1, ", 0.25");
  }
  if (choice.Chance(15) && !call.name.starts_with("CAST(")) {
    call.name += " FILTER (WHERE " + SimplePredicate(choice, columns) + ")";
  }
  return call;
}

RandomColumn RandomWindowCall(Choice& choice, const Columns& columns, const std::string& partition,
                              WindowUse use) {
  const RandomColumn column = choice.Of(columns);
  const std::string by = partition.empty() ? "" : "PARTITION BY " + partition + " ";
  return use == WindowUse::kAny && choice.Chance(50) ? PlacedWindowCall(choice, columns, column, by)
                                                     : PeerWindowCall(choice, columns, column, by);
}

}  // namespace penstock::tests
