#include <gtest/gtest.h>

#include <map>

#include "io/fault_storage.h"
#include "tests/project_fixture.h"

// Kills an update at every operation that writes, in three ways, runs it again, and compares every
// table, the quarantine and the event log's sums with those of an undisturbed run.
namespace penstock::tests {
namespace {

using io::FaultStorage;

constexpr char kPipeline[] = R"sql(
CREATE STREAMING TABLE bronze AS
SELECT id, kind, amount FROM STREAM read_files('{folder}/in', format => 'json',
    schema => 'id BIGINT, kind STRING, amount DOUBLE', maxFilesPerTrigger => 1);

CREATE STREAMING TABLE silver (
  CONSTRAINT positive EXPECT (amount > 0) ON VIOLATION QUARANTINE,
  CONSTRAINT known EXPECT (kind <> 'x') ON VIOLATION DROP ROW)
AS SELECT id, kind, amount FROM STREAM(bronze);

CREATE MATERIALIZED VIEW gold AS SELECT kind, count(*) AS n, max(amount) AS top FROM silver GROUP BY kind;
)sql";

void Feed(ProjectFixture& project, int day) {
  const std::string n = std::to_string(day);
  project.WriteFile("in/" + n + ".json", "{\"id\": " + n + "1, \"kind\": \"a\", \"amount\": " + n +
                                             "}\n{\"id\": " + n +
                                             "2, \"kind\": \"b\", \"amount\": -1}\n{\"id\": " + n +
                                             "3, \"kind\": \"x\", \"amount\": 2}\n");
}

std::map<std::string, std::vector<std::string>> State(ProjectFixture& project) {
  const std::string quarantine =
      "delta.`" + project.folder() + "/storage/_penstock/quarantine/main/default/silver`";
  // One event with metrics for each batch that was committed, neither lost nor doubled.
  const std::string batches = "SELECT origin.dataset_name, count(*) AS n FROM delta.`" +
                              project.folder() +
                              "/storage/_penstock/event_log` WHERE level = 'METRICS' GROUP BY 1";
  return {
      {"batches", project.Rows(batches)},
      {"bronze", project.Rows("SELECT * FROM bronze")},
      {"silver", project.Rows("SELECT * FROM silver")},
      {"gold", project.Rows("SELECT * FROM gold")},
      {"quarantine", project.Rows("SELECT row, reason, source_file FROM " + quarantine)},
  };
}

// Two updates with new input each; the second is the one that is killed.
void Prepare(ProjectFixture& project) {
  project.settings["penstock.retry.initialSeconds"] = "0";
  project.WriteFile("pipeline.sql", kPipeline);
  Feed(project, 1);
  ExpectCompleted(project.Update());
  Feed(project, 2);
  Feed(project, 3);
}

class CrashTest : public testing::TestWithParam<FaultStorage::Torn> {};

TEST_P(CrashTest, AnUpdateKilledAnywhereEndsLikeAnUndisturbedOne) {
  ProjectFixture undisturbed;
  Prepare(undisturbed);
  ExpectCompleted(undisturbed.Update());
  const auto expected = State(undisturbed);
  ASSERT_EQ(expected.at("bronze").size(), 9u);
  ASSERT_EQ(expected.at("quarantine").size(), 3u) << expected.at("quarantine")[0];

  const auto local = io::NewLocalStorage();
  int64_t kill_points = 0;
  for (int64_t at = 0;; ++at) {
    ProjectFixture project;
    Prepare(project);
    FaultStorage faulty(local.get(), at, GetParam());
    const auto killed = project.Update({}, &faulty);
    if (!faulty.crashed()) break;
    ++kill_points;
    ExpectCompleted(project.Update());
    EXPECT_EQ(State(project), expected) << "killed at operation " << at;
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(kill_points, 20);
  RecordProperty("kill_points", static_cast<int>(kill_points));
  std::printf("%lld kill points\n", static_cast<long long>(kill_points));
}

// The first batch ends with an error; killed anywhere on the way or not, the table is there without
// rows after the next update, and with all of them once the rule lets them in.
TEST_P(CrashTest, AFailingFirstBatchKilledAnywhereLeavesAnEmptyTable) {
  const std::string query =
      " AS SELECT id FROM STREAM read_files('{folder}/in', format => 'json', schema => 'id INT');";
  const auto local = io::NewLocalStorage();
  int64_t kill_points = 0;
  for (int64_t at = 0;; ++at) {
    ProjectFixture project;
    Feed(project, 1);
    project.WriteFile("pipeline.sql",
                      "CREATE STREAMING TABLE t (CONSTRAINT low EXPECT (id < 13) ON VIOLATION FAIL "
                      "UPDATE)" +
                          query);
    FaultStorage faulty(local.get(), at, GetParam());
    (void)project.Update({}, &faulty);
    if (!faulty.crashed()) break;
    ++kill_points;
    EXPECT_EQ(project.Update().state, run::UpdateState::kFailed);
    EXPECT_EQ(project.Rows("SELECT count(*) FROM t"), std::vector<std::string>{"0"});
    project.WriteFile("pipeline.sql", "CREATE STREAMING TABLE t" + query);
    ExpectCompleted(project.Update());
    EXPECT_EQ(project.Rows("SELECT id FROM t"), (std::vector<std::string>{"11", "12", "13"}));
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "killed at operation " << at;
      break;
    }
  }
  EXPECT_GT(kill_points, 10);
}

INSTANTIATE_TEST_SUITE_P(Torn, CrashTest,
                         testing::Values(FaultStorage::Torn::kBefore, FaultStorage::Torn::kPartly,
                                         FaultStorage::Torn::kAfter));

}  // namespace
}  // namespace penstock::tests
