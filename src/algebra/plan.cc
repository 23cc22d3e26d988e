#include "algebra/plan.h"

#include <set>

namespace penstock::algebra {
namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

using Visit = std::function<void(ExpressionPtr*)>;

void VisitAll(std::vector<ExpressionPtr>* expressions, const Visit& visit) {
  for (ExpressionPtr& expression : *expressions) visit(&expression);
}

void VisitKeys(std::vector<JoinKey>* keys, const Visit& visit) {
  for (JoinKey& key : *keys) {
    visit(&key.left);
    visit(&key.right);
  }
}

void VisitOrder(std::vector<SortKey>* order, const Visit& visit) {
  for (SortKey& key : *order) visit(&key.value);
}

void VisitOptional(ExpressionPtr* expression, const Visit& visit) {
  if (*expression) visit(expression);
}

void VisitWindow(WindowCall* call, const Visit& visit) {
  VisitAll(&call->arguments, visit);
  VisitOptional(&call->filter, visit);
  VisitOrder(&call->argument_order, visit);
  VisitAll(&call->partition, visit);
  VisitOrder(&call->order, visit);
  VisitAll(&call->frame_values, visit);
}

void VisitAggregate(Aggregate* aggregate, const Visit& visit) {
  VisitAll(&aggregate->keys, visit);
  for (AggregateCall& call : aggregate->calls) {
    VisitAll(&call.arguments, visit);
    VisitOptional(&call.filter, visit);
    VisitOrder(&call.order, visit);
  }
}

void VisitOperator(Operator* op, const Visit& visit) {
  std::visit(
      Overloaded{[](Scan&) {},
                 [&](Values& values) {
                   for (auto& row : values.rows) VisitAll(&row, visit);
                 },
                 [&](Filter& filter) { visit(&filter.condition); },
                 [&](Project& project) { VisitAll(&project.values, visit); },
                 [&](Join& join) {
                   VisitKeys(&join.keys, visit);
                   VisitOptional(&join.condition, visit);
                 },
                 [&](AsofJoin& join) {
                   VisitKeys(&join.keys, visit);
                   visit(&join.nearest);
                 },
                 [&](Aggregate& aggregate) { VisitAggregate(&aggregate, visit); }, [](Distinct&) {},
                 [&](DistinctOn& distinct) {
                   VisitAll(&distinct.targets, visit);
                   VisitOrder(&distinct.order, visit);
                 },
                 [&](Window& window) {
                   for (WindowCall& call : window.calls) VisitWindow(&call, visit);
                 },
                 [](UnionAll&) {}, [](SetOperation&) {},
                 [&](Limit& limit) { VisitOrder(&limit.order, visit); },
                 [&](Unnest& unnest) { VisitAll(&unnest.lists, visit); }},
      *op);
}

std::string NameOfJoin(JoinKind kind, bool keys) {
  switch (kind) {
    case JoinKind::kInner:
      return keys ? "inner join" : "cross join";
    case JoinKind::kLeft:
      return "left join";
    case JoinKind::kFull:
      return "full join";
    case JoinKind::kSemi:
      return "semi join";
    case JoinKind::kAnti:
      return "anti join";
  }
  return "join";
}

void VisitNodes(const NodePtr& node, std::set<const Node*>* seen,
                const std::function<void(const NodePtr&)>& visit) {
  if (!seen->insert(node.get()).second) return;
  for (const NodePtr& input : node->inputs) VisitNodes(input, seen, visit);
  visit(node);
}

}  // namespace

std::string NameOf(const Operator& op) {
  return std::visit(
      Overloaded{[](const Scan& scan) { return "scan of " + scan.relation; },
                 [](const Values&) { return std::string("values"); },
                 [](const Filter&) { return std::string("filter"); },
                 [](const Project&) { return std::string("projection"); },
                 [](const Join& join) { return NameOfJoin(join.kind, !join.keys.empty()); },
                 [](const AsofJoin&) { return std::string("asof join"); },
                 [](const Aggregate& aggregate) {
                   return std::string(aggregate.keys.empty() ? "global aggregate" : "aggregate");
                 },
                 [](const Distinct&) { return std::string("distinct"); },
                 [](const DistinctOn&) { return std::string("distinct on"); },
                 [](const Window&) { return std::string("window"); },
                 [](const UnionAll&) { return std::string("union all"); },
                 [](const SetOperation& set) {
                   return std::string(set.kind == SetKind::kExcept ? "except" : "intersect") +
                          (set.all ? " all" : "");
                 },
                 [](const Limit&) { return std::string("limit"); },
                 [](const Unnest&) { return std::string("unnest"); }},
      op);
}

