#include "sql/query/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace penstock::sql {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

model::QueryText Text(const std::string& text) {
  model::QueryText query;
  query.text = text;
  query.where = {"q.sql", 1, 1};
  return query;
}

Query Translated(const std::string& text, model::Dialect dialect = model::Dialect::kSpark) {
  QueryContext context;
  context.dialect = dialect;
  Result<Query> query = TranslateQuery(Text(text), context);
  EXPECT_TRUE(query.ok()) << text << "\n" << (query.ok() ? "" : ToString(query.error()));
  return query.ok() ? *std::move(query) : Query{};
}

Error Refused(const std::string& text) {
  Result<Query> query = TranslateQuery(Text(text), {});
  EXPECT_FALSE(query.ok()) << text;
  return query.ok() ? Error{} : std::move(query).error();
}

std::vector<std::string> StatefulUses(const std::string& text) {
  std::vector<std::string> uses;
  for (const StatefulUse& use : Translated(text).stateful) uses.push_back(use.what);
  return uses;
}

const TableInput& Table(const Query& query, size_t index) {
  return std::get<TableInput>(query.inputs.at(index).source);
}
const FilesInput& Files(const Query& query, size_t index) {
  return std::get<FilesInput>(query.inputs.at(index).source);
}

TEST(TranslateQuery, TablesBecomePlaceholdersUnderTheirLastNamePart) {
  const Query query = Translated("SELECT * FROM cat.db.t JOIN LIVE.u AS v ON t.id = v.id");
  EXPECT_EQ(query.text,
            "SELECT * FROM \"__input_0\" AS \"t\" JOIN \"__input_1\" AS v ON t.id = v.id");
  ASSERT_EQ(query.inputs.size(), 2u);
  EXPECT_THAT(Table(query, 0).parts, ElementsAre("cat", "db", "t"));
  EXPECT_THAT(Table(query, 1).parts, ElementsAre("u"));
  EXPECT_EQ(query.inputs[1].where, (SourceLocation{"q.sql", 1, 29}));
}

TEST(TranslateQuery, NamesThatBeginWithADigitAreQuoted) {
  EXPECT_EQ(Translated("WITH 7d_sum AS (SELECT 1 AS 1st) SELECT * FROM 7d_sum").text,
            "WITH \"7d_sum\" AS (SELECT 1 AS \"1st\") SELECT * FROM \"7d_sum\"");
}

TEST(TranslateQuery, ExceptOfASharedColumnHidesItOnBothSides) {
  EXPECT_EQ(Translated("SELECT * EXCEPT (a.k) FROM a JOIN b USING (k) JOIN c ON a.k = c.k").text,
            "SELECT * EXCLUDE (\"b\".\"k\", a.k) FROM \"__input_0\" AS \"a\" JOIN "
            "\"__input_1\" AS \"b\" USING (k) JOIN \"__input_2\" AS \"c\" ON a.k = c.k");
  EXPECT_EQ(Translated("SELECT * EXCEPT (b.x) FROM a JOIN b USING (k)").text,
            "SELECT * EXCLUDE (b.x) FROM \"__input_0\" AS \"a\" JOIN \"__input_1\" AS \"b\" "
            "USING (k)");
}

TEST(TranslateQuery, FunctionsOfACatalogAreRefused) {
  EXPECT_THAT(Refused("SELECT c.s.f(1)").message, HasSubstr("defined in SQL are not supported"));
}

TEST(TranslateQuery, NamedWindowsAreRead) {
  EXPECT_EQ(Translated("SELECT sum(x) OVER w AS s FROM range(3) WINDOW w AS (ORDER BY x), v AS "
                       "(PARTITION BY x)")
                .stateful.size(),
            0u);
  EXPECT_EQ(Refused("SELECT sum(x) OVER w AS s FROM t WINDOW w AS ORDER BY x").code,
            "SYNTAX_ERROR");
}

TEST(TranslateQuery, ColumnsOfCastingFunctionsAndNegativeNumbersHaveSparksNames) {
  EXPECT_THAT(
      Translated("SELECT int(a), round(a, -2), sqrt(a) FROM t").text,
      AllOf(HasSubstr("AS \"a\""), HasSubstr("AS \"round(a, -2)\""), HasSubstr("AS \"SQRT(a)\"")));
}

