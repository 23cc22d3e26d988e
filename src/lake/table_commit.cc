#include "lake/table_commit.h"

#include <utility>
#include <variant>

#include "delta/transaction.h"

namespace penstock::lake {
namespace {

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

}  // namespace

Error CommitConflict(delta::Table& table, const std::string& operation,
                     const delta::Conflicted& conflict) {
  return ExternalError("COMMIT_CONFLICT",
                       operation + " of " + table.path() + " was overtaken by " +
                           CommitName(table, conflict.with) + ": " + conflict.why,
                       "Nothing was changed. Run it again when fewer writers are at work.");
}

Result<delta::CommitOutcome> CommitFiles(io::Storage& storage, delta::Table& table,
                                         const delta::SnapshotPtr& base,
                                         const delta::Change& change,
                                         const std::vector<std::string>& written) {
  Status allowed = delta::CheckChange(base ? base->state() : delta::TableState{}, change);
  if (!allowed.ok()) {
    RemoveFiles(storage, written);
    return std::move(allowed).error();
  }
  ASSIGN_OR_RETURN(delta::CommitOutcome outcome, table.Commit(base, change));
  if (std::holds_alternative<delta::Committed>(outcome)) {
    CheckpointWhenDue(table);
  } else {
    RemoveFiles(storage, written);
  }
  return outcome;
}

Result<delta::Version> CommitOperation(const Lake& lake, delta::Table& table,
                                       const delta::SnapshotPtr& base, const delta::Change& change,
                                       const std::vector<std::string>& written) {
  ASSIGN_OR_RETURN(const delta::CommitOutcome outcome,
                   CommitFiles(*lake.storage, table, base, change, written));
  if (const auto* conflict = std::get_if<delta::Conflicted>(&outcome)) {
    return CommitConflict(table, change.info.operation, *conflict);
  }
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
