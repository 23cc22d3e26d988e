#include "run/publish.h"

#include "run/quarantine.h"

namespace penstock::run {

Status Publish(UpdateContext& context, const FlowTarget& to, BatchCommit commit,
               const QueryOutcome& outcome, Json metrics, int64_t now_ms, FlowOutcome* sum) {
  commit.adds = outcome.written.files;
  commit.rows = outcome.written.rows;
  commit.bytes = outcome.written.bytes;
  metrics["output_bytes"] = outcome.written.bytes;
  ASSIGN_OR_RETURN(
      const QuarantineIntent intent,
      PrepareQuarantine(context, to.flow.flow.name, to.node.dataset.name, to.target.path,
                        commit.app_id, commit.batch, outcome.set_aside_files, commit.replaces));
  RETURN_IF_ERROR(context.log.Prepare(
      BatchEvent(to.node, to.flow, commit.app_id, commit.batch, outcome.counts, std::move(metrics)),
      to.target.path, commit.app_id, commit.batch));
  const auto version = CommitBatch(to.target, commit, now_ms);
  context.log.Settle(commit.app_id, commit.batch, version.ok());
  if (!version.ok()) return version.error();
  RETURN_IF_ERROR(CommitQuarantine(context.workspace, intent));
  CheckpointIfDue(context, to.target);
  Add(outcome.counts, &sum->counts);
  ++sum->batches;
  return OkStatus();
}

}  // namespace penstock::run
