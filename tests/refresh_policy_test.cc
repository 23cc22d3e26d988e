#include <gtest/gtest.h>

#include "tests/project_fixture.h"

// Which views may be refreshed by changes, and views whose rows depend on the time.
namespace penstock::tests {
namespace {

using RowTexts = std::vector<std::string>;

constexpr TimestampMicros kSecond = 1000000;
constexpr TimestampMicros kDay = 24 * 60 * 60 * kSecond;
constexpr TimestampMicros kStart = 1705752000 * kSecond;  // 2024-01-20 12:00 UTC

class SettableClock : public Clock {
 public:
  TimestampMicros Now() override { return now; }
  void SleepFor(int64_t micros) override { now += micros; }
  TimestampMicros now = kStart;
};

const run::FlowProgress& FlowOf(const run::UpdateOutcome& outcome, const std::string& name) {
  static const run::FlowProgress kNone;
  for (const run::FlowProgress& flow : outcome.flows) {
    if (flow.dataset.ends_with(name)) return flow;
  }
  ADD_FAILURE() << "no flow " << name;
  return kNone;
}

class RefreshPolicyTest : public testing::Test {
 protected:
  RefreshPolicyTest() {
    project_.clock = &clock_;
    EXPECT_EQ(project_.Execute("CREATE TABLE visits (id INT, who STRING, day DATE, at TIMESTAMP) "
                               "USING delta"),
              "");
    EXPECT_EQ(
        project_.Execute(
            "INSERT INTO visits SELECT i, 'w' || (i % 3), DATE '2024-01-10' + CAST(i AS INT), "
            "TIMESTAMP '2024-01-10 00:00:00' + i * INTERVAL 1 DAY FROM range(20) AS r(i)"),
        "");
  }

  run::UpdateOutcome Update() {
    run::UpdateOutcome outcome = project_.Update();
    ExpectCompleted(outcome);
    ExpectVerified();
    return outcome;
  }

  void ExpectVerified() {
    const auto workspace = project_.Open();
    for (const run::TableVerification& table : run::Verify(*workspace, {}).tables) {
      EXPECT_EQ(table.result, "equal") << model::ToString(table.table) << " " << table.reason
                                       << testing::PrintToString(table.examples);
    }
  }

