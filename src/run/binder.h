#pragma once

#include <string>
#include <vector>

#include "run/pipeline.h"

namespace penstock::run {

// Gives every query of a graph its types, asking the engine. Errors carry the user's position.
class Binder {
 public:
  static Result<Binder> Open(Workspace& workspace);

  // Binds the nodes in order, and of broken ones what can be bound: every error that does not
  // follow from another one is added to `errors`.
  std::vector<BoundNode> Bind(const graph::Graph& graph, Errors* errors);

 private:
  Binder(Workspace& workspace, duck::Connection connection);

  void BindNode(const graph::Graph& graph, size_t node);
  bool BindFlows(const graph::Graph& graph, const graph::Node& node, BoundNode* bound);
  bool IsReadable(const graph::ResolvedFlow& flow) const;
  Result<BoundFlow> BindFlow(const graph::Graph& graph, const graph::Node& node,
                             const graph::ResolvedFlow& flow);
  Status BindLeaves(const graph::Graph& graph, const graph::ResolvedFlow& flow, BoundFlow* bound);
  Result<BoundLeaf> BindLeaf(const graph::Graph& graph, const graph::ResolvedFlow& flow,
                             const graph::LeafInput& input);
  Status BindChanges(BoundLeaf* leaf);
  bool FindColumns(const graph::Node& node, BoundNode* bound);
  void BindRules(const graph::Graph& graph, const graph::Node& node, BoundNode* bound);
  Status CheckReferenced(const graph::Graph& graph, const graph::Node& node,
                         const quality::Rule& rule);
  Status CheckCondition(const quality::Rule& rule, const sql::Expression& condition,
                        const Schema& columns);
  Error Located(Error error, const sql::SourceMap& map, const model::QueryText& text) const;

  Workspace& workspace_;
  duck::Connection connection_;
  // Of the nodes so far: what is bound, and whether the columns are known.
  std::vector<BoundNode> bound_;
  std::vector<bool> known_;
  Errors* errors_ = nullptr;
};

// What a flow's table gets of a query with these columns.
Result<Schema> GivenColumns(const graph::ResolvedFlow& flow, const Schema& output);

// The columns a bound flow's query gives, after the columns of its leaves changed.
Result<Schema> DescribeFlow(duck::Connection& connection, const BoundFlow& flow);

// Errors of columns that a table cannot have: two of one name (case ignored), none of a name, a
// type Delta lacks.
Status CheckColumns(const Schema& columns, const SourceLocation& where);

// Whether a column of type `to` holds every value of `from`.
bool CanHold(const DataType& to, const DataType& from);

// `columns` of the table followed by the columns of `added` it lacks. COLUMN_TYPE_CHANGED when a
// column of both has a type in `added` that the table's cannot hold.
Result<Schema> MergeColumns(const Schema& columns, const Schema& added, const std::string& table,
                            const SourceLocation& where);

}  // namespace penstock::run
