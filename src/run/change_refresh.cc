#include "run/change_refresh.h"

#include <chrono>

#include "lake/row_change.h"
#include "run/change_rules.h"
#include "run/program_run.h"
#include "run/source_changes.h"
#include "run/stored_expression.h"
#include "run/view_rows.h"

namespace penstock::run {
namespace {

class Refreshing {
 public:
  Refreshing(UpdateContext& context, size_t node, const Target& target, const ChangePlan& plan,
             const StateOrigin& origin, duck::Connection connection)
      : context_(context),
        node_(node),
        workspace_(context.workspace),
        dataset_(context.pipeline.graph.nodes[node].dataset),
        flow_(context.pipeline.bound[node].flows[0]),
        target_(target),
        plan_(plan),
        origin_(origin),
        connection_(std::move(connection)) {
    scope_.emplace(context.queries, RunningQuery{&connection_, model::ToString(dataset_.name),
                                                 [] { return int64_t{0}; }});
  }

  Result<ChangedView> Run() {
    auto sources = OpenSources(workspace_, connection_, flow_, plan_.query, plan_.sources);
    if (!sources.ok()) return NotIncremental(sources.error().message);
    options_.changed = sources->changed;
    options_.then = plan_.then;
    options_.now = plan_.now;
    TakeState();
    ASSIGN_OR_RETURN(ivm::Program program, ivm::Derive(plan_.query, options_));
    ChangedView changed;
    changed.source_rows = sources->rows;
    if (program.change.empty() && !program.replacement) {
      changed.technique = ToString(Technique::kChange);
      return changed;
    }
    const auto began = std::chrono::steady_clock::now();
    RETURN_IF_ERROR(RunSteps(&program));
    changed.technique = TechniqueOf(program);
    RETURN_IF_ERROR(Apply(program, &changed));
    if (program.state) {
      scope_.reset();
      changed.state =
          std::make_unique<StateUpdate>(std::move(connection_), *std::move(state_),
                                        *std::move(program.state), origin_, Seconds(began));
    }
    return changed;
  }

 private:
  static double Seconds(std::chrono::steady_clock::time_point since) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
  }

  static Error NotIncremental(const std::string& reason) {
    return UserError("NOT_INCREMENTAL", reason);
  }

  // Takes the state that the plan wants to read, or to make.
  void TakeState() {
    if (!plan_.state) return;
    if (!plan_.state->IsValid() && !plan_.state->CheckTypes(connection_).ok()) return;
    state_ = plan_.state;
    options_.state = state_->use();
    unfit_ = state_->unfit();
  }

  std::string TechniqueOf(const ivm::Program& program) const {
    if (!program.replacement) return std::string(ToString(Technique::kChange));
    if (!program.state) return std::string(ToString(Technique::kKeys));
    if (options_.state == ivm::StateUse::kRead) return std::string(ToString(Technique::kState));
    return "state made anew: " + unfit_;
  }

  // A state that cannot be read is made anew.
  Status RunSteps(ivm::Program* program) {
    bool damaged = false;
    const StateLookup look_up = [&](const ivm::StateSteps& steps) {
      Status found = state_->LookUp(connection_, steps);
      damaged = !found.ok() && found.error().code != "INTERRUPTED";
      return found;
    };
    Status ran = RunProgram(connection_, *program, look_up);
    if (damaged) {
      unfit_ = "it cannot be read: " + ran.error().message;
      options_.state = ivm::StateUse::kBuild;
      ASSIGN_OR_RETURN(*program, ivm::Derive(plan_.query, options_));
      ran = RunProgram(connection_, *program);
    }
    // A recomputation says where in the query it is, if it fails as well.
    if (!ran.ok() && ran.error().code != "INTERRUPTED") {
      return NotIncremental(ran.error().message);
    }
    return ran;
  }

  Status Apply(const ivm::Program& program, ChangedView* changed) {
    lake::Lake lake{workspace_.engine.get(), &connection_,    workspace_.storage,
                    workspace_.clock,        TranslateStored, {}};
    ASSIGN_OR_RETURN(
        const lake::ChangeTarget table,
        lake::OpenTarget(lake, *target_.table, target_.snapshot, lake::TargetUse::kTakesRows));
    lake::TempTable removed(&connection_);
    lake::TempTable added(&connection_);
    ChangeRules rules(context_, node_, plan_.query, connection_);
    const auto stays = rules.TakeOut(program);
    if (!stays.ok()) return NotIncremental(stays.error().message);
    if (*stays) return NotIncremental(**stays);
    ASSIGN_OR_RETURN(const auto unsuited, FindViewRows(connection_, plan_.query, program, target_,
                                                       table, &removed, &added));
    if (!program.state) DropSteps(connection_, program);
    if (unsuited) return NotIncremental(*unsuited);
    ASSIGN_OR_RETURN(changed->counts, rules.Judge(added.name()));
    ASSIGN_OR_RETURN(changed->set_aside_files, rules.SpoolSetAside());
    ASSIGN_OR_RETURN(changed->removed_rows, RowsOf(removed));
    ASSIGN_OR_RETURN(changed->added_rows, RowsOf(added));
    const std::string names = lake::ColumnList(table.columns);
    lake::RowChange rows;
    if (changed->removed_rows > 0) rows.removed = lake::PositionsOf(removed.name());
    if (changed->added_rows > 0) rows.new_rows = "SELECT " + names + " FROM " + added.name();
    rows.change_rows = "SELECT " + names + ", 'insert' AS _change_type FROM " + added.name() +
                       " UNION ALL SELECT " + names + ", 'delete' FROM " + removed.name();
    if (changed->removed_rows > 0 || changed->added_rows > 0) {
      ASSIGN_OR_RETURN(
          const lake::RowChangeCounts counts,
          lake::ApplyRowChange(lake, table, rows, &changed->written, &changed->change));
      changed->added_bytes = counts.added_bytes;
    }
    return OkStatus();
  }

  Result<int64_t> RowsOf(const lake::TempTable& table) {
    return lake::QueryNumber(connection_, "SELECT count(*) FROM " + table.name());
  }

  UpdateContext& context_;
  size_t node_;
  Workspace& workspace_;
  const model::Dataset& dataset_;
  const BoundFlow& flow_;
  const Target& target_;
  const ChangePlan& plan_;
  const StateOrigin& origin_;
  duck::Connection connection_;
  std::optional<QueryScope> scope_;
  ivm::DeriveOptions options_;
  std::optional<ViewState> state_;  // where one is read or made
  std::string unfit_;               // why it is made anew
};

}  // namespace

Status StateUpdate::Write() {
  Status written = state_.Write(connection_, steps_, origin_, build_seconds_);
  if (!written.ok()) state_.Drop();
  return written;
}

Result<ChangedView> RefreshByChanges(UpdateContext& context, size_t node, const Target& target,
                                     const ChangePlan& plan, const StateOrigin& origin) {
  ASSIGN_OR_RETURN(duck::Connection connection, context.workspace.engine->Connect());
  return Refreshing(context, node, target, plan, origin, std::move(connection)).Run();
}

}  // namespace penstock::run
