#include <utility>

#include "base/text.h"
#include "sql/call_rewrite.h"

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

void CallRewrite::Substitute(size_t index, const std::string& parameter,
                             const std::string& replacement) {
  const Node& body = nodes_[Argument(index).children[0]];
  for (size_t token = body.first; token < body.last; ++token) {
    if (!IsName(tokens_[token]) || !EqualsIgnoreCase(NameOf(tokens_[token]), parameter)) continue;
    const bool field = token > 0 && IsOperator(tokens_[token - 1], ".");
    if (!field && !IsOperator(tokens_[token + 1], "(")) rewrite_.Replace(token, replacement);
  }
}

Fragment CallRewrite::Body(size_t index) const {
  const Node& body = nodes_[Argument(index).children[0]];
  return rewrite_.Render(body.first, body.last);
}

bool CallRewrite::ApplyLambdas() {
  const std::string& name = call_.name;
  if ((name == "transform" || name == "filter") && IsLambda(1, 2)) {
    // The engine counts elements from 1.
    const std::string index = Parameters(1)[1];
    Substitute(1, index, "CAST(" + index + " - 1 AS INTEGER)");
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
    text("list_reduce(");
    out.Append(Rendered(0));
    text(", ");
    out.Append(Rendered(2));
    text(", ");
    out.Append(Rendered(1));
    text(")");
    if (IsLambda(3, 1)) {
      Substitute(3, Parameters(3)[0], out.text);
      out = Texts({"("});
      out.Append(Body(3));
      text(")");
    }
  } else if (name == "zip_with" && IsLambda(2, 2)) {
    const std::vector<std::string> names = Parameters(2);
    Substitute(2, names[0], "pair[1]");
    Substitute(2, names[1], "pair[2]");
    text("list_transform(list_zip(");
    out.Append(Rendered(0));
    text(", ");
    out.Append(Rendered(1));
    text("), lambda pair: ");
    out.Append(Body(2));
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
  const std::vector<std::string> names = Parameters(1);
  Substitute(1, names[0], "entry.key");
  Substitute(1, names[1], "entry.value");
  Fragment out;
  const auto text = [&](std::string_view added) { out.Append(added, Original()); };
  const auto entries = [&](std::string_view function) {
    text(function);
    text("(map_entries(");
    out.Append(Rendered(0));
    text("), lambda entry: ");
    out.Append(Body(1));
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
