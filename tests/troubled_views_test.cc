#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <limits>

#include "io/fault_storage.h"
#include "tests/project_fixture.h"

// What goes wrong for views that follow their sources: the source is rewritten, goes back, is
// another table, lost its history; values are at the edge of their type. The view is right after
// the next update, which says why it was recomputed, or the update says what happened; it is never
// wrong.
namespace penstock::tests {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::string>;

class TroubledViews : public testing::Test {
 protected:
  TroubledViews() {
    project_.settings["pipelines.maxFlowRetryAttempts"] = "0";
    project_.WriteFile(
        "p.sql",
        "CREATE MATERIALIZED VIEW by_kind REFRESH POLICY INCREMENTAL AS SELECT kind, "
        "count(*) AS n, sum(amount) AS total FROM source GROUP BY kind;\n"
        "CREATE MATERIALIZED VIEW large AS SELECT kind, n FROM by_kind WHERE n > 1;");
    Sql("CREATE TABLE source (id BIGINT, kind STRING, amount BIGINT) USING delta");
    Sql("INSERT INTO source VALUES (1, 'a', 10), (2, 'a', 20), (3, 'b', 30), (4, NULL, 5)");
  }

  void Sql(const std::string& script) { ASSERT_EQ(project_.Execute(script), "") << script; }

  static std::string ErrorsOf(const run::UpdateOutcome& outcome) {
    std::string text;
    for (const Error& error : outcome.errors) text += penstock::ToString(error) + "\n";
    return text;
  }

  // An update after which every view is what its query gives; how `view` was refreshed.
  std::string Update(const std::string& view = "by_kind") {
    const run::UpdateOutcome outcome = project_.Update();
    ExpectCompleted(outcome);
    const auto workspace = project_.Open();
    for (const run::TableVerification& table : run::Verify(*workspace, {}).tables) {
      EXPECT_EQ(table.result, "equal") << model::ToString(table.table) << " " << table.reason
                                       << testing::PrintToString(table.examples);
    }
    for (const run::FlowProgress& flow : outcome.flows) {
      if (flow.dataset.ends_with(view)) return flow.mode + ": " + flow.reason;
    }
    return "no flow of " + view;
  }

  std::string Place(const std::string& table) const {
    return project_.folder() + "/storage/tables/main/default/" + table;
  }

  std::vector<fs::path> DataFiles(const std::string& table) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(Place(table))) {
      if (entry.path().extension() == ".parquet") files.push_back(entry.path());
    }
    return files;
  }

  ProjectFixture project_;
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(TroubledViews, ASourceThatIsOverwrittenIsFollowedOrRecomputedWithTheReason) {
  Update();
  Sql("INSERT OVERWRITE source VALUES (1, 'a', 11), (7, 'c', 1), (8, 'c', 2)");
  Update();
  EXPECT_EQ(project_.Rows("SELECT kind, n, total FROM by_kind"), (Rows{"a|1|11", "c|2|3"}));
  Sql("CREATE OR REPLACE TABLE source (id BIGINT, kind STRING, amount BIGINT) USING delta");
  Update();
  EXPECT_EQ(project_.Rows("SELECT * FROM by_kind"), Rows{});
}

TEST_F(TroubledViews, ASourceThatIsRestoredIsFollowed) {
  Update();
  Sql("DELETE FROM source WHERE kind = 'a'");
  EXPECT_HAS(Update(), "incremental");
  Sql("RESTORE TABLE source TO VERSION AS OF 1");
  EXPECT_HAS(Update(), "incremental");
  EXPECT_EQ(project_.Rows("SELECT kind, n FROM by_kind"), (Rows{"NULL|1", "a|2", "b|1"}));
}

TEST_F(TroubledViews, ASourceWhoseNewestVersionIsGoneIsRecomputed) {
  Sql("INSERT INTO source VALUES (5, 'b', 1)");
  Update();
  fs::remove(Place("source") + "/_delta_log/00000000000000000002.json");
  for (const auto& entry : fs::directory_iterator(Place("source") + "/_delta_log")) {
    if (entry.path().extension() == ".crc") fs::remove(entry.path());
  }
  const std::string how = Update();
  EXPECT_HAS(how, "full recomputation");
  EXPECT_HAS(how, "older version");
}

