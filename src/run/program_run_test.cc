#include "run/program_run.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "algebra/render.h"
#include "duck/plan/bound_plan.h"

// Proves that a derived refresh is equal to a recomputation: for each query and random changes of
// the sources, the old rows and the derived change together are the new rows.
namespace penstock::run {
namespace {

constexpr char kTables[] = R"(
CREATE TABLE a (id BIGINT, k INTEGER, g INTEGER, v BIGINT, x DOUBLE, d DECIMAL(12,2), s VARCHAR, l BIGINT[]);
CREATE TABLE b (id BIGINT, k INTEGER, n BIGINT, s VARCHAR, day DATE);
CREATE TABLE c (k INTEGER, t VARCHAR);
)";

// Some values are NULL, some rows twice.
std::string RandomRows(const std::string& table, uint64_t seed, int count) {
  const std::string r = "hash(i, " + std::to_string(seed) + ", ";
  const auto number = [&](int salt, int limit) {
    return "CAST(" + r + std::to_string(salt) + ") % " + std::to_string(limit) + " AS INTEGER)";
  };
  const auto sometimes = [&](int salt, const std::string& value) {
    return "CASE WHEN " + r + std::to_string(salt) + ") % 7 = 0 THEN NULL ELSE " + value + " END";
  };
  const std::string from = " FROM range(" + std::to_string(count) + ") AS r(i)";
  if (table == "a") {
    return "SELECT CAST(" + number(1, 1000) + " AS BIGINT), " + sometimes(2, number(3, 9)) + ", " +
           number(4, 4) + ", " + sometimes(5, "CAST(" + number(6, 100) + " AS BIGINT)") +
           ", CAST(" + number(7, 50) + " AS DOUBLE) / 4, CAST(" + number(8, 900) +
           " AS DECIMAL(12,2)) / 8, 's' || " + number(9, 5) + ", [" + number(10, 3) + ", " +
           number(11, 3) + "]" + from;
  }
  if (table == "b") {
    return "SELECT CAST(" + number(12, 1000) + " AS BIGINT), " + sometimes(13, number(14, 9)) +
           ", CAST(" + number(15, 60) + " AS BIGINT), 's' || " + number(16, 6) +
           ", DATE '2024-01-01' + " + number(17, 40) + from;
  }
  return "SELECT " + sometimes(18, number(19, 9)) + ", 't' || " + number(20, 4) + from;
}

class RefreshProperty : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto engine = duck::Engine::Open({.threads = 1});
    ASSERT_TRUE(engine.ok()) << ToString(engine.error());
    engine_ = *std::move(engine);
    auto connection = engine_->Connect();
    ASSERT_TRUE(connection.ok());
    connection_.emplace(*std::move(connection));
    Run(kTables);
  }

  void Run(const std::string& sql) {
    const Status status = connection_->Execute(sql);
    ASSERT_TRUE(status.ok()) << ToString(status.error()) << "\n" << sql;
  }

  int64_t Number(const std::string& query) {
    auto rows = connection_->Query(query);
    EXPECT_TRUE(rows.ok()) << ToString(rows.error()) << "\n" << query;
    if (!rows.ok() || !*rows->NextChunk()) return -1;
    return rows->Int64(0, 0);
  }

  // Inserts, deletes and updates some rows of the table; old rows and the change are kept.
  void Change(const std::string& table, uint64_t seed) {
    const std::string q = duck::QuoteIdentifier(table);
    const std::string old = duck::QuoteIdentifier(ivm::OldRelation(table));
    Run("CREATE OR REPLACE TABLE " + old + " AS SELECT * FROM " + q);
    std::mt19937_64 random(seed);
    const int kind = static_cast<int>(random() % 6);
    if (kind != 1)
      Run("INSERT INTO " + q + " " + RandomRows(table, seed, static_cast<int>(random() % 6)));
    if (kind == 1 || kind == 3) {
      Run("DELETE FROM " + q + " WHERE hash(rowid, " + std::to_string(seed) + ") % 6 = 0");
    }
    if (kind == 2 || kind == 3) {
      Run("UPDATE " + q + " SET k = k + 1 WHERE hash(rowid, " + std::to_string(seed + 1) +
          ") % 8 = 0");
    }
    if (kind == 4) Run("DELETE FROM " + q);
    KeepChange(table);
  }

  void KeepChange(const std::string& table) {
    const std::string q = duck::QuoteIdentifier(table);
    const std::string old = duck::QuoteIdentifier(ivm::OldRelation(table));
    Run("CREATE OR REPLACE TABLE " + duck::QuoteIdentifier(ivm::ChangeRelation(table)) +
        " AS SELECT * EXCLUDE (w), CAST(sum(w) AS BIGINT) AS " + ivm::kWeightColumn +
        " FROM (SELECT *, 1 AS w FROM " + q + " UNION ALL SELECT *, -1 FROM " + old +
        ") GROUP BY ALL HAVING sum(w) <> 0");
  }

  // The weighted rows of a query, c0 …, w.
  static std::string WithWeight(const std::string& rows, const char* weight) {
    return "SELECT *, " + std::string(weight) + " AS w FROM (" + rows + ")";
  }

  static std::string StepTexts(const ivm::Program& program) {
    std::string text;
    for (const ivm::Step& step : program.steps) {
      text += step.table + " (" + step.purpose + "):\n" + algebra::Outline(step.plan);
    }
    return text;
  }

  // The same by the state that is kept from round to round, if the view has one.
  void CheckKept(const algebra::NodePtr& plan, ivm::DeriveOptions options) {
    const auto state = ivm::StateOf(plan);
    if (!state) return;
    const bool build = !has_state_;
    options.state = build ? ivm::StateUse::kBuild : ivm::StateUse::kRead;
    const auto program = ivm::Derive(plan, options);
    ASSERT_TRUE(program.ok()) << ToString(program.error());
    if (!program->state) return;  // nothing changed
    const ivm::StateSteps& steps = *program->state;
    const std::string matches = KeysMatch(steps);
    const Status ran = RunProgram(*connection_, *program, [&](const ivm::StateSteps&) {
      return connection_->Execute(
          "CREATE OR REPLACE TEMP TABLE " + duck::QuoteIdentifier(steps.lookup) +
          " AS SELECT s.* FROM state AS s SEMI JOIN " + steps.keys + " AS k ON " + matches);
    });
    ASSERT_TRUE(ran.ok()) << ToString(ran.error()) << StepTexts(*program);
    if (build) {
      Run("CREATE OR REPLACE TABLE state AS SELECT * FROM " + steps.rows);
    } else {
      Run("CREATE OR REPLACE TABLE state AS SELECT s.* FROM state AS s ANTI JOIN " + steps.keys +
          " AS k ON " + matches + " UNION ALL SELECT * FROM " + steps.rows);
    }
    has_state_ = true;
    CheckReplacement(*program, plan, options);
  }

  static std::string KeysMatch(const ivm::StateSteps& steps) {
    std::string matches = "true";
    for (size_t i = 0; i < steps.state.keys; ++i) {
      const std::string column = ".c" + std::to_string(i);
      matches += " AND s" + column + " IS NOT DISTINCT FROM k" + column;
    }
    return matches;
  }

  void Check(const algebra::NodePtr& plan, const ivm::DeriveOptions& options) {
    const auto program = ivm::Derive(plan, options);
    ASSERT_TRUE(program.ok()) << ToString(program.error());
    const Status ran = RunProgram(*connection_, *program);
    ASSERT_TRUE(ran.ok()) << ToString(ran.error());
    if (program->replacement) return CheckReplacement(*program, plan, options);
    std::string all =
        WithWeight(Then(plan, options), "1") + " UNION ALL " + WithWeight(Now(plan, options), "-1");
    if (!program->change.empty()) {
      all += " UNION ALL SELECT * FROM " + duck::QuoteIdentifier(program->change);
    }
    EXPECT_EQ(Number("SELECT count(*) FROM (SELECT * EXCLUDE (w), sum(w) AS s FROM (" + all +
                     ") GROUP BY ALL HAVING s <> 0)"),
              0)
        << StepTexts(*program);
    if (program->key && !program->change.empty()) CheckKey(*program);
    DropSteps(*connection_, *program);
  }

  static std::string Then(const algebra::NodePtr& plan, const ivm::DeriveOptions& options) {
    algebra::RenderOptions render;
    for (const std::string& table : options.changed) {
      render.relations[table] = duck::QuoteIdentifier(ivm::OldRelation(table));
    }
    render.now = options.then;
    return algebra::RenderSql(plan, render);
  }
  static std::string Now(const algebra::NodePtr& plan, const ivm::DeriveOptions& options) {
    algebra::RenderOptions render;
    render.now = options.now;
    return algebra::RenderSql(plan, render);
  }

  // The old rows of other keys and the replacing rows together are the new rows.
  void CheckReplacement(const ivm::Program& program, const algebra::NodePtr& plan,
                        const ivm::DeriveOptions& options) {
    const std::string then = Then(plan, options);
    const std::string now = Now(plan, options);
    const ivm::Replacement& replacement = *program.replacement;
    std::string kept = "SELECT * FROM (" + then + ") AS t";
    if (replacement.keys.empty()) {
      kept += " WHERE false";
    } else {
      kept += " ANTI JOIN " + duck::QuoteIdentifier(replacement.keys) + " AS k ON true";
      for (size_t i = 0; i < replacement.columns.size(); ++i) {
        kept += " AND t.c" + std::to_string(replacement.columns[i]) + " IS NOT DISTINCT FROM k.c" +
                std::to_string(i);
      }
    }
    const std::string all =
        WithWeight(kept, "1") + " UNION ALL " + WithWeight(now, "-1") + " UNION ALL " +
        WithWeight("SELECT * FROM " + duck::QuoteIdentifier(replacement.rows), "1");
    EXPECT_EQ(Number("SELECT count(*) FROM (SELECT * EXCLUDE (w), sum(w) AS s FROM (" + all +
                     ") GROUP BY ALL HAVING s <> 0)"),
              0)
        << StepTexts(program);
    DropSteps(*connection_, program);
  }

  // By the key at most one row goes and one comes.
  void CheckKey(const ivm::Program& program) {
    std::string keys;
    for (const size_t column : *program.key) keys += ", c" + std::to_string(column);
    const size_t width = program.steps.back().plan->columns.size() - 1;
    EXPECT_EQ(Number("SELECT count(*) FROM (SELECT count(*) FILTER (WHERE c" +
                     std::to_string(width) + " > 0) AS n, max(abs(c" + std::to_string(width) +
                     ")) AS m" + keys + " FROM " + duck::QuoteIdentifier(program.change) +
                     (keys.empty() ? "" : " GROUP BY ALL") + ") WHERE n > 1 OR m > 1"),
              0);
  }

  std::unique_ptr<duck::Engine> engine_;
  std::optional<duck::Connection> connection_;
  bool has_state_ = false;
};

