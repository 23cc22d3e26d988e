#pragma once

#include <string>
#include <vector>

namespace penstock::cli {

struct InitFile {
  std::string path;  // below the new folder
  std::string text;
};

// The files of a small working project called `name`.
std::vector<InitFile> InitFiles(const std::string& name);

}  // namespace penstock::cli