TEST_F(TroubledViews, ASourceThatWasMadeAnewUnderItsNameIsRecomputed) {
  Update();
  fs::remove_all(Place("source"));
  Sql("CREATE TABLE source (id BIGINT, kind STRING, amount BIGINT) USING delta");
  Sql("INSERT INTO source VALUES (1, 'z', 1)");
  Sql("INSERT INTO source VALUES (2, 'z', 1)");
  const std::string how = Update();
  EXPECT_HAS(how, "full recomputation");
  EXPECT_HAS(how, "replaced");
}

TEST_F(TroubledViews, AColumnThatIsAddedToTheSourceChangesNothingAndOneThatTheViewReadsIsMissed) {
  Update();
  Sql("ALTER TABLE source ADD COLUMN extra STRING");
  Sql("INSERT INTO source VALUES (9, 'a', 1, 'x')");
  EXPECT_HAS(Update(), "incremental");
  fs::remove_all(Place("source"));
  Sql("CREATE TABLE source (id BIGINT, kind STRING) USING delta");
  const run::UpdateOutcome outcome = project_.Update();
  EXPECT_NE(outcome.state, run::UpdateState::kCompleted);
  EXPECT_HAS(ErrorsOf(outcome), "amount");
  EXPECT_HAS(ErrorsOf(outcome), "p.sql:1");
  EXPECT_EQ(project_.Rows("SELECT kind, n FROM by_kind WHERE kind = 'a'"), Rows{"a|3"});
}

TEST_F(TroubledViews, AColumnOfTheSourceThatGetsAWiderTypeIsRecomputedOrFollowed) {
  Sql("CREATE TABLE narrow (k INT, v INT) USING delta TBLPROPERTIES ('delta.enableTypeWidening' = "
      "'true')");
  Sql("INSERT INTO narrow VALUES (1, 1), (2, 2)");
  project_.WriteFile(
      "n.sql", "CREATE MATERIALIZED VIEW wide AS SELECT k, max(v) AS v FROM narrow GROUP BY k;");
  Update("wide");
  Sql("ALTER TABLE narrow ALTER COLUMN v TYPE BIGINT");
  Sql("INSERT INTO narrow VALUES (1, 5000000000)");
  Update("wide");
  EXPECT_EQ(project_.Rows("SELECT k, v FROM wide"), (Rows{"1|5000000000", "2|2"}));
}

TEST_F(TroubledViews, ASourceWhoseOldFilesWereCleanedUpIsRecomputedWithTheReason) {
  Update();
  const auto before = DataFiles("source");
  Sql("UPDATE source SET amount = amount + 1");
  for (const fs::path& file : before) fs::remove(file);
  const std::string how = Update();
  EXPECT_HAS(how, "full recomputation");
  EXPECT_HAS(how, before[0].filename().string());
}

TEST_F(TroubledViews, ASumThatNoLongerFitsIsAnErrorAndTheTableStays) {
  project_.WriteFile("sum.sql",
                     "CREATE MATERIALIZED VIEW sums (kind STRING, total BIGINT) AS SELECT kind, "
                     "sum(amount) AS total FROM source GROUP BY kind;");
  Update("sums");
  Sql("INSERT INTO source VALUES (6, 'b', 9223372036854775807)");
  const run::UpdateOutcome outcome = project_.Update();
  EXPECT_NE(outcome.state, run::UpdateState::kCompleted);
  EXPECT_HAS(ErrorsOf(outcome), "sum.sql:1");
  EXPECT_HAS(ErrorsOf(outcome), "9223372036854775837");
  EXPECT_EQ(project_.Rows("SELECT kind, total FROM sums WHERE kind = 'b'"), Rows{"b|30"});
  Sql("DELETE FROM source WHERE id = 6");
  Update("sums");
}

