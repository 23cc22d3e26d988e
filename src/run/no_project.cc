#include "run/no_project.h"

#include <unistd.h>

#include <filesystem>
#include <utility>

namespace penstock::run {

model::Project NoProject(std::string folder) {
  std::error_code ignored;
  std::string temporary = std::filesystem::temp_directory_path(ignored).string();
  if (temporary.empty()) temporary = "/tmp";
  model::Project project;
  project.folder = std::move(folder);
  project.name = "no project";
  project.storage = temporary + "/penstock-no-project-" + std::to_string(::getuid());
  return project;
}

std::string CurrentFolder() {
  std::error_code ignored;
  return std::filesystem::current_path(ignored).string();
}

}  // namespace penstock::run
