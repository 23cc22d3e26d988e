#include "ivm/open_result.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "algebra/unique_key.h"
#include "ivm/restrict.h"

namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::Node;
using algebra::NodePtr;
using Places = std::set<size_t>;  // of columns
using OpenMap = std::map<size_t, std::string>;

template <size_t kSize>
bool IsOneOf(const std::string& name, const std::array<std::string_view, kSize>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsFloating(const ExpressionPtr& expression) {
  return algebra::IsFloatingType(expression->type);
}

// Aggregates that are the same however their rows come.
bool IsExact(const std::string& function) {
  static constexpr std::array<std::string_view, 17> kExact = {"count",
                                                              "count_star",
                                                              "min",
                                                              "max",
                                                              "bool_and",
                                                              "bool_or",
                                                              "bit_and",
                                                              "bit_or",
                                                              "bit_xor",
                                                              "median",
                                                              "quantile",
                                                              "mad",
                                                              "quantile_cont",
                                                              "quantile_disc",
                                                              "count_if",
                                                              "countif",
                                                              "approx_count_distinct"};
  return IsOneOf(function, kExact);
}

// Likewise, of numbers without rounding.
bool IsExactOfWholeNumbers(const std::string& function) {
  static constexpr std::array<std::string_view, 4> kSums = {"sum", "avg", "mean",
                                                            "sum_no_overflow"};
  return IsOneOf(function, kSums);
}

bool IsExact(const std::string& function, const std::vector<ExpressionPtr>& arguments) {
  return IsExact(function) || (IsExactOfWholeNumbers(function) &&
                               std::none_of(arguments.begin(), arguments.end(), IsFloating));
}

// The columns of which the expression tells every value.
void AddColumns(const ExpressionPtr& expression, Places* columns) {
  if (const auto column = algebra::ColumnKeptBy(expression)) columns->insert(*column);
  const auto* call = std::get_if<algebra::Call>(&expression->form);
  if (call == nullptr || (call->name != "row" && call->name != "struct_pack")) return;
  for (const ExpressionPtr& argument : call->arguments) AddColumns(argument, columns);
}

Places ColumnsOf(const std::vector<ExpressionPtr>& group,
                 const std::vector<algebra::SortKey>& order) {
  Places columns;
  for (const ExpressionPtr& expression : group) AddColumns(expression, &columns);
  for (const algebra::SortKey& key : order) AddColumns(key.value, &columns);
  return columns;
}

// Whether rows that agree on the columns are equal altogether.
bool DecideRow(const Places& columns, const NodePtr& rows) {
  return columns.size() == rows->columns.size() || algebra::IsUniqueBy(rows, columns);
}

// Whether rows that agree on the columns agree on the expression.
bool Decide(const Places& columns, const ExpressionPtr& expression) {
  const auto needed = algebra::ColumnsOf(expression);
  return std::includes(columns.begin(), columns.end(), needed.begin(), needed.end());
}

// Whether the rows of a group that come first all agree on the argument.
bool IsDecided(const ExpressionPtr& argument, const algebra::Aggregate& aggregate,
               const algebra::AggregateCall& call, const Places& decided) {
  const auto is_argument = [&](const ExpressionPtr& other) { return IsSame(argument, other); };
  return Decide(decided, argument) ||
         std::any_of(aggregate.keys.begin(), aggregate.keys.end(), is_argument) ||
         std::any_of(call.order.begin(), call.order.end(),
                     [&](const algebra::SortKey& key) { return is_argument(key.value); });
}

bool IsExtreme(const std::string& function) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "arg_min", "arg_max", "min_by", "max_by", "argmin", "argmax", "arg_min_null", "arg_max_null"};
  return IsOneOf(function, kNames);
}

bool FollowsOrder(const std::string& function) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "first",     "last",       "any_value", "arbitrary",    "list",
      "array_agg", "string_agg", "listagg",   "group_concat", "mode"};
  return IsOneOf(function, kNames);
}

