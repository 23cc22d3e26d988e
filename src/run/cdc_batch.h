#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cdc/shape.h"
#include "run/flow_outcome.h"
#include "run/flow_state.h"
#include "run/target.h"
#include "source/offsets.h"

// Changes into their table: one batch, exactly once (docs/cdc.md).
namespace penstock::run {

inline constexpr char kCdcKey[] = "penstock.cdc";  // in a table's configuration: cdc::DefinitionOf

struct CdcBatch {
  const graph::Node& node;
  const BoundNode& bound_node;
  const graph::ResolvedFlow& flow;
  const BoundFlow& bound;  // as it is now
  const FlowIdentity& identity;
  const source::Batch* batch = nullptr;  // null: all of the source
  int64_t number = 0;
  Schema given;  // the table's columns as all its flows give them
};

// Applies the changes and commits them with the batch's number. CDC_DEFINITION_CHANGED when the
// table's rows were kept by other clauses; CDC_STATE_LOST; what else is said by ExecuteQuery and
// Publish. Counts go to `outcome`.
Status RunCdcBatch(UpdateContext& context, const CdcBatch& batch, Json metrics,
                   FlowOutcome* outcome);

// The flows of changes of a table; they refer to the node and its binding.
std::vector<cdc::BoundCdc> CdcFlows(const graph::Node& node, const BoundNode& bound);
// The rules of changes: those of the dataset on upserts, and what no change can do without.
// `snapshot`: rows as they are instead of changes.
BoundNode JudgedChanges(const graph::Node& node, const BoundNode& bound, const cdc::Shape& shape,
                        bool snapshot);

// Penstock's own properties of a streaming table: its generation, and what is fixed of its changes.
Result<delta::Configuration> OwnProperties(const Pipeline& pipeline, size_t node,
                                           const Schema& columns, const Target& target);

// Which snapshot the last committed batch of a flow compared its table with
// (docs/formats/flows.md).
class SnapshotMark {
 public:
  SnapshotMark(Workspace& workspace, const graph::ResolvedFlow& flow, const FlowIdentity& identity,
               int64_t committed);
  // Whether it was this one.
  Result<bool> Is(const Json& sources) const;
  // To be written before the batch after the committed one.
  Status Plan(const Json& sources) const;

 private:
  Workspace& workspace_;
  std::string path_;
  std::string generation_;
  int64_t committed_;
};
// What all inputs of a flow reflect now.
Result<Json> StatesOf(Workspace& workspace, const BoundFlow& flow);

}  // namespace penstock::run
