#include "duck/plan/sorted_list.h"

#include <map>

namespace penstock::duck {
namespace {

using algebra::Expression;
using algebra::ExpressionPtr;
using algebra::NodePtr;

// How often the expressions read each column, and how often as a list to be sorted.
struct Uses {
  size_t all = 0;
  size_t sorted = 0;
};

bool IsSort(const std::string& name) {
  return name == "list_sort" || name == "array_sort" || name == "list_reverse_sort" ||
         name == "array_reverse_sort";
}

std::map<size_t, Uses> UsesIn(const algebra::Project& project) {
  std::map<size_t, Uses> uses;
  for (const ExpressionPtr& value : project.values) {
    algebra::ForEach(*value, [&](const Expression& part) {
      if (const auto* column = std::get_if<algebra::ColumnRef>(&part.form)) {
        ++uses[column->index].all;
      }
      const auto* call = std::get_if<algebra::Call>(&part.form);
      if (call == nullptr || !IsSort(call->name) || call->arguments.empty()) return;
      const algebra::ColumnRef* list = algebra::AsColumn(call->arguments[0]);
      if (list != nullptr) ++uses[list->index].sorted;
    });
  }
  return uses;
}

bool MakesList(const algebra::AggregateCall& call) {
  return (call.function == "list" || call.function == "array_agg") && call.order.empty() &&
         call.arguments.size() == 1;
}

}  // namespace

NodePtr WithSortedLists(const NodePtr& input, const algebra::Project& project) {
  const auto* aggregate = std::get_if<algebra::Aggregate>(&input->op);
  if (aggregate == nullptr) return input;
  auto uses = UsesIn(project);
  algebra::Aggregate ordered = *aggregate;
  bool changed = false;
  for (size_t i = 0; i < ordered.calls.size(); ++i) {
    algebra::AggregateCall& call = ordered.calls[i];
    const Uses& of_call = uses[ordered.keys.size() + i];
    if (!MakesList(call) || of_call.sorted == 0 || of_call.sorted != of_call.all) continue;
    call.order.push_back({call.arguments[0], false, false});
    changed = true;
  }
  if (!changed) return input;
  return algebra::MakeNode(std::move(ordered), input->inputs, input->columns, input->offset);
}

}  // namespace penstock::duck
