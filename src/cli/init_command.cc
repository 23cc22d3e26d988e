#include <cstdio>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/init_files.h"

namespace penstock::cli {
namespace {

Status MakeProject(io::Storage& storage, const std::string& folder) {
  ASSIGN_OR_RETURN(const std::optional<io::FileInfo> file, storage.Stat(folder));
  ASSIGN_OR_RETURN(const std::vector<io::FileInfo> files, storage.ListRecursive(folder));
  if (file || !files.empty()) {
    return UserError("FOLDER_EXISTS", folder + " exists already and is not empty",
                     "Choose another name.");
  }
  for (const InitFile& init : InitFiles(io::BaseName(folder))) {
    const std::string path = folder + "/" + init.path;
    RETURN_IF_ERROR(storage.CreateFolders(io::ParentPath(path)));
    RETURN_IF_ERROR(storage.Write(path, init.text));
  }
  return OkStatus();
}

}  // namespace

ExitStatus Execute(Session& session, const InitCommand& command) {
  const std::string folder = io::JoinPath(CurrentFolder(), command.name);
  const Status made = MakeProject(session.storage(), folder);
  if (!made.ok()) return Fail(made.error());
  PrintNote("made a project in " + folder + "; next:");
  std::printf("cd %s && penstock run\n", command.name.c_str());
  return kDone;
}

}  // namespace penstock::cli
