#include "ivm/kept_state.h"

#include "ivm/accumulator.h"
#include "ivm/restrict.h"
#include "ivm/weighted.h"

namespace penstock::ivm {
namespace {

using algebra::ExpressionPtr;
using algebra::NodePtr;

constexpr char kLookup[] = "state@kept";

std::string TableOf(const NodePtr& stored) { return std::get<algebra::Scan>(stored->op).relation; }

// An aggregate with what is kept for each of its calls.
class Kept {
 public:
  static std::optional<Kept> Of(const NodePtr& node) {
    const auto* aggregate = std::get_if<algebra::Aggregate>(&node->op);
    if (aggregate == nullptr) return std::nullopt;
    Kept kept(node, *aggregate);
    for (const algebra::AggregateCall& call : aggregate->calls) {
      auto accumulator = AccumulatorOf(call);
      if (!accumulator) return std::nullopt;
      for (const auto& part : accumulator->parts) kept.parts_.push_back(part);
      kept.accumulators_.push_back(*std::move(accumulator));
    }
    return kept;
  }

  size_t keys() const { return aggregate_->keys.size(); }
  size_t parts() const { return parts_.size(); }
  const NodePtr& input() const { return node_->inputs[0]; }
  const Expressions& grouping() const { return aggregate_->keys; }

  KeptState State() const {
    KeptState state;
    state.keys = keys();
    const auto add = [&](const std::string& type) {
      state.columns.push_back({"c" + std::to_string(state.columns.size()), type});
    };
    for (const ExpressionPtr& key : aggregate_->keys) add(key->type);
    add(kWeightType);
    for (const auto& part : parts_) add(part.type);
    for (const Accumulator& one : accumulators_) state.loses_by_removal |= one.loses_by_removal;
    return state;
  }

  // The state of the groups of `rows`, which are of the input's columns.
  NodePtr Groups(const NodePtr& rows) const {
    algebra::Aggregate aggregate{aggregate_->keys, {CountOfRows(nullptr)}};
    for (const auto& part : parts_) aggregate.calls.push_back(part);
    return algebra::MakeAggregate(rows, std::move(aggregate));
  }

  // The same of rows that came and, behind, of rows that went; `change` has a weight of 1 or -1.
  NodePtr ChangedGroups(const NodePtr& change) const {
    const ExpressionPtr weight = algebra::ColumnOf(*change, WidthOf(*change));
    algebra::Aggregate aggregate{aggregate_->keys, {}};
    for (const char* sign : {">", "<"}) {
      const ExpressionPtr condition =
          algebra::MakeInfix(sign, {weight, algebra::MakeLiteral("0", kWeightType)}, "BOOLEAN");
      aggregate.calls.push_back(CountOfRows(condition));
      for (algebra::AggregateCall part : parts_) {
        part.filter = part.filter ? algebra::Conjunction({part.filter, condition}) : condition;
        aggregate.calls.push_back(std::move(part));
      }
    }
    return algebra::MakeAggregate(change, std::move(aggregate));
  }

  // The aggregate's own columns from the state's.
  NodePtr Results(const NodePtr& state) const {
    Expressions values;
    for (size_t i = 0; i < keys(); ++i) values.push_back(algebra::ColumnOf(*state, i));
    size_t place = keys() + 1;
    for (size_t i = 0; i < accumulators_.size(); ++i) {
      values.push_back(
          As(accumulators_[i].result(Slice(*state, &place, i)), aggregate_->calls[i].type));
    }
    return algebra::MakeProject(state, std::move(values));
  }

