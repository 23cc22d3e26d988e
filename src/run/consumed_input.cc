#include "run/consumed_input.h"

namespace penstock::run {

Result<std::vector<source::Batch>> ConsumedBy(Workspace& workspace, const graph::Node& node,
                                              const graph::ResolvedFlow& flow,
                                              const Target& target) {
  std::vector<source::Batch> batches;
  if (target.snapshot == nullptr) return batches;
  const std::string folder = workspace.catalog->layout().FlowPath(flow.flow.name);
  ASSIGN_OR_RETURN(const auto known, workspace.storage->Stat(io::JoinPath(folder, "flow.json")));
  if (!known) return batches;
  FlowIdentity identity;
  ASSIGN_OR_RETURN(identity.flow_id, OpenFlowId(workspace, flow.flow.name));
  ASSIGN_OR_RETURN(identity.generation, ReadGeneration(workspace, node.dataset.name));
  const int64_t committed = target.snapshot->TransactionVersion(identity.AppId()).value_or(-1);
  source::OffsetLog offsets = OffsetsOf(workspace, flow.flow.name, identity);
  for (int64_t number = 0; number <= committed; ++number) {
    ASSIGN_OR_RETURN(auto batch, offsets.Read(number));
    if (!batch) {
      return DataError("OFFSETS_LOST",
                       "what batch " + std::to_string(number) + " of flow " +
                           model::ToString(flow.flow.name) + " read is not recorded in " + folder,
                       "Bring the folder back, or build the table anew with --full-refresh " +
                           node.dataset.name.table + ".");
    }
    batches.push_back(*std::move(batch));
  }
  return batches;
}

}  // namespace penstock::run
