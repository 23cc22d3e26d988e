#include "run/change_plan.h"

#include <map>

#include "duck/plan/bound_plan.h"
#include "ivm/program.h"
#include "run/change_rules.h"
#include "run/changed_rows.h"
#include "run/leaf_relation.h"
#include "run/refresh_decision.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

Unsuited RuleUnsuited(const quality::Rule& rule, const std::string& what) {
  return {"EXPECTATIONS_NOT_SUPPORTED", "its expectation " + rule.declared.name + " " + what,
          "Put it on a table that is not refreshed incrementally.", rule.declared.where};
}

std::optional<Unsuited> WhyViewRules(const BoundNode& bound) {
  if (bound.rules.empty()) return std::nullopt;
  return Unsuited{"EXPECTATIONS_NOT_SUPPORTED", "a view that it reads has expectations",
                  "Put them on this view, or on a table that it reads.",
                  bound.rules[0].declared.where};
}

std::optional<Unsuited> WhyInput(const BoundLeaf& leaf) {
  const auto unsuited = [&](const char* reason, const char* remedy) {
    return Unsuited{"INPUT_NOT_SUPPORTED", reason, remedy, leaf.input.where};
  };
  if (leaf.files) {
    return unsuited("it reads files, of which what changed is not known",
                    "Put a streaming table between: it reads each file once.");
  }
  if (leaf.changes) return unsuited("it reads the change feed of a table", "Read the table.");
  if (leaf.input.uses_metadata) return unsuited("it reads _metadata", "Leave _metadata out.");
  return std::nullopt;
}

std::optional<Unsuited> WhyUnsuited(const Pipeline& pipeline, size_t node) {
  const BoundNode& bound = pipeline.bound[node];
  const BoundFlow& flow = bound.flows[0];
  if (const quality::Rule* rule = RuleOfMoreThanARow(bound.rules)) {
    return RuleUnsuited(*rule, "judges more than one row");
  }
  for (const graph::ViewInstance& view : flow.query.views) {
    if (auto why = WhyViewRules(pipeline.bound[view.dataset])) return why;
  }
  for (const BoundLeaf& leaf : flow.leaves) {
    if (auto why = WhyInput(leaf)) return why;
  }
  return std::nullopt;
}

// Rows of a relation; bytes as many as they would have on the average.
Amount Share(const Amount& whole, int64_t rows) {
  if (whole.rows <= 0) return {rows, 0};
  const double bytes = static_cast<double>(whole.bytes) / static_cast<double>(whole.rows);
  return {rows, static_cast<int64_t>(bytes * static_cast<double>(rows))};
}

// Rows that have so many bytes on the average.
int64_t RowsOf(const Amount& whole, int64_t bytes) {
  if (whole.bytes <= 0) return 0;
  const double rows = static_cast<double>(whole.rows) / static_cast<double>(whole.bytes);
  return static_cast<int64_t>(rows * static_cast<double>(bytes));
}

Amount& operator+=(Amount& sum, const Amount& amount) {
  sum.rows += amount.rows;
  sum.bytes += amount.bytes;
  return sum;
}

Amount SizeOf(const delta::Snapshot& snapshot) {
  return {snapshot.NumRecords().value_or(0), snapshot.TotalBytes()};
}

class Binding {
 public:
  Binding(Workspace& workspace, const Pipeline& pipeline, size_t node)
      : workspace_(workspace),
        bound_(pipeline.bound[node]),
        flow_(bound_.flows[0]),
        declared_(pipeline.graph.nodes[node].flows[0].query) {}

  Result<std::variant<algebra::NodePtr, Unsuited>> Run() {
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    RETURN_IF_ERROR(CreateEmptyInputs(connection, flow_));
    auto query = duck::PlanOf(connection, flow_.query.text);
    if (!query.ok()) {
      return Of({"OPERATOR_NOT_SUPPORTED", std::move(query).error().message,
                 "Take it out of the view, or read it from a table.",
                 PlaceOf(connection.LastErrorOffset())});
    }
    if (const auto refusal = ivm::WhyNotDerived(*query)) {
      return Of(
          {"PLAN_NOT_DETERMINISTIC", refusal->reason, refusal->remedy, PlaceOf(refusal->offset)});
    }
    ASSIGN_OR_RETURN(auto rules, WhyCondition(connection));
    if (rules) return Of(*std::move(rules));
    if (flow_.query.nondeterministic) {
      return Of({"PLAN_NOT_DETERMINISTIC", "the query gives other rows each time", "",
                 declared_.source.where});
    }
    return std::variant<algebra::NodePtr, Unsuited>(*std::move(query));
  }

