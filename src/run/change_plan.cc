#include "run/change_plan.h"

#include <map>

#include "delta/file_set.h"
#include "duck/plan/bound_plan.h"
#include "ivm/program.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

// Beyond a third of the rows a recomputation reads less than a refresh that looks at each of them
// several times.
constexpr int64_t kMostOfSource = 3;
// So few rows are nothing either way.
constexpr int64_t kAlwaysFew = 1000;

std::optional<std::string> WhyUnsuited(const Pipeline& pipeline, size_t node) {
  const BoundNode& bound = pipeline.bound[node];
  const BoundFlow& flow = bound.flows[0];
  if (!bound.rules.empty()) return "it has expectations";
  for (const graph::ViewInstance& view : flow.query.views) {
    if (!pipeline.bound[view.dataset].rules.empty()) return "a view that it reads has expectations";
  }
  if (flow.query.time_dependent) return "the query depends on the current time";
  if (flow.query.nondeterministic) return "the query gives other rows each time";
  for (const BoundLeaf& leaf : flow.leaves) {
    if (leaf.files) return "it reads files, of which what changed is not known";
    if (leaf.changes) return "it reads the change feed of a table";
    if (leaf.input.uses_metadata) return "it reads _metadata";
  }
  return std::nullopt;
}

// Rows that came and went with the commits, as far as statistics say.
int64_t ChangedRows(const std::vector<delta::CommitEntry>& commits) {
  int64_t rows = 0;
  const auto live = [](const delta::AddFile& file) {
    const int64_t deleted = file.deletion_vector ? file.deletion_vector->cardinality : 0;
    return delta::NumRecords(file).value_or(0) - deleted;
  };
  for (const delta::CommitEntry& commit : commits) {
    std::map<std::string, int64_t> added;
    std::map<std::string, int64_t> cardinality;
    for (const delta::Action& action : commit.actions) {
      const auto* add = std::get_if<delta::AddFile>(&action);
      if (add == nullptr || !add->data_change) continue;
      added[add->path] = live(*add);
      cardinality[add->path] = add->deletion_vector ? add->deletion_vector->cardinality : 0;
    }
    for (const delta::Action& action : commit.actions) {
      const auto* remove = std::get_if<delta::RemoveFile>(&action);
      if (remove == nullptr || !remove->data_change) continue;
      const auto found = added.find(remove->path);
      if (found != added.end()) {  // only its vector changed
        const int64_t before = remove->deletion_vector ? remove->deletion_vector->cardinality : 0;
        const int64_t now = cardinality[remove->path];
        rows += std::abs(now - before);
        added.erase(found);
      }
    }
    for (const auto& [path, count] : added) rows += count;
  }
  return rows;
}

class Planning {
 public:
  Planning(Workspace& workspace, const Pipeline& pipeline, size_t node)
      : workspace_(workspace),
        pipeline_(pipeline),
        flow_(pipeline.bound[node].flows[0]),
        node_(node) {}

  Result<std::variant<ChangePlan, Unsuited>> Run(const Json& before, const Json& now) {
    if (auto reason = WhyUnsuited(pipeline_, node_)) return Of(*std::move(reason));
    ChangePlan plan;
    for (size_t i = 0; i < flow_.leaves.size(); ++i) {
      ASSIGN_OR_RETURN(const auto reason, AddSource(i, before, now, &plan));
      if (reason) return Of(*reason);
    }
    if (plan.changed_rows > kAlwaysFew && plan.changed_rows > plan.source_rows / kMostOfSource) {
      return Of(std::to_string(plan.changed_rows) + " rows of its sources changed, which have " +
                std::to_string(plan.source_rows));
    }
    ASSIGN_OR_RETURN(duck::Connection connection, workspace_.engine->Connect());
    auto query = Bind(connection);
    if (!query.ok()) return Of(std::move(query).error().message);
    plan.query = *std::move(query);
    const auto program = ivm::Derive(plan.query, {});
    if (!program.ok()) return Of(program.error().message);
    return std::variant<ChangePlan, Unsuited>(std::move(plan));
  }

 private:
  static std::variant<ChangePlan, Unsuited> Of(std::string reason) {
    return Unsuited{std::move(reason)};
  }

  // The reason why it cannot be followed, if so.
  Result<std::optional<std::string>> AddSource(size_t i, const Json& before, const Json& now,
                                               ChangePlan* plan) {
    const BoundLeaf& leaf = flow_.leaves[i];
    const std::string& id = leaf.input.source_id;
    const std::string name = leaf.table_name.empty() ? id : leaf.table_name;
    if (!before.contains(id)) return std::optional<std::string>(name + " is a new source");
    const Json& old = before[id];
    const Json& state = now.at(id);
    if (old.value("table", "") != state.value("table", "")) {
      return std::optional<std::string>(name + " was replaced by another table");
    }
    const SourceVersions versions{i, old.at("version").get<int64_t>(),
                                  state.at("version").get<int64_t>()};
    if (versions.before > versions.now) {
      return std::optional<std::string>(name + " went back to an older version");
    }
    const auto table = workspace_.catalog->OpenPath(leaf.table_path);
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->At({versions.now, std::nullopt}));
    plan->source_rows += snapshot->NumRecords().value_or(0);
    if (versions.before < versions.now) {
      const auto commits = table->Commits(versions.before, versions.now);
      if (!commits.ok()) return std::optional<std::string>(commits.error().message);
      plan->changed_rows += ChangedRows(*commits);
    }
    plan->sources.push_back(versions);
    return std::optional<std::string>();
  }

  Result<algebra::NodePtr> Bind(duck::Connection& connection) {
    for (const BoundLeaf& leaf : flow_.leaves) {
      RETURN_IF_ERROR(connection.Execute("CREATE OR REPLACE TEMP TABLE " +
                                         QuoteIdentifier(leaf.input.placeholder) + " AS " +
                                         EmptyRelation(leaf.columns)));
    }
    for (const graph::ViewInstance& view : flow_.query.views) {
      RETURN_IF_ERROR(CreateView(connection, view.placeholder, view.text));
    }
    return duck::PlanOf(connection, flow_.query.text);
  }

  Workspace& workspace_;
  const Pipeline& pipeline_;
  const BoundFlow& flow_;
  size_t node_;
};

}  // namespace

bool FollowsChanges(const Pipeline& pipeline, size_t node) {
  return !WhyUnsuited(pipeline, node).has_value();
}

Result<std::variant<ChangePlan, Unsuited>> PlanByChanges(Workspace& workspace,
                                                         const Pipeline& pipeline, size_t node,
                                                         const Json& before, const Json& now) {
  return Planning(workspace, pipeline, node).Run(before, now);
}

}  // namespace penstock::run
