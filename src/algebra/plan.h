#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "algebra/expression.h"

// A query as a plan of relational operators over multisets of rows: immutable values, one struct an
// operator. A plan is a directed acyclic graph: an operator that several others read (a common
// table expression, the outer side of a correlated subquery) is one node.
namespace penstock::algebra {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

// The rows of a relation by its name in the engine; its columns are found by the node's names.
struct Scan {
  std::string relation;
};
// Given rows; each as long as the node's columns. One row without columns: SELECT without FROM.
struct Values {
  std::vector<std::vector<ExpressionPtr>> rows;
};
struct Filter {
  ExpressionPtr condition;
};
struct Project {
  std::vector<ExpressionPtr> values;
};

enum class JoinKind { kInner, kLeft, kFull, kSemi, kAnti };
// `left` over the columns of the left input, `right` over those of the right (both from 0).
struct JoinKey {
  ExpressionPtr left;
  ExpressionPtr right;
  bool null_safe = false;
};
// Output: left columns, then, unless semi or anti, right columns. No keys: a cross product.
struct Join {
  JoinKind kind = JoinKind::kInner;
  std::vector<JoinKey> keys;
  ExpressionPtr condition;  // besides the keys, over both inputs; null: none
};
// For each left row the one right row with equal keys that is nearest by `nearest`, a comparison
// (>=, >, <=, <) of both inputs.
struct AsofJoin {
  bool outer = false;  // left rows without a match are kept
  std::vector<JoinKey> keys;
  ExpressionPtr nearest;
};

struct AggregateCall {
  std::string function;
  std::vector<ExpressionPtr> arguments;  // none: count(*)
  bool distinct = false;
  ExpressionPtr filter;  // null: none
  std::vector<SortKey> order;
  std::string type;
};
// Output: keys, then calls. Without keys exactly one row, also over no rows.
struct Aggregate {
  std::vector<ExpressionPtr> keys;
  std::vector<AggregateCall> calls;
};
struct Distinct {};
// The first row of each group of equal `targets`.
struct DistinctOn {
  std::vector<ExpressionPtr> targets;
  std::vector<SortKey> order;
};

struct WindowCall {
  std::string function;
  std::vector<ExpressionPtr> arguments;
  bool distinct = false;
  bool ignore_nulls = false;
  ExpressionPtr filter;                 // null: none
  std::vector<SortKey> argument_order;  // within the call
  std::vector<ExpressionPtr> partition;
  std::vector<SortKey> order;
  // "ROWS BETWEEN a AND b EXCLUDE …": texts around expressions, one more than those. Empty: the
  // default frame.
  std::vector<std::string> frame_texts;
  std::vector<ExpressionPtr> frame_values;
  std::string type;
};
// Output: input columns, then calls.
struct Window {
  std::vector<WindowCall> calls;
};

struct UnionAll {};  // any number of inputs with the same columns
enum class SetKind { kIntersect, kExcept };
struct SetOperation {
  SetKind kind = SetKind::kIntersect;
  bool all = false;
};
struct Limit {
  std::vector<SortKey> order;  // empty: any rows
  std::optional<int64_t> count;
  int64_t offset = 0;
};
// Output: input columns, then an element of each list; rows without elements are gone, shorter
// lists are filled with NULL.
struct Unnest {
  std::vector<ExpressionPtr> lists;
};

using Operator = std::variant<Scan, Values, Filter, Project, Join, AsofJoin, Aggregate, Distinct,
                              DistinctOn, Window, UnionAll, SetOperation, Limit, Unnest>;

struct Column {
  std::string name;
  std::string type;  // the engine's name of it
  bool operator==(const Column&) const = default;
};

struct Node {
  Operator op;
  std::vector<NodePtr> inputs;
  std::vector<Column> columns;
  std::optional<size_t> offset = {};  // where in the query's text it comes from, if known
};

// "left join", "aggregate" …: what people call the operator.
std::string NameOf(const Operator& op);

// ---- construction: output columns follow from the inputs unless they are given

// An operator with columns of its own.
NodePtr MakeNode(Operator op, std::vector<NodePtr> inputs, std::vector<Column> columns,
                 std::optional<size_t> offset = {});
NodePtr MakeScan(std::string relation, std::vector<Column> columns);
NodePtr MakeFilter(NodePtr input, ExpressionPtr condition);
NodePtr MakeProject(NodePtr input, std::vector<ExpressionPtr> values,
                    std::vector<std::string> names = {});
NodePtr MakeJoin(NodePtr left, NodePtr right, Join join);
NodePtr MakeAggregate(NodePtr input, Aggregate aggregate);
NodePtr MakeUnionAll(std::vector<NodePtr> inputs);
NodePtr MakeDistinct(NodePtr input);
// The rows for which the values of `expressions` are a row of `keys`, NULL equal to NULL.
NodePtr MakeSemiJoin(NodePtr rows, const Expressions& expressions, NodePtr keys);
// The same operator over other inputs with the same columns.
NodePtr WithInputs(const Node& node, std::vector<NodePtr> inputs);

// A reference to a column of the node's output.
ExpressionPtr ColumnOf(const Node& node, size_t index);
// All of its columns, in order.
std::vector<ExpressionPtr> ColumnsOf(const Node& node);

// Puts what `replace` gives in the place of each expression of the operator; not of its inputs'.
void ReplaceExpressions(Operator* op,
                        const std::function<ExpressionPtr(const ExpressionPtr&)>& replace);
// Calls `visit` once for each expression of the operator; not for its inputs'.
void ForEachExpression(const Operator& op, const std::function<void(const ExpressionPtr&)>& visit);
// Calls `visit` once for each node, inputs before what reads them.
void ForEachNode(const NodePtr& root, const std::function<void(const NodePtr&)>& visit);

}  // namespace penstock::algebra
