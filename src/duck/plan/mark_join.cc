#include "duck/plan/mark_join.h"

#include <algorithm>

#include "duck/plan/bound_expression.h"

namespace penstock::duck {
namespace {

using algebra::ExpressionPtr;
using algebra::JoinKey;
using algebra::NodePtr;

constexpr char kBoolean[] = "BOOLEAN";

ExpressionPtr Positive(ExpressionPtr count) {
  return algebra::MakeInfix(">", {std::move(count), algebra::MakeLiteral("0", "BIGINT")}, kBoolean);
}

algebra::AggregateCall CountWhere(ExpressionPtr condition) {
  algebra::AggregateCall call;
  call.function = "count_star";
  call.filter = std::move(condition);
  call.type = "BIGINT";
  return call;
}

class Marking {
 public:
  Marking(NodePtr left, NodePtr right, std::vector<JoinKey> keys)
      : width_(left->columns.size()),
        left_(std::move(left)),
        right_(std::move(right)),
        keys_(std::move(keys)),
        joined_(left_) {}

  NodePtr Run() {
    const JoinKey* compared = nullptr;
    for (const JoinKey& key : keys_) {
      if (key.null_safe) continue;
      if (compared != nullptr) throw NoCounterpart{"IN over several columns", std::nullopt};
      compared = &key;
    }
    AddHit();
    algebra::Case mark;
    mark.branches.emplace_back(
        algebra::MakeIsNotNull(algebra::ColumnOf(*joined_, joined_->columns.size() - 1)),
        algebra::MakeLiteral("true", kBoolean));
    if (compared != nullptr) {
      AddNulls(*compared);
      const size_t last = joined_->columns.size() - 1;
      mark.branches.emplace_back(
          algebra::Conjunction(
              {algebra::ColumnOf(*joined_, last - 1),
               algebra::MakeInfix(
                   "OR", {algebra::MakeIsNull(compared->left), algebra::ColumnOf(*joined_, last)},
                   kBoolean)}),
          algebra::MakeLiteral("CAST(NULL AS BOOLEAN)", kBoolean));
    }
    mark.otherwise = algebra::MakeLiteral("false", kBoolean);
    std::vector<ExpressionPtr> values;
    for (size_t i = 0; i < width_; ++i) values.push_back(algebra::ColumnOf(*left_, i));
    values.push_back(std::make_shared<const algebra::Expression>(
        algebra::Expression{std::move(mark), kBoolean}));
    return algebra::MakeProject(joined_, std::move(values));
  }

 private:
  // A column that is not NULL where there is a partner.
  void AddHit() {
    std::vector<ExpressionPtr> values;
    for (const JoinKey& key : keys_) values.push_back(key.right);
    NodePtr partners = algebra::MakeDistinct(algebra::MakeProject(right_, values));
    auto columns = algebra::ColumnsOf(*partners);
    columns.push_back(algebra::MakeLiteral("true", kBoolean));
    partners = algebra::MakeProject(partners, std::move(columns));
    algebra::Join join{algebra::JoinKind::kLeft, {}, nullptr};
    for (size_t i = 0; i < keys_.size(); ++i) {
      join.keys.push_back({keys_[i].left, algebra::ColumnOf(*partners, i), keys_[i].null_safe});
    }
    joined_ = algebra::MakeJoin(joined_, partners, std::move(join));
  }

  // Whether there are values to compare with at all, and whether one of them is NULL.
  void AddNulls(const JoinKey& compared) {
    algebra::Aggregate aggregate;
    algebra::Join join{algebra::JoinKind::kInner, {}, nullptr};
    for (const JoinKey& key : keys_) {
      if (!key.null_safe) continue;
      const size_t position = aggregate.keys.size();
      aggregate.keys.push_back(key.right);
      join.kind = algebra::JoinKind::kLeft;
      join.keys.push_back({key.left, algebra::MakeColumn(position, key.right->type), true});
    }
    aggregate.calls = {CountWhere(nullptr), CountWhere(algebra::MakeIsNull(compared.right))};
    const size_t groups = aggregate.keys.size();
    NodePtr counts = algebra::MakeAggregate(right_, std::move(aggregate));
    auto values = algebra::ColumnsOf(*counts);
    values[groups] = Positive(values[groups]);
    values[groups + 1] = Positive(values[groups + 1]);
    joined_ = algebra::MakeJoin(joined_, algebra::MakeProject(counts, std::move(values)),
                                std::move(join));
  }

  size_t width_;
  NodePtr left_;
  NodePtr right_;
  std::vector<JoinKey> keys_;
  NodePtr joined_;
};

}  // namespace

NodePtr WithMark(NodePtr rows, bool mark) {
  auto values = algebra::ColumnsOf(*rows);
  values.push_back(algebra::MakeLiteral(mark ? "true" : "false", kBoolean));
  return algebra::MakeProject(std::move(rows), std::move(values));
}

NodePtr MarkJoin(NodePtr left, NodePtr right, std::vector<JoinKey> keys, ExpressionPtr condition,
                 MarkUse use) {
  // Where NULLs are compared, a row without a partner may be neither.
  const bool plain =
      std::all_of(keys.begin(), keys.end(), [](const JoinKey& key) { return key.null_safe; });
  if (use == MarkUse::kMatches || (use == MarkUse::kOthers && plain)) {
    const bool matches = use == MarkUse::kMatches;
    const auto kind = matches ? algebra::JoinKind::kSemi : algebra::JoinKind::kAnti;
    return WithMark(algebra::MakeJoin(std::move(left), std::move(right),
                                      algebra::Join{kind, std::move(keys), std::move(condition)}),
                    matches);
  }
  if (condition) throw NoCounterpart{"a comparison with all values of a subquery", std::nullopt};
  return Marking(std::move(left), std::move(right), std::move(keys)).Run();
}

}  // namespace penstock::duck
