#include "run/cdc_batch.h"
#include "run/leaf_relation.h"

namespace penstock::run {
namespace {

constexpr int kFormatVersion = 1;

}  // namespace

SnapshotMark::SnapshotMark(Workspace& workspace, const graph::ResolvedFlow& flow,
                           const FlowIdentity& identity, int64_t committed)
    : workspace_(workspace),
      path_(io::JoinPath(workspace.catalog->layout().FlowPath(flow.flow.name), "snapshot.json")),
      generation_(identity.generation),
      committed_(committed) {}

Result<bool> SnapshotMark::Is(const Json& sources) const {
  auto bytes = workspace_.storage->Read(path_);
  if (!bytes.ok()) {
    if (bytes.error().code == "NOT_FOUND") return false;
    return std::move(bytes).error();
  }
  ASSIGN_OR_RETURN(const Json mark, ParseJson(*bytes, path_));
  return mark.is_object() && mark.value("format_version", 0) == kFormatVersion &&
         mark.value("generation", "") == generation_ &&
         mark.value("batch", int64_t{-1}) == committed_ && mark.value("sources", Json()) == sources;
}

Status SnapshotMark::Plan(const Json& sources) const {
  RETURN_IF_ERROR(workspace_.storage->CreateFolders(io::ParentPath(path_)));
  return workspace_.storage->Write(path_, DumpJson({{"format_version", kFormatVersion},
                                                    {"generation", generation_},
                                                    {"batch", committed_ + 1},
                                                    {"sources", sources}}));
}

Result<Json> StatesOf(Workspace& workspace, const BoundFlow& flow) {
  Json states = Json::object();
  for (const BoundLeaf& leaf : flow.leaves) {
    auto state = StateOf(workspace, leaf);
    if (!state.ok()) return std::move(state).error().At(leaf.input.where);
    states[leaf.input.source_id] = *std::move(state);
  }
  return states;
}

}  // namespace penstock::run
