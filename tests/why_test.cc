#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/project_fixture.h"

// Rows of tables and the source rows that they come from.
namespace penstock::tests {
namespace {

using RowTexts = std::vector<std::string>;

class WhyTest : public testing::Test {
 protected:
  // "depth source@version file values [note]" of each; of paths the last part, of Delta's files
  // their kind only.
  RowTexts Why(const std::string& table, std::vector<std::pair<std::string, std::string>> key,
               int64_t depth = 0, int64_t limit = 20) {
    const auto workspace = project_.Open();
    run::WhyRequest request;
    request.table = {"main", "default", table};
    request.key = std::move(key);
    request.depth = depth;
    request.limit = limit;
    const run::WhyOutcome outcome = run::Why(*workspace, request);
    RowTexts rows;
    for (const Error& error : outcome.errors) rows.push_back(error.code + ": " + error.message);
    for (const run::SourceRow& row : outcome.rows) {
      std::string file = row.file.substr(row.file.rfind('/') + 1);
      if (file.ends_with(".parquet")) file = "parquet";
      rows.push_back(std::to_string(row.depth) + " " +
                     row.source.substr(row.source.rfind('.') + 1) +
                     (row.version ? "@" + std::to_string(*row.version) : "") + " " + file + " " +
                     row.values + row.note);
    }
    return rows;
  }

  ProjectFixture project_;
};

TEST_F(WhyTest, ARowOfAnAggregateLeadsBackToTheFilesThroughEveryTable) {
  project_.WriteFile("p.sql", R"sql(
CREATE STREAMING TABLE bronze AS
SELECT * FROM STREAM read_files('{folder}/orders', format => 'json', schema => 'id INT, who INT, amount DECIMAL(10,2)');
CREATE STREAMING TABLE silver AS SELECT id, who, amount FROM STREAM bronze WHERE amount > 0;
CREATE MATERIALIZED VIEW people AS
SELECT * FROM read_files('{folder}/people', format => 'json', schema => 'who INT, country STRING');
CREATE MATERIALIZED VIEW gold AS
SELECT p.country, count(*) AS n, sum(amount) AS total FROM silver JOIN people p USING (who) GROUP BY p.country;
)sql");
  project_.WriteFile("people/1.json",
                     "{\"who\":1,\"country\":\"DE\"}\n{\"who\":2,\"country\":\"FR\"}\n"
                     "{\"who\":3,\"country\":\"FR\"}\n");
  project_.WriteFile("orders/1.json",
                     "{\"id\":1,\"who\":1,\"amount\":1.50}\n"
                     "{\"id\":2,\"who\":2,\"amount\":2}\n"
                     "{\"id\":3,\"who\":1,\"amount\":-1}\n");
  ExpectCompleted(project_.Update());
  project_.WriteFile("orders/2.json", "{\"id\":4,\"who\":1,\"amount\":4}\n");
  ExpectCompleted(project_.Update());
  // Which file of the table comes first is open.
  EXPECT_THAT(
      Why("gold", {{"country", "DE"}}, 1),
      testing::UnorderedElementsAre(R"(0 gold@1 parquet {"country":"DE","n":2,"total":5.50})",
                                    R"(1 silver@1 parquet {"id":1,"who":1,"amount":1.50})",
                                    R"(1 silver@1 parquet {"id":4,"who":1,"amount":4.00})",
                                    R"(1 people@0 parquet {"who":1,"country":"DE"})"));
  const RowTexts all = Why("gold", {{"country", "DE"}});
  EXPECT_EQ(all.size(), 9u) << testing::PrintToString(all);
  for (const char* row : {R"(2 bronze@1 parquet {"id":4,"who":1,"amount":4.00})",
                          R"(3 orders 1.json {"id":1,"who":1,"amount":1.50})",
                          R"(3 orders 2.json {"id":4,"who":1,"amount":4.00})",
                          R"(2 people 1.json {"who":1,"country":"DE"})"}) {
    EXPECT_EQ(std::count_if(all.begin(), all.end(),
                            [&](const std::string& one) {
                              return one.find(row + 2) != std::string::npos && one[0] == row[0];
                            }),
              1)
        << row << testing::PrintToString(all);
  }
}

TEST_F(WhyTest, EveryOperatorSaysWhichRowsItTook) {
  EXPECT_EQ(
      project_.Execute("CREATE TABLE a (id INT, g INT, tags ARRAY<INT>) USING delta; "
                       "CREATE TABLE b (id INT, g INT) USING delta; "
                       "INSERT INTO a VALUES (1, 1, array(1, 2)), (2, 1, array(3)), (3, 2, NULL); "
                       "INSERT INTO b VALUES (1, 1), (9, 2)"),
      "");
  project_.WriteFile("p.sql", R"sql(
CREATE MATERIALIZED VIEW outer_rows AS SELECT a.id, b.g FROM a LEFT JOIN b ON a.id = b.id;
CREATE MATERIALIZED VIEW matched AS SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.id);
CREATE MATERIALIZED VIEW unmatched AS SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.id = a.id);
CREATE MATERIALIZED VIEW both AS SELECT id, g FROM a UNION SELECT id, g FROM b;
CREATE MATERIALIZED VIEW common AS SELECT id, g FROM a INTERSECT SELECT id, g FROM b;
CREATE MATERIALIZED VIEW latest AS SELECT id, g FROM a QUALIFY row_number() OVER (PARTITION BY g ORDER BY id DESC) = 1;
CREATE MATERIALIZED VIEW tagged AS SELECT id, explode(tags) AS tag FROM a;
CREATE MATERIALIZED VIEW whole AS SELECT count(*) AS n FROM b;
CREATE MATERIALIZED VIEW greatest AS SELECT id FROM a ORDER BY id DESC LIMIT 1;
)sql");
  ExpectCompleted(project_.Update());
  const std::string a1 = R"(1 a@1 parquet {"id":1,"g":1,"tags":[1,2]})";
  const std::string a2 = R"(1 a@1 parquet {"id":2,"g":1,"tags":[3]})";
  const std::string a3 = R"(1 a@1 parquet {"id":3,"g":2,"tags":null})";
  const std::string b1 = R"(1 b@1 parquet {"id":1,"g":1})";
  const std::string b9 = R"(1 b@1 parquet {"id":9,"g":2})";
  const auto sources = [&](const std::string& table, const std::string& key,
                           const std::string& value) {
    RowTexts rows = Why(table, {{key, value}});
    EXPECT_FALSE(rows.empty());
    if (!rows.empty()) rows.erase(rows.begin());
    return rows;
  };
  EXPECT_EQ(sources("outer_rows", "id", "1"), (RowTexts{a1, b1}));
  EXPECT_EQ(sources("outer_rows", "id", "2"), (RowTexts{a2}));
  EXPECT_EQ(sources("matched", "id", "1"), (RowTexts{a1, b1}));
  EXPECT_EQ(sources("unmatched", "id", "3"), (RowTexts{a3}));
  EXPECT_EQ(sources("both", "id", "1"), (RowTexts{a1, b1}));
  EXPECT_EQ(sources("common", "id", "1"), (RowTexts{a1, b1}));
  EXPECT_EQ(sources("latest", "g", "1"), (RowTexts{a2}));
  EXPECT_EQ(sources("tagged", "tag", "2"), (RowTexts{a1}));
  EXPECT_EQ(sources("whole", "n", "2"), (RowTexts{b1, b9}));
  EXPECT_EQ(sources("greatest", "id", "3"), (RowTexts{a3}));
}

