#include "duck/plan/bound_plan.h"

#include <gtest/gtest.h>

#include "algebra/render.h"
#include "algebra/unique_key.h"

namespace penstock::duck {
namespace {

constexpr char kTables[] = R"(
CREATE TABLE a AS SELECT CASE WHEN i % 11 = 0 THEN NULL ELSE i % 7 END AS k, i % 5 AS g,
  CAST(i * 1.5 AS DOUBLE) AS v, CAST(i AS DECIMAL(10,2)) AS d, 's' || (i % 3) AS s,
  [i, i + 1] AS l, {'x': i, 'y': 's' || i} AS st FROM range(60) AS t(i);
CREATE TABLE b AS SELECT CASE WHEN i % 9 = 0 THEN NULL ELSE i % 6 END AS k, 't' || (i % 4) AS s,
  DATE '2024-01-01' + CAST(i AS INTEGER) AS day, i AS n FROM range(25) AS t(i);
CREATE TABLE e (k INTEGER, x VARCHAR);
)";

class BoundPlan : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto engine = Engine::Open({.threads = 1});
    ASSERT_TRUE(engine.ok()) << ToString(engine.error());
    engine_ = *std::move(engine);
    auto connection = engine_->Connect();
    ASSERT_TRUE(connection.ok());
    connection_.emplace(*std::move(connection));
    ASSERT_TRUE(connection_->Execute(kTables).ok());
  }

  int64_t Count(const std::string& query) {
    auto rows = connection_->Query("SELECT count(*) FROM (" + query + ")");
    EXPECT_TRUE(rows.ok()) << ToString(rows.error()) << "\n" << query;
    if (!rows.ok() || !*rows->NextChunk()) return -1;
    return rows->Int64(0, 0);
  }

  std::unique_ptr<Engine> engine_;
  std::optional<Connection> connection_;
};

