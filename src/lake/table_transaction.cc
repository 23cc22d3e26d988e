#include "lake/table_transaction.h"

#include <utility>
#include <variant>

#include "delta/table_features.h"
#include "lake/table_commit.h"

namespace penstock::lake {
namespace {

constexpr int kAttempts = 10;

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
      for (const std::string& path : written) (void)lake.storage->Delete(path);
      return std::move(change).error();
    }
    if (!*change) return OperationResult{};
    SetMetric(&**change, "executionTimeMs", (lake.clock->Now() - begin) / 1000);
    (*change)->info.extra["isolationLevel"] = "WriteSerializable";
    if (lake.reading && lake.reading->by_user) (*change)->read.whole_table = true;
    ASSIGN_OR_RETURN(const delta::CommitOutcome outcome,
                     CommitFiles(*lake.storage, table, snapshot, **change, written));
    if (const auto* committed = std::get_if<delta::Committed>(&outcome)) {
      return OperationResult{committed->version, std::move((*change)->info.operation_metrics)};
    }
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
