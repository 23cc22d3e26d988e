#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "io/fault_storage.h"
#include "tests/project_fixture.h"

// Views that are refreshed from what is kept of their groups: right after any changes of the
// source, and whatever becomes of the state.
namespace penstock::tests {
namespace {

using io::FaultStorage;

constexpr char kPipeline[] = R"sql(
CREATE MATERIALIZED VIEW by_kind TBLPROPERTIES ('penstock.keepState' = 'on') AS
SELECT kind, count(*) AS n, count(amount) AS c, sum(amount) AS total, avg(price) AS mean, sum(price) AS prices,
  min(amount) AS least, max(day) AS last, max_by(price, id) AS newest, bool_or(amount > 90) AS large,
  count(*) FILTER (WHERE price > 5) AS dear
FROM sales GROUP BY kind;
CREATE MATERIALIZED VIEW spread TBLPROPERTIES ('penstock.keepState' = 'on') AS
SELECT day, stddev_pop(price) AS pop, var_samp(amount) AS sample
FROM sales WHERE isfinite(price) AND price < 1e9 GROUP BY day;
CREATE MATERIALIZED VIEW large TBLPROPERTIES ('penstock.keepState' = 'on') AS
SELECT kind, sum(n) AS n FROM by_kind GROUP BY kind HAVING sum(n) > 20;
CREATE MATERIALIZED VIEW total TBLPROPERTIES ('penstock.keepState' = 'on') AS
SELECT count(*) AS n, sum(amount) AS total, min(price) AS least FROM sales WHERE day IS NOT NULL;
)sql";

class KeptState : public testing::Test {
 protected:
  void Begin(const char* pipeline = kPipeline) {
    project_->WriteFile("pipeline.sql", pipeline);
    Sql("CREATE TABLE sales (id BIGINT, kind STRING, amount DECIMAL(10,2), price DOUBLE, day DATE) "
        "USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
    Insert(1, 200);
    ExpectCompleted(project_->Update());
    Insert(2, 3);
    EXPECT_EQ(TechniqueOf("by_kind"), "state made anew: there is none");
    ExpectEqual();
  }

  void Sql(const std::string& script) { ASSERT_EQ(project_->Execute(script), "") << script; }

  // Some values are NULL; kinds have NULL as well.
  void Insert(int seed, int rows) {
    const std::string n = std::to_string(seed);
    Sql("INSERT INTO sales SELECT " + n +
        " * 1000 + id, CASE WHEN id % 11 = 0 THEN NULL ELSE 'k' || "
        "(id * " +
        n + " % 7) END, CASE WHEN id % 5 = 0 THEN NULL ELSE CAST((id * 37 * " + n +
        " % 1000) / 8 AS DECIMAL(10,2)) END, (id * 13 % 100) / 4, "
        "CASE WHEN id % 6 = 0 THEN NULL ELSE DATE '2024-01-01' + CAST(id % 30 AS INT) END "
        "FROM range(" +
        std::to_string(rows) + ")");
  }

  // How the next update brings the view forward.
  std::string TechniqueOf(const std::string& view) {
    const run::UpdateOutcome outcome = project_->Update();
    ExpectCompleted(outcome);
    for (const run::FlowProgress& flow : outcome.flows) {
      if (!flow.dataset.ends_with("." + view)) continue;
      const size_t comma = flow.reason.rfind("changed, ");
      return comma == std::string::npos ? flow.mode + ": " + flow.reason
                                        : flow.reason.substr(comma + 9);
    }
    return "no flow";
  }

  void ExpectEqual() {
    const auto workspace = project_->Open();
    const run::VerifyOutcome verified = run::Verify(*workspace, {});
    EXPECT_TRUE(verified.errors.empty());
    for (const run::TableVerification& table : verified.tables) {
      EXPECT_EQ(table.result, "equal") << model::ToString(table.table) << ": " << table.reason
                                       << testing::PrintToString(table.examples);
    }
  }

  // As another writer would.
  void RemoveFileOf(const std::string& view) {
    const auto workspace = project_->Open();
    const auto table =
        workspace->catalog->OpenPath(project_->folder() + "/storage/tables/main/default/" + view);
    const auto snapshot = table->Latest();
    ASSERT_TRUE(snapshot.ok());
    const delta::AddFile& file = (*snapshot)->files().front();
    delta::Change change;
    change.info.operation = "DELETE";
    delta::RemoveFile remove;
    remove.path = file.path;
    remove.data_change = true;
    remove.deletion_vector = file.deletion_vector;
    change.removes = {remove};
    ASSERT_TRUE(table->Commit(*snapshot, change).ok());
  }

  std::filesystem::path StateFolder() {
    return std::filesystem::path(project_->folder()) / "storage/_penstock/state/view";
  }

  std::unique_ptr<ProjectFixture> project_ = std::make_unique<ProjectFixture>();
};

TEST_F(KeptState, RandomChangesGiveWhatARecomputationGives) {
  Begin();
  for (int seed = 3; seed < 15; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const std::string n = std::to_string(seed);
    if (random() % 3 != 0) Insert(seed, static_cast<int>(random() % 9));
    if (random() % 2 == 0) Sql("DELETE FROM sales WHERE id % 17 = " + n);
    if (random() % 3 == 0) Sql("UPDATE sales SET amount = amount + 1 WHERE id % 13 = " + n);
    if (seed == 8) Sql("DELETE FROM sales WHERE kind = 'k3' OR kind IS NULL");
    if (seed == 10) Sql("OPTIMIZE sales");
    if (seed == 12) Sql("DELETE FROM sales");
    if (seed == 13) Insert(99, 60);
    const std::string technique = TechniqueOf("by_kind");
    EXPECT_TRUE(technique == "from kept state" || technique == "unchanged: nothing changed" ||
                technique.find("0 rows changed") != std::string::npos ||
                technique == "by the change")
        << technique;
    ExpectEqual();
  }
}

TEST_F(KeptState, LostStaleDamagedOrForeignIsMadeAnew) {
  Begin();
  Insert(3, 4);
  EXPECT_EQ(TechniqueOf("by_kind"), "from kept state");
  const auto kept = run::FindKeptGroups(*project_->Open(), {"main", "default", "by_kind"});
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->groups, 8);
  EXPECT_GT(kept->bytes, 0);
  EXPECT_GT(kept->build_seconds, 0);
  const auto folder = StateFolder() / "main.default.by_kind";
  const auto copy = std::filesystem::path(project_->folder()) / "copy";
  std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);

