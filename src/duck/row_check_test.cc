#include "duck/row_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/json.h"
#include "duck/set_aside_store.h"

namespace penstock::duck {
namespace {

class RowCheckTest : public testing::Test {
 protected:
  // Runs SQL that must succeed; its rows as "a|b" lines.
  std::vector<std::string> Rows(const std::string& sql) {
    auto result = connection_.Query(sql);
    EXPECT_TRUE(result.ok()) << sql << "\n" << (result.ok() ? "" : ToString(result.error()));
    std::vector<std::string> lines;
    while (result.ok() && *result->NextChunk()) {
      for (size_t row = 0; row < result->RowCount(); ++row) {
        std::string line;
        for (size_t column = 0; column < result->ColumnCount(); ++column) {
          if (column > 0) line += "|";
          line += result->IsNull(row, column) ? "NULL" : result->Text(row, column);
        }
        lines.push_back(line);
      }
    }
    return lines;
  }
  std::string Row(const std::string& sql) {
    auto rows = Rows(sql);
    EXPECT_EQ(rows.size(), 1u) << sql;
    return rows.empty() ? "" : rows[0];
  }
  std::vector<SetAsideRow> SetAside(RowCheck& check) {
    std::vector<SetAsideRow> rows;
    EXPECT_TRUE(check
                    .TakeSetAside([&](const SetAsideRow& row) {
                      rows.push_back(row);
                      return OkStatus();
                    })
                    .ok());
    return rows;
  }

  std::unique_ptr<Engine> engine_ = std::move(Engine::Open({.threads = 4})).value();
  Connection connection_ = std::move(engine_->Connect()).value();
};

TEST_F(RowCheckTest, CountsEveryRuleOnEveryRowAndKeepsWarnedRows) {
  RowCheck check({{"even", "n % 2 = 0", RowAction::kWarn},
                  {"small", "n < 9000", RowAction::kDrop},
                  {"not seven", "n % 10 <> 7", RowAction::kDrop}},
                 true);
  std::string sql = check.Wrap("SELECT range AS n, 'x' AS t FROM range(10000)", false);
  EXPECT_EQ(Row("SELECT count(*), sum(n), min(t) FROM (" + sql + ")"), "8100|36443700|x");
  auto counts = check.counts();
  EXPECT_EQ(counts.rows_in, 10000);
  EXPECT_EQ(counts.dropped, 1900);
  EXPECT_EQ(counts.quarantined, 0);
  EXPECT_EQ(counts.failed, (std::vector<int64_t>{5000, 1000, 1000}));
  EXPECT_EQ(counts.passed, (std::vector<int64_t>{5000, 9000, 9000}));
  EXPECT_TRUE(SetAside(check).empty());
}

TEST_F(RowCheckTest, NullPassesOrFailsAsTold) {
  for (bool null_passes : {true, false}) {
    RowCheck check({{"positive", "n > 0", RowAction::kDrop}}, null_passes);
    Rows(check.Wrap("SELECT * FROM (VALUES (1), (NULL), (-1)) v(n)", false));
    EXPECT_EQ(check.counts().failed[0], null_passes ? 1 : 2);
    EXPECT_EQ(check.counts().dropped, null_passes ? 1 : 2);
  }
}

TEST_F(RowCheckTest, QuarantineKeepsTheRowAsJsonWithItsRulesAndPosition) {
  RowCheck check({{"ok", "\"b c\" > 0", RowAction::kWarn},
                  {"good", "\"b c\" <> 2", RowAction::kQuarantine},
                  {"drop", "\"b c\" <> 3", RowAction::kDrop}},
                 true);
  auto rows = Rows(check.Wrap(
      "SELECT 'z\",\"__penstock_mask\":' AS z, range - 1 AS \"b c\", {'y': 1, 'x': [NULL, 2]} AS "
      "a, "
      "{'file': '/d/a b.json', 'record': 100 + range} AS \"__penstock_position\" FROM range(6)",
      true));
  EXPECT_EQ(rows.size(), 4u);
  EXPECT_EQ(check.counts().quarantined, 1);
  EXPECT_EQ(check.counts().dropped, 1);
  auto aside = SetAside(check);
  ASSERT_EQ(aside.size(), 1u);
  EXPECT_EQ(aside[0].failed_rules, 2u);
  EXPECT_EQ(aside[0].row_json,
            R"({"z":"z\",\"__penstock_mask\":","b c":2,"a":{"y":1,"x":[null,2]}})");
  EXPECT_EQ(aside[0].file, "/d/a b.json");
  EXPECT_EQ(aside[0].record, 103);
}

TEST_F(RowCheckTest, ReadersKeepThePositionOfTheRow) {
  RowCheck check({{"good", "n <> 2", RowAction::kQuarantine}}, true);
  std::string sql = check.WrapForReaders(
      "SELECT range AS n, {'file': 'f', 'record': range * 10} AS \"__penstock_position\" FROM "
      "range(4)",
      true);
  EXPECT_EQ(Row("SELECT sum(n), max(\"__penstock_position\".record) FROM (" + sql + ")"), "4|30");
  auto aside = SetAside(check);
  ASSERT_EQ(aside.size(), 1u);
  EXPECT_EQ(aside[0].row_json, "{\"n\":2}");
  EXPECT_EQ(aside[0].record, 20);
}

TEST_F(RowCheckTest, SetAsideRowNamesAllRulesItBroke) {
  RowCheck check({{"warn", "n <> 5", RowAction::kWarn},
                  {"quarantine", "n <> 5", RowAction::kQuarantine},
                  {"drop", "n < 5", RowAction::kDrop}},
                 true);
  EXPECT_EQ(Rows(check.Wrap("SELECT range AS n FROM range(8)", false)).size(), 5u);
  auto aside = SetAside(check);
  ASSERT_EQ(aside.size(), 1u);
  EXPECT_EQ(aside[0].failed_rules, 7u);
  EXPECT_EQ(aside[0].record, -1);
  EXPECT_EQ(check.counts().dropped, 2);  // quarantine beats drop
  EXPECT_EQ(check.counts().quarantined, 1);
}

TEST_F(RowCheckTest, FailStopsTheQueryAndNamesRuleAndRow) {
  RowCheck check({{"warn", "false", RowAction::kWarn},
                  {"never 77777", "n <> 77777", RowAction::kFail},
                  {"quarantine", "n <> 77777", RowAction::kQuarantine}},
                 true);
  auto result = connection_.Query(
      "SELECT sum(n) FROM (" + check.Wrap("SELECT range AS n FROM range(1000000000)", false) + ")");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kData);
  EXPECT_EQ(result.error().code, "EXPECTATION_FAILED");
  EXPECT_NE(result.error().message.find("never 77777"), std::string::npos);
  ASSERT_TRUE(check.failure().has_value());
  EXPECT_EQ(check.failure()->first, 1u);
  EXPECT_EQ(check.failure()->second, "{\"n\":77777}");
  EXPECT_LT(check.counts().rows_in, 900000000);
}

