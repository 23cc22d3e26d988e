#include "ivm/lineage.h"

#include <map>

namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::Expressions;
using algebra::JoinKind;
using algebra::Node;
using algebra::NodePtr;

void AddColumns(const NodePtr& rows, size_t first, size_t end, Expressions* values) {
  for (size_t i = first; i < end; ++i) values->push_back(algebra::ColumnOf(*rows, i));
}

class Tracing {
 public:
  Lineage Of(const NodePtr& node) {
    const auto known = known_.find(node.get());
    if (known != known_.end()) return known->second;
    Lineage traced = std::visit([&](const auto& op) { return Trace(op, node); }, node->op);
    known_[node.get()] = traced;
    return traced;
  }

 private:
  static Lineage Trace(const algebra::Scan& scan, const NodePtr& node) {
    auto columns = node->columns;
    columns.push_back({kPlaceColumn, kPlaceType});
    return {algebra::MakeScan(scan.relation, std::move(columns)), {scan.relation}};
  }

  static Lineage Trace(const algebra::Values&, const NodePtr& node) { return {node, {}}; }

  Lineage Trace(const algebra::Filter& filter, const NodePtr& node) {
    Lineage input = Of(node->inputs[0]);
    return {algebra::MakeFilter(input.rows, filter.condition), std::move(input.relations)};
  }

  Lineage Trace(const algebra::Project& project, const NodePtr& node) {
    Lineage input = Of(node->inputs[0]);
    Expressions values = project.values;
    AddColumns(input.rows, node->inputs[0]->columns.size(), input.rows->columns.size(), &values);
    return {algebra::MakeProject(input.rows, std::move(values)), std::move(input.relations)};
  }

  // The rows of both inputs behind one another, each with its places: those to the end.
  static Lineage Paired(const NodePtr& pairs, const NodePtr& node, const Lineage& left,
                        const Lineage& right, bool left_only) {
    const size_t left_width = node->inputs[0]->columns.size();
    const size_t left_end = left.rows->columns.size();
    const size_t right_end = left_end + node->inputs[1]->columns.size();
    Expressions values;
    AddColumns(pairs, 0, left_width, &values);
    if (!left_only) AddColumns(pairs, left_end, right_end, &values);
    AddColumns(pairs, left_width, left_end, &values);
    AddColumns(pairs, right_end, pairs->columns.size(), &values);
    Lineage paired{algebra::MakeProject(pairs, std::move(values)), left.relations};
    paired.relations.insert(paired.relations.end(), right.relations.begin(), right.relations.end());
    return paired;
  }

  Lineage Trace(const algebra::Join& join, const NodePtr& node) {
    Lineage left = Of(node->inputs[0]);
    algebra::Join wider = join;
    const auto places = static_cast<int64_t>(left.relations.size());
    if (wider.condition) {
      wider.condition =
          algebra::ShiftColumns(wider.condition, node->inputs[0]->columns.size(), places);
    }
    if (join.kind == JoinKind::kAnti) {
      return {algebra::MakeJoin(left.rows, node->inputs[1], std::move(wider)),
              std::move(left.relations)};
    }
    const bool semi = join.kind == JoinKind::kSemi;
    if (semi) wider.kind = JoinKind::kInner;
    const Lineage right = Of(node->inputs[1]);
    return Paired(algebra::MakeJoin(left.rows, right.rows, std::move(wider)), node, left, right,
                  semi);
  }

  Lineage Trace(const algebra::AsofJoin& join, const NodePtr& node) {
    const Lineage left = Of(node->inputs[0]);
    const Lineage right = Of(node->inputs[1]);
    algebra::AsofJoin wider = join;
    wider.nearest = algebra::ShiftColumns(wider.nearest, node->inputs[0]->columns.size(),
                                          static_cast<int64_t>(left.relations.size()));
    auto columns = left.rows->columns;
    columns.insert(columns.end(), right.rows->columns.begin(), right.rows->columns.end());
    return Paired(algebra::MakeNode(std::move(wider), {left.rows, right.rows}, std::move(columns)),
                  node, left, right, false);
  }

