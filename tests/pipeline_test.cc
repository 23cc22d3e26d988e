#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include "base/text.h"
#include "run/explain.h"
#include "tests/project_fixture.h"
#include "tests/scenario.h"

namespace penstock::tests {
namespace {

#ifndef PENSTOCK_SOURCE_DIR
#error "PENSTOCK_SOURCE_DIR must name the source tree"
#endif

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!Trim(line).empty()) lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

run::Selection SelectionOf(const std::string& argument) {
  run::Selection selection;
  const auto words = Words(argument);
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "full-refresh-all") selection.full_refresh_all = true;
    if (i + 1 >= words.size()) continue;
    if (words[i] == "refresh") selection.refresh.push_back(words[i + 1]);
    if (words[i] == "full-refresh") selection.full_refresh.push_back(words[i + 1]);
    if (words[i] == "select") selection.select.push_back(words[i + 1]);
  }
  return selection;
}

std::string ErrorsOf(const run::UpdateOutcome& outcome) {
  std::string text;
  for (const Error& error : outcome.errors) text += penstock::ToString(error) + "\n";
  return text;
}

// In what other ways every file is run; it must hold in each.
enum class Way { kAsWritten, kOneThread, kCheckpointAtEveryCommit };

std::string ToString(Way way) {
  switch (way) {
    case Way::kAsWritten:
      return "AsWritten";
    case Way::kOneThread:
      return "OneThread";
    case Way::kCheckpointAtEveryCommit:
      return "CheckpointAtEveryCommit";
  }
  return "";
}

// Runs the blocks of one file.
class Runner {
 public:
  Runner(std::string file, Way way) : file_(std::move(file)), way_(way) {
    if (way == Way::kOneThread) project_.settings["penstock.threads"] = "1";
  }