std::optional<std::string> WhyOpen(const Node& node, const algebra::Aggregate& aggregate,
                                   const algebra::AggregateCall& call) {
  if (IsExact(call.function, call.arguments)) return std::nullopt;
  Places decided = ColumnsOf(aggregate.keys, call.order);
  if (IsExtreme(call.function)) AddColumns(call.arguments.at(1), &decided);
  if (FollowsOrder(call.function) || IsExtreme(call.function)) {
    const bool same = std::all_of(
        call.arguments.begin(), call.arguments.end(),
        [&](const auto& argument) { return IsDecided(argument, aggregate, call, decided); });
    if (same || DecideRow(decided, node.inputs[0])) return std::nullopt;
    return call.function + " may find other rows first";
  }
  if (std::any_of(call.arguments.begin(), call.arguments.end(), IsFloating)) {
    return call.function + " of floating-point numbers depends on their order";
  }
  return call.function + " may depend on the order of rows";
}

OpenMap Open(const Node& node, const algebra::Aggregate& aggregate) {
  OpenMap open;
  for (size_t i = 0; i < aggregate.calls.size(); ++i) {
    if (auto why = WhyOpen(node, aggregate, aggregate.calls[i])) {
      open.emplace(aggregate.keys.size() + i, *std::move(why));
    }
  }
  return open;
}

// Whether the call gives the same to rows that are equal in its order.
bool IsByPeers(const algebra::WindowCall& call) {
  static constexpr std::array<std::string_view, 4> kRanks = {"rank", "dense_rank", "percent_rank",
                                                             "cume_dist"};
  if (IsOneOf(call.function, kRanks)) return true;
  const bool rows = !call.frame_texts.empty() && call.frame_texts[0].starts_with(" ROWS");
  return !rows && IsExact(call.function, call.arguments);
}

bool HaveSameOrder(const algebra::WindowCall& a, const algebra::WindowCall& b) {
  return std::equal(a.partition.begin(), a.partition.end(), b.partition.begin(), b.partition.end(),
                    IsSame) &&
         std::equal(a.order.begin(), a.order.end(), b.order.begin(), b.order.end(),
                    [](const algebra::SortKey& x, const algebra::SortKey& y) {
                      return x.descending == y.descending && x.nulls_first == y.nulls_first &&
                             IsSame(x.value, y.value);
                    });
}

OpenMap Open(const Node& node, const algebra::Window& window) {
  OpenMap open;
  const size_t width = node.inputs[0]->columns.size();
  const algebra::WindowCall* positioned = nullptr;
  for (size_t i = 0; i < window.calls.size(); ++i) {
    const algebra::WindowCall& call = window.calls[i];
    if (IsByPeers(call)) continue;
    const Places decided = ColumnsOf(call.partition, call.order);
    const bool unique = algebra::IsUniqueBy(node.inputs[0], decided);
    // Equal rows are numbered in some order: in two orders, they would be paired by chance.
    if (!unique && (!DecideRow(decided, node.inputs[0]) ||
                    (positioned != nullptr && !HaveSameOrder(*positioned, call)))) {
      open.emplace(width + i, call.function + " over equal rows may number them otherwise");
      continue;
    }
    if (!unique) positioned = &call;
    const bool floating = std::any_of(call.arguments.begin(), call.arguments.end(), IsFloating);
    if (floating && IsExactOfWholeNumbers(call.function)) {
      open.emplace(width + i, call.function + " of floating-point numbers depends on their order");
    }
  }
  return open;
}

// Whether no two rows on the right are equally near.
bool IsTotal(const Node& node, const algebra::AsofJoin& join) {
  const size_t width = node.inputs[0]->columns.size();
  Places columns = algebra::KeyColumns(join.keys, /*right=*/true);
  for (const size_t column : algebra::ColumnsOf(join.nearest)) {
    if (column >= width) columns.insert(column - width);
  }
  return DecideRow(columns, node.inputs[1]);
}

// All columns from `first` on that are not among `decided`.
OpenMap OpenFrom(const Node& node, size_t first, const Places& decided, const std::string& why) {
  OpenMap open;
  for (size_t i = first; i < node.columns.size(); ++i) {
    if (!decided.contains(i)) open.emplace(i, why);
  }
  return open;
}

}  // namespace

