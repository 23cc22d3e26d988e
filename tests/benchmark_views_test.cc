#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "duck/plan/bound_plan.h"
#include "ivm/program.h"
#include "tests/benchmark_tables.h"
#include "tests/project_fixture.h"
#include "tests/refresh_case.h"

// The queries of TPC-H and Nexmark as views: equal to a recomputation after every batch, and
// refreshed in the way that docs/coverage.md says. PENSTOCK_LONG=1 runs twenty batches.
namespace penstock::tests {
namespace {

// How a view's rows come about, by the derived program.
std::string RuleOf(const ivm::Program& program) {
  if (!program.replacement) return "rows that change";
  return program.replacement->keys.empty() ? "as a whole" : "keys that change";
}

size_t Batches() { return std::getenv("PENSTOCK_LONG") != nullptr ? 20 : 3; }

class BenchmarkViews : public testing::TestWithParam<const char*> {
 protected:
  static Benchmark Of(size_t batches) {
    return std::string(GetParam()) == "Tpch" ? TpchBenchmark(batches) : NexmarkBenchmark(batches);
  }

  // The tables without rows, in an engine of their own.
  void Open(const Benchmark& benchmark) {
    auto engine = duck::Engine::Open({.threads = 1});
    ASSERT_TRUE(engine.ok()) << penstock::ToString(engine.error());
    engine_ = *std::move(engine);
    auto connection = engine_->Connect();
    ASSERT_TRUE(connection.ok());
    connection_.emplace(*std::move(connection));
    for (const RandomTable& table : benchmark.tables) {
      const Status made =
          connection_->Execute("CREATE TABLE " + table.name + ColumnDefinitions(table));
      ASSERT_TRUE(made.ok()) << penstock::ToString(made.error());
    }
  }

  std::unique_ptr<duck::Engine> engine_;
  std::optional<duck::Connection> connection_;
};

TEST_P(BenchmarkViews, AreEqualToARecomputationAfterEachBatch) {
  const Benchmark benchmark = Of(Batches());
  Open(benchmark);
  const auto queries = ReadBenchmarkQueries(benchmark);
  ASSERT_GE(queries.size(), 20U);
  RefreshCase trial;
  trial.tables = benchmark.tables;
  trial.rows = benchmark.rows;
  trial.batches = benchmark.batches;
  for (const BenchmarkQuery& query : queries) {
    const auto columns = connection_->Describe(query.text);
    ASSERT_TRUE(columns.ok()) << query.name << penstock::ToString(columns.error());
    RandomQuery& view = trial.views.emplace_back();
    view.text = query.text;
    for (const Field& field : *columns) {
      const bool floating = field.type.id == TypeId::kDouble;
      view.columns.push_back({field.name, floating ? Kind::kDouble : Kind::kInteger, ""});
    }
  }
  RefreshRunner runner;
  const auto failure = runner.Run(trial);
  EXPECT_FALSE(failure) << *failure;
  EXPECT_EQ(runner.counts.incremental, queries.size());
  EXPECT_EQ(runner.counts.refreshes, queries.size() * Batches());
}

// "| q1 | keys that change |", one line a query.
std::vector<std::string> Documented(const std::string& benchmark) {
  std::ifstream stream("docs/coverage.md");
  std::vector<std::string> lines;
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("## ")) inside = line == "## " + benchmark;
    if (inside && line.starts_with("| q")) lines.push_back(line);
  }
  return lines;
}

TEST_P(BenchmarkViews, AreRefreshedAsDocumented) {
  const Benchmark benchmark = Of(0);
  Open(benchmark);
  ivm::DeriveOptions options;
  for (const RandomTable& table : benchmark.tables) options.changed.insert(table.name);
  std::vector<std::string> lines;
  for (const BenchmarkQuery& query : ReadBenchmarkQueries(benchmark)) {
    const auto plan = duck::PlanOf(*connection_, query.text);
    ASSERT_TRUE(plan.ok()) << query.name << ": " << penstock::ToString(plan.error());
    const auto program = ivm::Derive(*plan, options);
    const std::string rule =
        program.ok() ? RuleOf(*program) : "recomputed: " + program.error().message;
    lines.push_back("| " + query.name + " | " + rule + " |");
  }
  EXPECT_EQ(Documented(benchmark.name), lines);
}

std::string WithoutZone(std::string definitions) {
  const std::string from = " TIMESTAMP";
  for (size_t at = definitions.find(from); at != definitions.npos;
       at = definitions.find(from, at + from.size())) {
    definitions.insert(at + from.size(), "_NTZ");
  }
  return definitions;
}

std::string TextOf(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_P(BenchmarkViews, OverDeltaTablesAreRefreshedIncrementally) {
  const Benchmark benchmark = Of(Batches());
  ProjectFixture project;
  project.WriteFile("penstock.yml", "name: benchmark\nstorage: storage\ndialect: duckdb\n");
  project.WriteFile("views.sql", TextOf(benchmark.queries));
  for (const RandomTable& table : benchmark.tables) {
    ASSERT_EQ(project.Execute("CREATE TABLE " + table.name + " " +
                              WithoutZone(ColumnDefinitions(table)) + " USING delta"),
              "");
  }
  for (const std::string& statement : benchmark.rows) ASSERT_EQ(project.Execute(statement), "");
  ExpectCompleted(project.Update());
  for (const BenchmarkQuery& query : ReadBenchmarkQueries(benchmark)) {
    EXPECT_NE(project.Rows("SELECT count(*) FROM " + query.name), std::vector<std::string>{"0"})
        << query.name;
  }
  std::set<std::string> recomputed;
  for (const auto& batch : benchmark.batches) {
    for (const std::string& statement : batch) ASSERT_EQ(project.Execute(statement), "");
    const run::UpdateOutcome outcome = project.Update();
    ExpectCompleted(outcome);
    EXPECT_EQ(project.Differences(), std::vector<std::string>{});
    for (const run::FlowProgress& flow : outcome.flows) {
      if (flow.mode == "full recomputation") recomputed.insert(flow.dataset + ": " + flow.reason);
    }
  }
  EXPECT_EQ(recomputed, std::set<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Of, BenchmarkViews, testing::Values("Tpch", "Nexmark"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace penstock::tests
