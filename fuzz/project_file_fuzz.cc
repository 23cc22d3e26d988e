// Project files as users type them: reading gives a project with an absolute storage or an error of
// the user, and never crashes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "io/storage.h"
#include "io/temp_folder.h"
#include "sql/project_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const penstock::io::TempFolder folder;
  static const auto storage = penstock::io::NewLocalStorage();
  const std::string path = folder / "penstock.yml";
  if (!storage->Write(path, {reinterpret_cast<const char*>(data), size}).ok()) std::abort();
  const auto project = penstock::sql::ReadProjectFile(*storage, path, {{"key", "value"}});
  if (!project.ok()) {
    if (project.error().kind != penstock::ErrorKind::kUser) std::abort();
    return 0;
  }
  if (!project->storage.starts_with('/') || project->libraries.empty()) std::abort();
  if (project->configuration.at("key") != "value") std::abort();
  return 0;
}
