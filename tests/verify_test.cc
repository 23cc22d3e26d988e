#include <gtest/gtest.h>

#include <filesystem>

#include "tests/project_fixture.h"

// Tables compared with what they are made of: views, streaming tables, tables of changes. Equal
// after updates, and what is damaged is found.
namespace penstock::tests {
namespace {

class VerifyTest : public testing::Test {
 protected:
  run::TableVerification Verified(const std::string& table) {
    const auto workspace = project_.Open();
    const run::VerifyOutcome outcome = run::Verify(*workspace, {table});
    for (const Error& error : outcome.errors) ADD_FAILURE() << penstock::ToString(error);
    EXPECT_EQ(outcome.tables.size(), 1u);
    return outcome.tables.empty() ? run::TableVerification{} : outcome.tables[0];
  }

  void ExpectEqual(const std::string& table, int64_t rows) {
    const run::TableVerification verified = Verified(table);
    EXPECT_EQ(verified.result, "equal")
        << table << ": " << verified.reason << testing::PrintToString(verified.examples);
    EXPECT_EQ(verified.rows, rows) << table;
  }

  void ExpectDifferent(const std::string& table, int64_t missing, int64_t extra) {
    const run::TableVerification verified = Verified(table);
    EXPECT_EQ(verified.result, "different") << table << ": " << verified.reason;
    EXPECT_EQ(verified.missing, missing) << table;
    EXPECT_EQ(verified.extra, extra) << table;
    EXPECT_FALSE(verified.examples.empty());
  }

  void ExpectNotVerified(const std::string& table, const std::string& reason) {
    const run::TableVerification verified = Verified(table);
    EXPECT_EQ(verified.result, "not verified") << table;
    EXPECT_NE(verified.reason.find(reason), std::string::npos) << verified.reason;
  }

  // Puts other rows into the data files of a table, behind the back of its log.
  void Damage(const std::string& table, const std::string& replace) {
    const std::string place = "storage/tables/main/default/" + table;
    std::vector<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(project_.folder() + "/" + place)) {
      if (file.path().extension() == ".parquet") files.push_back(file.path().filename());
    }
    ASSERT_FALSE(files.empty());
    for (const std::string& file : files) {
      const std::string from = project_.folder() + "/" + place + "/" + file;
      project_.WriteParquet("damaged.parquet",
                            "SELECT * REPLACE (" + replace + ") FROM read_parquet('" + from + "')");
      std::filesystem::rename(project_.folder() + "/damaged.parquet", from);
    }
  }

