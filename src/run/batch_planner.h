#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "run/flow_outcome.h"
#include "run/pipeline.h"
#include "source/offsets.h"

namespace penstock::run {

// Decides what the next batch of a streaming flow reads. Files are listed and tables looked at
// once; later batches of the same update take what the first left over, so that an update ends.
class BatchPlanner {
 public:
  BatchPlanner(UpdateContext& context, const graph::Node& node, const graph::ResolvedFlow& flow,
               const BoundFlow& bound);

  // The batch after `progress`, or nothing when no source has anything new.
  Result<std::optional<source::Batch>> Next(const source::Progress& progress);
  // A batch that was planned before a crash: what has since gone or changed is left to the next
  // plan. Nothing when nothing of it is left.
  Result<std::optional<source::Batch>> Revive(const source::Batch& planned,
                                              const source::Progress& progress);

  // No source has anything, now or ever before.
  bool empty_input() const { return empty_input_; }
  int64_t backlog_bytes() const { return backlog_bytes_; }
  int64_t backlog_files() const { return backlog_files_; }

 private:
  Status Look();
  Status PlanLeaf(const BoundLeaf& leaf, const source::Progress& progress, source::Batch* batch);
  Status PlanFiles(const BoundLeaf& leaf, const source::Progress& progress, source::Batch* batch);
  Status PlanTable(const BoundLeaf& leaf, const source::Progress& progress, source::Batch* batch);
  Status PinStatics(source::Batch* batch);

  UpdateContext& context_;
  const graph::Node& node_;
  const graph::ResolvedFlow& flow_;
  const BoundFlow& bound_;
  bool looked_ = false;
  bool empty_input_ = true;
  int64_t backlog_bytes_ = 0;
  int64_t backlog_files_ = 0;
  std::set<std::string> warned_;                         // files that changed after they were read
  std::map<std::string, source::FileListing> listings_;  // by source id
  std::map<std::string, delta::SnapshotPtr> tables_;     // by source id, all Delta leaves
};

}  // namespace penstock::run