TEST(TranslateQuery, TextsAreNotCastToText) {
  EXPECT_EQ(Translated("SELECT upper(trim(a)) AS a FROM t").text,
            "SELECT upper(trim(spark_text_of(a))) AS a FROM \"__input_0\" AS \"t\"");
  EXPECT_THAT(Translated("SELECT concat(a, b) AS c FROM t").text, Not(HasSubstr("spark_text_of")));
}

TEST(TranslateQuery, FromJsonNamesMapsAsOneTypeWithItsQuotesEscaped) {
  EXPECT_EQ(
      Translated("SELECT from_json(j, 'MAP<STRING, ARRAY<STRUCT<n: INT>>>') AS m FROM t").text,
      "SELECT TRY(json_transform(j, '\"MAP(VARCHAR, STRUCT(\\\"n\\\" INTEGER)[])\"')) AS m FROM "
      "\"__input_0\" AS \"t\"");
}

TEST(TranslateQuery, CommonTablesAreNoInputsInTheirScopeOnly) {
  const Query query = Translated("WITH a AS (SELECT 1 AS x) SELECT * FROM a, (SELECT * FROM b) q");
  ASSERT_EQ(query.inputs.size(), 1u);
  EXPECT_THAT(Table(query, 0).parts, ElementsAre("b"));
  EXPECT_EQ(Translated("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a").inputs.size(),
            1u);
}

TEST(TranslateQuery, EveryFormOfAStreamIsStreaming) {
  for (const char* relation :
       {"STREAM t", "STREAM(t)", "STREAM(LIVE.t)", "stream live.t", "STREAM read_files('/p')",
        "STREAM(read_files('/p'))", "cloud_files('/p', 'json')", "STREAM json.`/p`"}) {
    const Query query = Translated(std::string("SELECT * FROM ") + relation + " AS x WHERE a = 1");
    ASSERT_EQ(query.inputs.size(), 1u) << relation;
    EXPECT_TRUE(query.inputs[0].streaming) << relation;
    EXPECT_EQ(query.text, "SELECT * FROM \"__input_0\" AS x WHERE a = 1");
  }
}

TEST(TranslateQuery, AStreamedTableTakesOptions) {
  for (const char* relation :
       {"STREAM t WITH (skipChangeCommits = true)", "STREAM(t) WITH ('skipChangeCommits' = 'TRUE')",
        "STREAM(LIVE.t) with (SKIPCHANGECOMMITS true)",
        "STREAM delta.`/t` WITH (skipChangeCommits = true)"}) {
    const Query query = Translated(std::string("SELECT * FROM ") + relation + " AS x WHERE a = 1");
    ASSERT_EQ(query.inputs.size(), 1u) << relation;
    EXPECT_TRUE(query.inputs[0].streaming) << relation;
    EXPECT_EQ(query.inputs[0].options,
              (std::map<std::string, std::string>{{"skipchangecommits", "true"}}))
        << relation;
    EXPECT_EQ(query.text, "SELECT * FROM \"__input_0\" AS x WHERE a = 1");
  }
  const Query two = Translated("SELECT * FROM STREAM a WITH (skipChangeCommits = false), b");
  EXPECT_EQ(two.inputs[0].options.at("skipchangecommits"), "false");
  EXPECT_TRUE(two.inputs[1].options.empty());
}

TEST(TranslateQuery, OptionsThatAStreamedTableLacksAreErrors) {
  const auto remedy = [](const std::string& relation) {
    const auto query = TranslateQuery({"SELECT * FROM " + relation, {"f.sql", 1, 1}, {}}, {});
    return query.ok() ? std::string("accepted") : query.error().code + ": " + query.error().remedy;
  };
  EXPECT_EQ(remedy("STREAM t WITH (skipChangeCommit = true)"),
            "UNKNOWN_OPTION: Did you mean skipChangeCommits?");
  EXPECT_THAT(remedy("STREAM t WITH (ignoreChanges = true)"), HasSubstr("skipChangeCommits"));
  EXPECT_EQ(remedy("STREAM t WITH (skipChangeCommits = maybe)").substr(0, 17), "BAD_SOURCE_OPTION");
  EXPECT_EQ(remedy("STREAM t WITH (skipChangeCommits = 'yes')"),
            "BAD_OPTION: Write true or false.");
  EXPECT_THAT(remedy("t WITH (skipChangeCommits = true)"), HasSubstr("UNSUPPORTED_OPTION"));
  EXPECT_THAT(remedy("STREAM json.`/p` WITH (skipChangeCommits = true)"),
              HasSubstr("UNSUPPORTED_OPTION"));
}

