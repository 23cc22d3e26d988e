#pragma once

#include <map>
#include <string>
#include <vector>

#include "run/context.h"
#include "run/flow_state.h"

// Rows that were set aside: from the pass that judged them into the dataset's quarantine table,
// exactly once.
namespace penstock::run {

// Columns of every quarantine table (docs/formats/quarantine.md).
Schema QuarantineColumns();

// Writes rows that were set aside as JSON lines with the quarantine's columns. One thread.
class SetAsideSpool {
 public:
  SetAsideSpool(UpdateContext& context, const graph::Node& node,
                const std::vector<const quality::Rule*>& rules);
  Status Add(const duck::SetAsideRow& row);
  // The temporary files, in order.
  Result<std::vector<std::string>> Finish();

 private:
  Status WriteOut();

  UpdateContext& context_;
  const graph::Node& node_;
  const std::vector<const quality::Rule*>& rules_;
  std::string buffer_;
  std::vector<std::string> files_;
};

// A batch's rows for the quarantine, written but not committed: the intent file in the flow's
// folder makes sure that they are committed if and only if the batch is.
struct QuarantineIntent {
  std::string path;  // of the intent file; empty: there is nothing to do
};
// `replace`: older rows of the dataset go (a materialized view was recomputed).
Result<QuarantineIntent> PrepareQuarantine(UpdateContext& context, const model::TableName& flow,
                                           const model::TableName& dataset,
                                           const std::string& table_path, const std::string& app_id,
                                           int64_t batch,
                                           const std::vector<std::string>& set_aside_files,
                                           bool replace);
// After the batch's commit.
Status CommitQuarantine(Workspace& workspace, const QuarantineIntent& intent);
// Before a flow runs: finishes or forgets what a crash left behind.
Status RecoverQuarantine(Workspace& workspace, const model::TableName& flow);

// Takes rows out that are older than the retention (whole files). Nothing when there is no
// quarantine.
Status ExpireQuarantine(Workspace& workspace, const model::TableName& dataset, int retention_days);

}  // namespace penstock::run