  Lineage Trace(const algebra::Unnest& unnest, const NodePtr& node) {
    Lineage input = Of(node->inputs[0]);
    const size_t width = node->inputs[0]->columns.size();
    const size_t end = input.rows->columns.size();
    auto columns = input.rows->columns;
    columns.insert(columns.end(), node->columns.begin() + static_cast<std::ptrdiff_t>(width),
                   node->columns.end());
    const NodePtr rows = algebra::MakeNode(unnest, {input.rows}, std::move(columns));
    Expressions values;
    AddColumns(rows, 0, width, &values);
    AddColumns(rows, end, rows->columns.size(), &values);
    AddColumns(rows, width, end, &values);
    return {algebra::MakeProject(rows, std::move(values)), std::move(input.relations)};
  }

  Lineage Trace(const algebra::UnionAll&, const NodePtr& node) {
    Lineage all;
    std::vector<Lineage> inputs;
    for (const NodePtr& input : node->inputs) {
      inputs.push_back(Of(input));
      all.relations.insert(all.relations.end(), inputs.back().relations.begin(),
                           inputs.back().relations.end());
    }
    const ExpressionPtr nowhere =
        algebra::MakeLiteral(std::string("CAST(NULL AS ") + kPlaceType + ")", kPlaceType);
    const size_t width = node->columns.size();
    std::vector<NodePtr> parts;
    size_t before = 0;
    for (const Lineage& input : inputs) {
      Expressions values;
      AddColumns(input.rows, 0, width, &values);
      values.insert(values.end(), before, nowhere);
      AddColumns(input.rows, width, input.rows->columns.size(), &values);
      before += input.relations.size();
      values.insert(values.end(), all.relations.size() - before, nowhere);
      parts.push_back(algebra::MakeProject(input.rows, std::move(values)));
    }
    all.rows = algebra::MakeUnionAll(std::move(parts));
    return all;
  }

  Lineage Trace(const algebra::Distinct&, const NodePtr& node) { return Of(node->inputs[0]); }

  Lineage Trace(const algebra::Aggregate& aggregate, const NodePtr& node) {
    return WithRowsOf({node, {}}, node, Of(node->inputs[0]), aggregate.keys);
  }

  Lineage Trace(const algebra::DistinctOn&, const NodePtr& node) { return BySameRow(node, 1); }
  Lineage Trace(const algebra::Window&, const NodePtr& node) { return BySameRow(node, 1); }
  Lineage Trace(const algebra::Limit&, const NodePtr& node) { return BySameRow(node, 1); }
  Lineage Trace(const algebra::SetOperation& set, const NodePtr& node) {
    return BySameRow(node, set.kind == algebra::SetKind::kIntersect ? 2 : 1);
  }

  // An operator whose rows begin with those of its inputs.
  Lineage BySameRow(const NodePtr& node, size_t inputs) {
    Lineage traced{node, {}};
    for (size_t i = 0; i < inputs; ++i) {
      traced = WithRowsOf(traced, node, Of(node->inputs[i]), algebra::ColumnsOf(*node->inputs[i]));
    }
    return traced;
  }

  // `rows`, which begin with the columns of `node`, with the places of the input rows whose
  // `values` are the first of these columns.
  static Lineage WithRowsOf(const Lineage& rows, const NodePtr& node, const Lineage& input,
                            const Expressions& values) {
    Expressions kept = values;
    const size_t places = input.relations.size();
    AddColumns(input.rows, input.rows->columns.size() - places, input.rows->columns.size(), &kept);
    const NodePtr partners = algebra::MakeProject(input.rows, std::move(kept));
    algebra::Join join{JoinKind::kInner, {}, nullptr};
    for (size_t i = 0; i < values.size(); ++i) {
      join.keys.push_back(
          {algebra::ColumnOf(*node, i), algebra::ColumnOf(*partners, i), /*null_safe=*/true});
    }
    const NodePtr joined = algebra::MakeJoin(rows.rows, partners, std::move(join));
    Expressions columns;
    const size_t width = rows.rows->columns.size();
    AddColumns(joined, 0, width, &columns);
    AddColumns(joined, width + values.size(), joined->columns.size(), &columns);
    Lineage traced{algebra::MakeProject(joined, std::move(columns)), rows.relations};
    traced.relations.insert(traced.relations.end(), input.relations.begin(), input.relations.end());
    return traced;
  }

  std::map<const Node*, Lineage> known_;
};

}  // namespace

Lineage LineageOf(const NodePtr& plan) { return Tracing().Of(plan); }

}  // namespace penstock::ivm
