#include "base/json.h"
#include "run/project_run.h"
#include "run/target.h"

namespace penstock::run {
namespace {

// The table behind a source id such as "table:main.default.silver" or "delta:/path".
Result<std::shared_ptr<delta::Table>> TableOf(Workspace& workspace, const std::string& source) {
  const size_t colon = source.find(':');
  const std::string rest = source.substr(colon + 1);
  if (source.starts_with("delta:")) {
    return workspace.catalog->OpenPath(io::JoinPath(workspace.project.folder, rest));
  }
  model::TableName name;
  const size_t first = rest.find('.');
  const size_t second = rest.find('.', first + 1);
  if (first == rest.npos || second == rest.npos) return InternalError("bad source id " + source);
  name = {rest.substr(0, first), rest.substr(first + 1, second - first - 1),
          rest.substr(second + 1)};
  return workspace.catalog->Open(name);
}

}  // namespace

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
    ASSIGN_OR_RETURN(const auto input, TableOf(workspace, source));
    auto now = input->Latest();
    const int64_t version = state["version"].get<int64_t>();
    if (!now.ok()) {
      staleness.reasons.push_back(source + ": cannot be read any more");
    } else if ((*now)->metadata().id != state.value("table", "")) {
      staleness.reasons.push_back(source + ": was dropped and made again");
    } else if ((*now)->version() != version) {
      staleness.reasons.push_back(source + ": reflects version " + std::to_string(version) +
                                  ", now " + std::to_string((*now)->version()));
    }
  }
  staleness.stale = !staleness.reasons.empty();
  return staleness;
}

}  // namespace penstock::run
