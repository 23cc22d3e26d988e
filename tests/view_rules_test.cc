#include <gtest/gtest.h>

#include "tests/project_fixture.h"

// Expectations of views that follow the changes of their sources.
namespace penstock::tests {
namespace {

using RowTexts = std::vector<std::string>;

constexpr char kQuarantined[] =
    "SELECT row FROM delta.`{folder}/storage/_penstock/quarantine/main/default/v`";

class ViewRulesTest : public testing::Test {
 protected:
  ViewRulesTest() {
    Execute(
        "CREATE TABLE t (id INT, k INT, v INT) USING delta; "
        "INSERT INTO t VALUES (1, 1, 10), (2, 1, -5), (3, 2, NULL), (4, 2, 900)");
  }

  void Execute(const std::string& statements) { EXPECT_EQ(project_.Execute(statements), ""); }

  // A view v of the query with the constraints, computed once.
  void Start(const std::string& constraints, const std::string& query) {
    project_.WriteFile("p.sql", "CREATE MATERIALIZED VIEW v (" + constraints + ") AS " + query);
    Update();
  }

  run::FlowProgress Update() {
    const run::UpdateOutcome outcome = project_.Update();
    ExpectCompleted(outcome);
    const auto workspace = project_.Open();
    for (const run::TableVerification& table : run::Verify(*workspace, {}).tables) {
      EXPECT_EQ(table.result, "equal") << table.reason << testing::PrintToString(table.examples);
    }
    return outcome.flows.at(0);
  }

  RowTexts Quarantined() {
    std::string query = kQuarantined;
    query.replace(query.find("{folder}"), 8, project_.folder());
    return project_.Rows(query);
  }

  static std::string Counts(const run::FlowProgress& flow) {
    std::string text = flow.mode + " in " + std::to_string(flow.rows_in) + " out " +
                       std::to_string(flow.rows_out) + " dropped " + std::to_string(flow.dropped) +
                       " quarantined " + std::to_string(flow.quarantined);
    for (const quality::RuleCount& rule : flow.rules) {
      text +=
          "; " + rule.name + " " + std::to_string(rule.passed) + "/" + std::to_string(rule.failed);
    }
    return text;
  }

