#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/query/query_parser.h"
#include "sql/query/rewrite.h"

namespace penstock::sql {

// Turns one call of Spark's into the engine's: another name, another order, constants read
// beforehand.
class CallRewrite {
 public:
  CallRewrite(const Call& call, const std::vector<Node>& nodes, const std::vector<Token>& tokens,
              std::string_view text, Rewrite* rewrite)
      : call_(call), nodes_(nodes), tokens_(tokens), text_(text), rewrite_(*rewrite) {}

  // The error if the call has no counterpart.
  std::optional<Error> Apply();

 private:
  void ApplyTexts();
  std::optional<Error> ApplyRegex();
  bool ApplyStructs();
  bool ApplyOperators();
  bool ApplyNumbers();
  bool ApplyLambdas();
  bool ApplyMapLambdas();
  bool ApplyExtract();
  bool ApplyUnits();
  bool ApplyAggregates();
  std::optional<Error> ApplyFormats();
  std::optional<Error> ApplyFromJson();
  std::optional<Error> ApplyVariantGet();

  size_t Count() const { return call_.arguments.size(); }
  const Node& Argument(size_t index) const { return nodes_[call_.arguments[index]]; }
  // The argument as a text constant.
  std::optional<std::string> Constant(size_t index) const;
  Fragment Rendered(size_t index) const;
  void Rename(const std::string& name);
  void ReplaceArgument(size_t index, const std::string& text);
  // Replaces the call, without what follows its parenthesis.
  void ReplaceCall(Fragment fragment);
  // Around the call with what follows it: FILTER, OVER …
  void WrapAll(std::string before, std::string after);
  void WrapCall(std::string before, std::string after);
  Fragment Texts(std::initializer_list<std::string_view> texts) const;
  // function(argument)
  Fragment Calling(std::string_view function, size_t index) const;
  bool IsLambda(size_t index, size_t parameters) const;
  std::vector<std::string> Parameters(size_t index) const;
  // The translated body of the lambda with replacements for its parameters.
  Fragment Body(size_t index, const std::vector<std::string>& replacements) const;
  // Whether the body takes fields or elements of the parameter.
  bool ReadsFields(size_t index, const std::string& parameter) const;
  Fragment Folded() const;
  bool LooksLikeTime(size_t index) const;
  bool LooksLikeArray(size_t index) const;
  void ZipArrays(Fragment* out) const;
  size_t Original() const { return tokens_[call_.name_token].offset; }

  const Call& call_;
  const std::vector<Node>& nodes_;
  const std::vector<Token>& tokens_;
  std::string_view text_;
  Rewrite& rewrite_;
};

}  // namespace penstock::sql