  ProjectFixture project_;
};

TEST_F(VerifyTest, AViewWithADamagedFileDiffers) {
  EXPECT_EQ(project_.Execute("CREATE TABLE s USING delta AS SELECT i AS id, i * 0.1D AS x "
                             "FROM range(10) AS r(i)"),
            "");
  project_.WriteFile("p.sql",
                     "CREATE MATERIALIZED VIEW v AS SELECT id % 3 AS k, sum(x) AS x, count(*) AS n "
                     "FROM s GROUP BY 1;");
  ExpectCompleted(project_.Update());
  ExpectEqual("v", 3);
  Damage("v", "CASE WHEN k = 1 THEN x * (1 + 1e-12) ELSE x END AS x");
  ExpectEqual("v", 3);
  Damage("v", "CASE WHEN k = 1 THEN n + 1 ELSE n END AS n");
  ExpectDifferent("v", 1, 1);
}

TEST_F(VerifyTest, AStreamingTableIsMadeAgainFromAllThatItsFlowsRead) {
  project_.WriteFile("p.sql", R"sql(
CREATE STREAMING TABLE bronze;
CREATE FLOW a AS INSERT INTO bronze BY NAME
SELECT * FROM STREAM read_files('{folder}/a', format => 'json', schema => 'id INT, amount DOUBLE');
CREATE FLOW b AS INSERT INTO bronze BY NAME
SELECT * FROM STREAM read_files('{folder}/b', format => 'json', schema => 'id INT, amount DOUBLE');
CREATE STREAMING TABLE silver (CONSTRAINT good EXPECT (amount > 0) ON VIOLATION DROP ROW)
AS SELECT id, amount * 2 AS amount FROM STREAM bronze;
)sql");
  project_.WriteFile("a/1.json", "{\"id\":1,\"amount\":1.5}\n{\"id\":1,\"amount\":1.5}\n");
  project_.WriteFile("b/1.json", "{\"id\":2,\"amount\":-1}\n{\"id\":3}\n");
  ExpectCompleted(project_.Update());
  project_.WriteFile("a/2.json", "{\"id\":4,\"amount\":4}\n");
  ExpectCompleted(project_.Update());
  ExpectEqual("bronze", 5);
  ExpectEqual("silver", 4);
  EXPECT_EQ(project_.Execute("DELETE FROM silver WHERE id = 4"), "");
  ExpectDifferent("silver", 1, 0);
  project_.RemovePath("a/1.json");
  ExpectNotVerified("bronze", "a/1.json is gone");
}

TEST_F(VerifyTest, AFlowThatRanOnceCannotBeMadeAgain) {
  project_.WriteFile("p.sql", R"sql(
CREATE STREAMING TABLE t;
CREATE FLOW first AS INSERT INTO ONCE t BY NAME
SELECT * FROM read_files('{folder}/a', format => 'json', schema => 'id INT');
)sql");
  project_.WriteFile("a/1.json", "{\"id\":1}\n");
  ExpectCompleted(project_.Update());
  ExpectNotVerified("t", "flow main.default.first ran once");
}

TEST_F(VerifyTest, TablesOfChangesAreThoseChangesSorted) {
  project_.WriteFile("p.sql", R"sql(
CREATE STREAMING TABLE one;
CREATE FLOW f1 AS AUTO CDC INTO one
FROM STREAM read_files('{folder}/in', format => 'json', schema => 'op STRING, id INT, city STRING, seq INT')
KEYS (id) APPLY AS DELETE WHEN op = 'D' SEQUENCE BY seq COLUMNS * EXCEPT (op, seq) STORED AS SCD TYPE 1;
CREATE STREAMING TABLE two;
CREATE FLOW f2 AS AUTO CDC INTO two
FROM STREAM read_files('{folder}/in', format => 'json', schema => 'op STRING, id INT, city STRING, seq INT')
KEYS (id) APPLY AS DELETE WHEN op = 'D' SEQUENCE BY seq COLUMNS * EXCEPT (op, seq) STORED AS SCD TYPE 2;
)sql");
  project_.WriteFile(
      "in/1.json",
      "{\"id\":1,\"city\":\"Rome\",\"seq\":5}\n{\"id\":2,\"city\":\"Bonn\",\"seq\":1}\n"
      "{\"id\":null,\"city\":\"Lost\",\"seq\":1}\n");
  ExpectCompleted(project_.Update());
  project_.WriteFile("in/2.json",
                     "{\"id\":1,\"city\":\"Oslo\",\"seq\":3}\n{\"op\":\"D\",\"id\":2,\"seq\":4}\n"
                     "{\"id\":3,\"city\":\"Kiel\",\"seq\":2}\n");
  ExpectCompleted(project_.Update());
  ExpectEqual("one", 2);
  ExpectEqual("two", 4);
  EXPECT_EQ(project_.Execute("UPDATE one SET city = 'Paris' WHERE id = 3"), "");
  ExpectDifferent("one", 1, 1);
  EXPECT_EQ(project_.Execute("DELETE FROM two WHERE id = 2"), "");
  ExpectDifferent("two", 1, 0);
}

TEST_F(VerifyTest, TablesOfSnapshotsAreComparedWithTheLastOne) {
  project_.WriteFile("p.sql", R"sql(
CREATE STREAMING TABLE one;
CREATE FLOW f1 AS AUTO CDC INTO one
FROM SNAPSHOT read_files('{folder}/in', format => 'json', schema => 'id INT, city STRING') KEYS (id);
CREATE STREAMING TABLE two;
CREATE FLOW f2 AS AUTO CDC INTO two
FROM SNAPSHOT read_files('{folder}/in', format => 'json', schema => 'id INT, city STRING') KEYS (id)
STORED AS SCD TYPE 2;
)sql");
  project_.WriteFile("in/all.json", "{\"id\":1,\"city\":\"Rome\"}\n{\"id\":2,\"city\":\"Bonn\"}\n");
  ExpectCompleted(project_.Update());
  project_.WriteFile("in/all.json", "{\"id\":1,\"city\":\"Oslo\"}\n");
  ExpectCompleted(project_.Update());
  ExpectEqual("one", 1);
  ExpectEqual("two", 1);
  EXPECT_NE(Verified("two").reason.find("earlier snapshots are not kept"), std::string::npos);
  EXPECT_EQ(project_.Execute("UPDATE two SET city = 'Paris' WHERE __END_AT IS NULL"), "");
  ExpectDifferent("two", 1, 1);
  project_.WriteFile("in/all.json", "{\"id\":1,\"city\":\"Kiel\"}\n");
  ExpectNotVerified("one", "its source changed since the last update");
}

}  // namespace
}  // namespace penstock::tests
