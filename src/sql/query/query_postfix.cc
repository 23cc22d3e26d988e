#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/query_parser.h"
#include "sql/type_name.h"

namespace penstock::sql {

// [index], .field, :path and ::type behind an expression.
size_t QueryParser::ParsePostfix(size_t node) {
  while (!error_) {
    const size_t first = nodes_[node].first;
    if (nodes_[node].first == nodes_[node].last) return node;
    if (AtOperator("[")) {
      node = ParseIndex(node);
    } else if (AtOperator("::") || AtOperator("?::")) {
      node = ParseShortCast(node);
    } else if (AtOperator(".") && (IsName(Peek(1)) || AtOperator("*", 1))) {
      at_ += 2;
      std::string name = AtOperator("*") ? "" : NameOf(tokens_[at_ - 1]);
      node = AddNode(NodeKind::kOther, first, "." + name, {node});
      // (expression).method(…) of the engine
      if (AtOperator("(")) ParseListUntil(")");
    } else if (AtOperator(":") && spark_ && !in_braces_ && CanHoldJson(node)) {
      node = ParseJsonPath(node);
    } else {
      return node;
    }
  }
  return node;
}

bool QueryParser::CanHoldJson(size_t node) const {
  if (!IsName(Peek(1)) && !AtOperator("[", 1)) return false;
  const NodeKind kind = nodes_[node].kind;
  return kind == NodeKind::kColumn || kind == NodeKind::kCall || kind == NodeKind::kParen ||
         kind == NodeKind::kOther || kind == NodeKind::kCast || kind == NodeKind::kIndex ||
         (kind == NodeKind::kLiteral && IsString(tokens_[nodes_[node].first]));
}

// a[0] and m['key']: Spark counts from 0.
size_t QueryParser::ParseIndex(size_t left) {
  const size_t first = nodes_[left].first;
  const size_t open = at_++;
  const size_t index = ParseExpression();
  while (!AtOperator("]") && !AtEnd()) PassOver();
  if (!TakeOperator("]")) Fail(at_, "SYNTAX_ERROR", "a \"]\" is missing", "Close every bracket.");
  // With a text as index it is a map, which both read alike.
  const bool key = IsString(tokens_[open + 1]) && at_ == open + 3;
  if (spark_ && !error_ && !key) {
    rewrite_.Replace(open, ",");
    rewrite_.Replace(at_ - 1, "");
    rewrite_.Wrap(first, at_, "spark_item(", ")");
  }
  return AddNode(NodeKind::kIndex, first, "", {left, index});
}

// x::type
size_t QueryParser::ParseShortCast(size_t left) {
  const size_t first = nodes_[left].first;
  const size_t operation = at_++;
  const bool lenient = tokens_[operation].text == "?::";
  const size_t type_first = at_;
  SkipTypeName();
  if (error_) return left;
  const std::string type = RangeText(type_first, at_);
  if (spark_) {
    const Result<CastPlan> plan = PlanCast(type, lenient);
    if (!plan.ok()) {
      Fail(type_first, plan.error().code, plan.error().message, plan.error().remedy);
      return left;
    }
    rewrite_.Remove(operation, at_);
    rewrite_.Wrap(first, at_, plan->before, plan->after);
  }
  return AddNode(NodeKind::kCast, first, AsciiUpper(type), {left});
}

// a:b.c[0]: a path into JSON text.
size_t QueryParser::ParseJsonPath(size_t left) {
  const size_t first = nodes_[left].first;
  const size_t colon = at_++;
  std::string path = "$";
  std::string name;
  bool begin = true;
  while (!error_) {
    if (AtOperator("[")) {
      const Token& index = Peek(1);
      const bool closed = AtOperator("]", 2);
      if (closed && (index.kind == TokenKind::kNumber || IsOperator(index, "*"))) {
        path += "[" + std::string(index.text) + "]";
      } else if (closed && IsString(index)) {
        name = StringValue(index, context_.dialect);
        path += "." + JsonPathName(name);
      } else {
        break;
      }
      at_ += 3;
    } else if ((begin || AtOperator(".")) && IsName(Peek(begin ? 0 : 1))) {
      name = NameOf(Peek(begin ? 0 : 1));
      path += "." + JsonPathName(name);
      at_ += begin ? 1 : 2;
    } else {
      break;
    }
    begin = false;
  }
  rewrite_.Remove(colon, at_);
  rewrite_.Wrap(first, at_, "spark_json_path(", ", " + QuoteLiteral(path) + ")");
  return AddNode(NodeKind::kOther, first, ":" + name, {left});
}

std::string QueryParser::JsonPathName(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string QueryParser::RangeText(size_t first, size_t last) const {
  if (first >= last) return "";
  return std::string(
      source_.text.substr(tokens_[first].offset, tokens_[last - 1].end() - tokens_[first].offset));
}

}  // namespace penstock::sql