  SettableClock clock_;
  ProjectFixture project_;
};

TEST_F(RefreshPolicyTest, RowsEnterAndLeaveTheWindowAsTimePasses) {
  project_.settings["spark.sql.session.timeZone"] = "America/New_York";
  project_.WriteFile("p.sql", R"sql(
CREATE MATERIALIZED VIEW recent REFRESH POLICY INCREMENTAL STRICT AS
SELECT id, day FROM visits WHERE day > current_date() - INTERVAL 3 DAYS AND day <= current_date();
CREATE MATERIALIZED VIEW by_who REFRESH POLICY INCREMENTAL STRICT AS
SELECT who, count(*) AS n FROM visits WHERE at BETWEEN now() - INTERVAL 5 DAYS AND now() GROUP BY who;
CREATE MATERIALIZED VIEW above REFRESH POLICY INCREMENTAL STRICT AS
SELECT r.id, b.n FROM recent AS r JOIN by_who AS b ON b.who = 'w0';
)sql");
  Update();
  EXPECT_EQ(project_.Rows("SELECT id FROM recent"), (RowTexts{"10", "8", "9"}));
  clock_.now += kDay;
  auto outcome = Update();
  EXPECT_EQ(FlowOf(outcome, "recent").mode, "incremental");
  EXPECT_EQ(FlowOf(outcome, "recent").rows_out, 1);
  EXPECT_EQ(FlowOf(outcome, "by_who").mode, "incremental");
  EXPECT_EQ(project_.Rows("SELECT id FROM recent"), (RowTexts{"10", "11", "9"}));
  // It is still the day before in New York.
  clock_.now = kStart + kDay + 15 * 60 * 60 * kSecond;
  Update();
  EXPECT_EQ(project_.Rows("SELECT id FROM recent"), (RowTexts{"10", "11", "9"}));
  EXPECT_EQ(project_.Execute("DELETE FROM visits WHERE id = 11; "
                             "INSERT INTO visits VALUES (100, 'w0', DATE '2024-01-22', NULL)"),
            "");
  clock_.now = kStart + 2 * kDay;
  outcome = Update();
  EXPECT_EQ(FlowOf(outcome, "recent").mode, "incremental");
  EXPECT_EQ(project_.Rows("SELECT id FROM recent"), (RowTexts{"10", "100", "12"}));
  clock_.now = kStart - 4 * kDay;
  Update();
  EXPECT_EQ(project_.Rows("SELECT id FROM recent"), (RowTexts{"4", "5", "6"}));
  clock_.now = kStart + 100 * kDay;
  Update();
  EXPECT_EQ(project_.Rows("SELECT id FROM recent"), RowTexts{});
  EXPECT_EQ(project_.Rows("SELECT * FROM by_who"), RowTexts{});
}

TEST_F(RefreshPolicyTest, GroupsOfAWindowAreKeptAsTimePasses) {
  project_.WriteFile("p.sql", R"sql(
CREATE MATERIALIZED VIEW kept TBLPROPERTIES ('penstock.keepState' = 'on') AS
SELECT who, count(*) AS n, sum(id) AS s, max(id) AS last FROM visits
WHERE at BETWEEN now() - INTERVAL 5 DAYS AND now() GROUP BY who;
)sql");
  Update();
  bool from_state = false;
  for (int day = 1; day < 8; ++day) {
    clock_.now = kStart + day * kDay;
    const std::string id = std::to_string(100 + day);
    EXPECT_EQ(project_.Execute("INSERT INTO visits VALUES (" + id +
                               ", 'w1', NULL, TIMESTAMP '2024-01-22 00:00:00'); "
                               "DELETE FROM visits WHERE id = " +
                               std::to_string(8 + day)),
              "");
    const auto outcome = Update();
    EXPECT_EQ(FlowOf(outcome, "kept").mode, "incremental") << FlowOf(outcome, "kept").reason;
    from_state |= FlowOf(outcome, "kept").reason.find("from kept state") != std::string::npos;
    clock_.now += kDay / 2;
    EXPECT_EQ(FlowOf(Update(), "kept").mode, "incremental");
  }
  EXPECT_TRUE(from_state);
}

TEST_F(RefreshPolicyTest, TheTimeInASelectListIsRecomputedAndSaidWhy) {
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW stamped AS\nSELECT id,\n now() AS t FROM visits;");
  Update();
  clock_.now += kDay;
  const auto outcome = Update();
  EXPECT_EQ(FlowOf(outcome, "stamped").mode, "full recomputation");
  EXPECT_NE(FlowOf(outcome, "stamped").reason.find("the current time in the projection"),
            std::string::npos)
      << FlowOf(outcome, "stamped").reason;
  EXPECT_NE(FlowOf(outcome, "stamped").reason.find("p.sql:2"), std::string::npos);
  EXPECT_EQ(project_.Rows("SELECT DISTINCT epoch(t)::BIGINT FROM stamped"),
            (RowTexts{std::to_string((kStart + kDay) / kSecond)}));
}

TEST_F(RefreshPolicyTest, FullRecomputesWithEveryUpdate) {
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW f REFRESH POLICY FULL AS SELECT id FROM visits;");
  Update();
  EXPECT_EQ(FlowOf(Update(), "f").mode, "full recomputation");
  EXPECT_EQ(project_.Execute("INSERT INTO visits VALUES (50, 'w', NULL, NULL)"), "");
  const auto outcome = Update();
  EXPECT_EQ(FlowOf(outcome, "f").mode, "full recomputation");
  EXPECT_NE(FlowOf(outcome, "f").reason.find("policy is FULL"), std::string::npos);
}

TEST_F(RefreshPolicyTest, AnotherPolicyRecomputesNothing) {
  project_.WriteFile("p.sql", "CREATE MATERIALIZED VIEW f AS SELECT id FROM visits;");
  Update();
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW f REFRESH POLICY INCREMENTAL AS "
                     "SELECT id FROM visits;");
  EXPECT_EQ(FlowOf(Update(), "f").mode, "unchanged");
}

TEST_F(RefreshPolicyTest, AStrictViewThatCannotBeFollowedIsNotMade) {
  for (const std::string policy : {"INCREMENTAL", "INCREMENTAL STRICT"}) {
    project_.WriteFile("p.sql", "CREATE MATERIALIZED VIEW s REFRESH POLICY " + policy +
                                    " AS\nSELECT random() AS r FROM visits;");
    const auto outcome = project_.Update();
    ASSERT_EQ(outcome.errors.size(), 1);
    EXPECT_EQ(outcome.errors[0].code, "VIEW_NOT_INCREMENTAL");
    EXPECT_EQ(outcome.errors[0].where.line, 2);
    EXPECT_NE(outcome.errors[0].message.find("random value"), std::string::npos);
    EXPECT_NE(outcome.errors[0].remedy, "");
  }
}

TEST_F(RefreshPolicyTest, AStrictViewFailsWhenItsSourceWasReplacedAndAFullRefreshMakesItGood) {
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW s REFRESH POLICY INCREMENTAL STRICT AS "
                     "SELECT id FROM visits;\n"
                     "CREATE MATERIALIZED VIEW a AS SELECT id FROM visits;");
  Update();
  EXPECT_EQ(project_.Execute("DROP TABLE visits; CREATE TABLE visits (id INT) USING delta; "
                             "INSERT INTO visits VALUES (1)"),
            "");
  auto outcome = project_.Update();
  ASSERT_EQ(outcome.errors.size(), 1);
  EXPECT_EQ(outcome.errors[0].code, "VIEW_NOT_INCREMENTAL");
  EXPECT_NE(outcome.errors[0].message.find("replaced"), std::string::npos);
  EXPECT_EQ(FlowOf(outcome, "a").mode, "full recomputation");
  run::Selection full;
  full.full_refresh = {"s"};
  ExpectCompleted(project_.Update(full));
  EXPECT_EQ(project_.Rows("SELECT id FROM s"), RowTexts{"1"});
}