  Insert(4, 4);
  std::filesystem::remove_all(folder);
  EXPECT_EQ(TechniqueOf("by_kind"), "state made anew: there is none");
  ExpectEqual();

  Insert(5, 4);
  std::filesystem::remove_all(folder);
  std::filesystem::copy(copy, folder, std::filesystem::copy_options::recursive);
  EXPECT_EQ(TechniqueOf("by_kind"), "state made anew: it is of other versions of the sources");
  ExpectEqual();

  Insert(6, 4);
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.path().extension() == ".parquet") std::filesystem::resize_file(file.path(), 10);
  }
  EXPECT_TRUE(TechniqueOf("by_kind").starts_with("state made anew: it cannot be read"));
  ExpectEqual();

  Insert(7, 4);
  RemoveFileOf("by_kind");
  const std::string foreign = TechniqueOf("by_kind");
  EXPECT_TRUE(foreign.starts_with("full recomputation: ")) << foreign;
  EXPECT_NE(foreign.find("another writer changed it"), std::string::npos) << foreign;
  Insert(8, 4);
  EXPECT_TRUE(TechniqueOf("by_kind").starts_with("state made anew: "));
  Insert(9, 4);
  EXPECT_EQ(TechniqueOf("by_kind"), "from kept state");
  ExpectEqual();
}

TEST_F(KeptState, NumbersThatAreInfiniteOrVanishInASumAreReadAgain) {
  Begin();
  Sql("INSERT INTO sales VALUES (1, 'inf', 1, CAST('Infinity' AS DOUBLE), NULL), (2, 'inf', 1, 2, "
      "NULL), "
      "(3, 'nan', 1, CAST('NaN' AS DOUBLE), NULL), (4, 'nan', 1, 3, NULL), (5, 'big', 1, 1e20, "
      "NULL), "
      "(6, 'big', 1, 1, NULL)");
  EXPECT_EQ(TechniqueOf("by_kind"), "from kept state");
  ExpectEqual();
  Sql("DELETE FROM sales WHERE id IN (1, 3, 5)");
  EXPECT_EQ(TechniqueOf("by_kind"), "from kept state");
  EXPECT_EQ(project_->Rows("SELECT kind, prices FROM by_kind WHERE kind IN ('inf', 'nan', 'big')"),
            (std::vector<std::string>{"big|1.0", "inf|2.0", "nan|3.0"}));
  ExpectEqual();
}