 private:
  static std::variant<algebra::NodePtr, Unsuited> Of(Unsuited unsuited) { return unsuited; }

  // Places within a view that the query reads are not told apart from its own.
  SourceLocation PlaceOf(std::optional<size_t> offset) const {
    if (!offset || !flow_.query.views.empty()) return declared_.source.where;
    return sql::LocationAt(declared_.source, declared_.query.map.Original(*offset));
  }

  // What was judged of a row must hold as long as the row is there.
  Result<std::optional<Unsuited>> WhyCondition(duck::Connection& connection) const {
    for (const quality::Rule& rule : bound_.rules) {
      if (rule.condition.empty()) continue;
      const auto plan = duck::PlanOf(connection, "SELECT (" + rule.condition + ") AS holds FROM (" +
                                                     EmptyRelation(bound_.columns) + ")");
      if (!plan.ok()) return std::optional<Unsuited>(RuleUnsuited(rule, "cannot be judged again"));
      bool steady = true;
      algebra::ForEachNode(*plan, [&](const algebra::NodePtr& node) {
        algebra::ForEachExpression(node->op, [&](const algebra::ExpressionPtr& expression) {
          steady &= algebra::IsDeterministic(expression) && !algebra::DependsOnTime(expression);
        });
      });
      if (!steady) {
        return std::optional<Unsuited>(RuleUnsuited(rule, "depends on the time or on chance"));
      }
    }
    return std::optional<Unsuited>();
  }

  Workspace& workspace_;
  const BoundNode& bound_;
  const BoundFlow& flow_;
  const graph::ResolvedQuery& declared_;
};

class Planning {
 public:
  Planning(Workspace& workspace, const Pipeline& pipeline, size_t node, const Target& target)
      : workspace_(workspace),
        pipeline_(pipeline),
        flow_(pipeline.bound[node].flows[0]),
        node_(node),
        target_(target) {}

  Result<std::variant<ChangePlan, Unsuited>> Run(const Json& before, const Json& now) {
    ASSIGN_OR_RETURN(auto query, FollowedQuery(workspace_, pipeline_, node_));
    if (auto* unsuited = std::get_if<Unsuited>(&query)) return Of(std::move(*unsuited));
    ChangePlan plan;
    plan.query = std::get<algebra::NodePtr>(std::move(query));
    if (auto why = AddInstants(before, now, &plan)) return Of(*std::move(why));
    for (size_t i = 0; i < flow_.leaves.size(); ++i) {
      ASSIGN_OR_RETURN(auto why, AddSource(i, before, now, &plan));
      if (why) return Of(*std::move(why));
    }
    RETURN_IF_ERROR(Measure(&plan));
    return std::variant<ChangePlan, Unsuited>(std::move(plan));
  }

 private:
  static std::variant<ChangePlan, Unsuited> Of(Unsuited unsuited) { return unsuited; }

  static Unsuited NotFollowed(std::string reason, SourceLocation where) {
    return {"SOURCE_NOT_FOLLOWED", std::move(reason),
            "Recompute it once: penstock run --full-refresh.", std::move(where)};
  }

  std::optional<Unsuited> AddInstants(const Json& before, const Json& now, ChangePlan* plan) const {
    if (!flow_.query.time_dependent) return std::nullopt;
    plan->then = InstantOf(before);
    plan->now = InstantOf(now);
    if (!plan->then.empty() && !plan->now.empty()) return std::nullopt;
    return NotFollowed("the time of its last refresh is not recorded",
                       pipeline_.graph.nodes[node_].dataset.where);
  }

