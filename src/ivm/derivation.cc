#include "ivm/derivation.h"

#include "algebra/unique_key.h"
#include "ivm/instant.h"
#include "ivm/kept_state.h"
#include "ivm/replacement.h"
#include "ivm/time_window.h"
#include "ivm/weighted.h"

namespace penstock::ivm {

using algebra::ExpressionPtr;
using algebra::JoinKind;
using algebra::Node;
using algebra::NodePtr;

namespace {

NodePtr OldScans(const NodePtr& node, const std::set<std::string>& changed,
                 std::map<NodePtr, NodePtr>* known) {
  const auto found = known->find(node);
  if (found != known->end()) return found->second;
  NodePtr old = node;
  if (const auto* scan = std::get_if<algebra::Scan>(&node->op)) {
    if (changed.contains(scan->relation)) {
      old = algebra::MakeScan(OldRelation(scan->relation), node->columns);
    }
  } else {
    std::vector<NodePtr> inputs;
    for (const NodePtr& input : node->inputs) inputs.push_back(OldScans(input, changed, known));
    if (inputs != node->inputs) old = algebra::WithInputs(*node, std::move(inputs));
  }
  (*known)[node] = old;
  return old;
}

Refusal Refuse(const std::string& what, const Node& node, std::string remedy) {
  return {what + " in the " + algebra::NameOf(node.op) + " cannot be refreshed incrementally",
          std::move(remedy), node.offset};
}

std::optional<Refusal> WhyUnsteady(const NodePtr& plan) {
  std::optional<Refusal> refusal;
  algebra::ForEachNode(plan, [&](const NodePtr& node) {
    algebra::ForEachExpression(node->op, [&](const ExpressionPtr& expression) {
      if (refusal) return;
      if (!algebra::IsDeterministic(expression)) {
        refusal = Refuse("a random value", *node, "Compute the value where the row is ingested.");
      } else if (algebra::DependsOnTime(expression) &&
                 !std::holds_alternative<algebra::Filter>(node->op)) {
        refusal = Refuse("the current time", *node,
                         "Compare the time in WHERE, or compute with it where the view is read.");
      }
    });
  });
  return refusal;
}

std::variant<OpenColumns, Refusal> OpenColumnsOf(const NodePtr& plan) {
  if (auto refusal = WhyUnsteady(plan)) return *std::move(refusal);
  const auto last = FindLastOperator(plan);
  return OpenColumns::Of(plan, last ? last->node : nullptr);
}

}  // namespace

std::optional<Refusal> WhyNotDerived(const NodePtr& plan) {
  auto open = OpenColumnsOf(plan);
  if (auto* refusal = std::get_if<Refusal>(&open)) return std::move(*refusal);
  return std::nullopt;
}

std::string OldRelation(const std::string& relation) { return relation + "@old"; }
std::string ChangeRelation(const std::string& relation) { return relation + "@change"; }

ExpressionPtr Derivation::Now(const ExpressionPtr& expression) const {
  return FixTime(expression, options_.now);
}

ExpressionPtr Derivation::Then(const ExpressionPtr& expression) const {
  return FixTime(expression, options_.then);
}

std::vector<ExpressionPtr> Derivation::TrueOnlyNow(const ExpressionPtr& condition) const {
  return TrueOnlyAt(condition, options_.now, options_.then);
}

std::vector<ExpressionPtr> Derivation::TrueOnlyThen(const ExpressionPtr& condition) const {
  return TrueOnlyAt(condition, options_.then, options_.now);
}

NodePtr Derivation::New(const NodePtr& node) {
  NodePtr& known = new_[node];
  if (!known) known = AtInstant(node, options_.now);
  return known;
}

NodePtr Derivation::Old(const NodePtr& node) {
  NodePtr& known = old_[node];
  if (!known) {
    std::map<NodePtr, NodePtr> scans;
    known = OldScans(AtInstant(node, options_.then), options_.changed, &scans);
  }
  return known;
}

NodePtr Derivation::Difference(const Node& node, const NodePtr& now, const NodePtr& then) const {
  const NodePtr both = UnionOf({Weighted(now, 1), Weighted(then, -1)});
  return open_.Any(node) ? both : Consolidated(both);
}

NodePtr Derivation::Store(NodePtr plan, std::string purpose) {
  const std::string table = "step" + std::to_string(steps_.size());
  std::vector<algebra::Column> columns;
  for (size_t i = 0; i < plan->columns.size(); ++i) {
    columns.push_back({"c" + std::to_string(i), plan->columns[i].type});
  }
  steps_.push_back({table, std::move(plan), std::move(purpose)});
  return algebra::MakeScan(table, std::move(columns));
}

NodePtr Derivation::Change(const NodePtr& node) {
  const auto known = changes_.find(node);
  if (known != changes_.end()) return known->second;
  const NodePtr change = Derived(node);
  changes_[node] = change;
  return change;
}

NodePtr Derivation::StoredChange(const NodePtr& node) {
  const auto known = stored_.find(node);
  if (known != stored_.end()) return known->second;
  NodePtr change = Change(node);
  if (change && !std::holds_alternative<algebra::Scan>(change->op)) {
    change = Store(change, "change of " + algebra::NameOf(node->op));
  }
  stored_[node] = change;
  return change;
}

NodePtr Derivation::Derived(const NodePtr& node) {
  struct Rule {
    Derivation& derivation;
    const Node& node;
    NodePtr operator()(const algebra::Scan&) const {
      return ChangeOfScan(derivation.options_, node);
    }
    NodePtr operator()(const algebra::Values&) const { return nullptr; }
    NodePtr operator()(const algebra::Filter&) const { return ChangeOfFilter(derivation, node); }
    NodePtr operator()(const algebra::Project&) const { return ChangeOfProject(derivation, node); }
    NodePtr operator()(const algebra::UnionAll&) const {
      return ChangeOfUnionAll(derivation, node);
    }
    NodePtr operator()(const algebra::Unnest&) const { return ChangeOfUnnest(derivation, node); }
    NodePtr operator()(const algebra::Join& join) const {
      if (join.kind == JoinKind::kInner) return ChangeOfInnerJoin(derivation, node);
      if (join.kind == JoinKind::kFull) return ChangeOfKeyed(derivation, node);
      return ChangeOfLeftJoin(derivation, node);
    }
    NodePtr operator()(const algebra::AsofJoin&) const {
      return ChangeOfLeftJoin(derivation, node);
    }
    NodePtr operator()(const algebra::Aggregate&) const { return ChangeOfKeyed(derivation, node); }
    NodePtr operator()(const algebra::Distinct&) const { return ChangeOfKeyed(derivation, node); }
    NodePtr operator()(const algebra::DistinctOn&) const { return ChangeOfKeyed(derivation, node); }
    NodePtr operator()(const algebra::Window&) const { return ChangeOfKeyed(derivation, node); }
    NodePtr operator()(const algebra::SetOperation&) const {
      return ChangeOfKeyed(derivation, node);
    }
    NodePtr operator()(const algebra::Limit&) const { return ChangeOfKeyed(derivation, node); }
  };
  return std::visit(Rule{*this, *node}, node->op);
}

Result<Program> Derive(const NodePtr& plan, const DeriveOptions& options) {
  auto open = OpenColumnsOf(plan);
  if (const auto* refusal = std::get_if<Refusal>(&open)) {
    return UserError("NOT_INCREMENTAL", refusal->reason, refusal->remedy);
  }
  const auto last = FindLastOperator(plan);
  Derivation derivation(options, std::get<OpenColumns>(std::move(open)));
  Program program;
  program.key = algebra::UniqueKey(plan);
  if (last && options.state != StateUse::kNone) {
    auto kept = ReplaceKept(derivation, plan, *last, options.state);
    if (kept) {
      program.replacement = std::move(kept->replacement);
      program.state = std::move(kept->state);
    }
    program.steps = derivation.TakeSteps();
    return program;
  }
  if (last) {
    program.replacement = Replace(derivation, plan, *last);
    program.steps = derivation.TakeSteps();
    return program;
  }
  const NodePtr change = derivation.Change(plan);
  if (change) {
    derivation.Store(Consolidated(change), "change of the view");
    program.steps = derivation.TakeSteps();
    program.change = program.steps.back().table;
  }
  return program;
}

}  // namespace penstock::ivm