NodePtr MakeNode(Operator op, std::vector<NodePtr> inputs, std::vector<Column> columns,
                 std::optional<size_t> offset) {
  return std::make_shared<const Node>(
      Node{std::move(op), std::move(inputs), std::move(columns), offset});
}

NodePtr MakeScan(std::string relation, std::vector<Column> columns) {
  return MakeNode(Scan{std::move(relation)}, {}, std::move(columns));
}

NodePtr MakeFilter(NodePtr input, ExpressionPtr condition) {
  auto columns = input->columns;
  return MakeNode(Filter{std::move(condition)}, {std::move(input)}, std::move(columns));
}

NodePtr MakeProject(NodePtr input, std::vector<ExpressionPtr> values,
                    std::vector<std::string> names) {
  std::vector<Column> columns;
  for (size_t i = 0; i < values.size(); ++i) {
    std::string name;
    if (i < names.size()) {
      name = names[i];
    } else if (const ColumnRef* column = AsColumn(values[i])) {
      name = input->columns[column->index].name;
    }
    columns.push_back({std::move(name), values[i]->type});
  }
  return MakeNode(Project{std::move(values)}, {std::move(input)}, std::move(columns));
}

NodePtr MakeJoin(NodePtr left, NodePtr right, Join join) {
  auto columns = left->columns;
  if (join.kind != JoinKind::kSemi && join.kind != JoinKind::kAnti) {
    columns.insert(columns.end(), right->columns.begin(), right->columns.end());
  }
  return MakeNode(std::move(join), {std::move(left), std::move(right)}, std::move(columns));
}

NodePtr MakeAggregate(NodePtr input, Aggregate aggregate) {
  std::vector<Column> columns;
  for (const ExpressionPtr& key : aggregate.keys) {
    const ColumnRef* column = AsColumn(key);
    columns.push_back({column == nullptr ? "" : input->columns[column->index].name, key->type});
  }
  for (const AggregateCall& call : aggregate.calls) columns.push_back({"", call.type});
  return MakeNode(std::move(aggregate), {std::move(input)}, std::move(columns));
}

NodePtr MakeUnionAll(std::vector<NodePtr> inputs) {
  if (inputs.size() == 1) return std::move(inputs[0]);
  auto columns = inputs[0]->columns;
  return MakeNode(UnionAll{}, std::move(inputs), std::move(columns));
}

NodePtr MakeDistinct(NodePtr input) {
  auto columns = input->columns;
  return MakeNode(Distinct{}, {std::move(input)}, std::move(columns));
}

NodePtr MakeSemiJoin(NodePtr rows, const Expressions& expressions, NodePtr keys) {
  Join join{JoinKind::kSemi, {}, nullptr};
  for (size_t i = 0; i < expressions.size(); ++i) {
    join.keys.push_back({expressions[i], ColumnOf(*keys, i), /*null_safe=*/true});
  }
  return MakeJoin(std::move(rows), std::move(keys), std::move(join));
}

NodePtr WithInputs(const Node& node, std::vector<NodePtr> inputs) {
  return MakeNode(node.op, std::move(inputs), node.columns, node.offset);
}

ExpressionPtr ColumnOf(const Node& node, size_t index) {
  return MakeColumn(index, node.columns[index].type);
}

std::vector<ExpressionPtr> ColumnsOf(const Node& node) {
  std::vector<ExpressionPtr> columns;
  for (size_t i = 0; i < node.columns.size(); ++i) columns.push_back(ColumnOf(node, i));
  return columns;
}

void ReplaceExpressions(Operator* op,
                        const std::function<ExpressionPtr(const ExpressionPtr&)>& replace) {
  VisitOperator(op, [&](ExpressionPtr* expression) { *expression = replace(*expression); });
}

void ForEachExpression(const Operator& op, const std::function<void(const ExpressionPtr&)>& visit) {
  Operator copy = op;
  VisitOperator(&copy, [&](ExpressionPtr* expression) { visit(*expression); });
}

void ForEachNode(const NodePtr& root, const std::function<void(const NodePtr&)>& visit) {
  std::set<const Node*> seen;
  VisitNodes(root, &seen, visit);
}

}  // namespace penstock::algebra