  ProjectFixture project_;
};

TEST_F(ViewRulesTest, RowsOfTheChangeAreWarnedOfAndDroppedAndCountedOnce) {
  Start(
      "CONSTRAINT small EXPECT (v < 100), CONSTRAINT positive EXPECT (v > 0) ON VIOLATION DROP "
      "ROW",
      "SELECT id, v FROM t");
  EXPECT_EQ(project_.Rows("SELECT id FROM v"), (RowTexts{"1", "3", "4"}));
  Execute("INSERT INTO t VALUES (5, 1, -1), (6, 1, 500), (7, 1, 1), (5, 1, -1)");
  EXPECT_EQ(Counts(Update()),
            "incremental in 4 out 2 dropped 2 quarantined 0; small 3/1; positive 2/2");
  // A row that was dropped comes in, one that was kept is dropped, a dropped one goes.
  Execute(
      "UPDATE t SET v = 3 WHERE id = 2; UPDATE t SET v = -3 WHERE id = 1; DELETE FROM t WHERE "
      "id = 5");
  EXPECT_EQ(Counts(Update()),
            "incremental in 2 out 1 dropped 1 quarantined 0; small 2/0; positive 1/1");
  EXPECT_EQ(project_.Rows("SELECT id, v FROM v"),
            (RowTexts{"2|3", "3|NULL", "4|900", "6|500", "7|1"}));
}

TEST_F(ViewRulesTest, GroupsAreDroppedAndComeBack) {
  Start("CONSTRAINT positive EXPECT (s > 0) ON VIOLATION DROP ROW",
        "SELECT k, sum(v) AS s FROM t GROUP BY k");
  EXPECT_EQ(project_.Rows("SELECT * FROM v"), (RowTexts{"1|5", "2|900"}));
  Execute("INSERT INTO t VALUES (8, 1, -50), (9, 3, 1)");
  EXPECT_EQ(Counts(Update()), "incremental in 2 out 1 dropped 1 quarantined 0; positive 1/1");
  EXPECT_EQ(project_.Rows("SELECT * FROM v"), (RowTexts{"2|900", "3|1"}));
  Execute("DELETE FROM t WHERE id = 8");
  EXPECT_EQ(Update().mode, "incremental");
  EXPECT_EQ(project_.Rows("SELECT * FROM v"), (RowTexts{"1|5", "2|900", "3|1"}));
}

TEST_F(ViewRulesTest, GroupsThatAreDroppedAreKeptInTheState) {
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW v (CONSTRAINT positive EXPECT (s > 0) ON VIOLATION "
                     "DROP ROW) TBLPROPERTIES ('penstock.keepState' = 'on') AS SELECT k, sum(v) AS "
                     "s FROM t GROUP BY k");
  Update();
  for (int i = 0; i < 4; ++i) {
    Execute("INSERT INTO t VALUES (" + std::to_string(10 + i) + ", 1, " +
            (i % 2 == 0 ? "-50" : "60") + ")");
    const run::FlowProgress flow = Update();
    EXPECT_EQ(flow.mode, "incremental");
    EXPECT_EQ(flow.reason.find("from kept state") != std::string::npos, i > 0) << flow.reason;
  }
  EXPECT_EQ(project_.Rows("SELECT * FROM v"), (RowTexts{"1|25", "2|900"}));
}

TEST_F(ViewRulesTest, ARowThatBreaksAFailingRuleEndsTheRefresh) {
  Start("CONSTRAINT known EXPECT (id < 100) ON VIOLATION FAIL UPDATE", "SELECT id, v FROM t");
  Execute("INSERT INTO t VALUES (100, 1, 1)");
  const run::UpdateOutcome outcome = project_.Update();
  ASSERT_EQ(outcome.errors.size(), 1);
  EXPECT_EQ(outcome.errors[0].code, "EXPECTATION_FAILED");
  EXPECT_NE(outcome.errors[0].message.find("\"id\":100"), std::string::npos)
      << outcome.errors[0].message;
  EXPECT_EQ(project_.Rows("SELECT count(*) FROM v"), RowTexts{"4"});
  Execute("DELETE FROM t WHERE id = 100");
  EXPECT_EQ(Update().mode, "incremental");
}

TEST_F(ViewRulesTest, NewRowsAreSetAsideAndLeaveTheQuarantineByRecomputing) {
  Start("CONSTRAINT positive EXPECT (v > 0) ON VIOLATION QUARANTINE", "SELECT id, v FROM t");
  EXPECT_EQ(Quarantined(), RowTexts{"{\"id\":2,\"v\":-5}"});
  Execute("INSERT INTO t VALUES (5, 1, -1), (6, 1, 1)");
  EXPECT_EQ(Counts(Update()), "incremental in 2 out 1 dropped 0 quarantined 1; positive 1/1");
  EXPECT_EQ(Quarantined(), (RowTexts{"{\"id\":2,\"v\":-5}", "{\"id\":5,\"v\":-1}"}));
  Execute("UPDATE t SET v = 5 WHERE id = 5");
  const run::FlowProgress flow = Update();
  EXPECT_EQ(flow.mode, "full recomputation");
  EXPECT_NE(flow.reason.find("set aside"), std::string::npos) << flow.reason;
  EXPECT_EQ(Quarantined(), RowTexts{"{\"id\":2,\"v\":-5}"});
  EXPECT_EQ(project_.Rows("SELECT id FROM v"), (RowTexts{"1", "3", "4", "5", "6"}));
}

TEST_F(ViewRulesTest, AGroupIsSetAsideWhileNoOtherIs) {
  Start("CONSTRAINT positive EXPECT (s > 0) ON VIOLATION QUARANTINE",
        "SELECT k, sum(v) AS s FROM t GROUP BY k");
  Execute("INSERT INTO t VALUES (5, 1, -100)");
  EXPECT_EQ(Update().mode, "incremental");
  EXPECT_EQ(Quarantined(), RowTexts{"{\"k\":1,\"s\":-95}"});
  Execute("INSERT INTO t VALUES (6, 1, 200)");
  EXPECT_EQ(Update().mode, "full recomputation");
  EXPECT_EQ(Quarantined(), RowTexts{});
  EXPECT_EQ(project_.Rows("SELECT * FROM v"), (RowTexts{"1|105", "2|900"}));
}

TEST_F(ViewRulesTest, RulesOfMoreThanARowOrOfTheTimeAreRecomputedAndSaidWhy) {
  for (const auto& [constraint, why] : std::vector<std::pair<std::string, std::string>>{
           {"CONSTRAINT one EXPECT UNIQUE (id)", "one judges more than one row"},
           {"CONSTRAINT some EXPECT NOT EMPTY", "some judges more than one row"},
           {"CONSTRAINT sane EXPECT (count(*) < 1000)", "sane judges more than one row"},
           {"CONSTRAINT late EXPECT (v < year(now()))", "late depends on the time"}}) {
    Start(constraint, "SELECT id, v FROM t");
    Execute("INSERT INTO t VALUES (" + std::to_string(1000 + constraint.size()) + ", 1, 1)");
    const run::FlowProgress flow = Update();
    EXPECT_EQ(flow.mode, "full recomputation");
    EXPECT_NE(flow.reason.find(why), std::string::npos) << flow.reason;
    EXPECT_NE(flow.reason.find("p.sql:1"), std::string::npos) << flow.reason;
  }
}

TEST_F(ViewRulesTest, AColumnMayBeNamedAsWeightsWereOnce) {
  Start("CONSTRAINT small EXPECT (w < 100)", "SELECT id, v AS w FROM t");
  Execute("INSERT INTO t VALUES (5, 1, -1); DELETE FROM t WHERE id = 1");
  EXPECT_EQ(Update().mode, "incremental");
}

}  // namespace
}  // namespace penstock::tests