TEST(TranslateQuery, FileOptionsLoseTheirPrefix) {
  const Query query = Translated(
      "SELECT * FROM cloud_files(\"/in\", \"JSON\", map(\"cloudFiles.inferColumnTypes\", "
      "\"true\")),"
      " read_files('/p/*.csv', format => 'csv', header => true, maxFilesPerTrigger => 3) f");
  EXPECT_EQ(Files(query, 0).path, "/in");
  EXPECT_EQ(Files(query, 0).format, "json");
  EXPECT_EQ(Files(query, 0).options,
            (std::map<std::string, std::string>{{"inferColumnTypes", "true"}}));
  EXPECT_EQ(Files(query, 1).format, "csv");
  EXPECT_EQ(Files(query, 1).options,
            (std::map<std::string, std::string>{{"header", "true"}, {"maxFilesPerTrigger", "3"}}));
}

TEST(TranslateQuery, TimeTravelIsReadWithTheTable) {
  const Query query = Translated(
      "SELECT * FROM a VERSION AS OF 3, b@v4, c TIMESTAMP AS OF '2026-01-01', "
      "delta.`/d` FOR VERSION AS OF 5 AS d");
  EXPECT_EQ(Table(query, 0).version, "3");
  EXPECT_EQ(Table(query, 1).version, "4");
  EXPECT_EQ(Table(query, 2).timestamp, "'2026-01-01'");
  EXPECT_EQ(std::get<DeltaPathInput>(query.inputs[3].source).path, "/d");
  EXPECT_EQ(std::get<DeltaPathInput>(query.inputs[3].source).version, "5");
}

TEST(TranslateQuery, ReferencesByTheFullTableNameLoseTheSchema) {
  EXPECT_THAT(Translated("SELECT db.t.a, LIVE.u.b FROM c.db.t, LIVE.u WHERE c.db.t.x = 1").text,
              HasSubstr("SELECT t.a AS \"a\", u.b AS \"b\" FROM \"__input_0\" AS \"t\", "
                        "\"__input_1\" AS \"u\" WHERE t.x = 1"));
}

TEST(TranslateQuery, MetadataIsNotedAndHiddenFromStars) {
  const Query query =
      Translated("SELECT *, _metadata.file_path FROM STREAM read_files('/p') JOIN t USING (id)");
  EXPECT_TRUE(query.inputs[0].uses_metadata);
  EXPECT_FALSE(query.inputs[1].uses_metadata);
  EXPECT_THAT(query.text, HasSubstr("SELECT * EXCLUDE (\"_metadata\"), _metadata.file_path"));
  EXPECT_THAT(
      Translated("SELECT a.*, b.* EXCEPT (x) FROM a, b WHERE b._metadata.file_name = 'f'").text,
      HasSubstr("SELECT a.*, b.* EXCLUDE (\"_metadata\", x) FROM"));
}

TEST(TranslateQuery, RowToRowQueryCarriesThePosition) {
  const Query query = Translated("SELECT *, a + 1 AS b FROM STREAM t WHERE a > 0");
  EXPECT_TRUE(query.row_to_row);
  EXPECT_EQ(query.carried_text,
            "SELECT * EXCLUDE (\"__penstock_position\"), a + 1 AS b, "
            "\"t\".\"__penstock_position\" AS \"__penstock_position\" FROM \"__input_0\" AS \"t\" "
            "WHERE a > 0");
}

TEST(TranslateQuery, QueriesThatMakeOrMeetRowsAreNotRowToRow) {
  for (const char* text :
       {"SELECT a FROM t", "SELECT explode(a) FROM STREAM t",
        "SELECT a FROM STREAM t UNION ALL SELECT a FROM u", "SELECT a FROM STREAM t, u",
        "SELECT a FROM STREAM t WHERE a IN (SELECT b FROM u)", "SELECT count(*) FROM STREAM t",
        "SELECT a FROM STREAM t LIMIT 1", "SELECT a FROM STREAM t LATERAL VIEW explode(b) AS c"}) {
    EXPECT_FALSE(Translated(text).row_to_row) << text;
    EXPECT_THAT(Translated(text).carried_text, IsEmpty()) << text;
  }
}

