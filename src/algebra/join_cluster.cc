#include "algebra/join_cluster.h"

#include <algorithm>
#include <optional>

namespace penstock::algebra {
namespace {

using Inputs = std::set<size_t>;

// "a = b", or null-safe.
std::optional<JoinKey> AsEquality(const ExpressionPtr& condition) {
  const auto* call = std::get_if<Call>(&condition->form);
  if (call == nullptr || call->syntax != Call::Syntax::kInfix || call->arguments.size() != 2) {
    return std::nullopt;
  }
  const bool null_safe = call->name == "IS NOT DISTINCT FROM";
  if (!null_safe && call->name != "=") return std::nullopt;
  return JoinKey{call->arguments[0], call->arguments[1], null_safe};
}

class Ordering {
 public:
  explicit Ordering(const JoinCluster& cluster) : cluster_(cluster) {
    for (const NodePtr& input : cluster.inputs) {
      firsts_.push_back(width_);
      width_ += input->columns.size();
    }
    places_.resize(width_);
    used_.resize(cluster.conditions.size(), false);
  }

  NodePtr Run(const std::function<NodePtr(const NodePtr&, std::vector<ExpressionPtr>)>& filtered) {
    std::vector<NodePtr> inputs;
    for (size_t i = 0; i < cluster_.inputs.size(); ++i) {
      inputs.push_back(filtered(cluster_.inputs[i], ConditionsOf(i)));
    }
    const size_t first = First();
    Take(first, 0);
    joined_ = inputs[first];
    while (taken_.size() < inputs.size()) {
      const size_t next = Next();
      JoinWith(next, inputs[next]);
    }
    std::vector<ExpressionPtr> rest;
    for (size_t i = 0; i < used_.size(); ++i) {
      if (!used_[i]) rest.push_back(Moved(cluster_.conditions[i]));
    }
    return InOrder(Filtered(joined_, std::move(rest)));
  }

 private:
  size_t InputOf(size_t column) const {
    return static_cast<size_t>(std::upper_bound(firsts_.begin(), firsts_.end(), column) -
                               firsts_.begin()) -
           1;
  }

  Inputs InputsOf(const ExpressionPtr& expression) const {
    Inputs inputs;
    for (const size_t column : ColumnsOf(expression)) inputs.insert(InputOf(column));
    return inputs;
  }

  static bool IsMovable(const ExpressionPtr& condition) { return IsDeterministic(condition); }

  // What is about this input alone, over its columns.
  std::vector<ExpressionPtr> ConditionsOf(size_t input) {
    std::vector<ExpressionPtr> conditions;
    for (size_t i = 0; i < used_.size(); ++i) {
      const ExpressionPtr& condition = cluster_.conditions[i];
      if (!IsMovable(condition) || InputsOf(condition) != Inputs{input}) continue;
      used_[i] = true;
      conditions.push_back(ShiftColumns(condition, 0, -static_cast<int64_t>(firsts_[input])));
    }
    return conditions;
  }

  size_t First() const {
    for (size_t i = 0; i < cluster_.inputs.size(); ++i) {
      if (!cluster_.late.contains(i)) return i;
    }
    return 0;
  }

  // The condition as a key between what is joined and `next`, the former left.
  std::optional<JoinKey> KeyWith(const ExpressionPtr& condition, size_t next) const {
    auto key = AsEquality(condition);
    if (!key || !IsMovable(condition) || DependsOnTime(condition)) return std::nullopt;
    Inputs left = InputsOf(key->left);
    Inputs right = InputsOf(key->right);
    if (left == Inputs{next}) {
      std::swap(key->left, key->right);
      std::swap(left, right);
    }
    if (right != Inputs{next} || left.empty() || !AreTaken(left)) return std::nullopt;
    return key;
  }

  bool AreTaken(const Inputs& inputs) const {
    return std::includes(taken_.begin(), taken_.end(), inputs.begin(), inputs.end());
  }

  size_t Next() const {
    std::optional<size_t> late;
    std::optional<size_t> any;
    for (size_t i = 0; i < cluster_.inputs.size(); ++i) {
      if (taken_.contains(i)) continue;
      const bool is_late = cluster_.late.contains(i);
      if (!any || (cluster_.late.contains(*any) && !is_late)) any = i;
      for (const ExpressionPtr& condition : cluster_.conditions) {
        if (!KeyWith(condition, i)) continue;
        if (!is_late) return i;
        late = i;
      }
    }
    return late ? *late : *any;
  }

  void Take(size_t input, size_t place) {
    taken_.insert(input);
    for (size_t i = 0; i < cluster_.inputs[input]->columns.size(); ++i) {
      places_[firsts_[input] + i] = place + i;
    }
  }

  // Over the columns as they are joined.
  ExpressionPtr Moved(const ExpressionPtr& expression) const {
    return MapParts(expression, [&](const Expression& part) -> ExpressionPtr {
      const auto* column = std::get_if<ColumnRef>(&part.form);
      return column == nullptr ? nullptr : MakeColumn(places_[column->index], part.type);
    });
  }

  void JoinWith(size_t next, const NodePtr& input) {
    Join join;
    for (size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) continue;
      const auto key = KeyWith(cluster_.conditions[i], next);
      if (!key) continue;
      used_[i] = true;
      join.keys.push_back({Moved(key->left),
                           ShiftColumns(key->right, 0, -static_cast<int64_t>(firsts_[next])),
                           key->null_safe});
    }
    Take(next, joined_->columns.size());
    std::vector<ExpressionPtr> others;
    for (size_t i = 0; i < used_.size(); ++i) {
      const ExpressionPtr& condition = cluster_.conditions[i];
      if (used_[i] || !IsMovable(condition) || DependsOnTime(condition)) continue;
      const Inputs about = InputsOf(condition);
      if (about.empty() || !AreTaken(about)) continue;
      used_[i] = true;
      others.push_back(Moved(condition));
    }
    if (!others.empty()) join.condition = Conjunction(std::move(others));
    joined_ = MakeJoin(joined_, input, std::move(join));
  }

  NodePtr InOrder(const NodePtr& node) const {
    std::vector<ExpressionPtr> values;
    bool same = true;
    for (size_t i = 0; i < width_; ++i) {
      values.push_back(ColumnOf(*node, places_[i]));
      same &= places_[i] == i;
    }
    return same ? node : MakeProject(node, std::move(values));
  }

  const JoinCluster& cluster_;
  std::vector<size_t> firsts_;  // where each input's columns begin
  size_t width_ = 0;
  std::vector<bool> used_;      // by condition
  std::set<size_t> taken_;      // inputs that are joined
  std::vector<size_t> places_;  // of the cluster's columns in what is joined
  NodePtr joined_;
};

}  // namespace

NodePtr JoinedInOrder(
    const JoinCluster& cluster,
    const std::function<NodePtr(const NodePtr&, std::vector<ExpressionPtr>)>& filtered) {
  return Ordering(cluster).Run(filtered);
}

NodePtr Filtered(NodePtr node, std::vector<ExpressionPtr> conditions) {
  if (conditions.empty()) return node;
  return MakeFilter(std::move(node), Conjunction(std::move(conditions)));
}

}  // namespace penstock::algebra