TEST_F(TroubledViews, KeysThatAreNotANumberOrNegativeZeroAreGroupsLikeOthers) {
  Sql("CREATE TABLE measured (x DOUBLE, v INT) USING delta");
  const std::string nan = "CAST('NaN' AS DOUBLE)";
  const std::string minus = "CAST('-0.0' AS DOUBLE)";
  Sql("INSERT INTO measured VALUES (" + nan + ", 1), (" + nan + ", 2), (0, 3), (" + minus +
      ", 4), (NULL, 5)");
  project_.WriteFile(
      "x.sql",
      "CREATE MATERIALIZED VIEW by_x REFRESH POLICY INCREMENTAL AS SELECT x, count(*) AS n, sum(v) "
      "AS s FROM measured GROUP BY x;\n"
      "CREATE MATERIALIZED VIEW pairs REFRESH POLICY INCREMENTAL AS SELECT a.v AS a, b.v AS b FROM "
      "measured a JOIN measured b ON a.x = b.x;");
  Update("by_x");
  for (const std::string& change :
       {"INSERT INTO measured VALUES (" + nan + ", 10), (" + minus + ", 20)",
        std::string("DELETE FROM measured WHERE v IN (2, 4)"),
        std::string("UPDATE measured SET x = 7 WHERE v = 3"),
        "DELETE FROM measured WHERE x = " + nan}) {
    Sql(change);
    EXPECT_HAS(Update("by_x"), "incremental");
  }
  EXPECT_EQ(project_.Rows("SELECT n, s FROM by_x WHERE x > -1 AND x < 1"), Rows{"1|20"});
}

TEST_F(TroubledViews, GroupsByACollationAreThoseOfARecomputation) {
  project_.WriteFile("penstock.yml", "name: test\nstorage: storage\ndialect: duckdb\n");
  project_.WriteFile("c.sql",
                     "CREATE MATERIALIZED VIEW folded AS SELECT min(kind) AS kind, count(*) AS n "
                     "FROM source GROUP BY kind COLLATE NOCASE;");
  Update("folded");
  Sql("INSERT INTO source VALUES (10, 'A', 1), (11, 'B', 2)");
  Update("folded");
  Sql("DELETE FROM source WHERE id IN (1, 3)");
  Update("folded");
  EXPECT_EQ(project_.Rows("SELECT kind, n FROM folded"), (Rows{"A|2", "B|1", "NULL|1"}));
}

// Does something once, right before the view is committed.
class Interrupting : public io::FaultStorage {
 public:
  Interrupting(io::Storage* base, std::function<void()> once)
      : FaultStorage(base, std::numeric_limits<int64_t>::max(), Torn::kBefore),
        once_(std::move(once)) {}

  Result<io::PutOutcome> PutIfAbsent(const std::string& path, std::string_view bytes) override {
    if (path.find("/by_kind/_delta_log/") != path.npos && once_) std::exchange(once_, nullptr)();
    return FaultStorage::PutIfAbsent(path, bytes);
  }

 private:
  std::function<void()> once_;
};

TEST_F(TroubledViews, ADefinitionThatChangesWhileAnUpdateRunsCountsFromTheNextUpdateOn) {
  Update();
  Sql("INSERT INTO source VALUES (5, 'b', 1)");
  const auto local = io::NewLocalStorage();
  Interrupting storage(local.get(), [&] {
    project_.WriteFile("p.sql",
                       "CREATE MATERIALIZED VIEW by_kind AS SELECT kind, count(*) AS n, "
                       "max(amount) AS total FROM source GROUP BY kind;");
  });
  ExpectCompleted(project_.Update({}, &storage));
  EXPECT_EQ(project_.Rows("SELECT total FROM by_kind WHERE kind = 'b'"), Rows{"31"});
  EXPECT_HAS(Update(), "the definition changed");
  EXPECT_EQ(project_.Rows("SELECT total FROM by_kind WHERE kind = 'b'"), Rows{"30"});
}

TEST_F(TroubledViews, ASecondUpdateAtTheSameTimeIsRefusedAndTheFirstIsRight) {
  Update();
  Sql("INSERT INTO source VALUES (5, 'b', 1)");
  const auto local = io::NewLocalStorage();
  std::string refused;
  Interrupting storage(local.get(), [&] { refused = ErrorsOf(project_.Update()); });
  ExpectCompleted(project_.Update({}, &storage));
  EXPECT_HAS(refused, "another");
  EXPECT_HAS(Update(), "nothing changed");
}

TEST_F(TroubledViews, ASourceThatChangesWhileAnUpdateRunsIsFollowedByTheNext) {
  Update();
  Sql("INSERT INTO source VALUES (5, 'b', 1)");
  const auto local = io::NewLocalStorage();
  Interrupting storage(local.get(), [&] { Sql("INSERT INTO source VALUES (6, 'b', 2)"); });
  ExpectCompleted(project_.Update({}, &storage));
  EXPECT_HAS(Update(), "incremental");
  EXPECT_EQ(project_.Rows("SELECT total FROM by_kind WHERE kind = 'b'"), Rows{"33"});
}

}  // namespace
}  // namespace penstock::tests