TEST(TranslateQuery, StatefulUsesOfAStreamAreNamed) {
  EXPECT_THAT(StatefulUses("SELECT a, count(*) FROM STREAM t GROUP BY a"), ElementsAre("GROUP BY"));
  EXPECT_THAT(StatefulUses("SELECT max(a) FROM STREAM t"), ElementsAre("max(…)"));
  EXPECT_THAT(StatefulUses("SELECT DISTINCT a FROM STREAM t ORDER BY a LIMIT 3"),
              ElementsAre("SELECT DISTINCT", "ORDER BY", "LIMIT"));
  EXPECT_THAT(StatefulUses("SELECT rank() OVER (ORDER BY a) FROM STREAM t"),
              ElementsAre("window function rank"));
  EXPECT_THAT(StatefulUses("SELECT * FROM STREAM a JOIN STREAM b USING (id)"),
              ElementsAre("JOIN of two streams"));
  EXPECT_THAT(StatefulUses("SELECT * FROM STREAM a, STREAM b"), ElementsAre("JOIN of two streams"));
  EXPECT_THAT(StatefulUses("SELECT * FROM a LEFT JOIN STREAM b USING (id)"),
              ElementsAre("OUTER JOIN that fills in the stream's side with NULLs"));
  EXPECT_THAT(StatefulUses("SELECT * FROM a WHERE x IN (SELECT y FROM STREAM b)"),
              ElementsAre("subquery over a stream"));
  EXPECT_THAT(StatefulUses("SELECT a FROM STREAM t UNION SELECT a FROM u"), ElementsAre("UNION"));
  EXPECT_THAT(StatefulUses("WITH c AS (SELECT * FROM STREAM t) SELECT sum(a) FROM c"),
              ElementsAre("sum(…)"));
}

TEST(TranslateQuery, StatefulUsesOfStaticTablesBesideAStreamAreNot) {
  EXPECT_THAT(StatefulUses("SELECT s.*, n FROM STREAM s LEFT JOIN (SELECT id, count(*) AS n FROM d "
                           "GROUP BY id ORDER BY n LIMIT 9) x ON s.id = x.id"),
              IsEmpty());
  EXPECT_THAT(StatefulUses("SELECT * FROM STREAM a UNION ALL SELECT * FROM STREAM b"), IsEmpty());
}

TEST(TranslateQuery, TimeAndChanceAreNoted) {
  EXPECT_TRUE(Translated("SELECT now()").time_dependent);
  EXPECT_TRUE(Translated("SELECT current_date").time_dependent);
  EXPECT_FALSE(Translated("SELECT unix_timestamp(a) FROM t").time_dependent);
  EXPECT_TRUE(Translated("SELECT uuid()").nondeterministic);
  EXPECT_FALSE(Translated("SELECT upper(a) FROM t").nondeterministic);
}

