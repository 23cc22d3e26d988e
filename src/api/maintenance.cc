#include <utility>

#include "api/lake_state.h"

namespace penstock {
namespace {

// OPTIMIZE answers with other names than those that stand in its commits.
DeltaOutcome OptimizeOutcome(const lake::OperationResult& result) {
  constexpr std::pair<const char*, const char*> kRenamed[] = {
      {"numFilesAdded", "numAddedFiles"},
      {"numFilesRemoved", "numRemovedFiles"},
      {"deletionVectorsRemoved", "numDeletionVectorsRemoved"},
  };
  DeltaOutcome outcome = OutcomeOf(result);
  for (const auto& [answered, committed] : kRenamed) {
    auto metric = outcome.metrics.extract(answered);
    if (metric.empty()) continue;
    metric.key() = committed;
    outcome.metrics.insert(std::move(metric));
  }
  return outcome;
}

}  // namespace

Result<DeltaOutcome> DeltaTable::Optimize(const std::vector<std::string>& zorder_by) {
  const std::lock_guard lock(state_->mutex);
  ASSIGN_OR_RETURN(duck::Connection connection, state_->lake->workspace->engine->Connect());
  lake::OptimizeRequest request;
  request.zorder_columns = zorder_by;
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::Optimize(run::LakeOf(*state_->lake->workspace, &connection),
                                  *state_->table.table, request));
  return OptimizeOutcome(result);
}

Result<std::vector<std::string>> DeltaTable::Vacuum(std::optional<int64_t> retention_ms,
                                                    bool dry_run) {
  const std::lock_guard lock(state_->mutex);
  ASSIGN_OR_RETURN(duck::Connection connection, state_->lake->workspace->engine->Connect());
  lake::VacuumRequest request;
  request.retention_ms = retention_ms;
  request.dry_run = dry_run;
  ASSIGN_OR_RETURN(lake::VacuumResult result,
                   lake::Vacuum(run::LakeOf(*state_->lake->workspace, &connection),
                                *state_->table.table, request));
  return std::move(result.files);
}

Result<DeltaOutcome> DeltaTable::Restore(const DeltaVersion& to) {
  const std::lock_guard lock(state_->mutex);
  RETURN_IF_ERROR(state_->Changeable("a restore"));
  ASSIGN_OR_RETURN(duck::Connection connection, state_->lake->workspace->engine->Connect());
  lake::RestoreRequest request;
  request.to = TravelOf(to);
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::Restore(run::LakeOf(*state_->lake->workspace, &connection),
                                 *state_->table.table, request));
  return OutcomeOf(result);
}

Status DeltaTable::Checkpoint() {
  const std::lock_guard lock(state_->mutex);
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, state_->table.table->Latest());
  return state_->table.table->WriteCheckpoint(snapshot);
}

}  // namespace penstock