std::map<size_t, std::string> OpenResults(const Node& node) {
  if (const auto* aggregate = std::get_if<algebra::Aggregate>(&node.op)) {
    return Open(node, *aggregate);
  }
  if (const auto* window = std::get_if<algebra::Window>(&node.op)) return Open(node, *window);
  if (const auto* distinct = std::get_if<algebra::DistinctOn>(&node.op)) {
    if (DecideRow(ColumnsOf(distinct->targets, distinct->order), node.inputs[0])) return {};
    return OpenFrom(node, 0, ColumnsOf(distinct->targets, {}),
                    "DISTINCT ON may find another row first");
  }
  if (const auto* limit = std::get_if<algebra::Limit>(&node.op)) {
    if (DecideRow(ColumnsOf({}, limit->order), node.inputs[0])) return {};
    return OpenFrom(node, 0, {}, "LIMIT may take other rows");
  }
  if (const auto* join = std::get_if<algebra::AsofJoin>(&node.op)) {
    if (IsTotal(node, *join)) return {};
    return OpenFrom(node, node.inputs[0]->columns.size(), {},
                    "an asof join may find another of equally near rows");
  }
  return {};
}

// The rules by which openness goes from inputs to outputs.
class OpenAnalysis {
 public:
  explicit OpenAnalysis(const NodePtr& last) : last_(last) {}

  void Visit(const NodePtr& node) {
    if (refusal_) return;
    node_ = node.get();
    inputs_.clear();
    size_t width = 0;
    for (const NodePtr& input : node->inputs) {
      const OpenMap& open = open_.columns_[input.get()];
      if (std::holds_alternative<algebra::UnionAll>(node->op)) {
        inputs_.insert(open.begin(), open.end());
        continue;
      }
      for (const auto& [column, why] : open) inputs_.emplace(column + width, why);
      width += input->columns.size();
    }
    OpenMap open = std::visit([&](const auto& op) { return Of(op); }, node->op);
    open.merge(OpenResults(*node));
    open_.columns_[node_] = std::move(open);
  }

  // What is open in the view's own rows cannot be looked for in its table.
  void Finish(const NodePtr& plan) {
    if (refusal_ || last_) return;
    const OpenMap& open = open_.columns_[plan.get()];
    if (!open.empty()) Refuse(open.begin()->second);
  }

  std::variant<OpenColumns, Refusal> Take() {
    if (refusal_) return *std::move(refusal_);
    return std::move(open_);
  }

 private:
  void Refuse(const std::string& why) {
    if (refusal_) return;
    refusal_ = Refusal{why + ", and other operators read that",
                       "Order by something unique, or sum decimals.", node_->offset};
  }

  // The reason why the expression is open, if it is.
  const std::string* WhyOpen(const ExpressionPtr& expression) const {
    if (!expression) return nullptr;
    for (const size_t column : algebra::ColumnsOf(expression)) {
      const auto found = inputs_.find(column);
      if (found != inputs_.end()) return &found->second;
    }
    return nullptr;
  }
  void RefuseWhere(const ExpressionPtr& decides) {
    if (const std::string* why = WhyOpen(decides)) Refuse(*why);
  }
  void RefuseAny() {
    if (!inputs_.empty()) Refuse(inputs_.begin()->second);
  }
  // Expressions of the right input of a join count from 0.
  void RefuseKeys(const std::vector<algebra::JoinKey>& keys) {
    const size_t width = node_->inputs[0]->columns.size();
    for (const algebra::JoinKey& key : keys) {
      RefuseWhere(key.left);
      RefuseWhere(algebra::ShiftColumns(key.right, 0, static_cast<int64_t>(width)));
    }
  }

