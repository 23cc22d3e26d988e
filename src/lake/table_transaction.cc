#include "lake/table_transaction.h"

#include <utility>
#include <variant>

#include "delta/table_features.h"

namespace penstock::lake {
namespace {

constexpr int kAttempts = 10;

void RemoveFiles(io::Storage& storage, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) (void)storage.Delete(path);
}

// "version 7 (OPTIMIZE)"
std::string CommitName(delta::Table& table, delta::Version version) {
  std::string name = "version " + std::to_string(version);
  const auto commits = table.Commits(version - 1, version);
  if (!commits.ok() || commits->empty()) return name;
  for (const delta::Action& action : commits->back().actions) {
    const auto* info = std::get_if<delta::CommitInfo>(&action);
    if (info != nullptr && !info->operation.empty()) name += " (" + info->operation + ")";
  }
  return name;
}

Error CommitConflict(delta::Table& table, const std::string& operation,
                     const delta::Conflicted& conflict) {
  return ExternalError("COMMIT_CONFLICT",
                       operation + " of " + table.path() + " was overtaken by " +
                           CommitName(table, conflict.with) + ": " + conflict.why,
                       "Nothing was changed. Run it again when fewer writers are at work.");
}

}  // namespace

Result<OperationResult> RunTransaction(const Lake& lake, delta::Table& table,
                                       const Decide& decide) {
  for (int attempt = 1;; ++attempt) {
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.Latest());
    if (lake.reading && lake.reading->version != snapshot->version()) {
      return CommitConflict(table, "a statement",
                            {snapshot->version(), "it came while the statement was read"});
    }
    RETURN_IF_ERROR(delta::CheckWritable(snapshot->protocol(), snapshot->metadata()));
    std::vector<std::string> written;
    const int64_t begin = lake.clock->Now();
    Result<std::optional<delta::Change>> change = decide(snapshot, &written);
    if (!change.ok()) {
      RemoveFiles(*lake.storage, written);
      return std::move(change).error();
    }
    if (!*change) return OperationResult{};
    SetMetric(&**change, "executionTimeMs", (lake.clock->Now() - begin) / 1000);
    (*change)->info.extra["isolationLevel"] = "WriteSerializable";
    if (lake.reading && lake.reading->by_user) (*change)->read.whole_table = true;
    // After an error the commit may have happened: then its files are needed.
    ASSIGN_OR_RETURN(const delta::CommitOutcome outcome, table.Commit(snapshot, **change));
    if (const auto* committed = std::get_if<delta::Committed>(&outcome)) {
      (void)table.CheckpointIfDue();
      return OperationResult{committed->version, std::move((*change)->info.operation_metrics)};
    }
    RemoveFiles(*lake.storage, written);
    const auto* conflict = std::get_if<delta::Conflicted>(&outcome);
    if (conflict == nullptr) return OperationResult{};
    if (attempt == kAttempts || lake.reading)
      return CommitConflict(table, (*change)->info.operation, *conflict);
  }
}

void SetMetric(delta::Change* change, const char* name, int64_t number) {
  change->info.operation_metrics[name] = std::to_string(number);
}

}  // namespace penstock::lake