TEST_F(RowCheckTest, WarnAndDropNeedNoJson) {
  RowCheck check({{"warn", "false", RowAction::kWarn}, {"drop", "n < 1", RowAction::kDrop}}, true);
  EXPECT_EQ(check.Wrap("SELECT 1 AS n", false).find("to_json"), std::string::npos);
}

TEST_F(RowCheckTest, AConditionOnAMissingColumnIsTheUsers) {
  RowCheck check({{"r", "missing > 0", RowAction::kDrop}}, true);
  auto result = connection_.Query(check.Wrap("SELECT 1 AS n", false));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "COLUMN_NOT_FOUND");
}

TEST_F(RowCheckTest, ConditionsMayBeConstantOrEndInAComment) {
  RowCheck check({{"always", "true", RowAction::kDrop},
                  {"never", "1 = 2 -- no", RowAction::kWarn},
                  {"null", "NULL", RowAction::kDrop}},
                 true);
  EXPECT_EQ(Rows(check.Wrap("SELECT range AS n FROM range(5000) -- all", false)).size(), 5000u);
  EXPECT_EQ(check.counts().rows_in, 5000);
  EXPECT_EQ(check.counts().failed, (std::vector<int64_t>{0, 5000, 0}));
}

TEST_F(RowCheckTest, TakesAsManyRulesAsItPromises) {
  std::vector<RowRuleSpec> rules;
  for (int i = 0; i < 63; ++i) {
    rules.push_back({"r" + std::to_string(i), "n <> " + std::to_string(i), RowAction::kQuarantine});
  }
  RowCheck check(rules, true);
  EXPECT_EQ(Rows(check.Wrap("SELECT range AS n FROM range(64)", false)).size(), 1u);
  EXPECT_EQ(check.counts().failed, std::vector<int64_t>(63, 1));
  std::set<uint64_t> masks;
  for (const auto& row : SetAside(check)) masks.insert(row.failed_rules);
  EXPECT_EQ(masks.size(), 63u);
}