TEST_F(KeptState, AChangedDefinitionLeavesNoStateOfTheOldOne) {
  Begin();
  std::string changed = kPipeline;
  changed.replace(changed.find("min(amount)"), 11, "max(amount)");
  project_->WriteFile("pipeline.sql", changed);
  ExpectCompleted(project_->Update());
  Insert(3, 5);
  EXPECT_EQ(TechniqueOf("by_kind"), "state made anew: it is of another definition");
  ExpectEqual();
}

TEST_F(KeptState, IsWrittenAnewWhenItHasManyFiles) {
  project_->WriteFile("pipeline.sql",
                      "CREATE MATERIALIZED VIEW v TBLPROPERTIES ('penstock.keepState' = 'on') AS "
                      "SELECT kind, count(*) AS n FROM sales GROUP BY kind");
  Sql("CREATE TABLE sales (kind STRING) USING delta");
  ExpectCompleted(project_->Update());
  for (int i = 0; i < 35; ++i) {
    Sql("INSERT INTO sales VALUES ('k" + std::to_string(i) + "')");
    ExpectCompleted(project_->Update());
  }
  ExpectEqual();
  EXPECT_FALSE(std::filesystem::exists(StateFolder() / "main.default.v/1"));
  EXPECT_TRUE(std::filesystem::exists(StateFolder() / "main.default.v/2"));
}

TEST_F(KeptState, IsNotKeptWhereAPropertySaysSo) {
  std::string off = kPipeline;
  for (size_t at = off.find("'on'"); at != std::string::npos; at = off.find("'on'")) {
    off.replace(at, 4, "'off'");
  }
  project_->WriteFile("pipeline.sql", off);
  Sql("CREATE TABLE sales (id BIGINT, kind STRING, amount DECIMAL(10,2), price DOUBLE, day DATE) "
      "USING delta");
  Insert(1, 50);
  ExpectCompleted(project_->Update());
  Insert(2, 5);
  EXPECT_EQ(TechniqueOf("by_kind"), "by the keys that changed");
  EXPECT_FALSE(std::filesystem::exists(StateFolder()));
  project_->WriteFile("pipeline.sql",
                      "CREATE MATERIALIZED VIEW v TBLPROPERTIES ('penstock.keepState' = 'maybe') "
                      "AS SELECT kind, count(*) AS n FROM sales GROUP BY kind");
  ExpectCompleted(project_->Update());
  Insert(3, 5);
  const run::UpdateOutcome outcome = project_->Update();
  ASSERT_FALSE(outcome.errors.empty());
  EXPECT_EQ(outcome.errors[0].code, "BAD_PROPERTY");
}

TEST_F(KeptState, AnUpdateKilledAnywhereLeavesAViewThatTheNextBringsForward) {
  const auto local = io::NewLocalStorage();
  int64_t kill_points = 0;
  for (int64_t at = 0;; ++at) {
    SCOPED_TRACE(at);
    project_ = std::make_unique<ProjectFixture>();
    Begin(
        "CREATE MATERIALIZED VIEW by_kind TBLPROPERTIES ('penstock.keepState' = 'on') AS "
        "SELECT kind, count(*) AS n, min(amount) AS least FROM sales GROUP BY kind");
    Insert(3, 5);
    Sql("DELETE FROM sales WHERE id % 7 = 3");
    FaultStorage faulty(local.get(), at, FaultStorage::Torn::kPartly);
    (void)project_->Update({}, &faulty);
    if (!faulty.crashed()) break;
    ++kill_points;
    ExpectCompleted(project_->Update());
    ExpectEqual();
    Insert(4, 5);
    ExpectCompleted(project_->Update());
    ExpectEqual();
    if (HasFailure()) return;
  }
  EXPECT_GT(kill_points, 10);
}

}  // namespace
}  // namespace penstock::tests
