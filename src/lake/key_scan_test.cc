#include "delta/deletion_vector.h"
#include "duck/files/key_set.h"
#include "lake/lake_fixture.h"

namespace penstock::lake {
namespace {

// Joins of a list of keys with a table of 400,000 rows in two files, several row groups each.
class KeyScanTest : public LakeTest {
 protected:
  void SetUp() override {
    const Schema schema =
        Columns("b BIGINT, i INT, s SMALLINT, d DATE, t TIMESTAMP, x STRING, n BIGINT");
    const std::string values =
        "SELECT range * 3, (range * 3)::INT, (range % 1000)::SMALLINT, DATE '2000-01-01' + (range "
        "% 5000)::INT, TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_seconds(range), 'x' || range, "
        "CASE WHEN range % 3 > 0 THEN range END FROM range(";
    files_ = Write(values + "200000)", schema).files;
    for (auto& file : Write(values + "200000, 400000)", schema).files) files_.push_back(file);
    RelationOptions options;
    options.with_row_position = true;
    table_ = Kept(RelationOfFiles(path_, Metadata(schema), files_, options));
    Must(connection_.Query("CREATE TEMP TABLE plain AS " + table_));
  }

  // What a join with the keys finds in the scan and in the rows themselves, which is the same.
  void ExpectSame(const std::string& keys, const std::string& condition) {
    const auto query = [&](const std::string& from) {
      return "SELECT count(*), sum(b), sum(n), min(x), max(x), sum(__penstock_row) FROM " + from +
             " AS r SEMI JOIN (" + keys + ") AS k ON " + condition;
    };
    Must(connection_.Query("SET dynamic_or_filter_threshold = 0"));
    const std::string expected = Row(query("plain"));
    Must(connection_.Query("SET dynamic_or_filter_threshold = " +
                           std::to_string(duck::kMostListedKeys)));
    EXPECT_EQ(Row(query("(" + table_ + ")")), expected) << keys << " ON " << condition;
    EXPECT_EQ(Row("SELECT count(*) FROM (" + table_ + ") AS r ANTI JOIN (" + keys + ") AS k ON " +
                  condition),
              Row("SELECT count(*) FROM plain AS r ANTI JOIN (" + keys + ") AS k ON " + condition));
  }