  // The reason why it cannot be followed, if so.
  Result<std::optional<Unsuited>> AddSource(size_t i, const Json& before, const Json& now,
                                            ChangePlan* plan) {
    const BoundLeaf& leaf = flow_.leaves[i];
    const std::string& id = leaf.input.source_id;
    const std::string name = leaf.table_name.empty() ? id : leaf.table_name;
    const auto not_followed = [&](const std::string& reason) {
      return std::optional<Unsuited>(NotFollowed(reason, leaf.input.where));
    };
    if (!before.contains(id)) return not_followed(name + " is a new source");
    const Json& old = before[id];
    const Json& state = now.at(id);
    if (old.value("table", "") != state.value("table", "")) {
      return not_followed(name + " was replaced by another table");
    }
    SourceVersions versions{
        i, old.at("version").get<int64_t>(), state.at("version").get<int64_t>(), {}, {}};
    if (versions.before > versions.now) {
      return not_followed(name + " went back to an older version");
    }
    const auto table = workspace_.catalog->OpenPath(leaf.table_path);
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->At({versions.now, std::nullopt}));
    versions.whole = SizeOf(*snapshot);
    if (versions.before < versions.now) {
      const auto commits = table->Commits(versions.before, versions.now);
      if (!commits.ok()) return not_followed(commits.error().message);
      const auto changed = ChangedRows(*table, versions.before, *commits);
      if (!changed.ok()) return not_followed(changed.error().message);
      versions.changes = Share(versions.whole, changed->rows);
      versions.changes += {RowsOf(versions.whole, changed->bytes), changed->bytes};
      plan->sizes.removed_rows += changed->removed;
    }
    plan->sources.push_back(versions);
    return std::optional<Unsuited>();
  }

  // What the query reads, and what the steps of a refresh would.
  Status Measure(ChangePlan* plan) const {
    RefreshSizes& sizes = plan->sizes;
    std::map<std::string, Amount> relations;
    ivm::DeriveOptions options;
    options.then = plan->then;
    options.now = plan->now;
    for (const SourceVersions& source : plan->sources) {
      const std::string& name = flow_.leaves[source.leaf].input.placeholder;
      relations[name] = source.whole;
      relations[ivm::OldRelation(name)] = source.whole;
      sizes.changes += source.changes;
      if (source.before < source.now) options.changed.insert(name);
    }
    if (target_.snapshot != nullptr) sizes.view = SizeOf(*target_.snapshot);
    sizes.query = Scanned(plan->query, relations);
    RETURN_IF_ERROR(ChooseState(plan));
    if (plan->state) options.state = plan->state->use();
    ASSIGN_OR_RETURN(const ivm::Program program, ivm::Derive(plan->query, options));
    sizes.technique = program.replacement ? Technique::kKeys : Technique::kChange;
    size_t steps = program.steps.size();
    if (program.state && !program.state->lookup.empty()) {
      sizes.technique = Technique::kState;
      sizes.scanned += Amount{plan->state->rows(), plan->state->bytes()};
      steps = program.state->first;  // only groups that are lost are read from the sources then
      const bool lost = program.state->state.loses_by_removal && sizes.removed_rows > 0;
      for (size_t i = steps; lost && i < program.steps.size(); ++i) {
        sizes.lost += Scanned(program.steps[i].plan, relations);
      }
    }
    for (size_t i = 0; i < steps; ++i) sizes.scanned += Scanned(program.steps[i].plan, relations);
    return OkStatus();
  }

  // Whether the view's groups are computed from what is kept of them, or that is made.
  Status ChooseState(ChangePlan* plan) const {
    const model::Dataset& dataset = pipeline_.graph.nodes[node_].dataset;
    const auto kept = ivm::StateOf(plan->query);
    ASSIGN_OR_RETURN(const StateRule rule, StateRuleOf(dataset));
    if (!kept || rule.when == StateRule::When::kNever) return OkStatus();
    ViewState state = ViewState::Open(workspace_, dataset.name, *kept, RecordedOrigin(target_));
    if (state.IsValid() ||
        IsWorthKeeping(rule, *kept, plan->sizes.query.rows, plan->sizes.view.rows)) {
      plan->state = std::move(state);
    }
    return OkStatus();
  }

  static Amount Scanned(const algebra::NodePtr& plan,
                        const std::map<std::string, Amount>& relations) {
    Amount amount;
    algebra::ForEachNode(plan, [&](const algebra::NodePtr& node) {
      const auto* scan = std::get_if<algebra::Scan>(&node->op);
      if (scan == nullptr) return;
      const auto found = relations.find(scan->relation);
      if (found != relations.end()) amount += found->second;
    });
    return amount;
  }

  Workspace& workspace_;
  const Pipeline& pipeline_;
  const BoundFlow& flow_;
  size_t node_;
  const Target& target_;
};

}  // namespace

std::string ToString(const Unsuited& unsuited) {
  if (unsuited.where.line == 0) return unsuited.reason;
  return unsuited.reason + " (" + unsuited.where.file + ":" + std::to_string(unsuited.where.line) +
         ")";
}

Result<std::variant<algebra::NodePtr, Unsuited>> FollowedQuery(Workspace& workspace,
                                                               const Pipeline& pipeline,
                                                               size_t node) {
  if (auto why = WhyUnsuited(pipeline, node)) {
    return std::variant<algebra::NodePtr, Unsuited>(*std::move(why));
  }
  return Binding(workspace, pipeline, node).Run();
}

Result<std::variant<ChangePlan, Unsuited>> PlanByChanges(Workspace& workspace,
                                                         const Pipeline& pipeline, size_t node,
                                                         const Target& target, const Json& before,
                                                         const Json& now) {
  return Planning(workspace, pipeline, node, target).Run(before, now);
}

}  // namespace penstock::run