  OpenMap Of(const algebra::Scan&) { return {}; }
  OpenMap Of(const algebra::Values&) { return {}; }
  OpenMap Of(const algebra::UnionAll&) { return inputs_; }
  OpenMap Of(const algebra::Filter& filter) {
    // Above the last operator the rows are computed anew in any case.
    if (!IsAboveLast()) RefuseWhere(filter.condition);
    return inputs_;
  }
  OpenMap Of(const algebra::Project& project) {
    OpenMap open;
    for (size_t i = 0; i < project.values.size(); ++i) {
      if (const std::string* why = WhyOpen(project.values[i])) open.emplace(i, *why);
    }
    return open;
  }
  OpenMap Of(const algebra::Join& join) {
    RefuseKeys(join.keys);
    RefuseWhere(join.condition);
    OpenMap open = inputs_;
    open.erase(open.lower_bound(node_->columns.size()), open.end());
    return open;
  }
  OpenMap Of(const algebra::AsofJoin& join) {
    RefuseKeys(join.keys);
    RefuseWhere(join.nearest);
    return inputs_;
  }
  OpenMap Of(const algebra::Aggregate& aggregate) {
    for (const ExpressionPtr& key : aggregate.keys) RefuseWhere(key);
    OpenMap open;
    for (size_t i = 0; i < aggregate.calls.size(); ++i) {
      const algebra::AggregateCall& call = aggregate.calls[i];
      std::vector<ExpressionPtr> read = call.arguments;
      read.push_back(call.filter);
      for (const algebra::SortKey& key : call.order) read.push_back(key.value);
      for (const ExpressionPtr& expression : read) {
        const std::string* why = WhyOpen(expression);
        if (why != nullptr) open.emplace(aggregate.keys.size() + i, *why);
      }
    }
    return open;
  }
  OpenMap Of(const algebra::Window& window) {
    OpenMap open = inputs_;
    const size_t width = node_->inputs[0]->columns.size();
    for (size_t i = 0; i < window.calls.size(); ++i) {
      const algebra::WindowCall& call = window.calls[i];
      for (const ExpressionPtr& key : call.partition) RefuseWhere(key);
      std::vector<ExpressionPtr> read = call.arguments;
      read.push_back(call.filter);
      for (const algebra::SortKey& key : call.argument_order) read.push_back(key.value);
      for (const algebra::SortKey& key : call.order) read.push_back(key.value);
      read.insert(read.end(), call.frame_values.begin(), call.frame_values.end());
      for (const ExpressionPtr& expression : read) {
        const std::string* why = WhyOpen(expression);
        if (why != nullptr) open.emplace(width + i, *why);
      }
    }
    return open;
  }
  OpenMap Of(const algebra::Distinct&) {
    RefuseAny();
    return {};
  }
  OpenMap Of(const algebra::SetOperation&) {
    RefuseAny();
    return {};
  }
  OpenMap Of(const algebra::DistinctOn& distinct) {
    for (const ExpressionPtr& target : distinct.targets) RefuseWhere(target);
    OpenMap open = inputs_;
    for (const algebra::SortKey& key : distinct.order) {
      if (const std::string* why = WhyOpen(key.value)) {
        open.merge(OpenFrom(*node_, 0, ColumnsOf(distinct.targets, {}), *why));
      }
    }
    return open;
  }
  OpenMap Of(const algebra::Limit& limit) {
    if (IsLast()) return inputs_;  // replaced as a whole
    for (const algebra::SortKey& key : limit.order) RefuseWhere(key.value);
    const OpenMap open = OpenResults(*node_);
    if (!open.empty()) Refuse(open.begin()->second);
    return inputs_;
  }
  OpenMap Of(const algebra::Unnest& unnest) {
    for (const ExpressionPtr& list : unnest.lists) RefuseWhere(list);
    return inputs_;
  }

  bool IsLast() const { return last_ && node_ == last_.get(); }
  // Nodes are visited inputs first, and nothing but projections and filters stands above.
  bool IsAboveLast() const { return last_ && open_.columns_.contains(last_.get()); }

  NodePtr last_;
  const Node* node_ = nullptr;
  OpenMap inputs_;  // open columns of the node's inputs, side by side
  OpenColumns open_;
  std::optional<Refusal> refusal_;
};

std::variant<OpenColumns, Refusal> OpenColumns::Of(const NodePtr& plan, const NodePtr& last) {
  OpenAnalysis analysis(last);
  algebra::ForEachNode(plan, [&](const NodePtr& node) { analysis.Visit(node); });
  analysis.Finish(plan);
  return analysis.Take();
}

bool OpenColumns::Any(const Node& node) const {
  const auto found = columns_.find(&node);
  return found != columns_.end() && !found->second.empty();
}

}  // namespace penstock::ivm
