// The pages about pipeline files and the project file say what the readers accept: every example is
// read. The seeds of the fuzzers are read as well, so that what was found once stays found.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "io/temp_folder.h"
#include "sql/pipeline_file.h"
#include "sql/project_file.h"
#include "sql/sql_statement.h"

namespace penstock::sql {
namespace {

// The repository's root: the nearest folder above this program that holds the pages.
std::string Root() {
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  while (folder.has_relative_path() &&
         !std::filesystem::exists(folder / "docs/pipeline-files.md")) {
    folder = folder.parent_path();
  }
  return folder.string();
}

struct Block {
  int line = 0;
  std::string text;
};

// The code blocks of that language in a page.
std::vector<Block> Blocks(const std::string& page, const std::string& language) {
  std::ifstream file(Root() + "/docs/" + page);
  EXPECT_TRUE(file.good()) << page;
  std::vector<Block> blocks;
  std::string line;
  bool inside = false;
  for (int number = 1; std::getline(file, line); ++number) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().text += line + "\n";
    } else if (line == "```" + language) {
      inside = true;
      blocks.push_back({number + 1, ""});
    }
  }
  return blocks;
}

TEST(DocumentationTest, EveryExampleOfAStatementOnTablesIsRead) {
  const std::vector<Block> blocks = Blocks("sql.md", "sql");
  EXPECT_GE(blocks.size(), 2u);
  for (const Block& block : blocks) {
    const auto script = ParseScript(block.text, model::Project{});
    if (script.ok()) continue;
    ADD_FAILURE() << "sql.md, block at line " << block.line << ": " << ToString(script.error());
  }
}

TEST(DocumentationTest, EveryExampleOfAPipelineFileIsRead) {
  std::vector<Block> blocks = Blocks("pipeline-files.md", "sql");
  EXPECT_GE(blocks.size(), 10u);
  const std::vector<Block> changes = Blocks("cdc.md", "sql");
  EXPECT_GE(changes.size(), 5u);
  blocks.insert(blocks.end(), changes.begin(), changes.end());
  for (const Block& block : blocks) {
    model::Definitions definitions;
    const FileContext context{{}, "main", "default", model::Dialect::kSpark};
    for (const Error& error : ParsePipelineFile(block.text, "block", context, &definitions)) {
      ADD_FAILURE() << "pipeline-files.md or cdc.md, block at line " << block.line << ": "
                    << ToString(error);
    }
    EXPECT_FALSE(definitions.datasets.empty() && definitions.flows.empty()) << block.line;
  }
}

TEST(DocumentationTest, EveryExampleOfAProjectFileIsRead) {
  const std::vector<Block> blocks = Blocks("project-file.md", "yaml");
  EXPECT_GE(blocks.size(), 1u);
  const auto storage = io::NewLocalStorage();
  const io::TempFolder folder;
  for (const Block& block : blocks) {
    const std::string path = folder / "penstock.yml";
    ASSERT_TRUE(storage->Write(path, block.text).ok());
    const auto project = ReadProjectFile(*storage, path, {});
    if (!project.ok()) ADD_FAILURE() << block.line << ": " << ToString(project.error());
  }
}

std::vector<std::string> Seeds(const std::string& fuzzer) {
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(Root() + "/fuzz/corpus/" + fuzzer)) {
    std::ifstream file(entry.path(), std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  EXPECT_FALSE(seeds.empty()) << fuzzer;
  return seeds;
}

TEST(DocumentationTest, SeedsOfThePipelineFuzzerGiveErrorsWithPlacesInTheFile) {
  for (const std::string& seed : Seeds("pipeline_sql_fuzz")) {
    const int lines = static_cast<int>(std::count(seed.begin(), seed.end(), '\n')) + 1;
    for (const auto dialect : {model::Dialect::kSpark, model::Dialect::kDuckdb}) {
      model::Definitions definitions;
      const FileContext context{{{"key", "a'b"}}, "main", "default", dialect};
      for (const Error& error : ParsePipelineFile(seed, "seed", context, &definitions)) {
        EXPECT_GE(error.where.line, 1) << seed;
        EXPECT_LE(error.where.line, lines) << seed;
        EXPECT_FALSE(error.code.empty()) << seed;
      }
    }
  }
}

TEST(DocumentationTest, SeedsOfTheProjectFileFuzzerGiveAProjectOrAUsersError) {
  const auto storage = io::NewLocalStorage();
  const io::TempFolder folder;
  for (const std::string& seed : Seeds("project_file_fuzz")) {
    const std::string path = folder / "penstock.yml";
    ASSERT_TRUE(storage->Write(path, seed).ok());
    const auto project = ReadProjectFile(*storage, path, {});
    EXPECT_TRUE(project.ok() || project.error().kind == ErrorKind::kUser) << seed;
  }
}

}  // namespace
}  // namespace penstock::sql