TEST(TranslateQuery, UnnamedColumnsAreNamedAsSparkNamesThem) {
  const std::string text =
      Translated("SELECT CAST(Amount AS DOUBLE), count(*), s.f, a + 1, upper(t.x), 'k' FROM t")
          .text;
  for (const char* name : {"AS \"Amount\"", "AS \"count(1)\"", "AS \"f\"", "AS \"(a + 1)\"",
                           "AS \"upper(x)\"", "AS \"k\""}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

TEST(TranslateQuery, QuotesEscapesAndCommentsAreSparks) {
  EXPECT_EQ(Translated("SELECT \"it's\" AS `a b`, 'x\\ty' 'z' AS c -- note\n").text,
            "SELECT 'it''s' AS \"a b\", 'x\tyz' AS c");
  EXPECT_EQ(Translated("SELECT \"a\" FROM \"t\"", model::Dialect::kDuckdb).text,
            "SELECT \"a\" FROM \"__input_0\" AS \"t\"");
  EXPECT_EQ(Translated("SELECT 'a\\0b' AS x").text, "SELECT ('a' || chr(0) || 'b') AS x");
}

TEST(TranslateQuery, LateralViewsBecomeLateralSubqueries) {
  EXPECT_THAT(Translated("SELECT x FROM t LATERAL VIEW explode(a) v AS x WHERE x > 1").text,
              HasSubstr("AS \"t\" , LATERAL (SELECT unnest(a) AS \"x\") AS \"v\" WHERE x > 1"));
}

TEST(TranslateQuery, SchemaQualifiersAreDroppedInsideOfMovedArguments) {
  EXPECT_THAT(
      Translated("SELECT struct(db.t.a) AS s, count(DISTINCT db.t.a, b) AS n FROM db.t").text,
      Not(HasSubstr("db.")));
  EXPECT_THAT(Translated("SELECT db.t.* FROM db.t").text, HasSubstr("SELECT t.* FROM"));
}

TEST(TranslateQuery, OtherFormsOfQueriesAreRead) {
  EXPECT_EQ(Translated("TABLE t").text, "FROM \"__input_0\" AS \"t\"");
  EXPECT_THAT(Translated("VALUES (1, 'a')").text, HasSubstr("AS values_list(col1, col2)"));
  EXPECT_EQ(Translated("FROM t SELECT a AS b").text, "FROM \"__input_0\" AS \"t\" SELECT a AS b");
}

TEST(TranslateQuery, TheWindowOfGroupByIsAColumn) {
  EXPECT_THAT(Translated("SELECT window.end AS e FROM t GROUP BY window(ts, '5 minutes')").text,
              HasSubstr("SELECT spark_window(ts, '5 minutes').\"end\" AS e"));
}

TEST(TranslateQuery, OuterScopesReachIntoSubqueries) {
  EXPECT_THAT(
      Translated("SELECT * FROM db.t WHERE EXISTS (SELECT 1 FROM u WHERE u.x = db.t.x)").text,
      HasSubstr("WHERE u.x = t.x"));
}

TEST(TranslateQuery, ErrorsNameThePlace) {
  EXPECT_EQ(Refused("SELECT a\nFROM read_kafka(x => 'y')").where, (SourceLocation{"q.sql", 2, 6}));
  EXPECT_EQ(Refused("SELECT * FROM read_csv('x.csv')").code, "UNSUPPORTED_FUNCTION");
  EXPECT_EQ(Refused("SELECT * FROM a.b.c.d").code, "BAD_TABLE_NAME");
  EXPECT_EQ(Refused("SELECT * FROM read_files(x)").code, "BAD_SOURCE_OPTION");
  EXPECT_EQ(Refused("SELECT (1").code, "SYNTAX_ERROR");
  EXPECT_EQ(Refused("SELECT 1) FROM t").code, "SYNTAX_ERROR");
  EXPECT_EQ(Refused("SELECT 'a").code, "UNTERMINATED_STRING");
  EXPECT_EQ(Refused("SELECT CAST(a AS INTT)").code, "UNKNOWN_TYPE");
  EXPECT_EQ(Refused("").code, "SYNTAX_ERROR");
}

TEST(TranslateQuery, DeepNestingIsRefusedAndLongChainsAreNot) {
  EXPECT_EQ(Refused("SELECT " + std::string(5000, '(') + "1" + std::string(5000, ')')).code,
            "QUERY_TOO_DEEP");
  std::string sum = "SELECT 1";
  for (int i = 0; i < 20000; ++i) sum += "/x";
  EXPECT_THAT(Translated(sum).text, Not(IsEmpty()));
}

TEST(SourceMap, OffsetsLeadBackToTheUsersText) {
  const std::string text = "SELECT CAST(amount AS INT), misspelt FROM LIVE.orders";
  const Query query = Translated(text);
  EXPECT_EQ(query.map.Original(query.text.find("misspelt")), text.find("misspelt"));
  EXPECT_EQ(query.map.Original(query.text.find("amount")), text.find("amount"));
  EXPECT_EQ(query.map.Original(query.text.find("\"__input_0\"")), text.find("LIVE"));
}

TEST(TranslateExpression, ConditionsAreTranslatedAndAggregatesNoticed) {
  const auto translated = [](const std::string& text) {
    return TranslateExpression(Text(text), {});
  };
  EXPECT_EQ(translated("name <> \"x\" AND `a b` == 1")->text, "name <> 'x' AND \"a b\" = 1");
  EXPECT_TRUE(translated("count(*) > 10")->has_aggregate);
  EXPECT_FALSE(translated("sum(a) OVER () > 10")->has_aggregate);
  EXPECT_EQ(translated("a IN (SELECT b FROM t)").error().code, "UNSUPPORTED_SUBQUERY");
  EXPECT_FALSE(translated("a >").ok() && translated("a )").ok());
}

}  // namespace
}  // namespace penstock::sql