TEST_F(RefreshPolicyTest, AutoRecomputesWhereMostRowsChangedAndIncrementalDoesNot) {
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW a AS SELECT id % 100 AS k, count(*) AS n FROM "
                     "visits GROUP BY k;\n"
                     "CREATE MATERIALIZED VIEW i REFRESH POLICY INCREMENTAL AS SELECT id % 100 AS "
                     "k, count(*) AS n FROM visits GROUP BY k;");
  EXPECT_EQ(project_.Execute("INSERT INTO visits SELECT i, 'w', NULL, NULL FROM range(5000) AS "
                             "r(i)"),
            "");
  Update();
  EXPECT_EQ(project_.Execute("UPDATE visits SET id = id + 1"), "");
  const auto outcome = Update();
  EXPECT_EQ(FlowOf(outcome, "a").mode, "full recomputation");
  EXPECT_NE(FlowOf(outcome, "a").reason.find("recomputing costs less"), std::string::npos)
      << FlowOf(outcome, "a").reason;
  EXPECT_EQ(FlowOf(outcome, "i").mode, "incremental");
}

TEST_F(RefreshPolicyTest, ThePlanShowsTechniquesAndWhyAViewWillFail) {
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW a AS SELECT who, count(*) AS n FROM visits GROUP BY "
                     "who;");
  Update();
  EXPECT_EQ(project_.Execute("INSERT INTO visits VALUES (50, 'w', NULL, NULL)"), "");
  auto workspace = project_.Open();
  run::PlanOutcome plan = run::Plan(*workspace, {});
  ASSERT_EQ(plan.tables.size(), 1);
  EXPECT_EQ(plan.tables[0].mode, "incremental");
  EXPECT_EQ(plan.tables[0].policy, "AUTO");
  ASSERT_EQ(plan.tables[0].techniques.size(), 2);
  EXPECT_EQ(plan.tables[0].techniques[0].technique, "full recomputation");
  EXPECT_EQ(plan.tables[0].techniques[0].read_rows, 21);
  EXPECT_EQ(plan.tables[0].techniques[1].technique, "by the keys that changed");
  EXPECT_TRUE(plan.tables[0].techniques[1].chosen);
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW b REFRESH POLICY INCREMENTAL STRICT AS "
                     "SELECT random() AS r FROM visits;");
  workspace = project_.Open();
  plan = run::Plan(*workspace, {});
  ASSERT_EQ(plan.tables.size(), 1);
  EXPECT_EQ(plan.tables[0].mode, "fails");
}

}  // namespace
}  // namespace penstock::tests
