#include "run/bad_records.h"

#include <algorithm>

#include "base/text.h"
#include "run/flow_outcome.h"

namespace penstock::run {
namespace {

// "20260131T120000"
std::string FolderName(TimestampMicros now) {
  std::string text = FormatTimestamp(now).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace

Status WriteBadRecords(Workspace& workspace, const LeafRelations& leaves) {
  for (const auto& [path, scan] : leaves.bad_records) {
    std::string lines;
    for (const duck::BadRecord& bad : scan->TakeBadRecords()) {
      lines += DumpJson({{"path", bad.file},
                         {"offset", bad.offset},
                         {"record", bad.record},
                         {"reason", bad.reason}});
      lines += '\n';
    }
    if (lines.empty()) continue;
    const std::string folder = io::JoinPath(io::JoinPath(workspace.project.folder, path),
                                            FolderName(workspace.clock->Now()) + "/bad_records");
    RETURN_IF_ERROR(workspace.storage->CreateFolders(folder));
    RETURN_IF_ERROR(
        workspace.storage->Write(io::JoinPath(folder, "part-" + NewUuid() + ".json"), lines));
  }
  return OkStatus();
}

void WarnOfLostRecords(UpdateContext& context, const graph::Node& node,
                       const graph::ResolvedFlow& flow, const LeafRelations& leaves) {
  int64_t lost = 0;
  for (const auto& scan : leaves.scans) lost += scan->counts().lost;
  if (lost == 0) return;
  context.log.Add(
      WarningEvent(node, flow, "operation_progress",
                   "Records that " + model::ToString(flow.flow.name) +
                       " read and that do not fit the schema: " + std::to_string(lost) +
                       "; what does not fit is NULL. To keep such records as text, add the column "
                       "_corrupt_record STRING to the schema."));
}

}  // namespace penstock::run
