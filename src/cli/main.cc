#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"

int main(int argc, char** argv) {
  // Answered before anything else is made ready.
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::puts(penstock::cli::VersionText().c_str());
    return penstock::cli::kDone;
  }
  return penstock::cli::RunProgram(std::vector<std::string>(argv + 1, argv + argc));
}
