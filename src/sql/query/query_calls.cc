#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sql/query/call_rewrite.h"
#include "sql/query/function_names.h"
#include "sql/query/generator.h"
#include "sql/query/query_parser.h"

namespace penstock::sql {

// f(…) with what may follow: FILTER, WITHIN GROUP, IGNORE NULLS, OVER. Stands on "(".
size_t QueryParser::ParseCall(size_t first) {
  if (!Enter()) return AddNode(NodeKind::kOther, first);
  Call call;
  call.name_token = at_ - 1;
  call.name = AsciiLower(NameOf(tokens_[call.name_token]));
  call.qualified = call.name_token != first;
  call.open = at_;
  ParseArguments(&call);
  if (!error_) ParseCallSuffix(&call);
  const size_t node = FinishCall(first, &call);
  Leave();
  return node;
}

void QueryParser::ParseArguments(Call* call) {
  ++at_;
  const bool in_call = std::exchange(in_call_, true);
  if (AtQuery(0) && !AtOperator("(")) {
    --at_;
    const size_t subquery = ParseSubquery();
    call->arguments.push_back(subquery);
    call->close = at_ - 1;
    in_call_ = in_call;
    return;
  }
  if (AtWord("DISTINCT") || (AtWord("ALL") && !AtOperator(",", 1) && !AtOperator(")", 1))) {
    call->distinct = AtWord("DISTINCT");
    ++at_;
  }
  if (AtAnyWord({"BOTH", "LEADING", "TRAILING"}) && call->name == "trim") {
    call->keyword_arguments = true;
    ++at_;
  }
  while (!AtOperator(")") && !AtEnd()) {
    if (TakeOperator(",")) continue;
    ParseArgument(call);
  }
  call->close = at_;
  in_call_ = in_call;
  ExpectClose();
}

void QueryParser::ParseArgument(Call* call) {
  if (IsName(Peek()) && (AtOperator("=>", 1) || AtOperator(":=", 1))) {
    call->keyword_arguments = true;
    at_ += 2;
  }
  if (AtWord("FROM") && call->arguments.empty()) {  // trim(BOTH FROM x)
    call->keyword_arguments = true;
    ++at_;
  }
  const size_t before = at_;
  const size_t argument = ParseExpression();
  if (at_ > before) {
    call->arguments.push_back(argument);
  } else {
    PassOver();
  }
  while (!AtOperator(",") && !AtOperator(")") && !AtEnd()) {
    if (AtAnyWord({"IGNORE", "RESPECT"}) && AtWord("NULLS", 1)) {
      call->ignore_nulls = AtWord("IGNORE");
      if (spark_) rewrite_.Remove(at_, at_ + 2);
      at_ += 2;
    } else if (AtWord("ORDER") && AtWord("BY", 1)) {
      call->ordered = true;
      at_ += 2;
    } else if (AtAnyWord({"FROM", "IN", "PLACING", "FOR"})) {
      const bool comma = spark_ && (call->name == "overlay" || call->name == "position" ||
                                    call->name == "substring" || call->name == "substr");
      if (comma) rewrite_.Replace(at_, ",");
      call->keyword_arguments = call->keyword_arguments || !comma;
      ++at_;
      call->arguments.push_back(ParseExpression());
    } else {
      const size_t start = at_;
      ParseExpression();
      if (at_ == start) PassOver();
    }
  }
}

void QueryParser::ParseCallSuffix(Call* call) {
  while (!error_) {
    if (AtAnyWord({"IGNORE", "RESPECT"}) && AtWord("NULLS", 1)) {
      call->ignore_nulls = AtWord("IGNORE");
      call->nulls_after = at_;
      if (spark_) rewrite_.Remove(at_, at_ + 2);
      at_ += 2;
    } else if (AtWord("FILTER") && AtOperator("(", 1)) {
      at_ += 2;
      TakeWord("WHERE");
      ParseExpression();
      ExpectClose();
    } else if (AtWord("WITHIN") && AtWord("GROUP", 1)) {
      at_ += 2;
      call->ordered = true;
      ParseWindowParts();
    } else if (AtWord("OVER")) {
      call->windowed = true;
      ++at_;
      if (AtOperator("(")) {
        ParseWindowParts();
      } else if (IsName(Peek())) {
        ++at_;
      }
    } else {
      return;
    }
  }
}

// (PARTITION BY … ORDER BY … ROWS …): its words are none of the query's names.
void QueryParser::ParseWindowParts() {
  const bool in_window = std::exchange(in_window_, true);
  if (spark_) {
    for (size_t token = at_ + 1; token + 1 < tokens_.size() && !IsOperator(tokens_[token], ")");
         ++token) {
      if (!IsWord(tokens_[token + 1], "BY")) continue;
      if (IsWord(tokens_[token], "DISTRIBUTE")) rewrite_.Replace(token, "PARTITION");
      if (IsWord(tokens_[token], "SORT")) rewrite_.Replace(token, "ORDER");
    }
  }
  ParseListUntil(")");
  in_window_ = in_window;
}

void QueryParser::NoteCall(const Call& call) {
  if (IsTimeDependent(call.name) && (call.name != "unix_timestamp" || call.arguments.empty())) {
    query_.time_dependent = true;
  }
  if (IsNondeterministic(call.name)) query_.nondeterministic = true;
  if (call.windowed) {
    NoteStateful(block_, "window function " + call.name, call.name_token);
  } else if (IsAggregate(call.name)) {
    has_aggregate_ = true;
    NoteStateful(block_, call.name + "(…)", call.name_token);
  } else if (call.name == "unnest" && block_) {
    block_->plain = false;
  }
}

size_t QueryParser::FinishCall(size_t first, Call* call) {
  NoteCall(*call);
  const size_t node = AddNode(NodeKind::kCall, first, call->name, call->arguments);
  nodes_[node].distinct = call->distinct;
  nodes_[node].windowed = call->windowed;
  if (!spark_ || error_ || call->qualified || in_pivot_) return node;
  if (IsGenerator(call->name) && !call->windowed) {
    nodes_[node].kind = NodeKind::kGenerator;
    pending_generators_.push_back(first);
    return node;
  }
  if (const std::optional<std::string> reason = MissingFunction(call->name)) {
    Fail(call->name_token, "UNSUPPORTED_FUNCTION",
         "the function \"" + call->name + "\" is not supported", *reason);
    return node;
  }
  const bool window = call->name == "window" && block_ && block_->in_grouping;
  CallRewrite rewrite(*call, nodes_, tokens_, source_.text, &rewrite_);
  if (const std::optional<Error> error = rewrite.Apply()) {
    Fail(call->name_token, error->code, error->message, error->remedy);
  }
  if (window) block_->window = rewrite_.Render(first, at_).text;
  return node;
}

}  // namespace penstock::sql
