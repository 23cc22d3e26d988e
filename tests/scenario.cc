#include "tests/scenario.h"

#include <sstream>

#include "base/text.h"

namespace penstock::tests {
namespace {

constexpr std::string_view kBlock = "== ";
constexpr std::string_view kName = "# name:";

Block BlockOf(const std::string& heading, int line) {
  Block block;
  block.line = line;
  const std::string_view rest = Trim(std::string_view(heading).substr(kBlock.size()));
  const size_t blank = rest.find(' ');
  block.kind = rest.substr(0, blank);
  if (blank != rest.npos) block.argument = Trim(rest.substr(blank));
  return block;
}

}  // namespace

Result<Scenario> ParseScenario(const std::string& text, const std::string& file) {
  Scenario scenario;
  std::istringstream lines(text);
  std::string line;
  int number = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (line.starts_with(kBlock)) {
      scenario.blocks.push_back(BlockOf(line, number));
    } else if (scenario.blocks.empty()) {
      if (line.starts_with(kName)) {
        scenario.name = Trim(std::string_view(line).substr(kName.size()));
      } else if (line.starts_with("#")) {
        scenario.description += line.substr(1) + "\n";
      } else if (!Trim(line).empty()) {
        return UserError("BAD_SCENARIO", "text before the first block").At({file, number, 1});
      }
    } else if (line == "----" && !scenario.blocks.back().has_expected) {
      scenario.blocks.back().has_expected = true;
    } else {
      Block& block = scenario.blocks.back();
      (block.has_expected ? block.expected : block.body) += line + "\n";
    }
  }
  if (scenario.name.empty()) {
    return UserError("BAD_SCENARIO", "the first line must be \"# name: …\"").At({file, 1, 1});
  }
  return scenario;
}

}  // namespace penstock::tests
