#include "run/change_refresh.h"

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
             duck::Connection connection)
      : context_(context),
        node_(node),
        workspace_(context.workspace),
        flow_(context.pipeline.bound[node].flows[0]),
        target_(target),
        plan_(plan),
        connection_(std::move(connection)),
        scope_(context.queries,
               {&connection_, model::ToString(context.pipeline.graph.nodes[node].dataset.name),
                [] { return int64_t{0}; }}) {}

  Result<ChangedView> Run() {
    auto sources = OpenSources(workspace_, connection_, flow_, plan_.sources);
    if (!sources.ok()) return NotIncremental(sources.error().message);
    ivm::DeriveOptions options;
    options.changed = sources->changed;
    options.then = plan_.then;
    options.now = plan_.now;
    ASSIGN_OR_RETURN(const ivm::Program program, ivm::Derive(plan_.query, options));
    ChangedView changed;
    changed.source_rows = sources->rows;
    if (program.change.empty() && !program.replacement) {
      return changed;
    }
    Status ran = RunProgram(connection_, program);
    // A recomputation says where in the query it is, if it fails as well.
    if (!ran.ok() && ran.error().code != "INTERRUPTED") return NotIncremental(ran.error().message);
    RETURN_IF_ERROR(ran);
    return Apply(program, std::move(changed));
  }

 private:
  static Error NotIncremental(const std::string& reason) {
    return UserError("NOT_INCREMENTAL", reason);
  }

  Result<ChangedView> Apply(const ivm::Program& program, ChangedView changed) {
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
    DropSteps(connection_, program);
    if (unsuited) return NotIncremental(*unsuited);
    ASSIGN_OR_RETURN(changed.counts, rules.Judge(added.name()));
    ASSIGN_OR_RETURN(changed.set_aside_files, rules.SpoolSetAside());
    ASSIGN_OR_RETURN(changed.removed_rows, RowsOf(removed));
    ASSIGN_OR_RETURN(changed.added_rows, RowsOf(added));
    const std::string names = lake::ColumnList(table.columns);
    lake::RowChange rows;
    if (changed.removed_rows > 0) rows.removed = lake::PositionsOf(removed.name());
    if (changed.added_rows > 0) rows.new_rows = "SELECT " + names + " FROM " + added.name();
    rows.change_rows = "SELECT " + names + ", 'insert' AS _change_type FROM " + added.name() +
                       " UNION ALL SELECT " + names + ", 'delete' FROM " + removed.name();
    if (changed.removed_rows > 0 || changed.added_rows > 0) {
      ASSIGN_OR_RETURN(const lake::RowChangeCounts counts,
                       lake::ApplyRowChange(lake, table, rows, &changed.written, &changed.change));
      changed.added_bytes = counts.added_bytes;
    }
    return changed;
  }

  Result<int64_t> RowsOf(const lake::TempTable& table) {
    return lake::QueryNumber(connection_, "SELECT count(*) FROM " + table.name());
  }

  UpdateContext& context_;
  size_t node_;
  Workspace& workspace_;
  const BoundFlow& flow_;
  const Target& target_;
  const ChangePlan& plan_;
  duck::Connection connection_;
  QueryScope scope_;
};

}  // namespace

Result<ChangedView> RefreshByChanges(UpdateContext& context, size_t node, const Target& target,
                                     const ChangePlan& plan) {
  ASSIGN_OR_RETURN(duck::Connection connection, context.workspace.engine->Connect());
  return Refreshing(context, node, target, plan, std::move(connection)).Run();
}

}  // namespace penstock::run