  // Groups that change as they are now, from their change and what was kept: the state's columns,
  // and whether they are lost. `joined` has ChangedGroups' columns and then the state's.
  NodePtr Merged(const NodePtr& joined) const {
    const size_t side = 1 + parts();  // rows and parts
    const size_t added = keys();
    const size_t removed = added + side;
    const size_t kept = removed + side + keys();
    const auto column = [&](size_t place) { return algebra::ColumnOf(*joined, place); };
    const auto zero = algebra::MakeLiteral("CAST(0 AS BIGINT)", kWeightType);
    const auto count = [&](size_t place) { return algebra::MakeCoalesce(column(place), zero); };
    Expressions values;
    for (size_t i = 0; i < keys(); ++i) values.push_back(column(i));
    const ExpressionPtr rows = algebra::MakeInfix(
        "-", {algebra::MakeInfix("+", {count(kept), count(added)}, kWeightType), count(removed)},
        kWeightType);
    values.push_back(rows);
    ExpressionPtr lost = algebra::MakeInfix("<", {rows, zero}, "BOOLEAN");
    size_t places[] = {added + 1, removed + 1, kept + 1};
    for (size_t i = 0; i < accumulators_.size(); ++i) {
      GroupParts group;
      group.added = Slice(*joined, &places[0], i);
      group.removed = Slice(*joined, &places[1], i);
      group.kept = Slice(*joined, &places[2], i);
      const Expressions merged = accumulators_[i].merged(group);
      for (size_t part = 0; part < merged.size(); ++part) {
        values.push_back(As(merged[part], accumulators_[i].parts[part].type));
      }
      if (accumulators_[i].lost) {
        lost = algebra::MakeInfix("OR", {lost, accumulators_[i].lost(group)}, "BOOLEAN");
      }
    }
    values.push_back(algebra::MakePostfix(lost, "IS TRUE", "BOOLEAN"));
    return algebra::MakeProject(joined, std::move(values));
  }

  bool CanBeLost() const {
    return std::any_of(accumulators_.begin(), accumulators_.end(),
                       [](const Accumulator& one) { return one.lost != nullptr; });
  }

 private:
  Kept(NodePtr node, const algebra::Aggregate& aggregate)
      : node_(std::move(node)), aggregate_(&aggregate) {}

  static algebra::AggregateCall CountOfRows(const ExpressionPtr& condition) {
    return {"count_star", {}, false, condition, {}, kWeightType};
  }

  static ExpressionPtr As(const ExpressionPtr& value, const std::string& type) {
    return value->type == type ? value : algebra::MakeCast(value, type);
  }

  Expressions Slice(const algebra::Node& node, size_t* place, size_t call) const {
    Expressions columns;
    for (size_t i = 0; i < accumulators_[call].parts.size(); ++i) {
      columns.push_back(algebra::ColumnOf(node, (*place)++));
    }
    return columns;
  }

  NodePtr node_;
  const algebra::Aggregate* aggregate_;  // of the node
  std::vector<Accumulator> accumulators_;
  std::vector<algebra::AggregateCall> parts_;  // of all of them
};

// A change with every row as often as its weight says, and that 1 or -1.
NodePtr Expanded(const NodePtr& change) {
  const size_t width = WidthOf(*change);
  const ExpressionPtr weight = algebra::ColumnOf(*change, width);
  const ExpressionPtr times =
      algebra::MakeFunction("range", {algebra::MakeFunction("abs", {weight}, kWeightType)},
                            std::string(kWeightType) + "[]");
  auto columns = change->columns;
  columns.push_back({"", kWeightType});
  const NodePtr rows = algebra::MakeNode(algebra::Unnest{{times}}, {change}, std::move(columns));
  auto values = algebra::ColumnsOf(*rows);
  values.resize(width);
  values.push_back(algebra::MakeFunction("sign", {weight}, kWeightType));
  return algebra::MakeProject(rows, std::move(values));
}

// One value for all rows where the aggregate has no keys, so that they can be joined by something.
Expressions KeysOrOne(const algebra::Node& node, size_t keys) {
  Expressions values;
  for (size_t i = 0; i < keys; ++i) values.push_back(algebra::ColumnOf(node, i));
  if (keys == 0) values.push_back(algebra::MakeLiteral("1", "INTEGER"));
  return values;
}

class KeptRefresh {
 public:
  KeptRefresh(Derivation& derivation, const Kept& kept, const NodePtr& change)
      : derivation_(derivation), kept_(kept), change_(change) {}

  // The groups that change, as they are now; `steps` but for the rows are said.
  NodePtr Read(StateSteps* steps) {
    const NodePtr changed = derivation_.Store(kept_.ChangedGroups(Expanded(Consolidated(change_))),
                                              "what came and went by group");
    steps->keys = TableOf(changed);
    steps->lookup = kLookup;
    steps->first = derivation_.steps();
    const NodePtr lookup = algebra::MakeScan(kLookup, kept_.State().columns);
    algebra::Join join{algebra::JoinKind::kLeft, {}, nullptr};
    const Expressions left = KeysOrOne(*changed, kept_.keys());
    const Expressions right = KeysOrOne(*lookup, kept_.keys());
    for (size_t i = 0; i < left.size(); ++i) join.keys.push_back({left[i], right[i], true});
    const NodePtr merged =
        derivation_.Store(kept_.Merged(algebra::MakeJoin(changed, lookup, std::move(join))),
                          "groups that change, from what was kept");
    NodePtr rows = Known(merged);
    if (kept_.CanBeLost()) rows = UnionOf({rows, ReadAgain(merged)});
    rows = derivation_.Store(rows, "groups that change");
    steps->rows = TableOf(rows);
    return rows;
  }

