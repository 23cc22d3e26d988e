#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/call_rewrite.h"

// Calls with functions as arguments: exists(a, x -> …), zip_with(a, b, (x, y) -> …) …
namespace penstock::sql {

bool CallRewrite::IsLambda(size_t index, size_t parameters) const {
  if (index >= Count() || Argument(index).text != "lambda") return false;
  return parameters == 0 || Parameters(index).size() == parameters;
}

std::vector<std::string> CallRewrite::Parameters(size_t index) const {
  std::vector<std::string> names;
  const Node& body = nodes_[Argument(index).children[0]];
  for (size_t token = Argument(index).first; token < body.first; ++token) {
    if (IsName(tokens_[token])) names.push_back(NameOf(tokens_[token]));
  }
  return names;
}

Fragment CallRewrite::Body(size_t index, const std::vector<std::string>& replacements) const {
  const std::vector<std::string> names = Parameters(index);
  const Node& node = nodes_[Argument(index).children[0]];
  const Fragment body = rewrite_.Render(node.first, node.last);
  const Tokens lexed = Lex(body.text, model::Dialect::kDuckdb);
  Fragment out;
  size_t copied = 0;
  const auto copy_to = [&](size_t end) {
    for (const SourceMap::Entry& entry : body.entries) {
      if (entry.translated < copied || entry.translated >= end) continue;
      out.entries.push_back({out.text.size() + entry.translated - copied, entry.original});
    }
    out.text += body.text.substr(copied, end - copied);
  };
  for (size_t i = 0; i + 1 < lexed.tokens.size(); ++i) {
    const Token& token = lexed.tokens[i];
    if (!IsName(token) || IsOperator(lexed.tokens[i + 1], ":=") ||
        IsOperator(lexed.tokens[i + 1], "(") || (i > 0 && IsOperator(lexed.tokens[i - 1], "."))) {
      continue;
    }
    for (size_t n = 0; n < names.size() && n < replacements.size(); ++n) {
      if (!EqualsIgnoreCase(NameOf(token), names[n])) continue;
      copy_to(token.offset);
      out.text += replacements[n];
      copied = token.end();
    }
  }
  copy_to(body.text.size());
  return out;
}

bool CallRewrite::ReadsFields(size_t index, const std::string& parameter) const {
  const Node& body = nodes_[Argument(index).children[0]];
  for (size_t token = body.first; token + 1 < body.last; ++token) {
    if (IsName(tokens_[token]) && EqualsIgnoreCase(NameOf(tokens_[token]), parameter) &&
        (IsOperator(tokens_[token + 1], ".") || IsOperator(tokens_[token + 1], "["))) {
      return true;
    }
  }
  return false;
}

// aggregate(a, start, (acc, x) -> f). The engine folds values of one type only; where x is a struct
// or an array, acc and x go through it side by side.
Fragment CallRewrite::Folded() const {
  Fragment out;
  const auto text = [&](std::string_view added) { out.Append(added, Original()); };
  if (!ReadsFields(2, Parameters(2)[1])) {
    text("list_reduce(");
    out.Append(Rendered(0));
    text(", ");
    out.Append(Rendered(2));
    text(", ");
    out.Append(Rendered(1));
    text(")");
    return out;
  }
  text("list_reduce(list_transform(");
  out.Append(Rendered(0));
  text(", lambda element: struct_pack(folded := ");
  out.Append(Rendered(1));
  text(", item := element)), lambda before, next: struct_pack(folded := ");
  out.Append(Body(2, {"before.folded", "next.item"}));
  text(", item := next.item), struct_pack(folded := ");
  out.Append(Rendered(1));
  text(", item := NULL)).folded");
  return out;
}

bool CallRewrite::ApplyLambdas() {
  const std::string& name = call_.name;
  if ((name == "transform" || name == "filter") && IsLambda(1, 2)) {
    // The engine counts elements from 1.
    const std::vector<std::string> names = Parameters(1);
    const Node& body = nodes_[Argument(1).children[0]];
    rewrite_.ReplaceRange(body.first, body.last,
                          Body(1, {QuoteIdentifier(names[0]),
                                   "CAST(" + QuoteIdentifier(names[1]) + " - 1 AS INTEGER)"}));
    return false;
  }
  Fragment out;
  const auto text = [&](std::string_view added) { out.Append(added, Original()); };
  if ((name == "exists" || name == "forall") && IsLambda(1, 1)) {
    text("(len(list_filter(");
    out.Append(Rendered(0));
    text(", ");
    out.Append(Rendered(1));
    text(name == "exists" ? ")) > 0)" : ")) = len(");
    if (name == "forall") {
      out.Append(Rendered(0));
      text("))");
    }
  } else if ((name == "aggregate" || name == "reduce") && IsLambda(2, 2)) {
    out = Folded();
    if (IsLambda(3, 1)) {
      const std::string folded = out.text;
      out = Texts({"("});
      out.Append(Body(3, {folded}));
      text(")");
    }
  } else if (name == "zip_with" && IsLambda(2, 2)) {
    text("list_transform(list_zip(");
    out.Append(Rendered(0));
    text(", ");
    out.Append(Rendered(1));
    text("), lambda pair: ");
    out.Append(Body(2, {"pair[1]", "pair[2]"}));
    text(")");
  } else {
    return ApplyMapLambdas();
  }
  ReplaceCall(std::move(out));
  return true;
}

bool CallRewrite::ApplyMapLambdas() {
  const std::string& name = call_.name;
  const bool keys = name == "transform_keys";
  const bool values = name == "transform_values";
  if (!(keys || values || name == "map_filter") || !IsLambda(1, 2)) return false;
  Fragment out;
  const auto text = [&](std::string_view added) { out.Append(added, Original()); };
  const auto entries = [&](std::string_view function) {
    text(function);
    text("(map_entries(");
    out.Append(Rendered(0));
    text("), lambda entry: ");
    out.Append(Body(1, {"entry.key", "entry.value"}));
    text(")");
  };
  if (keys) {
    text("map(");
    entries("list_transform");
    text(", map_values(");
    out.Append(Rendered(0));
    text("))");
  } else if (values) {
    text("map(map_keys(");
    out.Append(Rendered(0));
    text("), ");
    entries("list_transform");
    text(")");
  } else {
    text("map_from_entries(");
    entries("list_filter");
    text(")");
  }
  ReplaceCall(std::move(out));
  return true;
}

}  // namespace penstock::sql
