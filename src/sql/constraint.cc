#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/statement.h"
#include "sql/table_clauses.h"

namespace penstock::sql {
namespace {

// Functions that make one value of many rows, when no OVER follows.
constexpr std::array<std::string_view, 52> kAggregates = {"ANY_VALUE",
                                                          "APPROX_COUNT_DISTINCT",
                                                          "APPROX_PERCENTILE",
                                                          "ARG_MAX",
                                                          "ARG_MIN",
                                                          "ARRAY_AGG",
                                                          "AVG",
                                                          "BIT_AND",
                                                          "BIT_OR",
                                                          "BIT_XOR",
                                                          "BOOL_AND",
                                                          "BOOL_OR",
                                                          "COLLECT_LIST",
                                                          "COLLECT_SET",
                                                          "CORR",
                                                          "COUNT",
                                                          "COUNT_IF",
                                                          "COVAR_POP",
                                                          "COVAR_SAMP",
                                                          "EVERY",
                                                          "FIRST",
                                                          "FIRST_VALUE",
                                                          "KURTOSIS",
                                                          "LAST",
                                                          "LAST_VALUE",
                                                          "LISTAGG",
                                                          "MAX",
                                                          "MAX_BY",
                                                          "MEAN",
                                                          "MEDIAN",
                                                          "MIN",
                                                          "MIN_BY",
                                                          "MODE",
                                                          "PERCENTILE",
                                                          "PERCENTILE_APPROX",
                                                          "PERCENTILE_CONT",
                                                          "PERCENTILE_DISC",
                                                          "QUANTILE",
                                                          "QUANTILE_CONT",
                                                          "QUANTILE_DISC",
                                                          "SKEWNESS",
                                                          "STD",
                                                          "STDDEV",
                                                          "STDDEV_POP",
                                                          "STDDEV_SAMP",
                                                          "STRING_AGG",
                                                          "SUM",
                                                          "TRY_AVG",
                                                          "TRY_SUM",
                                                          "VARIANCE",
                                                          "VAR_POP",
                                                          "VAR_SAMP"};

bool IsAggregateName(const Token& token) {
  return token.kind == TokenKind::kIdentifier &&
         std::binary_search(kAggregates.begin(), kAggregates.end(), AsciiUpper(token.text));
}

// For each "(" among the tokens [begin, end), counted from `begin`, the index of its ")"; `end` for
// the others.
std::vector<size_t> MatchParentheses(const TokenCursor& cursor, size_t begin, size_t end) {
  std::vector<size_t> close(end - begin, end);
  std::vector<size_t> open;
  for (size_t i = begin; i < end; ++i) {
    if (IsOperator(cursor.TokenAt(i), "(")) open.push_back(i);
    if (!IsOperator(cursor.TokenAt(i), ")") || open.empty()) continue;
    close[open.back() - begin] = i;
    open.pop_back();
  }
  return close;
}

// Whether the tokens [begin, end) call an aggregate outside of a window.
bool CallsAggregate(const TokenCursor& cursor, size_t begin, size_t end) {
  const std::vector<size_t> close = MatchParentheses(cursor, begin, end);
  for (size_t i = begin; i + 1 < end; ++i) {
    if (!IsAggregateName(cursor.TokenAt(i)) || !IsOperator(cursor.TokenAt(i + 1), "(")) continue;
    if (i > begin && IsOperator(cursor.TokenAt(i - 1), ".")) continue;
    size_t next = close[i + 1 - begin] + 1;
    // FILTER (…) and WITHIN GROUP (…) come before OVER.
    while (next + 1 < end) {
      const bool filter = IsWord(cursor.TokenAt(next), "FILTER");
      if (!filter && !IsWord(cursor.TokenAt(next), "WITHIN")) break;
      const size_t open = next + (filter ? 1 : 2);
      if (open >= end) break;
      next = close[open - begin] + 1;
    }
    if (next >= end || !IsWord(cursor.TokenAt(next), "OVER")) return true;
  }
  return false;
}

struct ParsedRule {
  model::Rule rule;
  SourceLocation where;
  std::vector<model::TextAnchor> anchors;
};

Result<ParsedRule> ParseCondition(TokenCursor& cursor) {
  const size_t first = cursor.index() + 1;
  ASSIGN_OR_RETURN(model::QueryText condition, cursor.ExpectParenthesized("the condition"));
  ParsedRule parsed;
  parsed.where = condition.where;
  parsed.anchors = std::move(condition.anchors);
  if (CallsAggregate(cursor, first, cursor.index() - 1)) {
    parsed.rule = model::AggregateRule{std::move(condition.text)};
  } else {
    parsed.rule = model::RowRule{std::move(condition.text)};
  }
  return parsed;
}

Result<model::Rule> ParseForeignKeyRule(TokenCursor& cursor, const FileContext& context) {
  model::ForeignKeyRule rule;
  ASSIGN_OR_RETURN(rule.columns, cursor.ExpectNameList("a column"));
  RETURN_IF_ERROR(cursor.Expect({"REFERENCES"}));
  ASSIGN_OR_RETURN(rule.references, ParseTableName(cursor, context, "the referenced table"));
  const Token& list = cursor.Peek();
  ASSIGN_OR_RETURN(rule.referenced_columns, cursor.ExpectNameList("a referenced column"));
  if (rule.columns.size() != rule.referenced_columns.size()) {
    return cursor.ErrorAt(
        list, "SQL_SYNTAX",
        fmt::format("{} columns refer to {}", rule.columns.size(), rule.referenced_columns.size()),
        "Name as many referenced columns as columns.");
  }
  return model::Rule(std::move(rule));
}

Result<ParsedRule> ParseRule(TokenCursor& cursor, const FileContext& context) {
  if (IsOperator(cursor.Peek(), "(")) return ParseCondition(cursor);
  ParsedRule parsed;
  parsed.where = cursor.Where();
  if (cursor.Accept({"NOT", "EMPTY"})) {
    parsed.rule = model::NotEmptyRule{};
  } else if (cursor.Accept({"UNIQUE"})) {
    ASSIGN_OR_RETURN(auto columns, cursor.ExpectNameList("a column"));
    parsed.rule = model::UniqueRule{std::move(columns)};
  } else if (cursor.Accept({"COLUMNS"})) {
    ASSIGN_OR_RETURN(auto columns, cursor.ExpectNameList("a column"));
    parsed.rule = model::ColumnsRule{std::move(columns)};
  } else if (cursor.Accept({"FOREIGN", "KEY"})) {
    ASSIGN_OR_RETURN(parsed.rule, ParseForeignKeyRule(cursor, context));
  } else {
    return cursor.Unexpected("'(' and a condition",
                             {"UNIQUE", "NOT EMPTY", "COLUMNS", "FOREIGN KEY"},
                             "Write EXPECT (condition), or a rule over the table: EXPECT UNIQUE "
                             "(a), NOT EMPTY, COLUMNS (a), FOREIGN KEY (a) REFERENCES t (b).");
  }
  return parsed;
}

Result<model::OnViolation> ParseAction(TokenCursor& cursor) {
  if (!cursor.Accept({"ON"})) return model::OnViolation::kWarn;
  RETURN_IF_ERROR(cursor.Expect({"VIOLATION"}));
  if (cursor.Accept({"DROP", "ROW"})) return model::OnViolation::kDrop;
  if (cursor.Accept({"FAIL", "UPDATE"})) return model::OnViolation::kFail;
  if (cursor.Accept({"QUARANTINE"})) {
    cursor.Accept({"ROW"});
    return model::OnViolation::kQuarantine;
  }
  return cursor.Unexpected("an action", {"DROP ROW", "FAIL UPDATE", "QUARANTINE"},
                           "Write ON VIOLATION DROP ROW, FAIL UPDATE or QUARANTINE.");
}

// Rules that no single row breaks cannot drop one.
bool JudgesRows(const model::Rule& rule) {
  return std::holds_alternative<model::RowRule>(rule) ||
         std::holds_alternative<model::UniqueRule>(rule) ||
         std::holds_alternative<model::ForeignKeyRule>(rule);
}

Status CheckAction(const TokenCursor& cursor, const Token& at,
                   const model::Expectation& expectation, const model::Dataset& dataset) {
  const model::OnViolation action = expectation.on_violation;
  const bool removes =
      action == model::OnViolation::kDrop || action == model::OnViolation::kQuarantine;
  if (removes && !JudgesRows(expectation.rule)) {
    return cursor.ErrorAt(at, "ACTION_NOT_POSSIBLE",
                          fmt::format("'{}' judges the table as a whole: there is no row to {}",
                                      expectation.name, model::ToString(action)),
                          "Use ON VIOLATION FAIL UPDATE, or no action to be warned.");
  }
  if (action == model::OnViolation::kQuarantine && dataset.kind == model::DatasetKind::kView) {
    return cursor.ErrorAt(at, "ACTION_NOT_POSSIBLE",
                          fmt::format("'{}' on a view: a view stores nothing, so it has no "
                                      "quarantine",
                                      expectation.name),
                          "Use DROP ROW here, or put the rule on a streaming table or materialized "
                          "view.");
  }
  return OkStatus();
}

Status ParseExpectation(TokenCursor& cursor, const Token& constraint, std::string name,
                        const FileContext& context, model::Dataset* dataset) {
  model::Expectation expectation;
  expectation.name = std::move(name);
  expectation.where = cursor.Where(constraint);
  ASSIGN_OR_RETURN(ParsedRule parsed, ParseRule(cursor, context));
  expectation.rule = std::move(parsed.rule);
  expectation.rule_where = std::move(parsed.where);
  expectation.rule_anchors = std::move(parsed.anchors);
  const Token& action = cursor.Peek();
  ASSIGN_OR_RETURN(expectation.on_violation, ParseAction(cursor));
  RETURN_IF_ERROR(CheckAction(cursor, action, expectation, *dataset));
  dataset->expectations.push_back(std::move(expectation));
  return OkStatus();
}

bool AcceptKeyOption(TokenCursor& cursor) {
  return cursor.Accept({"NOT", "ENFORCED"}) || cursor.Accept({"ENFORCED"}) ||
         cursor.Accept({"NOT", "DEFERRABLE"}) || cursor.Accept({"DEFERRABLE"}) ||
         cursor.Accept({"INITIALLY", "DEFERRED"}) || cursor.Accept({"INITIALLY", "IMMEDIATE"}) ||
         cursor.Accept({"RELY"}) || cursor.Accept({"NORELY"}) || cursor.Accept({"MATCH", "FULL"}) ||
         cursor.Accept({"ON", "UPDATE", "NO", "ACTION"}) ||
         cursor.Accept({"ON", "DELETE", "NO", "ACTION"});
}

}  // namespace

bool LooksAtConstraint(const TokenCursor& cursor) {
  if (cursor.LooksAt({"CONSTRAINT"})) return IsName(cursor.Peek(1));
  return cursor.LooksAt({"PRIMARY", "KEY"}) || cursor.LooksAt({"FOREIGN", "KEY"}) ||
         (cursor.LooksAt({"EXPECT"}) && IsOperator(cursor.Peek(1), "("));
}

Status ParseInformationalKey(TokenCursor& cursor, std::vector<model::Warning>* warnings) {
  const Token& first = cursor.Peek();
  const bool primary = cursor.Accept({"PRIMARY", "KEY"});
  const bool foreign = !primary && cursor.Accept({"FOREIGN", "KEY"});
  if ((primary || foreign) && IsOperator(cursor.Peek(), "(")) {
    ASSIGN_OR_RETURN(auto columns, cursor.ExpectParenthesized("the list of columns"));
  }
  if (cursor.Accept({"REFERENCES"})) {
    ASSIGN_OR_RETURN(auto parts, cursor.ExpectNameParts("the referenced table"));
    if (IsOperator(cursor.Peek(), "(")) {
      ASSIGN_OR_RETURN(auto columns, cursor.ExpectNameList("a referenced column"));
    }
  } else if (foreign) {
    return cursor.Unexpected("REFERENCES", {"REFERENCES"});
  }
  while (AcceptKeyOption(cursor)) {
  }
  warnings->push_back({fmt::format("{} KEY is informational and not checked; EXPECT {} checks it",
                                   primary ? "PRIMARY" : "FOREIGN",
                                   primary ? "UNIQUE (…)" : "FOREIGN KEY (…) REFERENCES …"),
                       cursor.Where(first)});
  return OkStatus();
}

Status ParseConstraint(TokenCursor& cursor, const FileContext& context, model::Dataset* dataset,
                       std::vector<model::Warning>* warnings) {
  const Token& first = cursor.Peek();
  if (cursor.LooksAt({"EXPECT"})) {
    return cursor.ErrorAt(first, "SQL_SYNTAX", "an expectation without a name",
                          "Write CONSTRAINT name EXPECT (condition).");
  }
  if (!cursor.Accept({"CONSTRAINT"})) return ParseInformationalKey(cursor, warnings);
  ASSIGN_OR_RETURN(std::string name, cursor.ExpectName("the name of the constraint"));
  if (cursor.Accept({"EXPECT"})) {
    return ParseExpectation(cursor, first, std::move(name), context, dataset);
  }
  if (cursor.LooksAt({"CHECK"})) {
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_CLAUSE",
                          fmt::format("CHECK constraint '{}' on a pipeline's table", name),
                          "Write EXPECT (condition) ON VIOLATION FAIL UPDATE.");
  }
  if (cursor.LooksAt({"PRIMARY"}) || cursor.LooksAt({"FOREIGN"})) {
    return ParseInformationalKey(cursor, warnings);
  }
  return cursor.Unexpected("EXPECT", {"EXPECT", "PRIMARY", "FOREIGN"},
                           "Write CONSTRAINT name EXPECT (condition).");
}

}  // namespace penstock::sql