 private:
  ExpressionPtr IsLost(const NodePtr& merged) const {
    return algebra::ColumnOf(*merged, merged->columns.size() - 1);
  }

  NodePtr StateColumns(const NodePtr& merged) const {
    auto values = algebra::ColumnsOf(*merged);
    values.pop_back();
    return algebra::MakeProject(merged, std::move(values));
  }

  // Groups without rows are gone; that of an aggregate without keys is always there.
  NodePtr Known(const NodePtr& merged) const {
    Expressions conditions = {algebra::MakePostfix(IsLost(merged), "IS NOT TRUE", "BOOLEAN")};
    if (kept_.keys() > 0) {
      conditions.push_back(algebra::MakeInfix(
          ">", {algebra::ColumnOf(*merged, kept_.keys()), algebra::MakeLiteral("0", kWeightType)},
          "BOOLEAN"));
    }
    return StateColumns(algebra::MakeFilter(merged, algebra::Conjunction(std::move(conditions))));
  }

  // Those that are lost, from the sources.
  NodePtr ReadAgain(const NodePtr& merged) {
    const NodePtr lost =
        derivation_.Store(algebra::MakeProject(algebra::MakeFilter(merged, IsLost(merged)),
                                               KeysOrOne(*merged, kept_.keys())),
                          "groups that are read again");
    const NodePtr rows = derivation_.New(kept_.input());
    if (kept_.keys() > 0) return kept_.Groups(Restrict(rows, kept_.grouping(), lost));
    const Expressions one = KeysOrOne(*rows, 0);
    return algebra::MakeSemiJoin(kept_.Groups(algebra::MakeSemiJoin(rows, one, lost)), one, lost);
  }

  Derivation& derivation_;
  const Kept& kept_;
  const NodePtr& change_;
};

}  // namespace

std::optional<KeptState> StateOf(const NodePtr& plan) {
  const auto last = FindLastOperator(plan);
  if (!last) return std::nullopt;
  const auto kept = Kept::Of(last->node);
  if (!kept) return std::nullopt;
  // Open values that went could not be taken out of what is kept.
  const auto open = OpenColumns::Of(plan, last->node);
  const auto* columns = std::get_if<OpenColumns>(&open);
  if (columns == nullptr || columns->Any(*kept->input())) return std::nullopt;
  return kept->State();
}

std::optional<KeptReplacement> ReplaceKept(Derivation& derivation, const NodePtr& plan,
                                           const LastOperator& last, StateUse use) {
  const auto kept = Kept::Of(last.node);
  const NodePtr change = derivation.StoredChange(kept->input());
  if (!change) return std::nullopt;
  KeptReplacement kept_replacement;
  kept_replacement.state.state = kept->State();
  kept_replacement.replacement.columns = last.columns;
  StateSteps& steps = kept_replacement.state;
  NodePtr groups;
  if (use == StateUse::kRead) {
    groups = KeptRefresh(derivation, *kept, change).Read(&steps);
    if (kept->keys() > 0) kept_replacement.replacement.keys = steps.keys;
  } else {
    const NodePtr all =
        derivation.Store(kept->Groups(derivation.New(kept->input())), "every group");
    steps.rows = TableOf(all);
    groups = all;
    const auto affected = AffectedKeys(derivation, *last.node);
    if (affected->keys) {
      kept_replacement.replacement.keys = TableOf(affected->keys);
      groups = algebra::MakeSemiJoin(all, KeysOrOne(*all, kept->keys()), affected->keys);
    }
  }
  const NodePtr rows = derivation.Store(WithLast(derivation, plan, last, kept->Results(groups)),
                                        "rows with keys that change");
  kept_replacement.replacement.rows = TableOf(rows);
  return kept_replacement;
}

}  // namespace penstock::ivm