TEST_P(BoundPlan, RenderedGivesTheSameRows) {
  const std::string query = GetParam();
  auto plan = PlanOf(*connection_, query);
  ASSERT_TRUE(plan.ok()) << query << "\n" << ToString(plan.error());
  const std::string rendered = algebra::RenderNamedSql(*plan);
  SCOPED_TRACE(query + "\n" + algebra::Outline(*plan) + rendered);
  const auto given = connection_->Describe(query);
  const auto got = connection_->Describe(rendered);
  ASSERT_TRUE(got.ok()) << ToString(got.error());
  EXPECT_EQ(ToString(*given), ToString(*got));
  EXPECT_EQ(Count("(" + query + ") EXCEPT ALL (" + rendered + ")"), 0);
  EXPECT_EQ(Count("(" + rendered + ") EXCEPT ALL (" + query + ")"), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Queries, BoundPlan,
    testing::Values(
        "SELECT * FROM a", "SELECT count(*) FROM a", "SELECT 1 AS one, 'x' AS x",
        "SELECT k + 1 AS k1, -v AS m, v / 3 AS q, s || '!' AS t, CAST(d AS VARCHAR) AS c FROM a",
        "SELECT * FROM a WHERE k BETWEEN 2 AND 4 OR s IN ('s1', 's2') AND NOT (v > 30)",
        "SELECT CASE WHEN k IS NULL THEN 'none' WHEN k > 3 THEN 'big' END AS c FROM a",
        "SELECT coalesce(k, 0) AS k, nullif(g, 1) AS g, TRY_CAST(s AS INTEGER) AS i FROM a",
        "SELECT st.x AS x, st['y'] AS y, l[1] AS l1, {'p': k, 'q': s} AS packed FROM a",
        "SELECT list_transform(l, lambda x: x + k) AS t, list_filter(l, lambda x, i: i > 1) AS f "
        "FROM a",
        "SELECT list_reduce(l, lambda x, y: x + y) AS r, "
        "list_transform(l, lambda x: list_transform(l, lambda y: x * y + g)) AS n FROM a",
        "SELECT a.k, b.s FROM a JOIN b ON a.k = b.k", "SELECT * FROM a LEFT JOIN b USING (k)",
        "SELECT * FROM a RIGHT JOIN b ON a.k = b.k AND a.v > b.n",
        "SELECT a.v, b.n FROM a FULL JOIN b ON a.k = b.k AND a.g < b.n",
        "SELECT a.v, b.n FROM a SEMI JOIN b ON a.k = b.k CROSS JOIN b",
        "SELECT v FROM a ANTI JOIN b ON a.k = b.k", "SELECT count(*) FROM a, b WHERE a.v < b.n",
        "SELECT a.v, b.n FROM a ASOF JOIN b ON a.k = b.k AND a.v >= b.n",
        "SELECT a.v, b.n FROM a ASOF LEFT JOIN b ON a.k = b.k AND a.v > b.n",
        "SELECT g, count(*), count(k), sum(v), avg(v), min(s), max(d), stddev(v), sum(k), avg(k) "
        "FROM a GROUP BY g",
        "SELECT sum(v) FILTER (WHERE k > 2), count(DISTINCT k), bool_and(v >= 0) FROM a",
        "SELECT g, string_agg(s, '; ' ORDER BY v DESC) AS t, list(k ORDER BY v) AS l FROM a "
        "GROUP BY g",
        "SELECT g, median(v), quantile_cont(v, 0.25), quantile_disc(d, [0.1, 0.9]), mode(s) FROM a "
        "GROUP BY g",
        "SELECT g, arg_max(s, v), arg_min(s, v), approx_count_distinct(k) FROM a GROUP BY g",
        "SELECT g, list(k ORDER BY k DESC) AS l, list(DISTINCT s ORDER BY s) AS m FROM a GROUP BY "
        "g",
        "SELECT g, bit_or(k), bit_xor(g), product(k), entropy(k), mad(v), fsum(v), count_if(k > "
        "2), "
        "listagg(s, '-' ORDER BY s) FROM a GROUP BY g",
        "SELECT g, corr(v, k), covar_pop(v, k), regr_slope(v, k), skewness(v), kurtosis(v) FROM a "
        "GROUP BY g",
        "SELECT g, histogram(k), any_value(g), first(g), max(v, 2), arg_max(s, v, 2), min(v, 2) "
        "FROM "
        "a GROUP BY g",
        "SELECT g, approx_quantile(g, 0.5), approx_quantile(g, [0.1, 0.9]) FROM a GROUP BY g",
        "SELECT g, arg_min_null(g, v) FROM a GROUP BY g",
        "SELECT g, k, count(*), grouping(g, k) FROM a GROUP BY ROLLUP (g, k)",
        "SELECT g, s, sum(d) FROM a GROUP BY GROUPING SETS ((g), (s), ())",
        "SELECT g, s, sum(d) FROM a GROUP BY CUBE (g, s) HAVING count(*) > 3",
        "SELECT count(*), sum(k) FROM e", "SELECT x, count(*) FROM e GROUP BY ROLLUP (x)",
        "SELECT DISTINCT k, g FROM a", "SELECT DISTINCT ON (g) g, v FROM a ORDER BY g, v DESC",
        "SELECT k, v, row_number() OVER (PARTITION BY g ORDER BY v) AS r, "
        "sum(v) OVER (PARTITION BY g ORDER BY v ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS w, "
        "lag(v, 2, 0.0) OVER (PARTITION BY g ORDER BY v) AS p, "
        "first_value(s) OVER (PARTITION BY g ORDER BY v) AS f FROM a",
        "SELECT v, max(v) OVER (ORDER BY v RANGE BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE "
        "CURRENT ROW) AS m, ntile(4) OVER (ORDER BY v) AS n FROM a",
        "SELECT * FROM a QUALIFY rank() OVER (PARTITION BY g ORDER BY v DESC) <= 2",
        "SELECT k FROM a UNION SELECT k FROM b", "SELECT k FROM a UNION ALL SELECT n FROM b",
        "SELECT k FROM a INTERSECT ALL SELECT k FROM b", "SELECT k FROM a EXCEPT SELECT k FROM b",
        "SELECT k FROM a EXCEPT ALL SELECT k FROM b",
        "SELECT v FROM a ORDER BY v DESC LIMIT 5 OFFSET 2",
        "SELECT k FROM a WHERE k IN (SELECT k FROM b)",
        "SELECT k, k IN (SELECT k FROM b) AS m FROM a",
        "SELECT k, k IN (SELECT k FROM e) AS m FROM a",
        "SELECT k FROM a WHERE k NOT IN (SELECT n FROM b WHERE n > 3)",
        "SELECT k FROM a WHERE k NOT IN (SELECT k FROM b)",
        "SELECT k FROM a WHERE k NOT IN (SELECT k FROM e)",
        "SELECT k FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.n > a.g)",
        "SELECT k FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
        "SELECT k, EXISTS (SELECT 1 FROM b WHERE n > 100) AS e FROM a",
        "SELECT k, (SELECT max(s) FROM b WHERE b.k = a.k) AS m FROM a",
        "SELECT k, (SELECT count(*) FROM b WHERE b.k = a.k) AS m FROM a",
        "SELECT k FROM a WHERE v > (SELECT avg(v) FROM a)",
        "SELECT k FROM a WHERE v > (SELECT avg(v) FROM a AS i WHERE i.g = a.g)",
        "SELECT a.v, t.m FROM a, LATERAL (SELECT max(n) AS m FROM b WHERE b.k = a.k) AS t",
        "SELECT a.v, t.n FROM a, LATERAL (SELECT n FROM b WHERE b.k = a.k ORDER BY n LIMIT 2) AS t",
        "SELECT k IN (SELECT n FROM b WHERE b.k = a.g) AS m, v FROM a",
        "WITH c AS (SELECT g, sum(v) AS s FROM a GROUP BY g) SELECT * FROM c AS x JOIN c AS y ON "
        "x.g = y.g + 1 WHERE x.s > (SELECT min(s) FROM c)",
        "SELECT v, unnest(l) AS u FROM a", "SELECT v, u FROM a, unnest(a.l) AS t(u)",
        "SELECT v, u + 1 AS w FROM a, LATERAL (SELECT unnest(a.l) * a.g AS u) AS t WHERE u > 3",
        "SELECT * FROM (SELECT k, s, n FROM b) PIVOT (sum(n) FOR s IN ('t0', 't1'))",
        "SELECT * FROM (VALUES (1, 'x'), (2, NULL)) AS v(p, q)",
        "SELECT n FROM b WHERE day > DATE '2024-01-05' + INTERVAL 3 DAY",
        "SELECT date_trunc('month', day) AS m, date_part('year', day) AS y, count(*) FROM b "
        "GROUP BY ALL",
        "SELECT round(d, 1) AS r, substring(s, 1, 1) AS u, s LIKE 's%' AS li, "
        "regexp_extract(s, '([0-9])', 1) AS re FROM a",
        "SELECT v FROM a WHERE g = ANY (SELECT k FROM b) AND s IN (SELECT 's' || k FROM b)"));

TEST_F(BoundPlan, WhatHasNoCounterpartIsNamed) {
  for (const auto& [query, word] : std::vector<std::pair<std::string, std::string>>{
           {"SELECT * FROM a USING SAMPLE 3", "SAMPLE"},
           {"SELECT * FROM range(3)", "range"},
           {"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) "
            "SELECT * FROM r",
            "CTE"},
           {"SELECT (SELECT s FROM b WHERE b.k = a.k) FROM a", "several rows"}}) {
    const auto plan = PlanOf(*connection_, query);
    ASSERT_FALSE(plan.ok()) << query;
    EXPECT_EQ(plan.error().code, "UNSUPPORTED_PLAN");
    EXPECT_NE(plan.error().message.find(word), std::string::npos) << plan.error().message;
  }
}

TEST_F(BoundPlan, RandomIsNotDeterministic) {
  const auto plan = PlanOf(*connection_, "SELECT random() + k AS r FROM a");
  ASSERT_TRUE(plan.ok()) << ToString(plan.error());
  bool deterministic = true;
  algebra::ForEachNode(*plan, [&](const algebra::NodePtr& node) {
    algebra::ForEachExpression(node->op, [&](const algebra::ExpressionPtr& expression) {
      deterministic &= algebra::IsDeterministic(expression);
    });
  });
  EXPECT_FALSE(deterministic);
}

TEST_F(BoundPlan, KeysOfGroupsAreUnique) {
  const auto key = [&](const char* query) {
    const auto plan = PlanOf(*connection_, query);
    EXPECT_TRUE(plan.ok()) << ToString(plan.error());
    return algebra::UniqueKey(*plan);
  };
  using Key = std::vector<size_t>;
  EXPECT_EQ(key("SELECT sum(v), g FROM a GROUP BY g"), Key{1});
  EXPECT_EQ(key("SELECT sum(v) FROM a GROUP BY g"), std::nullopt);
  EXPECT_EQ(key("SELECT count(*) FROM a"), Key{});
  EXPECT_EQ(key("SELECT k, v FROM a"), std::nullopt);
  EXPECT_EQ(key("SELECT DISTINCT k, g FROM a"), (Key{0, 1}));
  EXPECT_EQ(key("SELECT x.g, n, m FROM (SELECT g, count(*) AS n FROM a GROUP BY g) AS x LEFT JOIN "
                "(SELECT k, max(n) AS m FROM b GROUP BY k) AS y ON x.g = y.k"),
            Key{0});
}

}  // namespace
}  // namespace penstock::duck
