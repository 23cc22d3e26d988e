#include "duck/plan/lateral_unnest.h"

#include <algorithm>

namespace penstock::duck {
namespace {

using algebra::ExpressionPtr;
using algebra::Node;
using algebra::NodePtr;

// The engine numbers the rows of `left`, a window without partition; its column is the last.
const Node* NumberedRows(const NodePtr& left) {
  const auto* window = std::get_if<algebra::Window>(&left->op);
  if (window == nullptr || window->calls.size() != 1) return nullptr;
  const algebra::WindowCall& call = window->calls[0];
  if (call.function != "row_number" || !call.partition.empty() || !call.order.empty()) {
    return nullptr;
  }
  return left.get();
}

class Carrying {
 public:
  Carrying(NodePtr rows, NodePtr outer) : rows_(std::move(rows)), outer_(std::move(outer)) {}

  // `node` with the columns of the rows behind its own; null where that cannot be.
  NodePtr Of(const NodePtr& node) const {
    if (node == outer_) return OfOuter();
    if (node->inputs.empty()) return nullptr;
    if (const auto* join = std::get_if<algebra::Join>(&node->op)) return OfJoin(*node, *join);
    if (node->inputs.size() != 1) return nullptr;
    const NodePtr input = Of(node->inputs[0]);
    if (!input) return nullptr;
    const size_t width = node->inputs[0]->columns.size();
    if (const auto* filter = std::get_if<algebra::Filter>(&node->op)) {
      return algebra::MakeFilter(input, filter->condition);
    }
    if (const auto* project = std::get_if<algebra::Project>(&node->op)) {
      auto values = project->values;
      for (size_t i = width; i < input->columns.size(); ++i) {
        values.push_back(algebra::ColumnOf(*input, i));
      }
      return algebra::MakeProject(input, std::move(values));
    }
    if (std::holds_alternative<algebra::Unnest>(node->op)) return OfUnnest(*node, input, width);
    return nullptr;
  }

 private:
  // The distinct rows are a projection of the numbered ones.
  NodePtr OfOuter() const {
    const auto* project = std::get_if<algebra::Project>(&outer_->inputs[0]->op);
    if (project == nullptr) return nullptr;
    auto values = project->values;
    const auto rows = algebra::ColumnsOf(*rows_);
    values.insert(values.end(), rows.begin(), rows.end());
    return algebra::MakeProject(rows_, std::move(values));
  }

  // With one row of constants, which a subquery without FROM is.
  NodePtr OfJoin(const Node& node, const algebra::Join& join) const {
    if (join.kind != algebra::JoinKind::kInner || !join.keys.empty() || join.condition) {
      return nullptr;
    }
    for (const size_t side : {size_t{0}, size_t{1}}) {
      const auto* values = std::get_if<algebra::Values>(&node.inputs[side]->op);
      if (values == nullptr || values->rows.size() != 1) continue;
      const NodePtr other = Of(node.inputs[1 - side]);
      if (!other) return nullptr;
      const size_t width = node.inputs[1 - side]->columns.size();
      std::vector<ExpressionPtr> list;
      for (size_t i = 0; i < width; ++i) list.push_back(algebra::ColumnOf(*other, i));
      list.insert(side == 0 ? list.begin() : list.end(), values->rows[0].begin(),
                  values->rows[0].end());
      for (size_t i = width; i < other->columns.size(); ++i) {
        list.push_back(algebra::ColumnOf(*other, i));
      }
      return algebra::MakeProject(other, std::move(list));
    }
    return nullptr;
  }

  static NodePtr OfUnnest(const Node& node, const NodePtr& input, size_t width) {
    auto columns = input->columns;
    columns.insert(columns.end(), node.columns.begin() + static_cast<int64_t>(width),
                   node.columns.end());
    const NodePtr rows = algebra::MakeNode(node.op, {input}, std::move(columns), node.offset);
    auto values = algebra::ColumnsOf(*rows);
    std::rotate(values.begin() + static_cast<int64_t>(width),
                values.begin() + static_cast<int64_t>(input->columns.size()), values.end());
    return algebra::MakeProject(rows, std::move(values));
  }

  NodePtr rows_;
  NodePtr outer_;
};

}  // namespace

NodePtr LateralUnnest(const NodePtr& left, const NodePtr& right, const NodePtr& outer) {
  const Node* const numbered = NumberedRows(left);
  if (numbered == nullptr) return nullptr;
  auto values = algebra::ColumnsOf(*numbered->inputs[0]);
  const size_t width = left->columns.size();
  values.push_back(algebra::MakeLiteral("CAST(0 AS BIGINT)", left->columns[width - 1].type));
  if (values.size() != width) return nullptr;
  const NodePtr rows = algebra::MakeProject(numbered->inputs[0], std::move(values));
  const NodePtr carried = Carrying(rows, outer).Of(right);
  if (!carried) return nullptr;
  auto joined = algebra::ColumnsOf(*carried);
  std::rotate(joined.begin(), joined.begin() + static_cast<int64_t>(right->columns.size()),
              joined.end());
  return algebra::MakeProject(carried, std::move(joined));
}

}  // namespace penstock::duck
