#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/date_interval.h"
#include "sql/query/query_parser.h"
#include "sql/type_name.h"

namespace penstock::sql {

// What begins with a name: keywords with their own grammar, calls, columns.
size_t QueryParser::ParseName() {
  const size_t first = at_;
  if (Peek().kind == TokenKind::kIdentifier) {
    if (AtWord("CASE")) return ParseCase();
    if (AtWord("NOT")) return ParseNot();
    if (AtAnyWord({"CAST", "TRY_CAST"}) && AtOperator("(", 1)) return ParseCast();
    if (AtWord("EXISTS") && AtOperator("(", 1) && AtQuery(1)) {
      ++at_;
      ParseSubquery();
      return AddNode(NodeKind::kOther, first);
    }
    if (AtWord("INTERVAL") && !AtOperator("(", 1) && spark_) return ParseInterval();
    if (AtAnyWord({"DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ"}) && IsString(Peek(1))) {
      return ParseTypedLiteral();
    }
    if (AtAnyWord({"NULL", "TRUE", "FALSE"})) {
      ++at_;
      return AddNode(NodeKind::kLiteral, first, AsciiUpper(tokens_[first].text));
    }
    // Words that end an expression and never begin one.
    if (AtAnyWord({"AND", "OR", "THEN", "ELSE", "WHEN", "AS", "ON", "FROM", "WHERE"}) ||
        (AtWord("END") && in_case_ > 0)) {
      return AddNode(NodeKind::kOther, first);
    }
    if (AtAnyWord({"SELECT", "WITH"}) && !AtOperator(",", 1) && !AtOperator(".", 1)) {
      return AddNode(NodeKind::kOther, first);
    }
  }
  if (AtLambda()) return ParseLambda();
  return ParseChain();
}

// a.b.c, t.*, f(…)
size_t QueryParser::ParseChain() {
  const size_t first = at_;
  Block::Chain chain{first, {NameOf(Peek())}};
  if (spark_ && !AtOperator("(", 1) && !in_window_ && !in_pivot_) QuoteHere();
  ++at_;
  while (AtOperator(".")) {
    if (AtOperator("*", 1)) {
      if (chain.names.size() > 1) {
        chain.names.emplace_back("*");
        DropQualifier(&chain);
        chain.names.pop_back();
      }
      at_ += 2;
      return ParseStar(first, chain.names.back());
    }
    if (!IsName(Peek(1))) break;
    ++at_;
    chain.names.push_back(NameOf(Peek()));
    if (spark_) QuoteHere();
    ++at_;
  }
  if (AtOperator("(")) {
    if (spark_ && chain.names.size() > 2) {
      Fail(first, "UNSUPPORTED_FUNCTION",
           "the function " + RangeText(first, at_) +
               ": functions defined in SQL are not supported by this version",
           "Write what it computes in the query.");
    }
    return ParseCall(first);
  }
  if (chain.names.size() == 1) NoteKeywordFunction(first);
  if (chain.names.size() > 2) DropQualifier(&chain);
  const bool metadata = EqualsIgnoreCase(chain.names[0], "_metadata");
  const bool window = EqualsIgnoreCase(chain.names[0], "window");
  const size_t node = AddNode(NodeKind::kColumn, first);
  if (block_ && (metadata || window || chain.names.size() > 1))
    block_->chains.push_back(std::move(chain));
  return node;
}

// current_date and its kin are functions without parentheses.
void QueryParser::NoteKeywordFunction(size_t token) {
  const Token& word = tokens_[token];
  for (const std::string_view name :
       {"CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_TIME", "LOCALTIMESTAMP", "LOCALTIME"}) {
    if (IsWord(word, name)) query_.time_dependent = true;
  }
  if (spark_ && IsWord(word, "CURRENT_USER")) rewrite_.Replace(token, "current_user()");
}

size_t QueryParser::ParseCase() {
  const size_t first = at_++;
  ++in_case_;
  std::vector<size_t> children;
  std::string roles;
  while (!AtEnd() && !AtWord("END")) {
    const size_t before = at_;
    roles += AtWord("WHEN") ? 'w' : AtWord("THEN") ? 't' : AtWord("ELSE") ? 'e' : 'o';
    if (AtAnyWord({"WHEN", "THEN", "ELSE"})) ++at_;
    children.push_back(ParseExpression());
    if (at_ == before) {
      Fail(at_, "SYNTAX_ERROR", "unexpected \"" + std::string(Peek().text) + "\" inside of CASE",
           "CASE WHEN condition THEN value … ELSE value END");
    }
  }
  --in_case_;
  if (!error_ && !TakeWord("END")) {
    Fail(at_, "SYNTAX_ERROR", "END is missing behind CASE",
         "CASE WHEN condition THEN value … ELSE value END");
  }
  return AddNode(NodeKind::kCase, first, std::move(roles), std::move(children));
}

// CAST(x AS type), TRY_CAST(x AS type)
size_t QueryParser::ParseCast() {
  const size_t first = at_;
  const bool lenient = AtWord("TRY_CAST");
  at_ += 2;
  const size_t operand = ParseExpression();
  const size_t as = at_;
  if (!TakeWord("AS")) {
    Fail(at_, "SYNTAX_ERROR", "CAST needs \"AS type\"", "Write CAST(value AS type).");
    return operand;
  }
  const size_t type_first = at_;
  SkipTypeName();
  const std::string type = RangeText(type_first, at_);
  ExpectClose();
  if (error_) return operand;
  if (spark_) {
    const Result<CastPlan> plan = PlanCast(type, lenient);
    if (!plan.ok()) {
      Fail(type_first, plan.error().code, plan.error().message, plan.error().remedy);
      return operand;
    }
    rewrite_.Replace(first, "");
    rewrite_.Replace(first + 1, plan->before);
    rewrite_.Remove(as, at_);
    rewrite_.Replace(at_ - 1, plan->after);
  }
  return AddNode(NodeKind::kCast, first, AsciiUpper(type), {operand});
}

// Goes over a type: words, parentheses and angle brackets that belong together.
void QueryParser::SkipTypeName() {
  if (!IsName(Peek())) {
    return Fail(at_, "SYNTAX_ERROR",
                "a type is expected here, not \"" + std::string(Peek().text) + "\"",
                "For example INT, BIGINT, DOUBLE, DECIMAL(10,2), STRING, DATE, TIMESTAMP.");
  }
  ++at_;
  while (AtAnyWord({"PRECISION", "VARYING", "ZONE", "TIME", "WITH", "WITHOUT", "LOCAL"}) &&
         !AtClause()) {
    ++at_;
  }
  int depth = 0;
  while (!AtEnd()) {
    const bool opens = AtOperator("<") || AtOperator("(") || AtOperator("[");
    const bool closes = AtOperator(">") || AtOperator(")") || AtOperator("]");
    const bool not_equal = AtOperator("<>");  // struct<>
    if (depth == 0 && !opens && !not_equal) return;
    if (depth == 0 && AtOperator("<") && !IsNestedType(at_ - 1)) return;
    if (opens) ++depth;
    if (closes) --depth;
    ++at_;
    if (depth == 0 && closes && !AtOperator("[")) return;
  }
  if (depth == 0) return;
  Fail(at_, "SYNTAX_ERROR", "the type is not closed", "Close every bracket of it.");
}

bool QueryParser::IsNestedType(size_t token) const {
  return IsWord(tokens_[token], "ARRAY") || IsWord(tokens_[token], "MAP") ||
         IsWord(tokens_[token], "STRUCT");
}

// DATE '…', TIMESTAMP '…': in Spark a TIMESTAMP is an instant.
size_t QueryParser::ParseTypedLiteral() {
  const size_t first = at_;
  ++at_;
  while (IsString(Peek())) ++at_;
  if (spark_) {
    const std::string type = AsciiUpper(tokens_[first].text);
    const std::string value = StringValue(tokens_[first + 1], context_.dialect);
    const size_t node = AddNode(NodeKind::kTyped, first, type + " '" + value + "'");
    if (type != "DATE") {
      const Result<CastPlan> plan = PlanCast(type, false);
      rewrite_.Remove(first, at_);
      if (plan.ok()) rewrite_.Replace(first, plan->before + QuoteLiteral(value) + plan->after);
    }
    return node;
  }
  return AddNode(NodeKind::kOther, first);
}

// INTERVAL 7 DAY, INTERVAL '7' DAYS, INTERVAL '1 2' DAY TO HOUR, INTERVAL '1 day 2 hours', INTERVAL
// 1 DAY 2 HOURS
size_t QueryParser::ParseInterval() {
  const size_t first = at_;
  size_t end = at_ + 1;
  if (IsOperator(tokens_[end], "-")) ++end;
  const bool constant = IsString(tokens_[end]) || tokens_[end].kind == TokenKind::kNumber;
  if (!constant || end + 1 >= tokens_.size()) {
    // A column of that name, or INTERVAL expression unit, which the engine knows.
    return ParseChain();
  }
  ++at_;
  std::vector<IntervalPart> parts;
  while (IsString(Peek()) || Peek().kind == TokenKind::kNumber || AtOperator("-")) {
    const bool negative = AtOperator("-") && Peek(1).kind != TokenKind::kOperator;
    if (AtOperator("-")) {
      if (!negative || !IsIntervalUnit(Peek(2).text)) break;
      ++at_;
    } else if (!parts.empty() && !IsIntervalUnit(Peek(1).text)) {
      break;
    }
    IntervalPart part;
    part.value = negative ? "-" : "";
    part.value +=
        IsString(Peek()) ? StringValue(Peek(), context_.dialect) : std::string(Peek().text);
    ++at_;
    if (Peek().kind == TokenKind::kIdentifier && IsIntervalUnit(Peek().text)) {
      part.unit = AsciiLower(Peek().text);
      ++at_;
      if (AtWord("TO") && IsIntervalUnit(Peek(1).text)) {
        part.to_unit = AsciiLower(Peek(1).text);
        at_ += 2;
      }
    }
    parts.push_back(std::move(part));
  }
  const Result<std::string> text = IntervalText(parts);
  if (!text.ok()) {
    Fail(first, text.error().code, text.error().message, text.error().remedy);
    return AddNode(NodeKind::kOther, first);
  }
  rewrite_.Remove(first, at_);
  rewrite_.Replace(first, "INTERVAL " + QuoteLiteral(*text));
  return AddNode(NodeKind::kLiteral, first, "INTERVAL " + *text);
}

// x -> …, (x, y) -> …
bool QueryParser::AtLambda() const {
  if (!spark_) return false;
  if (IsName(Peek())) return AtOperator("->", 1);
  if (!AtOperator("(")) return false;
  size_t ahead = 1;
  while (IsName(Peek(ahead))) {
    if (!AtOperator(",", ahead + 1)) {
      return AtOperator(")", ahead + 1) && AtOperator("->", ahead + 2);
    }
    ahead += 2;
  }
  return false;
}

size_t QueryParser::ParseLambda() {
  const size_t first = at_;
  rewrite_.Before(first, "lambda ");
  if (AtOperator("(")) {
    rewrite_.Replace(at_, "");
    while (!AtOperator(")")) {
      QuoteHere();
      ++at_;
    }
    rewrite_.Replace(at_, "");
  } else {
    QuoteHere();
  }
  ++at_;
  rewrite_.Replace(at_, ":");
  ++at_;
  const size_t body = ParseExpression();
  return AddNode(NodeKind::kOther, first, "lambda", {body});
}

}  // namespace penstock::sql
