#include "run/commit.h"

#include "delta/table_features.h"

namespace penstock::run {
namespace {

Error Conflict(const Target& target, const delta::Conflicted& conflict) {
  return ExternalError("COMMIT_CONFLICT",
                       "another writer committed version " + std::to_string(conflict.with) +
                           " of " + target.path + ": " + conflict.why,
                       "Nothing was lost: the batch is run again on the new version.");
}

delta::Change Appended(const BatchCommit& commit) {
  delta::Change change;
  change.info.operation_metrics = {{"numFiles", std::to_string(commit.adds.size())},
                                   {"numOutputRows", std::to_string(commit.rows)},
                                   {"numOutputBytes", std::to_string(commit.bytes)}};
  change.adds = commit.adds;
  change.removes = commit.removes;
  change.cdc_files = commit.cdc_files;
  change.read.whole_table = commit.changes_rows;
  return change;
}

}  // namespace

Result<delta::Version> CommitBatch(const Target& target, const BatchCommit& commit,
                                   int64_t now_ms) {
  delta::Change change = commit.change ? *commit.change : Appended(commit);
  change.info.operation = commit.operation;
  change.info.operation_parameters = commit.operation_parameters;
  if (!commit.app_id.empty()) {
    change.transactions.push_back({commit.app_id, commit.batch, now_ms});
  }
  change.read.whole_table |= commit.replaces;
  if (target.snapshot == nullptr) {
    change.metadata = commit.metadata;
    change.protocol = delta::RequiredProtocol(*commit.metadata);
  } else if (commit.metadata) {
    delta::ChangeSchema(*target.snapshot, commit.columns, change);
    const std::string schema_string = change.metadata->schema_string;
    change.metadata = commit.metadata;
    change.metadata->schema_string = schema_string;
    delta::Protocol raised = delta::RaisedProtocol(target.snapshot->protocol(), *change.metadata);
    if (raised != target.snapshot->protocol()) change.protocol = std::move(raised);
  }
  if (commit.replaces && target.snapshot != nullptr) {
    target.snapshot->ForEachFile([&](const delta::AddFile& file) {
      change.removes.push_back(delta::RemovalOf(file, now_ms));
    });
    change.info.operation_metrics["numRemovedFiles"] = std::to_string(change.removes.size());
  }
  ASSIGN_OR_RETURN(const delta::CommitOutcome outcome,
                   target.table->Commit(target.snapshot, change));
  if (const auto* committed = std::get_if<delta::Committed>(&outcome)) return committed->version;
  if (const auto* earlier = std::get_if<delta::AlreadyCommitted>(&outcome)) return earlier->version;
  return Conflict(target, std::get<delta::Conflicted>(outcome));
}

void CheckpointIfDue(UpdateContext& context, const Target& target) {
  Status written = target.table->CheckpointIfDue();
  if (written.ok()) return;
  events::Event event;
  event.type = "operation_progress";
  event.level = events::Level::kWarn;
  event.message = "the checkpoint of " + target.path + " could not be written; readers use the log";
  event.error = std::move(written).error();
  context.log.Add(std::move(event));
}

}  // namespace penstock::run
