#include "lake/maintenance_commit.h"

#include <utility>
#include <variant>

namespace penstock::lake {

Error CommitConflict(const std::string& operation, const std::string& table_path,
                     const delta::Conflicted& conflict) {
  return ExternalError("COMMIT_CONFLICT",
                       operation + " of " + table_path +
                           " was not committed: another writer's "
                           "version " +
                           std::to_string(conflict.with) + " came first: " + conflict.why,
                       "Nothing was changed; run it again.");
}

Result<delta::Version> CommitOperation(delta::Table& table, const delta::SnapshotPtr& base,
                                       const delta::Change& change) {
  ASSIGN_OR_RETURN(const delta::CommitOutcome outcome, table.Commit(base, change));
  if (const auto* conflict = std::get_if<delta::Conflicted>(&outcome)) {
    return CommitConflict(change.info.operation, table.path(), *conflict);
  }
  CheckpointWhenDue(table);
  if (const auto* earlier = std::get_if<delta::AlreadyCommitted>(&outcome)) return earlier->version;
  return std::get<delta::Committed>(outcome).version;
}

void CheckpointWhenDue(delta::Table& table) { (void)table.CheckpointIfDue(); }

int64_t NowMs(const Lake& lake) { return lake.clock->Now() / 1000; }

Json TextMetrics(const Json& metrics) {
  Json text = Json::object();
  for (const auto& [name, value] : metrics.items()) {
    text[name] = value.is_string() ? value : Json(value.dump());
  }
  return text;
}

}  // namespace penstock::lake