TEST_F(WhyTest, ARowOfChangesLeadsToTheChangesOfItsKey) {
  project_.WriteFile("p.sql", R"sql(
CREATE STREAMING TABLE one;
CREATE FLOW f AS AUTO CDC INTO one
FROM STREAM read_files('{folder}/in', format => 'json', schema => 'id INT, city STRING, seq INT')
KEYS (id) SEQUENCE BY seq COLUMNS * EXCEPT (seq);
)sql");
  project_.WriteFile("in/1.json",
                     "{\"id\":1,\"city\":\"Rome\",\"seq\":5}\n"
                     "{\"id\":2,\"city\":\"Bonn\",\"seq\":1}\n"
                     "{\"id\":1,\"city\":\"Oslo\",\"seq\":3}\n");
  ExpectCompleted(project_.Update());
  RowTexts rows = Why("one", {{"id", "1"}});
  ASSERT_EQ(rows.size(), 3u) << testing::PrintToString(rows);
  EXPECT_NE(rows[1].find(R"({"id":1,"city":"Rome","seq":5})"), std::string::npos) << rows[1];
  EXPECT_NE(rows[2].find(R"({"id":1,"city":"Oslo","seq":3})"), std::string::npos) << rows[2];
}

TEST_F(WhyTest, ManyRowsAreCutAndWhatIsMissingIsSaid) {
  EXPECT_EQ(project_.Execute(
                "CREATE TABLE s USING delta AS SELECT i AS id, 1 AS g FROM range(50) AS r(i)"),
            "");
  project_.WriteFile(
      "p.sql",
      "CREATE MATERIALIZED VIEW v AS SELECT g, count(*) AS n, random() AS r FROM s GROUP BY g;\n"
      "CREATE MATERIALIZED VIEW w AS SELECT g, count(*) AS n FROM s GROUP BY g;");
  ExpectCompleted(project_.Update());
  const RowTexts rows = Why("w", {{"g", "1"}}, 0, 3);
  ASSERT_EQ(rows.size(), 5u) << testing::PrintToString(rows);
  EXPECT_NE(rows[4].find("47 more rows"), std::string::npos) << rows[4];
  EXPECT_EQ(Why("w", {{"g", "2"}})[0].substr(0, 13), "ROW_NOT_FOUND");
  EXPECT_EQ(Why("w", {{"h", "2"}})[0].substr(0, 16), "COLUMN_NOT_FOUND");
  EXPECT_EQ(Why("x", {{"g", "2"}})[0].substr(0, 15), "TABLE_NOT_FOUND");
}

}  // namespace
}  // namespace penstock::tests
