#include "graph/graph.h"

#include <gtest/gtest.h>

#include "graph/selection.h"
#include "sql/pipeline_file.h"

namespace penstock::graph {
namespace {

class NoTables : public TableLookup {
 public:
  Result<bool> Exists(const model::TableName& name) override { return name.table == "outside"; }
  std::vector<model::TableName> Names() override { return {{"main", "default", "outside"}}; }
};

ResolveOutcome ResolveText(const std::string& text) {
  model::Project project;
  model::Definitions definitions;
  sql::FileContext context;
  context.catalog = project.catalog;
  context.schema = project.schema;
  const auto errors = sql::ParsePipelineFile(text, "p.sql", context, &definitions);
  EXPECT_TRUE(errors.empty()) << penstock::ToString(errors.front());
  NoTables lookup;
  return Resolve(definitions, project, lookup);
}

std::vector<std::string> Order(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.dataset.name.table);
  return names;
}

std::vector<std::string> Codes(const std::vector<Error>& errors) {
  std::vector<std::string> codes;
  for (const Error& error : errors) codes.push_back(error.code);
  return codes;
}

constexpr char kChain[] =
    "CREATE MATERIALIZED VIEW c AS SELECT * FROM b;"
    "CREATE MATERIALIZED VIEW b AS SELECT * FROM a;"
    "CREATE MATERIALIZED VIEW a AS SELECT 1 AS x;"
    "CREATE MATERIALIZED VIEW alone AS SELECT x FROM outside;";

TEST(Resolve, PutsEveryDatasetAfterWhatItReads) {
  const auto outcome = ResolveText(kChain);
  ASSERT_TRUE(outcome.errors.empty());
  EXPECT_EQ(Order(outcome.graph), (std::vector<std::string>{"a", "b", "c", "alone"}));
  EXPECT_EQ(outcome.graph.nodes[2].upstream, std::vector<size_t>{1});
}

TEST(Resolve, FindsNamesWhateverTheirCaseAndParts) {
  const auto outcome = ResolveText(
      "CREATE MATERIALIZED VIEW Base AS SELECT 1 AS x;"
      "CREATE MATERIALIZED VIEW one AS SELECT * FROM BASE;"
      "CREATE MATERIALIZED VIEW two AS SELECT * FROM `default`.base;"
      "CREATE MATERIALIZED VIEW three AS SELECT * FROM main.default.base;"
      "CREATE LIVE TABLE four AS SELECT * FROM LIVE.base;");
  ASSERT_TRUE(outcome.errors.empty()) << penstock::ToString(outcome.errors[0]);
  for (size_t i = 1; i < 5; ++i) {
    EXPECT_EQ(outcome.graph.nodes[i].upstream, std::vector<size_t>{0}) << i;
  }
}

TEST(Resolve, ACycleIsNamed) {
  const auto outcome = ResolveText(
      "CREATE MATERIALIZED VIEW a AS SELECT * FROM b; CREATE MATERIALIZED VIEW b AS SELECT * FROM "
      "a;");
  ASSERT_EQ(Codes(outcome.errors), std::vector<std::string>{"CYCLE"});
  EXPECT_NE(outcome.errors[0].message.find("main.default.a reads main.default.b reads "
                                           "main.default.a"),
            std::string::npos)
      << outcome.errors[0].message;
}

TEST(Resolve, KeepsWhatIsSoundBesideWhatIsNot) {
  const auto outcome = ResolveText(
      "CREATE MATERIALIZED VIEW lost AS SELECT * FROM nowhere;"
      "CREATE MATERIALIZED VIEW reader AS SELECT * FROM lost;"
      "CREATE MATERIALIZED VIEW ring AS SELECT * FROM chain;"
      "CREATE MATERIALIZED VIEW chain AS SELECT * FROM ring;"
      "CREATE MATERIALIZED VIEW after AS SELECT * FROM chain;");
  EXPECT_EQ(Codes(outcome.errors), (std::vector<std::string>{"TABLE_NOT_FOUND", "CYCLE"}));
  std::vector<std::string> broken;
  for (const Node& node : outcome.graph.nodes) {
    if (node.broken) broken.push_back(node.dataset.name.table);
  }
  EXPECT_EQ(broken, (std::vector<std::string>{"lost", "chain", "ring"}));
}

TEST(Resolve, ANameThatAnUnreadStatementMentionsIsNotMissing) {
  model::Definitions definitions;
  sql::FileContext context;
  context.schema = "default";
  const auto errors = sql::ParsePipelineFile(
      "CREATE MATERIALIZED VIEW Half; CREATE MATERIALIZED VIEW m AS SELECT * FROM half, halves",
      "p.sql", context, &definitions);
  ASSERT_EQ(Codes(errors), std::vector<std::string>{"MISSING_QUERY"});
  NoTables lookup;
  const auto outcome = Resolve(definitions, {}, lookup);
  ASSERT_EQ(Codes(outcome.errors), std::vector<std::string>{"TABLE_NOT_FOUND"});
  EXPECT_NE(outcome.errors[0].message.find("halves"), std::string::npos);
}

TEST(Resolve, ALongChainDoesNotExhaustTheStack) {
  std::string text = "CREATE MATERIALIZED VIEW v0 AS SELECT 1 AS x;";
  for (int i = 1; i < 5000; ++i) {
    text += "CREATE MATERIALIZED VIEW v" + std::to_string(i) + " AS SELECT x FROM v" +
            std::to_string(i - 1) + ";";
  }
  EXPECT_TRUE(ResolveText(text).errors.empty());
}

TEST(Resolve, KindsAndStreamsMustFit) {
  const std::string source = "CREATE MATERIALIZED VIEW m AS SELECT 1 AS x;";
  EXPECT_EQ(Codes(ResolveText(source + "CREATE STREAMING TABLE s AS SELECT x FROM m;").errors),
            std::vector<std::string>{"STREAMING_TABLE_NEEDS_STREAM"});
  EXPECT_EQ(
      Codes(ResolveText(source + "CREATE MATERIALIZED VIEW v AS SELECT x FROM STREAM(m);").errors),
      std::vector<std::string>{"MATERIALIZED_VIEW_READS_STREAM"});
  EXPECT_EQ(Codes(ResolveText(source + "CREATE STREAMING TABLE s;").errors),
            std::vector<std::string>{"NO_FLOW"});
  EXPECT_EQ(Codes(ResolveText(source + "CREATE TEMPORARY VIEW v AS SELECT x FROM STREAM(m);"
                                       "CREATE MATERIALIZED VIEW w AS SELECT x FROM v;")
                      .errors),
            (std::vector<std::string>{"VIEW_IS_A_STREAM", "MATERIALIZED_VIEW_READS_STREAM"}));
  EXPECT_EQ(Codes(ResolveText(source + "CREATE STREAMING TABLE s AS "
                                       "SELECT x, count(*) AS n FROM STREAM(m) GROUP BY x;")
                      .errors),
            std::vector<std::string>{"UNSUPPORTED_STREAMING_OPERATION"});
}

TEST(ExpandFlow, EachReferenceToAViewIsAnInstanceOfItsOwn) {
  const auto outcome = ResolveText(
      "CREATE TEMPORARY VIEW v AS SELECT x FROM outside;"
      "CREATE MATERIALIZED VIEW m AS SELECT a.x FROM v AS a JOIN v AS b ON a.x = b.x;");
  ASSERT_TRUE(outcome.errors.empty());
  const auto query = ExpandFlow(outcome.graph, outcome.graph.nodes[1].flows[0], {});
  ASSERT_TRUE(query.ok());
  ASSERT_EQ(query->views.size(), 2u);
  ASSERT_EQ(query->leaves.size(), 2u);
  EXPECT_NE(query->leaves[0].placeholder, query->leaves[1].placeholder);
  EXPECT_EQ(query->leaves[0].source_id, "table:main.default.outside");
  EXPECT_EQ(query->leaves[1].source_id, "table:main.default.outside#2");
}

std::vector<Treatment> Selected(const SelectionRequest& request) {
  const auto outcome = ResolveText(kChain);
  const auto treatments = Select(outcome.graph, {}, request);
  EXPECT_TRUE(treatments.ok()) << penstock::ToString(treatments.error());
  return treatments.ok() ? *treatments : std::vector<Treatment>{};
}

TEST(Select, ExpressionsReachUpAndDownTheGraph) {
  using enum Treatment;
  SelectionRequest request;
  request.select = {"+b"};
  EXPECT_EQ(Selected(request), (std::vector{kRefresh, kRefresh, kExcluded, kExcluded}));
  request.select = {"b+"};
  EXPECT_EQ(Selected(request), (std::vector{kExcluded, kRefresh, kRefresh, kExcluded}));
  request.select = {"al*"};
  EXPECT_EQ(Selected(request), (std::vector{kExcluded, kExcluded, kExcluded, kRefresh}));
}

TEST(Select, FullRefreshNamesTablesOrTakesAll) {
  using enum Treatment;
  SelectionRequest request;
  request.full_refresh = {"default.b"};
  request.refresh = {"c"};
  EXPECT_EQ(Selected(request), (std::vector{kExcluded, kFullRefresh, kRefresh, kExcluded}));
  SelectionRequest all;
  all.full_refresh_all = true;
  EXPECT_EQ(Selected(all), std::vector<Treatment>(4, kFullRefresh));
}

TEST(Select, AProtectedTableIsNeverResetAndAnUnknownOneIsRefused) {
  const auto outcome = ResolveText(
      "CREATE MATERIALIZED VIEW a TBLPROPERTIES ('pipelines.reset.allowed' = 'false') AS SELECT 1 "
      "AS x;");
  SelectionRequest request;
  request.full_refresh = {"a"};
  EXPECT_EQ(Select(outcome.graph, {}, request).error().code, "RESET_NOT_ALLOWED");
  SelectionRequest all;
  all.full_refresh_all = true;
  EXPECT_EQ(Select(outcome.graph, {}, all)->at(0), Treatment::kRefresh);
  SelectionRequest unknown;
  unknown.refresh = {"b"};
  EXPECT_EQ(Select(outcome.graph, {}, unknown).error().code, "TABLE_NOT_FOUND");
}

}  // namespace
}  // namespace penstock::graph
