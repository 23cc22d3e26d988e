#include "tests/project_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "run/pipeline.h"
#include "run/table_statement.h"
#include "sql/project_file.h"
#include "sql/sql_statement.h"

namespace penstock::tests {
namespace {

std::string TemporaryRoot() {
  // Memory where there is some: syncing is what takes the time of these tests.
  return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

ProjectFixture::ProjectFixture()
    : folder_(TemporaryRoot() + "/penstock-test-" + NewUuid()), storage_(io::NewLocalStorage()) {
  std::filesystem::create_directories(folder_);
}

ProjectFixture::~ProjectFixture() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void ProjectFixture::WriteFile(const std::string& path, const std::string& text) {
  const std::filesystem::path full = std::filesystem::path(folder_) / path;
  std::filesystem::create_directories(full.parent_path());
  std::ofstream(full, std::ios::binary) << Replaced(text, "{folder}", folder_);
}

void ProjectFixture::WriteParquet(const std::string& path, const std::string& query) {
  const std::filesystem::path full = std::filesystem::path(folder_) / path;
  std::filesystem::create_directories(full.parent_path());
  const auto workspace = Open();
  ASSERT_NE(workspace, nullptr);
  auto connection = workspace->engine->Connect();
  ASSERT_TRUE(connection.ok());
  const Status written = connection->Execute(
      "COPY (" + query + ") TO " + duck::QuoteLiteral(full.string()) + " (FORMAT parquet)");
  ASSERT_TRUE(written.ok()) << penstock::ToString(written.error());
}

void ProjectFixture::RemovePath(const std::string& path) {
  std::filesystem::remove_all(std::filesystem::path(folder_) / path);
}

std::unique_ptr<run::Workspace> ProjectFixture::Open(io::Storage* storage) {
  if (storage == nullptr) storage = storage_.get();
  if (!std::filesystem::exists(folder_ + "/penstock.yml")) {
    WriteFile("penstock.yml", "name: test\nstorage: storage\n");
  }
  auto project = sql::ReadProjectFile(*storage_, folder_ + "/penstock.yml", settings);
  EXPECT_TRUE(project.ok()) << penstock::ToString(project.error());
  if (!project.ok()) return nullptr;
  auto workspace = run::OpenWorkspace(*project, storage, clock);
  EXPECT_TRUE(workspace.ok()) << penstock::ToString(workspace.error());
  return workspace.ok() ? *std::move(workspace) : nullptr;
}

run::UpdateOutcome ProjectFixture::Update(const run::Selection& selection, io::Storage* storage) {
  const auto workspace = Open(storage);
  run::UpdateOptions options;
  options.selection = selection;
  return run::RunUpdate(*workspace, options);
}

std::vector<std::string> ProjectFixture::Rows(const std::string& query, bool keep_order) {
  const auto workspace = Open();
  auto result = run::RunSql(*workspace, query);
  if (!result.ok()) return {"error: " + penstock::ToString(result.error())};
  std::vector<std::string> rows;
  duck::ResultSet& set = *result->rows;
  while (true) {
    auto more = set.NextChunk();
    if (!more.ok()) return {"error: " + penstock::ToString(more.error())};
    if (!*more) break;
    for (size_t row = 0; row < set.RowCount(); ++row) {
      std::string text;
      for (size_t column = 0; column < set.ColumnCount(); ++column) {
        if (column > 0) text += "|";
        text += set.IsNull(row, column) ? "NULL" : set.Text(row, column);
      }
      rows.push_back(Replaced(std::move(text), folder_, "{folder}"));
    }
  }
  if (!keep_order) std::sort(rows.begin(), rows.end());
  return rows;
}

std::string ProjectFixture::Execute(const std::string& script) {
  const auto workspace = Open();
  const auto statements = sql::ParseScript(script, workspace->project);
  if (!statements.ok()) return penstock::ToString(statements.error());
  const run::StatementContext context{workspace->project.catalog, workspace->project.schema,
                                      workspace->project.configuration};
  for (const sql::ScriptStatement& statement : *statements) {
    const auto* changes = std::get_if<sql::TableStatement>(&statement.statement);
    if (changes == nullptr) return "only statements on tables are run here";
    const auto done = run::RunTableStatement(*workspace, context, *changes);
    if (!done.ok()) return penstock::ToString(done.error());
  }
  return {};
}

void ProjectFixture::WriteCheckpoints() {
  if (!std::filesystem::exists(folder_ + "/penstock.yml")) return;
  const auto workspace = Open();
  const auto names = workspace->catalog->List();
  ASSERT_TRUE(names.ok()) << penstock::ToString(names.error());
  for (const model::TableName& name : *names) {
    const auto table = workspace->catalog->Open(name);
    ASSERT_TRUE(table.ok()) << penstock::ToString(table.error());
    const auto snapshot = (*table)->Latest();
    ASSERT_TRUE(snapshot.ok()) << penstock::ToString(snapshot.error());
    const Status written = (*table)->WriteCheckpoint(*snapshot);
    ASSERT_TRUE(written.ok()) << penstock::ToString(written.error());
  }
}

std::vector<std::string> ProjectFixture::Differences() {
  const auto workspace = Open();
  run::PipelineOutcome loaded = run::LoadPipeline(*workspace);
  if (!loaded.pipeline) return {"the pipeline cannot be read"};
  std::vector<std::string> differences;
  for (size_t i = 0; i < loaded.pipeline->graph.nodes.size(); ++i) {
    const graph::Node& node = loaded.pipeline->graph.nodes[i];
    if (node.dataset.kind != model::DatasetKind::kMaterializedView) continue;
    if (quality::TakesRowsOut(loaded.pipeline->bound[i].rules)) continue;
    const std::string kept = "SELECT * FROM " + model::ToString(node.dataset.name);
    const std::string& query = node.flows[0].flow.query.text;
    const auto recomputed = Rows(query);
    if (Rows(kept) != recomputed) {
      differences.push_back(model::ToString(node.dataset.name) + " differs from its query");
    }
  }
  return differences;
}

void ExpectCompleted(const run::UpdateOutcome& outcome) {
  for (const Error& error : outcome.errors) ADD_FAILURE() << penstock::ToString(error);
  EXPECT_EQ(outcome.state, run::UpdateState::kCompleted);
}

}  // namespace penstock::tests
