#pragma once

#include <string>
#include <vector>

#include "base/result.h"

// Pipeline tests are text: files of blocks, run in order by pipeline_test.cc (tests/README.md has
// the format).
namespace penstock::tests {

// "query", its arguments on the same line, and the lines up to the next block. Where a body has a
// line "----", what follows it is the expected result.
struct Block {
  std::string kind;
  std::string argument;
  std::string body;
  std::string expected;
  bool has_expected = false;
  int line = 0;
};

struct Scenario {
  std::string name;         // of the first "# name:" line
  std::string description;  // the comment lines that follow
  std::vector<Block> blocks;
};

// Blocks begin with "== kind argument". Unknown text before the first block is an error.
Result<Scenario> ParseScenario(const std::string& text, const std::string& file);

}  // namespace penstock::tests
