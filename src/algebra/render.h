#pragma once

#include <map>
#include <string>

#include "algebra/plan.h"

// Plans as text: SQL for the engine, and an outline for people.
namespace penstock::algebra {

struct RenderOptions {
  // Relations by what a scan calls them, where that is not their name in the engine: the text that
  // stands in FROM.
  std::map<std::string, std::string> relations = {};
  // The instant that now() and its like give, as a timestamp literal's text; empty: the engine's.
  std::string now = {};
};

// A query whose columns are c0, c1 …, in the order of the node's columns. Operators that are read
// several times become common table expressions.
std::string RenderSql(const NodePtr& root, const RenderOptions& options = {});
// A query with the node's own column names.
std::string RenderNamedSql(const NodePtr& root, const RenderOptions& options = {});

// An expression as SQL; `column` gives the text of an input column.
std::string RenderExpression(const ExpressionPtr& expression,
                             const std::function<std::string(size_t)>& column,
                             const RenderOptions& options = {});

// One operator a line, inputs indented below it.
std::string Outline(const NodePtr& root);

}  // namespace penstock::algebra