TEST_F(RowCheckTest, RowsSetAsideSurviveSpilling) {
  SetAsideStore store(1000);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(
        store.Add({static_cast<uint64_t>(i), std::string(i, 'j'), "f" + std::to_string(i), i})
            .ok());
  }
  EXPECT_TRUE(store.spilled());
  int next = 0;
  ASSERT_TRUE(store
                  .Take([&](const SetAsideRow& row) {
                    EXPECT_EQ(row.failed_rules, static_cast<uint64_t>(next));
                    EXPECT_EQ(row.row_json.size(), static_cast<size_t>(next));
                    EXPECT_EQ(row.file, "f" + std::to_string(next));
                    EXPECT_EQ(row.record, next++);
                    return OkStatus();
                  })
                  .ok());
  EXPECT_EQ(next, 500);
}

// The engine may move, merge, or skip what it takes for pure; each shape must still see every row
// of the checked query exactly once.
struct Shape {
  const char* name;
  const char* query;   // checked
  const char* around;  // runs the checked query in place of {}
  int64_t rows_in;
};

class RowCheckShapeTest : public RowCheckTest, public testing::WithParamInterface<Shape> {};

TEST_P(RowCheckShapeTest, SeesEveryRowOnce) {
  ASSERT_TRUE(connection_
                  .Execute("CREATE TABLE t AS SELECT range AS n, range % 100 AS k, (range % "
                           "3)::VARCHAR AS s FROM "
                           "range(40000); CREATE TABLE d AS SELECT range AS k, 'd' || range AS "
                           "name FROM range(50)")
                  .ok());
  std::string parquet = testing::TempDir() + "/row_check_shape.parquet";
  ASSERT_TRUE(connection_.Execute("COPY t TO " + QuoteLiteral(parquet) + " (FORMAT parquet)").ok());
  for (RowAction action : {RowAction::kWarn, RowAction::kDrop, RowAction::kQuarantine}) {
    RowCheck check({{"k", "k < 40", action}, {"s", "s <> '1'", RowAction::kWarn}}, true);
    std::string query = GetParam().query;
    if (size_t at = query.find("$P"); at != std::string::npos)
      query.replace(at, 2, QuoteLiteral(parquet));
    std::string sql = GetParam().around;
    bool reader = sql != "SELECT * FROM ({})" && sql.substr(0, 4) != "COPY";
    sql.replace(sql.find("{}"), 2,
                reader ? check.WrapForReaders(query, false) : check.Wrap(query, false));

    std::string broken_k = Row("SELECT count(*) FROM (" + query + ") WHERE NOT (k < 40)");
    std::string broken_s = Row("SELECT count(*) FROM (" + query + ") WHERE NOT (s <> '1')");
    Rows(sql);
    auto counts = check.counts();
    EXPECT_EQ(counts.rows_in, GetParam().rows_in);
    if (std::string(GetParam().name) != "Limit") {
      EXPECT_EQ(std::to_string(counts.failed[0]), broken_k);
      EXPECT_EQ(std::to_string(counts.failed[1]), broken_s);
    }
    EXPECT_EQ(counts.dropped, action == RowAction::kDrop ? counts.failed[0] : 0);
    EXPECT_EQ(counts.quarantined, action == RowAction::kQuarantine ? counts.failed[0] : 0);
    EXPECT_EQ(static_cast<int64_t>(SetAside(check).size()), counts.quarantined);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, RowCheckShapeTest,
    testing::Values(
        Shape{"Plain", "SELECT * FROM t", "SELECT * FROM ({})", 40000},
        Shape{"Dictionary", "SELECT * FROM read_parquet($P)", "SELECT * FROM ({})", 40000},
        Shape{"Count", "SELECT * FROM t", "SELECT count(*) FROM ({})", 40000},
        Shape{"OneColumn", "SELECT * FROM t", "SELECT max(n) FROM ({})", 40000},
        Shape{"FilterAbove", "SELECT * FROM t", "SELECT * FROM ({}) WHERE k = 3 AND s = '0'",
              40000},
        Shape{"FilterBelow", "SELECT * FROM t WHERE k < 60", "SELECT * FROM ({})", 24000},
        Shape{"Join", "SELECT t.*, name FROM t JOIN d USING (k)", "SELECT * FROM ({})", 20000},
        Shape{"LeftJoin", "SELECT t.*, name FROM t LEFT JOIN d USING (k)",
              "SELECT count(name) FROM ({})", 40000},
        Shape{"JoinAbove", "SELECT * FROM t", "SELECT count(*) FROM ({}) q JOIN d USING (k)",
              40000},
        Shape{"JoinAboveParquet", "SELECT * FROM read_parquet($P)",
              "SELECT count(*) FROM ({}) q JOIN d USING (k)", 40000},
        Shape{"SemiJoinAbove", "SELECT * FROM t",
              "SELECT * FROM ({}) WHERE k IN (SELECT k FROM d WHERE name = 'd1')", 40000},
        Shape{"TopNAbove", "SELECT * FROM read_parquet($P)",
              "SELECT * FROM ({}) ORDER BY n LIMIT 5", 40000},
        Shape{"MaxAbove", "SELECT * FROM read_parquet($P)", "SELECT max(k), count(*) FROM ({})",
              40000},
        Shape{"Union", "SELECT * FROM t UNION ALL SELECT * FROM t WHERE k < 50",
              "SELECT * FROM ({})", 60000},
        Shape{"Distinct", "SELECT DISTINCT k, s FROM t", "SELECT * FROM ({})", 300},
        Shape{"Aggregate", "SELECT k, max(s) AS s, count(*) AS c FROM t GROUP BY k",
              "SELECT * FROM ({})", 100},
        Shape{"OrderBelow", "SELECT * FROM t ORDER BY k DESC", "SELECT * FROM ({})", 40000},
        Shape{"OrderAbove", "SELECT * FROM t", "SELECT * FROM ({}) ORDER BY s, n", 40000},
        Shape{"Limit", "SELECT * FROM t LIMIT 5000", "SELECT * FROM ({})", 5000},
        Shape{"TopN", "SELECT * FROM t ORDER BY n LIMIT 5000", "SELECT * FROM ({})", 5000},
        Shape{"Window", "SELECT *, row_number() OVER (PARTITION BY k ORDER BY n) AS r FROM t",
              "SELECT * FROM ({}) WHERE r = 1", 40000},
        Shape{"Unnest", "SELECT n, k, unnest([s, '1']) AS s FROM t", "SELECT * FROM ({})", 80000},
        Shape{"Cte", "WITH c AS (SELECT * FROM t) SELECT a.* FROM c a JOIN c b ON a.n = b.n",
              "SELECT * FROM ({})", 40000},
        Shape{"GroupAbove", "SELECT * FROM t", "SELECT k, count(*) FROM ({}) GROUP BY k", 40000},
        Shape{"Empty", "SELECT * FROM t WHERE false", "SELECT * FROM ({})", 0},
        Shape{"Copy", "SELECT * FROM t", "COPY ({}) TO '/dev/null' (FORMAT csv)", 40000}),
    [](const testing::TestParamInfo<Shape>& info) { return std::string(info.param.name); });

TEST_F(RowCheckTest, CopyWithSeveralThreadsWritesExactlyTheKeptRows) {
  std::string path = testing::TempDir() + "/row_check_copy.parquet";
  RowCheck check(
      {{"drop", "n % 3 <> 0", RowAction::kDrop}, {"q", "n % 1000 <> 1", RowAction::kQuarantine}},
      true);
  auto files = connection_.CopyToParquet(check.Wrap("SELECT range AS n FROM range(500000)", false),
                                         path, "");
  ASSERT_TRUE(files.ok()) << ToString(files.error());
  auto counts = check.counts();
  EXPECT_EQ(counts.rows_in, 500000);
  EXPECT_EQ(counts.rows_in, (*files)[0].rows + counts.dropped + counts.quarantined);
  EXPECT_EQ(Row("SELECT count(*) FROM " + QuoteLiteral(path) + " WHERE n % 3 = 0 OR n % 1000 = 1"),
            "0");
  EXPECT_EQ(static_cast<int64_t>(SetAside(check).size()), counts.quarantined);
}

}  // namespace
}  // namespace penstock::duck