  void Run(const Scenario& scenario) {
    for (const Block& block : scenario.blocks) {
      SCOPED_TRACE(file_ + ":" + std::to_string(block.line) + " == " + block.kind);
      RunBlock(block);
      if (way_ == Way::kCheckpointAtEveryCommit) project_.WriteCheckpoints();
      if (testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  void RunBlock(const Block& block) {
    if (block.kind == "pipeline" || block.kind == "feed" || block.kind == "project") {
      const std::string path = block.kind == "project" ? "penstock.yml" : block.argument;
      return project_.WriteFile(path, block.body);
    }
    if (block.kind == "parquet") return project_.WriteParquet(block.argument, block.body);
    if (block.kind == "remove") return project_.RemovePath(block.argument);
    if (block.kind == "update") return Update(block);
    if (block.kind == "error") return ExpectError(block);
    if (block.kind == "errors") return ExpectErrors(block);
    if (block.kind == "query") return Query(block);
    if (block.kind == "flows") return Flows(block);
    if (block.kind == "explain") return Explain(block);
    if (block.kind == "sql") {
      EXPECT_EQ(project_.Execute(block.body), "");
      return;
    }
    if (block.kind == "set") {
      const size_t equals = block.argument.find('=');
      project_.settings[block.argument.substr(0, equals)] = block.argument.substr(equals + 1);
      return;
    }
    FAIL() << "unknown block " << block.kind;
  }

  void Update(const Block& block) {
    outcome_ = project_.Update(SelectionOf(block.argument));
    ASSERT_EQ(ErrorsOf(outcome_), "");
    ASSERT_EQ(outcome_.state, run::UpdateState::kCompleted);
    ExpectConsistent();
  }

  // What must hold after every update, whatever the test is about.
  void ExpectConsistent() {
    EXPECT_EQ(project_.Differences(), std::vector<std::string>{});
    for (const run::FlowProgress& flow : outcome_.flows) {
      EXPECT_EQ(flow.rows_in, flow.rows_out + flow.dropped + flow.quarantined) << flow.flow;
    }
  }

  // Every line of the body stands somewhere in the errors.
  void ExpectError(const Block& block) {
    outcome_ = project_.Update(SelectionOf(block.argument));
    EXPECT_NE(outcome_.state, run::UpdateState::kCompleted);
    const std::string errors = ErrorsOf(outcome_);
    for (const std::string& line : Lines(block.body)) {
      EXPECT_NE(errors.find(std::string(Trim(line))), errors.npos)
          << "\"" << line << "\" is not in:\n"
          << errors;
    }
  }

  // There are as many errors as lines, in their order, and each holds its line.
  void ExpectErrors(const Block& block) {
    outcome_ = project_.Update(SelectionOf(block.argument));
    const auto lines = Lines(block.body);
    EXPECT_EQ(outcome_.errors.size(), lines.size()) << ErrorsOf(outcome_);
    for (size_t i = 0; i < std::min(lines.size(), outcome_.errors.size()); ++i) {
      const std::string error = penstock::ToString(outcome_.errors[i]);
      EXPECT_NE(error.find(lines[i]), error.npos) << "\"" << lines[i] << "\" is not in: " << error;
    }
  }

  void Query(const Block& block) {
    const bool ordered = block.argument == "ordered";
    auto expected = Lines(block.expected);
    if (!ordered) std::sort(expected.begin(), expected.end());
    std::string query = block.body;
    const std::string placeholder = "{folder}";
    for (size_t at = query.find(placeholder); at != query.npos; at = query.find(placeholder)) {
      query.replace(at, placeholder.size(), project_.folder());
    }
    EXPECT_EQ(project_.Rows(query, ordered), expected);
  }

  // How a view is computed and refreshed; the place of its definition is left out.
  void Explain(const Block& block) {
    const auto workspace = project_.Open();
    std::vector<std::string> lines;
    for (const auto& view : run::Explain(*workspace, {block.argument}).views) {
      const auto shown = Lines(run::ToString(view));
      lines.insert(lines.end(), shown.begin() + 1, shown.end());
    }
    EXPECT_EQ(lines, Lines(block.body));
  }

  // "table status mode rows_in rows_out dropped quarantined" of the last update, one line a flow.
  void Flows(const Block& block) {
    std::vector<std::string> lines;
    for (const run::FlowProgress& flow : outcome_.flows) {
      lines.push_back(flow.dataset.substr(flow.dataset.rfind('.') + 1) + " " + flow.status + " [" +
                      flow.mode + "] " + std::to_string(flow.rows_in) + " " +
                      std::to_string(flow.rows_out) + " " + std::to_string(flow.dropped) + " " +
                      std::to_string(flow.quarantined));
    }
    EXPECT_EQ(lines, Lines(block.body));
  }

  std::string file_;
  Way way_;
  ProjectFixture project_;
  run::UpdateOutcome outcome_;
};

std::vector<std::string> ScenarioFiles() {
  std::vector<std::string> files;
  const std::string root = PENSTOCK_SOURCE_DIR "/tests/pipelines";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class PipelineTest : public testing::TestWithParam<std::tuple<std::string, Way>> {};

TEST_P(PipelineTest, Holds) {
  const auto& [file, way] = GetParam();
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const auto scenario = ParseScenario(text, file);
  ASSERT_TRUE(scenario.ok()) << penstock::ToString(scenario.error());
  Runner(file, way).Run(*scenario);
}

std::string NameOf(const testing::TestParamInfo<PipelineTest::ParamType>& info) {
  std::string name = std::filesystem::path(std::get<std::string>(info.param)).stem();
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return !isalnum(c); }, '_');
  return name + "_" + ToString(std::get<Way>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Pipelines, PipelineTest,
                         testing::Combine(testing::ValuesIn(ScenarioFiles()),
                                          testing::Values(Way::kAsWritten, Way::kOneThread,
                                                          Way::kCheckpointAtEveryCommit)),
                         NameOf);

}  // namespace
}  // namespace penstock::tests
