#include "base/json.h"
#include "run/project_run.h"
#include "run/source_change.h"
#include "run/target.h"

namespace penstock::run {

Result<Staleness> CheckStaleness(Workspace& workspace, const model::TableName& name) {
  Staleness staleness;
  ASSIGN_OR_RETURN(const auto table, workspace.catalog->Open(name));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
  const auto& configuration = snapshot->metadata().configuration;
  const auto recorded = configuration.find(kSourcesKey);
  if (recorded == configuration.end()) return staleness;
  ASSIGN_OR_RETURN(const Json sources, ParseJson(recorded->second, kSourcesKey));
  for (const auto& [source, state] : sources.items()) {
    if (!state.contains("version") || source.find('@') != std::string::npos) continue;
    ASSIGN_OR_RETURN(const auto input, SourceTable(workspace, source));
    auto now = input->Latest();
    const int64_t version = state["version"].get<int64_t>();
    if (!now.ok()) {
      staleness.reasons.push_back(source + ": cannot be read any more");
    } else if ((*now)->metadata().id != state.value("table", "")) {
      staleness.reasons.push_back(source + ": was dropped and made again");
    } else if ((*now)->version() != version &&
               ((*now)->version() < version ||
                ChangedBetween(*input, version, (*now)->version()))) {
      staleness.reasons.push_back(source + ": reflects version " + std::to_string(version) +
                                  ", now " + std::to_string((*now)->version()));
    }
  }
  staleness.stale = !staleness.reasons.empty();
  return staleness;
}

}  // namespace penstock::run
