#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/query_parser.h"
#include "sql/query/regex_pattern.h"
#include "sql/query/text_arguments.h"

namespace penstock::sql {
namespace {

// How tightly the operators bind; higher binds tighter.
constexpr int kOr = 1;
constexpr int kAnd = 2;
constexpr int kNot = 3;
constexpr int kCompare = 4;
constexpr int kBitOr = 5;
constexpr int kBitXor = 6;
constexpr int kBitAnd = 7;
constexpr int kAdd = 9;
constexpr int kMultiply = 10;
constexpr int kUnary = 12;

struct Infix {
  std::string_view text;
  int binding;
};
constexpr Infix kOperatorBindings[] = {
    {"=", kCompare},  {"==", kCompare}, {"<=>", kCompare}, {"<>", kCompare},  {"!=", kCompare},
    {"<", kCompare},  {"<=", kCompare}, {">", kCompare},   {">=", kCompare},  {"|", kBitOr},
    {"^", kBitXor},   {"&", kBitAnd},   {"+", kAdd},       {"-", kAdd},       {"||", kAdd},
    {"*", kMultiply}, {"/", kMultiply}, {"%", kMultiply},  {"//", kMultiply}, {"**", kMultiply},
    {"->", kBitOr},   {"->>", kBitOr},  {"@>", kCompare},  {"~", kCompare},   {"!~", kCompare}};

int BindingOf(const Token& token) {
  if (token.kind == TokenKind::kIdentifier) {
    if (IsWord(token, "OR")) return kOr;
    if (IsWord(token, "AND")) return kAnd;
    if (IsWord(token, "DIV")) return kMultiply;
    return -1;
  }
  if (token.kind != TokenKind::kOperator) return -1;
  for (const Infix& infix : kOperatorBindings) {
    if (token.text == infix.text) return infix.binding;
  }
  return -1;
}

}  // namespace

size_t QueryParser::AddNode(NodeKind kind, size_t first, std::string text,
                            std::vector<size_t> children) {
  Node node;
  node.kind = kind;
  node.first = first;
  node.last = at_;
  node.text = std::move(text);
  node.children = std::move(children);
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

size_t QueryParser::ParseExpression(int minimum) {
  if (!Enter()) return AddNode(NodeKind::kOther, at_);
  size_t left = ParsePostfix(ParsePrimary());
  while (!error_ && ParseInfix(&left, minimum)) {
  }
  Leave();
  return left;
}

bool QueryParser::ParseInfix(size_t* left, int minimum) {
  const int binding = BindingOf(Peek());
  if (binding < 0) return minimum <= kCompare && ParsePredicate(left);
  if (binding < minimum) return false;
  const size_t operation = at_++;
  const size_t first = nodes_[*left].first;
  const size_t right = ParseExpression(binding + 1);
  std::string text = AsciiUpper(tokens_[operation].text);
  const size_t node = AddNode(NodeKind::kBinary, first, std::move(text), {*left, right});
  if (spark_ && !error_) RewriteBinary(node, operation);
  *left = node;
  return true;
}

void QueryParser::RewriteBinary(size_t node, size_t operation) {
  const size_t first = nodes_[node].first;
  const size_t last = nodes_[node].last;
  const std::string& text = nodes_[node].text;
  const auto call = [&](const char* function) {
    rewrite_.Replace(operation, ",");
    rewrite_.Wrap(first, last, std::string(function) + "(", ")");
  };
  const Node& right = nodes_[nodes_[node].children[1]];
  if (right.first == right.last) return;
  if (text == "<=>") {
    rewrite_.Replace(operation, " IS NOT DISTINCT FROM ");
    rewrite_.Wrap(first, last, "(", ")");
  } else if (text == "DIV") {
    call("spark_div");
  } else if (text == "^") {
    call("xor");
  } else if (nodes_[node].text != "=>" && BindingOf(tokens_[operation]) == kCompare) {
    CompareTimeText(node, operation);
  } else if (text == "||" && IsText(nodes_, tokens_, node)) {
    for (const size_t side : nodes_[node].children) WrapAsText(side);
  } else if (text == "/" || text == "%") {
    const bool constant = right.kind == NodeKind::kLiteral &&
                          right.text.find_first_of("123456789") != std::string::npos;
    if (!constant) call(text == "/" ? "spark_divide" : "spark_remainder");
  } else if (text == "+" || text == "-") {
    const Node& left = nodes_[nodes_[node].children[0]];
    if (right.kind == NodeKind::kLiteral && right.text.starts_with("INTERVAL")) {
      call(text == "+" ? "spark_add_interval" : "spark_subtract_interval");
    } else if (left.kind == NodeKind::kLiteral && left.text.starts_with("INTERVAL") &&
               text == "+") {
      call("spark_interval_plus");
    }
  }
}

// from_unixtime gives a text, which Spark reads as a time beside one.
void QueryParser::CompareTimeText(size_t node, size_t operation) {
  const auto is_time_text = [&](size_t side) {
    const Node& it = nodes_[nodes_[node].children[side]];
    return it.kind == NodeKind::kCall && it.text == "from_unixtime";
  };
  if (is_time_text(0) == is_time_text(1)) return;
  const Node& other = nodes_[nodes_[node].children[is_time_text(0) ? 1 : 0]];
  if (other.kind == NodeKind::kLiteral) return;
  const std::string compared(tokens_[operation].text);
  rewrite_.Replace(operation, ",");
  rewrite_.Wrap(nodes_[node].first, nodes_[node].last,
                is_time_text(0) ? "(spark_text_order(" : "(spark_order_text(",
                ") " + (compared == "==" ? "=" : compared) + " 0)");
}

void QueryParser::WrapAsText(size_t node) {
  const Node& it = nodes_[node];
  if (it.first == it.last || IsText(nodes_, tokens_, node)) return;
  rewrite_.Wrap(it.first, it.last, std::string(kAsText), ")");
}

// IS …, [NOT] IN, BETWEEN, LIKE, RLIKE behind an expression.
bool QueryParser::ParsePredicate(size_t* left) {
  if (Peek().kind != TokenKind::kIdentifier && !AtOperator("!")) return false;
  const size_t first = nodes_[*left].first;
  const size_t start = at_;
  const bool negated = AtWord("NOT") || (AtOperator("!") && spark_);
  const size_t ahead = negated ? 1 : 0;
  if (AtWord("IS")) {
    ++at_;
    const size_t begin = at_;
    while (AtAnyWord({"NOT", "NULL", "TRUE", "FALSE", "UNKNOWN"})) ++at_;
    std::vector<size_t> children = {*left};
    if (AtWord("DISTINCT") && AtWord("FROM", 1)) {
      at_ += 2;
      children.push_back(ParseExpression(kCompare + 1));
    }
    std::string words = "IS";
    for (size_t i = begin; i < at_ && children.size() == 1; ++i) {
      words += " " + AsciiUpper(tokens_[i].text);
    }
    *left = AddNode(NodeKind::kUnary, first, words, std::move(children));
    return true;
  }
  if (AtWord("IN", ahead) && (AtOperator("(", ahead + 1) || !spark_)) {
    if (AtOperator("!")) rewrite_.Replace(at_, " NOT ");
    at_ += ahead + 1;
    std::vector<size_t> children = {*left, ParsePostfix(ParsePrimary())};
    *left = AddNode(NodeKind::kBinary, first, negated ? "NOT IN" : "IN", std::move(children));
    return true;
  }
  if (AtWord("BETWEEN", ahead)) {
    if (AtOperator("!")) rewrite_.Replace(at_, " NOT ");
    at_ += ahead + 1;
    TakeWord("SYMMETRIC");
    std::vector<size_t> children = {*left, ParseExpression(kCompare + 1)};
    if (TakeWord("AND")) children.push_back(ParseExpression(kCompare + 1));
    *left = AddNode(NodeKind::kOther, first, "between", std::move(children));
    return true;
  }
  if (AtAnyWord({"LIKE", "ILIKE", "RLIKE", "REGEXP", "SIMILAR", "GLOB"}, ahead)) {
    at_ += ahead;
    *left = ParseLike(*left, negated, start);
    return true;
  }
  return false;
}

size_t QueryParser::ParseLike(size_t left, bool negated, size_t start) {
  const size_t first = nodes_[left].first;
  const size_t word = at_;
  const std::string operation = AsciiUpper(Peek().text);
  ++at_;
  if (operation == "SIMILAR") TakeWord("TO");
  if (spark_ && !error_) WrapAsText(left);
  if (spark_ && AtAnyWord({"ANY", "SOME", "ALL"}) && AtOperator("(", 1)) {
    return ParseLikeSeveral(left, negated, operation);
  }
  const size_t right = ParseExpression(kCompare + 1);
  const bool escape = TakeWord("ESCAPE");
  if (escape) ParseExpression(kCompare + 1);
  const size_t node =
      AddNode(NodeKind::kBinary, first, (negated ? "NOT " : "") + operation, {left, right});
  if (!spark_ || error_) return node;
  if (operation == "RLIKE" || operation == "REGEXP") {
    TranslateRegex(right);
    rewrite_.Remove(start, word);
    rewrite_.Replace(word, ",");
    rewrite_.Wrap(first, at_, negated ? "(NOT spark_rlike(" : "spark_rlike(", negated ? "))" : ")");
  } else {
    if (negated && IsOperator(tokens_[start], "!")) rewrite_.Replace(start, " NOT ");
    if (!escape && operation != "SIMILAR") rewrite_.After(at_ - 1, " ESCAPE '\\'");
  }
  return node;
}

void QueryParser::TranslateRegex(size_t node) {
  const Node& it = nodes_[node];
  if (it.kind != NodeKind::kLiteral || it.last != it.first + 1 || !IsString(tokens_[it.first])) {
    return;
  }
  const std::string java = StringValue(tokens_[it.first], context_.dialect);
  const Result<std::string> pattern = RegexPattern(java);
  if (!pattern.ok()) {
    return Fail(it.first, pattern.error().code, pattern.error().message, pattern.error().remedy);
  }
  if (*pattern != java) rewrite_.Replace(it.first, QuoteLiteral(*pattern));
}

// a LIKE ANY ('x%', 'y%'): a list of patterns, each tried.
size_t QueryParser::ParseLikeSeveral(size_t left, bool negated, const std::string& operation) {
  const size_t first = nodes_[left].first;
  const size_t left_last = nodes_[left].last;
  const bool any = !AtWord("ALL");
  const Fragment tested = rewrite_.Render(first, left_last);
  at_ += 2;
  Fragment out;
  const size_t original = tokens_[first].offset;
  out.Append("(", original);
  std::vector<size_t> children = {left};
  while (!AtOperator(")") && !AtEnd()) {
    if (children.size() > 1) out.Append(any ? " OR " : " AND ", original);
    const size_t pattern = ParseExpression();
    children.push_back(pattern);
    out.Append(tested);
    out.Append(std::string(negated ? " NOT " : " ") + operation + " ", original);
    out.Append(rewrite_.Render(nodes_[pattern].first, nodes_[pattern].last));
    out.Append(" ESCAPE '\\'", original);
    if (!TakeOperator(",")) break;
  }
  ExpectClose();
  out.Append(")", original);
  if (!error_) rewrite_.ReplaceRange(first, at_, std::move(out));
  return AddNode(NodeKind::kOther, first, "", std::move(children));
}

size_t QueryParser::ParsePrimary() {
  const size_t first = at_;
  const Token& token = Peek();
  switch (token.kind) {
    case TokenKind::kNumber:
      ++at_;
      return AddNode(NodeKind::kLiteral, first, std::string(token.text));
    case TokenKind::kString:
    case TokenKind::kRawString:
    case TokenKind::kEscapeString:
    case TokenKind::kHexString:
    case TokenKind::kDollarString:
      while (IsString(Peek())) ++at_;
      return AddNode(NodeKind::kLiteral, first);
    case TokenKind::kParameter:
      Fail(at_, "UNDEFINED_PARAMETER", "the parameter " + std::string(token.text) + " has no value",
           "Set it under configuration in the project file or with --set.");
      return AddNode(NodeKind::kOther, first);
    case TokenKind::kOperator:
      return ParsePrimaryOperator();
    case TokenKind::kEnd:
      return AddNode(NodeKind::kOther, first);
    case TokenKind::kIdentifier:
    case TokenKind::kQuotedIdentifier:
      return ParseName();
  }
  return AddNode(NodeKind::kOther, first);
}

size_t QueryParser::ParsePrimaryOperator() {
  const size_t first = at_;
  if (AtOperator("(")) return ParseParenthesized();
  if (AtOperator("[") || AtOperator("{")) {
    const bool in_braces = std::exchange(in_braces_, AtOperator("{"));
    ParseListUntil(AtOperator("[") ? "]" : "}");
    in_braces_ = in_braces;
    return AddNode(NodeKind::kOther, first);
  }
  if (AtOperator("*")) {
    ++at_;
    return ParseStar(first, "");
  }
  if (AtOperator("-") || AtOperator("+") || AtOperator("~")) {
    const std::string operation(Peek().text);
    ++at_;
    const size_t operand = ParseExpression(kUnary);
    return AddNode(NodeKind::kUnary, first, operation, {operand});
  }
  if (AtOperator("!") && spark_) return ParseNot();
  return AddNode(NodeKind::kOther, first);
}

size_t QueryParser::ParseNot() {
  const size_t first = at_;
  if (AtOperator("!")) rewrite_.Replace(at_, " NOT ");
  ++at_;
  const size_t operand = ParseExpression(kNot);
  return AddNode(NodeKind::kUnary, first, "NOT", {operand});
}

// * or t.* with the columns it leaves out.
size_t QueryParser::ParseStar(size_t first, std::string qualifier) {
  Block::Star star{at_ - 1, std::move(qualifier), std::nullopt};
  const size_t node = AddNode(NodeKind::kStar, first);
  const bool leaves_out =
      AtWord("EXCLUDE") || (AtWord("EXCEPT") && AtOperator("(", 1) && !AtQuery(1));
  if (leaves_out) {
    rewrite_.Replace(at_, "EXCLUDE");
    ++at_;
    if (AtOperator("(")) {
      star.list = at_++;
      while (!AtEnd() && !AtOperator(")")) ++at_;
      ExpectClose();
    } else if (IsName(Peek())) {
      rewrite_.Replace(at_ - 1, "EXCLUDE (");
      rewrite_.After(at_, ")");
      star.list = at_ - 1;
      ++at_;
    }
  }
  nodes_[node].last = at_;
  if (block_ && !in_call_) block_->stars.push_back(std::move(star));
  return node;
}

size_t QueryParser::ParseParenthesized() {
  if (!Enter()) return AddNode(NodeKind::kOther, at_);
  const size_t first = at_;
  size_t node = 0;
  if (AtLambda()) {
    node = ParseLambda();
  } else if (AtQuery(1)) {
    node = ParseSubquery();
  } else {
    ++at_;
    std::vector<size_t> children;
    while (!AtOperator(")") && !AtEnd()) {
      const size_t before = at_;
      children.push_back(ParseExpression());
      while (!AtOperator(",") && !AtOperator(")") && !AtEnd()) PassOver();
      if (!TakeOperator(",") && at_ == before) break;
    }
    ExpectClose();
    node = AddNode(NodeKind::kParen, first, "", std::move(children));
  }
  Leave();
  return node;
}

// (query) inside of an expression
size_t QueryParser::ParseSubquery() {
  const size_t first = at_++;
  if (block_) block_->plain = false;
  const QueryShape shape = ParseQuery();
  if (shape.streams) query_.stateful.push_back({"subquery over a stream", Where(first)});
  ExpectClose();
  return AddNode(NodeKind::kOther, first, "subquery");
}

// Everything up to the closing bracket that belongs to the current one.
void QueryParser::ParseListUntil(std::string_view close) {
  if (!Enter()) return;
  ++at_;
  while (!AtOperator(close) && !AtEnd()) {
    const size_t before = at_;
    if (TakeOperator(",")) continue;
    ParseExpression();
    if (at_ == before) PassOver();
  }
  if (!TakeOperator(close)) {
    Fail(at_, "SYNTAX_ERROR", "a \"" + std::string(close) + "\" is missing",
         "Close every bracket.");
  }
  Leave();
}

}  // namespace penstock::sql