  std::vector<delta::AddFile> files_;
  std::string table_;
};

TEST_F(KeyScanTest, EveryTypeOfKeyFindsItsRows) {
  const std::string keys = "SELECT (range * 7919) % 1300000 AS k FROM range(3000)";
  ExpectSame(keys, "r.b = k.k");
  ExpectSame(keys, "r.i = k.k");
  ExpectSame(keys, "r.b = k.k::INT");
  ExpectSame(keys, "r.i = k.k::INT");
  ExpectSame(keys, "r.n = k.k");
  ExpectSame(keys, "r.x = 'x' || k.k");
  ExpectSame("SELECT DISTINCT ((range * 7919) % 900)::SMALLINT AS k FROM range(300)", "r.s = k.k");
  ExpectSame("SELECT DATE '2001-01-01' + (range * 13)::INT AS k FROM range(200)", "r.d = k.k");
  ExpectSame(
      "SELECT TIMESTAMPTZ '2020-01-02 00:00:00+00' + to_seconds(range * 911) AS k FROM range(300)",
      "r.t = k.k");
}

TEST_F(KeyScanTest, KeysWithNullsAndSeveralColumnsFindTheirRows) {
  ExpectSame("SELECT CASE WHEN range % 5 > 0 THEN range * 97 END AS k FROM range(2000)",
             "r.n = k.k");
  ExpectSame("SELECT CASE WHEN range % 5 > 0 THEN range * 97 END AS k FROM range(2000)",
             "r.n IS NOT DISTINCT FROM k.k");
  ExpectSame("SELECT range * 99 AS k, range * 33 AS l FROM range(2000)", "r.b = k.k AND r.n = k.l");
  ExpectSame("SELECT range * 99 AS k, range * 33 AS l FROM range(2000)",
             "r.b = k.k AND r.n = k.l AND r.s = k.l % 1000");
  ExpectSame("SELECT -range - 5 AS k FROM range(2000)", "r.b = k.k");
  ExpectSame("SELECT range * 99000 AS k FROM range(3)", "r.b = k.k");
  ExpectSame("SELECT range * 99000 AS k FROM range(1)", "r.b = k.k");
  ExpectSame("SELECT range AS k FROM range(0)", "r.b = k.k");
  ExpectSame("SELECT 'x' || (range * 99) AS k FROM range(30)", "r.x = k.k");
  ExpectSame("SELECT range * 97 AS k FROM range(50000)", "r.b = k.k");
}

TEST_F(KeyScanTest, ListsInConditionsFindTheirRows) {
  for (const char* condition :
       {"b IN (0, 3, 600, 1199997)", "n IN (1, 2, 4) OR n IS NULL", "n NOT IN (1, 2, 399998)",
        "b IN (3, 6) AND n IN (1, 2, 5)", "x IN ('x1', 'x2', 'x399999')", "b + 0 IN (3, 6)"}) {
    const std::string query = std::string(" WHERE ") + condition;
    EXPECT_EQ(Row("SELECT count(*), sum(b) FROM (" + table_ + ")" + query),
              Row("SELECT count(*), sum(b) FROM plain" + query))
        << condition;
  }
}

TEST_F(KeyScanTest, RowsAreFoundByFileAndPosition) {
  ExpectSame("SELECT range % 2 AS f, range * 61 AS p FROM range(2000)",
             "r.__penstock_file = k.f AND r.__penstock_row = k.p");
}

TEST_F(KeyScanTest, RowGroupsAndFilesWithoutAKeyAreNotRead) {
  Must(connection_.Query("CALL enable_logging('PhysicalOperator')"));
  const auto groups = [&](const std::string& keys) {
    Must(connection_.Query("CALL truncate_duckdb_logs()"));
    EXPECT_EQ(Row("SELECT count(*) FROM (" + table_ + ") SEMI JOIN (" + keys + ") USING (b)"),
              "120");
    return Row(
        "SELECT count(*) FILTER (message LIKE '%ReadRowGroup%'), count(*) FILTER (message LIKE "
        "'%SkipRowGroup%') FROM duckdb_logs");
  };
  EXPECT_EQ(
      groups("SELECT range * 3 AS b FROM range(60) UNION ALL SELECT (range + 399000) * 3 FROM "
             "range(60)"),
      "2|2");
  EXPECT_EQ(groups("SELECT range * 3 AS b FROM range(120)"), "1|1")
      << "the other file is not opened";
}

TEST_F(KeyScanTest, DeletedRowsAreNotFound) {
  files_[1].deletion_vector = delta::InlineVector(RowSet::Of({0, 7, 150000}));
  RelationOptions options;
  const std::string relation =
      Kept(RelationOfFiles(path_, Metadata(Columns("b BIGINT, x STRING")), files_, options));
  EXPECT_EQ(Row("SELECT count(*), min(x) FROM (" + relation +
                ") JOIN (SELECT (200000 + range) * 3 AS b FROM range(100)) USING (b)"),
            "98|x200001");
}

TEST_F(KeyScanTest, FilesOfANarrowerTypeAreReadByTheKeysToo) {
  const auto old = Write("SELECT range::INT FROM range(100000)", Columns("b INT")).files;
  const std::string relation =
      Kept(RelationOfFiles(path_, Metadata(Columns("b BIGINT, x STRING")), old));
  EXPECT_EQ(Row("SELECT count(*), sum(b) FROM (" + relation +
                ") JOIN (SELECT range * 1009 AS b FROM range(500)) USING (b)"),
            "100|4994550");
}

}  // namespace
}  // namespace penstock::lake
