#include <gtest/gtest.h>

#include <map>

#include "io/fault_storage.h"
#include "tests/project_fixture.h"

// Kills an update of tables that follow changes at every operation that writes, runs it again, and
// compares tables, quarantine and the sums of the event log with those of an undisturbed run; then
// sends late changes, which only a state that is as it should be keeps out.
namespace penstock::tests {
namespace {

using io::FaultStorage;

constexpr char kPipeline[] = R"sql(
CREATE STREAMING TABLE latest;
CREATE FLOW to_latest AS AUTO CDC INTO latest
FROM STREAM read_files('{folder}/in', format => 'json', schema => 'op STRING, id INT, v INT, seq INT',
                       maxFilesPerTrigger => 1)
KEYS (id) APPLY AS DELETE WHEN op = 'D' SEQUENCE BY seq COLUMNS id, v;

CREATE STREAMING TABLE history;
CREATE FLOW to_history AS AUTO CDC INTO history
FROM STREAM read_files('{folder}/in', format => 'json', schema => 'op STRING, id INT, v INT, seq INT')
KEYS (id) APPLY AS DELETE WHEN op = 'D' SEQUENCE BY seq COLUMNS id, v STORED AS SCD TYPE 2;

CREATE STREAMING TABLE mirror;
CREATE FLOW to_mirror AS AUTO CDC INTO mirror
FROM SNAPSHOT read_files('{folder}/all', format => 'json', schema => 'id INT, v INT') KEYS (id);
)sql";

// Two updates with new input each; the second is the one that is killed.
void Prepare(ProjectFixture& project) {
  project.settings["penstock.retry.initialSeconds"] = "0";
  project.WriteFile("pipeline.sql", kPipeline);
  project.WriteFile(
      "in/1.json",
      "{\"id\": 1, \"v\": 1, \"seq\": 1}\n{\"id\": 2, \"v\": 1, \"seq\": 1}\n{\"op\": "
      "\"D\", \"id\": 3, \"seq\": 9}\n");
  project.WriteFile("all/1.json", "{\"id\": 1, \"v\": 1}\n{\"id\": 2, \"v\": 1}\n");
  ExpectCompleted(project.Update());
  project.WriteFile("in/2.json",
                    "{\"id\": 1, \"v\": 1, \"seq\": 5}\n{\"op\": \"D\", \"id\": 2, \"seq\": 4}\n"
                    "{\"v\": 0, \"seq\": 4}\n");
  project.WriteFile("in/3.json",
                    "{\"id\": 1, \"v\": 2, \"seq\": 7}\n{\"id\": 4, \"v\": 4, \"seq\": 1}\n");
  project.WriteFile("all/1.json", "{\"id\": 1, \"v\": 5}\n{\"id\": 3, \"v\": 1}\n");
}

std::map<std::string, std::vector<std::string>> State(ProjectFixture& project) {
  const std::string own = "delta.`" + project.folder() + "/storage/_penstock/";
  const std::string metrics =
      "SELECT origin.dataset_name, count(*), sum((details->>'$.flow_progress.metrics."
      "num_upserted_rows')::INT), sum((details->>'$.flow_progress.metrics.num_deleted_rows')::INT) "
      "FROM " +
      own + "event_log` WHERE level = 'METRICS' GROUP BY 1";
  return {{"latest", project.Rows("SELECT * FROM latest")},
          {"history", project.Rows("SELECT * FROM history")},
          {"mirror", project.Rows("SELECT * FROM mirror")},
          {"quarantine",
           project.Rows("SELECT row, reason FROM " + own + "quarantine/main/default/latest`")},
          {"metrics", project.Rows(metrics)}};
}

// What must still be kept out, or be put where it belongs.
void SendLateChanges(ProjectFixture& project) {
  project.WriteFile(
      "in/4.json",
      "{\"id\": 1, \"v\": 9, \"seq\": 6}\n{\"id\": 2, \"v\": 9, \"seq\": 3}\n{\"id\": "
      "3, \"v\": 9, \"seq\": 8}\n{\"id\": 1, \"v\": 3, \"seq\": 3}\n");
  ExpectCompleted(project.Update());
}

class CdcCrashTest : public testing::TestWithParam<FaultStorage::Torn> {};

TEST_P(CdcCrashTest, ChangesAreAppliedOnceWhereverAnUpdateIsKilled) {
  ProjectFixture undisturbed;
  Prepare(undisturbed);
  ExpectCompleted(undisturbed.Update());
  const auto expected = State(undisturbed);
  EXPECT_EQ(expected.at("latest"), (std::vector<std::string>{"1|2", "4|4"}));
  EXPECT_EQ(expected.at("quarantine").size(), 1u);
  SendLateChanges(undisturbed);
  const auto in_the_end = State(undisturbed);
  EXPECT_EQ(in_the_end.at("latest"), expected.at("latest"));
  EXPECT_EQ(in_the_end.at("history"),
            (std::vector<std::string>{"1|1|1|3", "1|1|5|6", "1|2|7|NULL", "1|3|3|5", "1|9|6|7",
                                      "2|1|1|3", "2|9|3|4", "3|9|8|9", "4|4|1|NULL"}));

  const auto local = io::NewLocalStorage();
  int64_t kill_points = 0;
  for (int64_t at = 0; !testing::Test::HasFailure(); ++at) {
    ProjectFixture project;
    Prepare(project);
    FaultStorage faulty(local.get(), at, GetParam());
    (void)project.Update({}, &faulty);
    if (!faulty.crashed()) break;
    ++kill_points;
    ExpectCompleted(project.Update());
    EXPECT_EQ(State(project), expected) << "killed at operation " << at;
    SendLateChanges(project);
    EXPECT_EQ(State(project).at("history"), in_the_end.at("history")) << "killed at " << at;
    EXPECT_EQ(State(project).at("latest"), in_the_end.at("latest")) << "killed at " << at;
  }
  EXPECT_GT(kill_points, 20);
  std::printf("%lld kill points\n", static_cast<long long>(kill_points));
}

INSTANTIATE_TEST_SUITE_P(Torn, CdcCrashTest,
                         testing::Values(FaultStorage::Torn::kBefore, FaultStorage::Torn::kPartly,
                                         FaultStorage::Torn::kAfter));

TEST(CdcStateTest, AStateThatIsGoneIsNamedAndAFullRefreshMakesItAnew) {
  ProjectFixture project;
  Prepare(project);
  project.RemovePath("storage/_penstock/state/cdc/main.default.latest");
  const auto outcome = project.Update();
  ASSERT_EQ(outcome.state, run::UpdateState::kFailed);
  EXPECT_EQ(outcome.errors[0].code, "CDC_STATE_LOST");
  run::Selection full;
  full.full_refresh = {"latest"};
  ExpectCompleted(project.Update(full));
  EXPECT_EQ(project.Rows("SELECT * FROM latest"), (std::vector<std::string>{"1|2", "4|4"}));
  SendLateChanges(project);
  EXPECT_EQ(project.Rows("SELECT * FROM latest"), (std::vector<std::string>{"1|2", "4|4"}));
}

}  // namespace
}  // namespace penstock::tests
