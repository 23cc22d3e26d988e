#include "run/bad_records.h"

#include <algorithm>

#include "base/text.h"

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

}  // namespace penstock::run
