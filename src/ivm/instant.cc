#include "ivm/instant.h"

#include <map>

#include "base/sql_text.h"

namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::NodePtr;

class Fixing {
 public:
  explicit Fixing(const std::string& instant) : instant_(instant) {}

  NodePtr Of(const NodePtr& node) {
    const auto known = fixed_.find(node);
    if (known != fixed_.end()) return known->second;
    std::vector<NodePtr> inputs;
    for (const NodePtr& input : node->inputs) inputs.push_back(Of(input));
    bool depends = false;
    algebra::ForEachExpression(node->op, [&](const ExpressionPtr& expression) {
      depends |= algebra::DependsOnTime(expression);
    });
    NodePtr result = node;
    if (depends || inputs != node->inputs) {
      algebra::Operator op = node->op;
      algebra::ReplaceExpressions(
          &op, [&](const ExpressionPtr& expression) { return FixTime(expression, instant_); });
      result = algebra::MakeNode(std::move(op), std::move(inputs), node->columns, node->offset);
    }
    fixed_[node] = result;
    return result;
  }

 private:
  const std::string& instant_;
  std::map<NodePtr, NodePtr> fixed_;
};

}  // namespace

ExpressionPtr FixTime(const ExpressionPtr& expression, const std::string& instant) {
  if (!algebra::DependsOnTime(expression)) return expression;
  return algebra::MapParts(expression, [&](const algebra::Expression& part) -> ExpressionPtr {
    if (!std::holds_alternative<algebra::CurrentTime>(part.form)) return nullptr;
    return algebra::MakeLiteral(
        "CAST(TIMESTAMPTZ " + QuoteLiteral(instant) + " AS " + part.type + ")", part.type);
  });
}

NodePtr AtInstant(const NodePtr& plan, const std::string& instant) {
  return Fixing(instant).Of(plan);
}

}  // namespace penstock::ivm