TEST_P(RefreshProperty, OldRowsAndChangeAreTheNewRows) {
  const std::string query = GetParam();
  const char* const given = std::getenv("PENSTOCK_SEED");
  const uint64_t first = given != nullptr ? std::stoull(given) : 1;
  const int rounds = std::getenv("PENSTOCK_LONG") != nullptr ? 200 : 6;
  for (const char* table : {"a", "b", "c"}) {
    Run("INSERT INTO " + std::string(table) + " " + RandomRows(table, first, 40));
  }
  const auto plan = duck::PlanOf(*connection_, query);
  ASSERT_TRUE(plan.ok()) << query << "\n" << ToString(plan.error());
  std::string then = "2024-01-20 00:00:00+00";
  for (uint64_t seed = first; seed < first + rounds; ++seed) {
    std::mt19937_64 random(seed);
    ivm::DeriveOptions options;
    options.then = then;
    options.now = "2024-01-" + std::to_string(20 + random() % 3) + " 12:00:00+00";
    for (const char* table : {"a", "b", "c"}) {
      if (random() % 3 == 0) continue;
      Change(table, seed * 31 + table[0]);
      options.changed.insert(table);
    }
    std::string changed;
    for (const std::string& table : options.changed) changed += table + " ";
    SCOPED_TRACE("changed " + changed + "PENSTOCK_SEED=" + std::to_string(seed) + " " + query +
                 "\n" + algebra::Outline(*plan));
    Check(*plan, options);
    CheckKept(*plan, options);
    then = options.now;
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Queries, RefreshProperty,
    testing::Values(
        "SELECT * FROM a", "SELECT k + 1 AS k, upper(s) AS s FROM a WHERE v > 20 OR k IS NULL",
        "SELECT k, s FROM a UNION ALL SELECT k, t FROM c", "SELECT k FROM a UNION SELECT k FROM b",
        "SELECT k FROM a INTERSECT SELECT k FROM b",
        "SELECT k FROM a INTERSECT ALL SELECT k FROM b", "SELECT k FROM a EXCEPT SELECT k FROM b",
        "SELECT k FROM a EXCEPT ALL SELECT k FROM b",
        "SELECT a.id, a.k, b.n FROM a JOIN b ON a.k = b.k",
        "SELECT a.id, b.n, c.t FROM a JOIN b ON a.k = b.k JOIN c ON b.k = c.k AND a.v > b.n",
        "SELECT x.id, y.id AS other FROM a AS x JOIN a AS y ON x.k = y.k AND x.v < y.v",
        "SELECT a.id, b.n FROM a JOIN b ON a.k IS NOT DISTINCT FROM b.k",
        "SELECT a.id, c.t FROM a, c WHERE a.k < c.k",
        "SELECT a.id, b.n FROM a LEFT JOIN b ON a.k = b.k",
        "SELECT a.id, b.n FROM a LEFT JOIN b ON a.k = b.k AND b.n > a.v",
        "SELECT a.id, b.n FROM a RIGHT JOIN b ON a.k = b.k",
        "SELECT a.id, b.n FROM a FULL JOIN b ON a.k = b.k AND a.s = b.s",
        "SELECT a.id FROM a SEMI JOIN b ON a.k = b.k AND b.n > a.v",
        "SELECT a.id FROM a ANTI JOIN b ON a.k = b.k",
        "SELECT a.id FROM a ANTI JOIN b ON a.v < b.n",
        "SELECT a.id, a.v, b.n FROM (SELECT * FROM a WHERE v IS NOT NULL) AS a ASOF JOIN (SELECT "
        "k, n FROM b GROUP BY ALL) AS b ON a.k = "
        "b.k "
        "AND a.v >= b.n",
        "SELECT a.id, b.n FROM (SELECT * FROM a WHERE v IS NOT NULL) AS a ASOF LEFT JOIN (SELECT "
        "DISTINCT k, n FROM b) AS b ON a.k = b.k "
        "AND "
        "a.v > b.n",
        "SELECT g, count(*) AS n, count(v) AS c, sum(v) AS s, avg(d) AS a, min(x) AS lo, max(s) AS "
        "hi "
        "FROM a GROUP BY g",
        "SELECT k, s, sum(d) FILTER (WHERE v > 30) AS f, stddev_pop(v) AS sd, count(DISTINCT v) AS "
        "n, "
        "bool_or(v > 50) AS o FROM a GROUP BY k, s",
        "SELECT g % 2 AS p, string_agg(s, ',' ORDER BY s, id, v) AS l, list(v ORDER BY v) AS vs "
        "FROM a "
        "GROUP BY g % 2",
        "SELECT g, median(v) AS m, quantile_disc(v, 0.9) AS q, mode(k ORDER BY k) AS mo FROM a "
        "GROUP "
        "BY g",
        "SELECT g, arg_max(id, (v, id)) AS newest, arg_min(s, (x, s)) AS first FROM a GROUP BY g",
        "SELECT g, s, count(*) AS n, grouping(g, s) AS gr FROM a GROUP BY ROLLUP (g, s)",
        "SELECT g, s, sum(v) AS n FROM a GROUP BY CUBE (g, s)",
        "SELECT g, s, sum(v) AS n FROM a GROUP BY GROUPING SETS ((g), (s), ())",
        "SELECT g, sum(v) AS s FROM a GROUP BY g HAVING count(*) > 8",
        "SELECT count(*) AS n, sum(v) AS s, max(x) AS m FROM a", "SELECT count(*) AS n FROM a, b",
        "SELECT DISTINCT k, g FROM a",
        "SELECT DISTINCT ON (k) k, id, v, s FROM a ORDER BY k, v, id, s, x",
        "SELECT id, g, row_number() OVER (PARTITION BY g ORDER BY v, id, s, x, d, k) AS r, sum(v) "
        "OVER "
        "(PARTITION BY g) AS t FROM a",
        "SELECT id, k, v FROM a QUALIFY rank() OVER (PARTITION BY k ORDER BY v DESC) <= 2",
        "SELECT id, k, lag(v) OVER (PARTITION BY k, s ORDER BY id, v) AS p, count(*) OVER "
        "(PARTITION "
        "BY k) "
        "AS n FROM a",
        "SELECT id, v FROM a ORDER BY v DESC, id, k, s LIMIT 7",
        "SELECT g, sum(v) AS s FROM a GROUP BY g ORDER BY s DESC, g LIMIT 2",
        "SELECT id FROM a WHERE k IN (SELECT k FROM b)",
        "SELECT id FROM a WHERE k NOT IN (SELECT k FROM c WHERE t <> 't1')",
        "SELECT id, k IN (SELECT k FROM c WHERE t = 't2') AS m FROM a",
        "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.n > a.v)",
        "SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.k = a.k)",
        "SELECT id, EXISTS (SELECT 1 FROM c WHERE t = 't9') AS e FROM a",
        "SELECT id, (SELECT max(n) FROM b WHERE b.k = a.k) AS m FROM a",
        "SELECT id, (SELECT count(*) FROM b WHERE b.k = a.k AND b.n > 30) AS m FROM a",
        "SELECT id FROM a WHERE v > (SELECT avg(v) FROM a)",
        "SELECT id FROM a WHERE v > (SELECT avg(v) FROM a AS i WHERE i.g = a.g)",
        "WITH t AS (SELECT k, sum(v) AS s FROM a GROUP BY k) SELECT x.k, x.s, y.s AS other FROM t "
        "AS x "
        "JOIN t AS y ON x.k = y.k + 1 WHERE x.s > (SELECT min(s) FROM t)",
        "SELECT id, unnest(l) AS u FROM a", "SELECT id, u FROM a, unnest(a.l) AS t(u) WHERE u > 0",
        "SELECT u, count(*) AS n FROM a, LATERAL (SELECT unnest(a.l) + g AS u) AS t GROUP BY u",
        "SELECT a.id, t.n FROM a, LATERAL (SELECT n FROM b WHERE b.k = a.k ORDER BY n LIMIT 2) AS "
        "t",
        "SELECT s, count(*) FROM (SELECT s, row_number() OVER (PARTITION BY s ORDER BY v) AS r "
        "FROM "
        "a) WHERE r < 3 GROUP BY s",
        "SELECT l, count(*) AS n FROM (SELECT k, list(s ORDER BY s) AS l, any_value(k) "
        "AS any, "
        "arg_max(id, (v, id)) AS last FROM a GROUP BY k) GROUP BY l",
        "SELECT a.id, q.n FROM a JOIN (SELECT CAST(k AS BIGINT) AS k, median(x) AS n FROM a GROUP "
        "BY "
        "1) AS q ON a.id % 9 = q.k",
        "SELECT * FROM (SELECT k, s, n FROM b) PIVOT (sum(n) FOR s IN ('s0', 's1'))",
        "SELECT b.s, date_trunc('month', day) AS m, sum(a.d) AS total, count(DISTINCT c.t) AS ts "
        "FROM a "
        "JOIN b ON a.k = b.k LEFT JOIN c ON c.k = a.k GROUP BY b.s, m",
        "SELECT id FROM b WHERE day > current_date - INTERVAL 5 DAY",
        "SELECT g, s, t, sum(t) OVER (PARTITION BY g ORDER BY s) AS r FROM "
        "(SELECT g, s, sum(x) AS t FROM a GROUP BY g, s)",
        "SELECT g, max(m) AS m, count(*) AS n FROM (SELECT g, k, avg(x) AS m FROM a GROUP BY g, k) "
        "AS q JOIN c ON q.k = c.k GROUP BY g",
        "SELECT DISTINCT ON (g) g, t FROM (SELECT g, s, sum(x) AS t FROM a GROUP BY g, s) "
        "ORDER BY g, s",
        "SELECT k, count(*) AS n FROM b WHERE day BETWEEN current_date - 10 AND now() GROUP BY k",
        "SELECT id FROM b WHERE day NOT BETWEEN current_date - 10 AND current_date OR n > 30",
        "SELECT id FROM b WHERE now() - INTERVAL 3 DAY < day AND day <= current_date AND n > 5",
        "SELECT id FROM b WHERE day >= CASE WHEN current_date > DATE '2024-01-21' THEN NULL ELSE "
        "current_date - 5 END",
        "SELECT a.id FROM a JOIN b ON a.k = b.k WHERE day > current_date - 9 AND day < "
        "current_date - 1 AND day <> current_date - 4",
        "SELECT g, count(*) AS n FROM (SELECT g, k, sum(v) AS s FROM a GROUP BY g, k) GROUP BY g",
        "SELECT t, max(n) AS m FROM c JOIN (SELECT k, count(*) AS n FROM a GROUP BY k) AS q ON c.k "
        "= q.k "
        "GROUP BY t",
        "SELECT k, min(d) AS d FROM a WHERE s IN (SELECT s FROM b GROUP BY s HAVING sum(n) > 100) "
        "GROUP "
        "BY k"));

TEST_F(RefreshProperty, NothingChangedGivesNoSteps) {
  const auto plan = duck::PlanOf(*connection_, "SELECT g, count(*) FROM a GROUP BY g");
  ASSERT_TRUE(plan.ok());
  const auto program = ivm::Derive(*plan, {{"b"}, "2024-01-01", "2024-01-02"});
  ASSERT_TRUE(program.ok());
  EXPECT_TRUE(program->steps.empty());
  EXPECT_TRUE(program->change.empty());
}

TEST_F(RefreshProperty, WhatHasNoRuleIsNamed) {
  for (
      const auto& [query, word] : std::vector<std::pair<std::string, std::string>>{
          {"SELECT random() AS r FROM a", "random"},
          {"SELECT id, now() AS t FROM a", "time"},
          {"SELECT count(*) FROM (SELECT g, sum(x) AS s FROM a GROUP BY g) WHERE s > 1",
           "floating"},
          {"SELECT id, n FROM a JOIN (SELECT k, first(n) AS n FROM b GROUP BY k) AS f ON a.k = "
           "f.k",
           "first"},
          {"SELECT id FROM a WHERE id IN (SELECT id FROM b ORDER BY n LIMIT 3)", "LIMIT"},
          {"SELECT a.id, t.id FROM a, LATERAL (SELECT id, n FROM b WHERE b.k = a.k ORDER BY n "
           "LIMIT "
           "2) AS t",
           "row_number"},
          {"SELECT id, row_number() OVER (PARTITION BY g ORDER BY v) AS r FROM a", "row_number"},
          {"SELECT s, max(id) FROM (SELECT s, id, row_number() OVER (PARTITION BY s ORDER BY v) AS "
           "r FROM a) WHERE r < 3 GROUP BY s",
           "row_number"},
          {"SELECT s, count(*) FROM (SELECT s, row_number() OVER (PARTITION BY s ORDER BY v) AS r, "
           "row_number() OVER (PARTITION BY s ORDER BY v DESC) AS q FROM a) WHERE r < q GROUP BY s",
           "row_number"},
          {"SELECT n, count(*) FROM (SELECT id, count(*) OVER (PARTITION BY g ORDER BY v ROWS 1 "
           "PRECEDING) AS n FROM a) GROUP BY n, id",
           "count over"},
          {"SELECT n, count(*) FROM (SELECT sum(v) OVER (PARTITION BY g ROWS 1 PRECEDING) AS n "
           "FROM a) GROUP BY n",
           "sum"},
          {"SELECT m, count(*) FROM (SELECT g, var_pop(v) AS m FROM a GROUP BY g) GROUP BY m",
           "floating"}}) {
    const auto plan = duck::PlanOf(*connection_, query);
    ASSERT_TRUE(plan.ok()) << ToString(plan.error());
    const auto program = ivm::Derive(*plan, {{"a"}, "2024-01-01", "2024-01-02"});
    ASSERT_FALSE(program.ok()) << query;
    EXPECT_EQ(program.error().code, "NOT_INCREMENTAL");
    EXPECT_NE(program.error().message.find(word), std::string::npos) << program.error().message;
  }
}

}  // namespace
}  // namespace penstock::run
