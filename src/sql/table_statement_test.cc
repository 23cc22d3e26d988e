#include "sql/table_statement.h"

#include <gtest/gtest.h>

#include "sql/sql_statement.h"

namespace penstock::sql {
namespace {

Result<TableStatement> Parse(std::string_view text) {
  ASSIGN_OR_RETURN(auto script, ParseScript(text, model::Project{}));
  auto* statement = std::get_if<TableStatement>(&script.front().statement);
  if (statement == nullptr) return InternalError("no statement on a table");
  return std::move(*statement);
}

template <typename T>
T As(std::string_view text) {
  auto parsed = Parse(text);
  if (!parsed.ok()) {
    ADD_FAILURE() << text << ": " << ToString(parsed.error());
    return {};
  }
  T* statement = std::get_if<T>(&*parsed);
  EXPECT_NE(statement, nullptr) << text;
  return statement == nullptr ? T{} : std::move(*statement);
}

template <typename T>
T Change(std::string_view text) {
  const auto alter = As<AlterTable>(text);
  const T* change = std::get_if<T>(&alter.change);
  EXPECT_NE(change, nullptr) << text;
  return change == nullptr ? T{} : *change;
}

Error ErrorOf(std::string_view text) {
  auto parsed = Parse(text);
  if (!parsed.ok()) return parsed.error();
  ADD_FAILURE() << text << " is accepted";
  return {};
}

void ExpectRefused(std::string_view text, std::string_view code, std::string_view part) {
  const Error error = ErrorOf(text);
  EXPECT_EQ(error.code, code) << text;
  EXPECT_NE(error.message.find(part), std::string::npos) << text << ": " << error.message;
  EXPECT_GT(error.where.line, 0) << text;
  if (code != "SQL_SYNTAX") {
    EXPECT_NE(error.remedy, "") << text;
  }
}

TEST(TableStatementTest, TablesAreNamesOrPaths) {
  EXPECT_EQ(As<DeleteRows>("DELETE FROM c.s.t").table.parts,
            (std::vector<std::string>{"c", "s", "t"}));
  const auto by_path = As<DeleteRows>("DELETE FROM delta.`/data/t`");
  EXPECT_EQ(by_path.table.path, "/data/t");
  EXPECT_TRUE(by_path.table.parts.empty());
  EXPECT_EQ(As<DeleteRows>("DELETE FROM delta.`orders`").table.path, "orders");
  EXPECT_EQ(As<DeleteRows>("DELETE FROM delta.orders").table.parts,
            (std::vector<std::string>{"delta", "orders"}));
  EXPECT_EQ(As<VacuumTable>("VACUUM '/data/t' DRY RUN").table.path, "/data/t");
  EXPECT_EQ(As<OptimizeTable>("OPTIMIZE '/data/t'").table.text.text, "delta.`/data/t`");
  EXPECT_EQ(As<DescribeHistory>("DESCRIBE HISTORY '/data/t' LIMIT 2").table.path, "/data/t");
  EXPECT_EQ(As<DescribeDetail>("DESCRIBE DETAIL '/data/t'").table.path, "/data/t");
  ExpectRefused("VACUUM ''", "SQL_SYNTAX", "empty");
  ExpectRefused("DELETE FROM parquet.`/data/t`", "UNSUPPORTED_STATEMENT", "is no table");
  ExpectRefused("DELETE FROM a.b.c.d", "SQL_SYNTAX", "more than three parts");
}

TEST(TableStatementTest, DeleteTakesAnAliasAndACondition) {
  const auto all = As<DeleteRows>("DELETE FROM s.t");
  EXPECT_EQ(all.alias, "t");
  EXPECT_FALSE(all.condition);
  const auto some = As<DeleteRows>("DELETE FROM t AS x\nWHERE x.a IN (SELECT a FROM u)");
  EXPECT_EQ(some.alias, "x");
  EXPECT_EQ(some.condition->text, "x.a IN (SELECT a FROM u)");
  EXPECT_EQ(some.condition->where, (SourceLocation{"", 2, 7}));
  EXPECT_TRUE(As<DeleteRows>("TRUNCATE TABLE t").truncate);
  ExpectRefused("DELETE FROM t USING u WHERE a = b", "UNSUPPORTED_CLAUSE", "USING");
  ExpectRefused("DELETE FROM t WHERE", "SQL_SYNTAX", "a condition");
  ExpectRefused("TRUNCATE TABLE t PARTITION (a = 1)", "UNSUPPORTED_CLAUSE", "PARTITION");
}

TEST(TableStatementTest, UpdateTakesAssignmentsWithCommasAndCasesInThem) {
  const auto update = As<UpdateRows>(
      "UPDATE t x SET a = f(1, 2), x.b.c = CASE WHEN q THEN 1 END, d = DEFAULT "
      "WHERE a > 1");
  ASSERT_EQ(update.assignments.size(), 3u);
  EXPECT_EQ(update.assignments[0].value.text, "f(1, 2)");
  EXPECT_EQ(update.assignments[1].column, (std::vector<std::string>{"x", "b", "c"}));
  EXPECT_EQ(update.assignments[1].value.text, "CASE WHEN q THEN 1 END");
  EXPECT_TRUE(update.assignments[2].is_default);
  EXPECT_EQ(update.condition->text, "a > 1");
  ExpectRefused("UPDATE t SET a = 1 FROM u", "UNSUPPORTED_CLAUSE", "UPDATE … FROM");
  ExpectRefused("UPDATE t SET a = ", "SQL_SYNTAX", "a value");
  ExpectRefused("UPDATE t WHERE a = 1", "SQL_SYNTAX", "expected SET");
}

TEST(TableStatementTest, InsertTakesColumnsPartitionsAndWhatIsReplaced) {
  EXPECT_EQ(As<InsertRows>("INSERT INTO TABLE t VALUES (1, 'a')").query.text, "VALUES (1, 'a')");
  EXPECT_EQ(As<InsertRows>("INSERT INTO t (a, b) SELECT 1, 2").columns,
            (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(As<InsertRows>("INSERT INTO t BY NAME SELECT 1 AS a").by_name);
  EXPECT_EQ(As<InsertRows>("INSERT INTO t (SELECT 1)").query.text, "(SELECT 1)");
  const auto overwrite = As<InsertRows>("INSERT OVERWRITE t PARTITION (p = 'x', q) SELECT 1, 2");
  EXPECT_TRUE(overwrite.overwrite);
  ASSERT_EQ(overwrite.partition.size(), 2u);
  EXPECT_EQ(overwrite.partition[0].value->text, "'x'");
  EXPECT_FALSE(overwrite.partition[1].value);
  const auto replace =
      As<InsertRows>("INSERT INTO t REPLACE WHERE d IS DISTINCT FROM 1 AND (e) FROM u SELECT *");
  EXPECT_EQ(replace.replace_where->text, "d IS DISTINCT FROM 1 AND (e)");
  EXPECT_EQ(replace.query.text, "FROM u SELECT *");
  EXPECT_TRUE(As<InsertRows>("INSERT WITH SCHEMA EVOLUTION INTO t SELECT 1").schema_evolution);
}

TEST(TableStatementTest, DefaultMayStandAmongTheValues) {
  const auto insert =
      As<InsertRows>("INSERT INTO t (a, b) VALUES (f(1, 'x,'), DEFAULT), (DEFAULT, CASE a END)");
  ASSERT_EQ(insert.values.size(), 2u);
  EXPECT_EQ(insert.values[0][0]->text, "f(1, 'x,')");
  EXPECT_FALSE(insert.values[0][1]);
  EXPECT_FALSE(insert.values[1][0]);
  EXPECT_EQ(insert.values[1][1]->text, "CASE a END");
  EXPECT_EQ(As<InsertRows>("INSERT INTO t VALUES DEFAULT, 2").values.size(), 2u);
  EXPECT_TRUE(As<InsertRows>("INSERT INTO t VALUES (1, 'DEFAULT')").values.empty());
}

TEST(TableStatementTest, ATableIsRenamed) {
  const auto rename = As<RenameTable>("ALTER TABLE a RENAME TO s.b");
  EXPECT_EQ(rename.table.parts, (std::vector<std::string>{"a"}));
  EXPECT_EQ(rename.to.parts, (std::vector<std::string>{"s", "b"}));
  ExpectRefused("ALTER TABLE a RENAME TO", "SQL_SYNTAX", "the new name");
}

TEST(TableStatementTest, ColumnsAndPartitionsAreShown) {
  EXPECT_EQ(As<ShowColumns>("SHOW COLUMNS FROM t").table.parts, (std::vector<std::string>{"t"}));
  EXPECT_EQ(As<ShowColumns>("SHOW COLUMNS IN t IN s").table.parts,
            (std::vector<std::string>{"s", "t"}));
  ExpectRefused("SHOW COLUMNS IN s.t FROM s", "SQL_SYNTAX", "twice");
  EXPECT_EQ(As<ShowPartitions>("SHOW PARTITIONS s.t").table.parts,
            (std::vector<std::string>{"s", "t"}));
  ExpectRefused("SHOW PARTITIONS t PARTITION (a = 1)", "UNSUPPORTED_CLAUSE", "PARTITION");
}

TEST(TableStatementTest, InsertRefusesWhatItCannotDo) {
  ExpectRefused("INSERT INTO t BY NAME VALUES (1, DEFAULT)", "UNSUPPORTED_CLAUSE", "DEFAULT");
  ExpectRefused("INSERT INTO t VALUES (1, DEFAULT", "SQL_SYNTAX", "')'");
  ExpectRefused("INSERT INTO t VALUES (1, DEFAULT) AS v(a, b)", "SQL_SYNTAX", "AS");
  ExpectRefused("INSERT INTO t REPLACE USING (a) SELECT 1", "UNSUPPORTED_CLAUSE", "REPLACE USING");
  ExpectRefused("INSERT OVERWRITE DIRECTORY '/x' SELECT 1", "UNSUPPORTED_STATEMENT", "DIRECTORY");
  ExpectRefused("INSERT OVERWRITE t PARTITION (p = 1) IF NOT EXISTS SELECT 1", "UNSUPPORTED_CLAUSE",
                "IF NOT EXISTS");
  ExpectRefused("INSERT INTO t (a) BY NAME SELECT 1", "SQL_SYNTAX", "BY NAME");
  ExpectRefused("INSERT t SELECT 1", "SQL_SYNTAX", "INTO or OVERWRITE");
  ExpectRefused("INSERT INTO t", "MISSING_QUERY", "a query");
}

TEST(TableStatementTest, MergeTakesEveryKindOfClause) {
  const auto merge = As<MergeRows>(
      "MERGE WITH SCHEMA EVOLUTION INTO t AS d USING (SELECT 1 AS id) s ON d.id = s.id "
      "WHEN MATCHED AND CASE WHEN s.x THEN TRUE END THEN UPDATE SET * "
      "WHEN MATCHED THEN DELETE "
      "WHEN NOT MATCHED BY TARGET AND s.y THEN INSERT (id, e) VALUES (f(1, 2), DEFAULT) "
      "WHEN NOT MATCHED THEN INSERT * "
      "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET d.a = 1, b = 2");
  EXPECT_TRUE(merge.schema_evolution);
  EXPECT_EQ(merge.source.text, "SELECT 1 AS id");
  EXPECT_EQ(merge.source_alias, "s");
  EXPECT_EQ(merge.on.text, "d.id = s.id");
  ASSERT_EQ(merge.clauses.size(), 5u);
  EXPECT_EQ(merge.clauses[0].action, MergeClause::Action::kUpdateStar);
  EXPECT_EQ(merge.clauses[0].condition->text, "CASE WHEN s.x THEN TRUE END");
  EXPECT_EQ(merge.clauses[1].action, MergeClause::Action::kDelete);
  ASSERT_EQ(merge.clauses[2].assignments.size(), 2u);
  EXPECT_EQ(merge.clauses[2].assignments[0].value.text, "f(1, 2)");
  EXPECT_TRUE(merge.clauses[2].assignments[1].is_default);
  EXPECT_EQ(merge.clauses[3].action, MergeClause::Action::kInsertStar);
  EXPECT_EQ(merge.clauses[4].when, MergeClause::When::kNotMatchedBySource);
  EXPECT_EQ(merge.clauses[4].assignments.size(), 2u);
}

TEST(TableStatementTest, ASourceThatIsATableKeepsItsPlace) {
  const auto merge = As<MergeRows>(
      "MERGE INTO t\nUSING s.u VERSION AS OF 3 ON t.a = u.a WHEN MATCHED THEN DELETE");
  EXPECT_EQ(merge.source.text, "SELECT * FROM s.u VERSION AS OF 3");
  EXPECT_EQ(merge.source_alias, "u");
  EXPECT_EQ(model::LocationAt(merge.source, 14), (SourceLocation{"", 2, 7}));
}

TEST(TableStatementTest, MergeRefusesWhatHasNoMeaning) {
  const std::string head = "MERGE INTO t USING s ON t.a = s.a ";
  ExpectRefused(head, "SQL_SYNTAX", "WHEN");
  ExpectRefused(head + "WHEN NOT MATCHED THEN DELETE", "SQL_SYNTAX", "INSERT");
  ExpectRefused(head + "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET *", "SQL_SYNTAX", "SET *");
  ExpectRefused(head + "WHEN MATCHED THEN DELETE WHEN MATCHED THEN DELETE", "SQL_SYNTAX",
                "never reached");
  ExpectRefused(head + "WHEN NOT MATCHED THEN INSERT (a, b) VALUES (1)", "SQL_SYNTAX",
                "names 2 columns");
  ExpectRefused(head + "WHEN NOT MATCHED THEN INSERT (a) VALUES (1, 2)", "SQL_SYNTAX",
                "more values");
}

TEST(TableStatementTest, CreateTableTakesColumnsWithAllTheirClauses) {
  const auto create = As<CreateTable>(
      "CREATE OR REPLACE TABLE t (a BIGINT NOT NULL COMMENT 'x', b DATE GENERATED ALWAYS AS "
      "(CAST(c AS DATE)), c TIMESTAMP DEFAULT now(), CONSTRAINT k CHECK (a > 0)) USING DELTA "
      "PARTITIONED BY (b) COMMENT 'y' TBLPROPERTIES ('delta.appendOnly' = 'true', d.e = 1)");
  EXPECT_TRUE(create.replace);
  ASSERT_EQ(create.columns.size(), 3u);
  EXPECT_FALSE(create.columns[0].field.nullable);
  EXPECT_EQ(create.columns[0].field.comment, "x");
  EXPECT_EQ(create.columns[1].generated->text, "CAST(c AS DATE)");
  EXPECT_EQ(create.columns[2].default_value->text, "now()");
  EXPECT_EQ(create.constraints[0].condition.text, "a > 0");
  EXPECT_EQ(create.partitioned_by, (std::vector<std::string>{"b"}));
  EXPECT_EQ(create.properties.at("d.e"), "1");
  EXPECT_EQ(As<CreateTable>("CREATE TABLE t CLUSTER BY (a, b) AS SELECT 1 AS a, 2 AS b")
                .clustered_by.size(),
            2u);
  EXPECT_EQ(As<CreateTable>("CREATE TABLE IF NOT EXISTS t LIKE s.u").like->parts,
            (std::vector<std::string>{"s", "u"}));
  EXPECT_EQ(As<CreateTable>("CREATE TABLE t (a INT) PARTITIONED BY (p STRING)").columns.size(), 2u);
}

TEST(TableStatementTest, CreateTableRefusesByName) {
  ExpectRefused("CREATE TABLE t (a BIGINT GENERATED ALWAYS AS IDENTITY)", "UNSUPPORTED_CLAUSE",
                "IDENTITY");
  ExpectRefused("CREATE TABLE t (a INT PRIMARY KEY)", "UNSUPPORTED_CLAUSE", "PRIMARY");
  ExpectRefused("CREATE TABLE t (a INT, PRIMARY KEY (a))", "UNSUPPORTED_CLAUSE", "PRIMARY KEY");
  ExpectRefused("CREATE TABLE t (a INT, A INT)", "DUPLICATE_COLUMN", "twice");
  ExpectRefused("CREATE TABLE t (a INT) USING CSV", "UNSUPPORTED_CLAUSE", "USING CSV");
  ExpectRefused("CREATE TABLE t (a INT) CLUSTER BY AUTO", "UNSUPPORTED_CLAUSE", "AUTO");
  ExpectRefused("CREATE TABLE t (a INT) PARTITIONED BY (year(a))", "UNSUPPORTED_CLAUSE",
                "an expression");
  ExpectRefused("CREATE TABLE t (a INT) AS SELECT 1", "UNSUPPORTED_CLAUSE", "column list");
  ExpectRefused("CREATE TABLE t (a INT) COMMENT 'a' COMMENT 'b'", "SQL_SYNTAX", "twice");
  ExpectRefused("CREATE TABLE t DEEP CLONE u", "UNSUPPORTED_CLAUSE", "DEEP CLONE");
  ExpectRefused("CREATE TABLE t (a FOO)", "UNKNOWN_TYPE", "column 'a'");
  ExpectRefused("CREATE SCHEMA s", "UNSUPPORTED_STATEMENT", "CREATE SCHEMA");
  ExpectRefused("DROP VIEW v", "UNSUPPORTED_STATEMENT", "DROP VIEW");
}

TEST(TableStatementTest, CloneTakesAVersion) {
  const auto clone = As<CloneTable>("CREATE TABLE t SHALLOW CLONE s@v4");
  EXPECT_EQ(clone.version.version, 4);
  EXPECT_EQ(As<CloneTable>("CREATE OR REPLACE TABLE t SHALLOW CLONE s TIMESTAMP AS OF '2026-01-31' "
                           "LOCATION '/x'")
                .version.timestamp->text,
            "'2026-01-31'");
  ExpectRefused("CREATE TABLE t SHALLOW CLONE s VERSION AS OF x", "BAD_VERSION", "not a number");
}

TEST(TableStatementTest, AlterTableTakesEachChange) {
  const auto add =
      Change<AddColumns>("ALTER TABLE t ADD COLUMNS (a INT FIRST, b.c STRING AFTER d)");
  ASSERT_EQ(add.columns.size(), 2u);
  EXPECT_TRUE(add.columns[0].first);
  EXPECT_EQ(add.columns[1].parents, (std::vector<std::string>{"b"}));
  EXPECT_EQ(add.columns[1].after, "d");
  EXPECT_EQ(Change<RenameColumn>("ALTER TABLE t RENAME COLUMN a.b TO c").to, "c");
  EXPECT_EQ(Change<DropColumns>("ALTER TABLE t DROP COLUMN IF EXISTS (a, b.c)").columns.size(), 2u);
  EXPECT_EQ(Change<ChangeColumn>("ALTER TABLE t ALTER COLUMN a TYPE BIGINT").type,
            DataType::Of(TypeId::kLong));
  EXPECT_EQ(Change<ChangeColumn>("ALTER TABLE t ALTER COLUMN a SET NOT NULL").nullable, false);
  EXPECT_EQ(Change<ChangeColumn>("ALTER TABLE t ALTER a DROP NOT NULL").nullable, true);
  EXPECT_EQ(Change<ChangeColumn>("ALTER TABLE t ALTER a SET DEFAULT 1 + 2").default_value->text,
            "1 + 2");
  EXPECT_TRUE(Change<ChangeColumn>("ALTER TABLE t ALTER a DROP DEFAULT").drop_default);
  EXPECT_EQ(Change<ChangeColumn>("ALTER TABLE t CHANGE COLUMN a a BIGINT COMMENT 'c'").comment,
            "c");
  EXPECT_EQ(Change<SetProperties>("ALTER TABLE t SET TBLPROPERTIES ('a' = 'b')").properties.at("a"),
            "b");
  EXPECT_TRUE(
      Change<UnsetProperties>("ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS (a.b)").if_exists);
  EXPECT_EQ(Change<AddConstraint>("ALTER TABLE t ADD CONSTRAINT k CHECK (a > (1))")
                .constraint.condition.text,
            "a > (1)");
  EXPECT_EQ(Change<DropConstraint>("ALTER TABLE t DROP CONSTRAINT k").name, "k");
  EXPECT_TRUE(Change<ClusterBy>("ALTER TABLE t CLUSTER BY NONE").columns.empty());
  EXPECT_TRUE(Change<DropFeature>("ALTER TABLE t DROP FEATURE deletionVectors TRUNCATE HISTORY")
                  .truncate_history);
  EXPECT_EQ(Change<ChangeColumn>("COMMENT ON COLUMN s.t.a IS 'x'").comment, "x");
  EXPECT_FALSE(Change<SetTableComment>("COMMENT ON TABLE t IS NULL").comment);
}

TEST(TableStatementTest, AlterTableRefusesByName) {
  ExpectRefused("ALTER TABLE t ADD PARTITION (a = 1)", "UNSUPPORTED_CLAUSE", "ADD PARTITION");
  ExpectRefused("ALTER TABLE t SET LOCATION '/x'", "UNSUPPORTED_CLAUSE", "LOCATION");
  ExpectRefused("ALTER TABLE t REPLACE COLUMNS (a INT)", "UNSUPPORTED_CLAUSE", "REPLACE COLUMNS");
  ExpectRefused("ALTER TABLE t CHANGE COLUMN a b INT", "SQL_SYNTAX", "expected TYPE");
  ExpectRefused("ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a)", "UNSUPPORTED_CLAUSE", "PRIMARY");
  ExpectRefused("ALTER VIEW v AS SELECT 1", "UNSUPPORTED_STATEMENT", "ALTER VIEW");
  ExpectRefused("ALTER TABLE t FOO", "SQL_SYNTAX", "what to alter");
}

TEST(TableStatementTest, MaintenanceTakesItsClauses) {
  const auto optimize = As<OptimizeTable>("OPTIMIZE t FULL WHERE a = 1 ZORDER BY (b, c)");
  EXPECT_TRUE(optimize.full);
  EXPECT_EQ(optimize.condition->text, "a = 1");
  EXPECT_EQ(optimize.zorder_by, (std::vector<std::string>{"b", "c"}));
  EXPECT_TRUE(As<OptimizeTable>("REORG TABLE t WHERE a = 1 APPLY (PURGE)").purge);
  const auto vacuum = As<VacuumTable>("VACUUM t RETAIN 1.5 HOURS DRY RUN");
  EXPECT_EQ(vacuum.retain_hours, 1.5);
  EXPECT_TRUE(vacuum.dry_run);
  EXPECT_EQ(As<RestoreTable>("RESTORE TABLE t TO VERSION AS OF 3").to.version, 3);
  EXPECT_EQ(
      As<RestoreTable>("RESTORE t TO TIMESTAMP AS OF now() - INTERVAL 1 DAY").to.timestamp->text,
      "now() - INTERVAL 1 DAY");
  const auto convert =
      As<ConvertTable>("CONVERT TO DELTA parquet.`/x` NO STATISTICS PARTITIONED BY (a INT)");
  EXPECT_FALSE(convert.statistics);
  EXPECT_EQ(convert.table.path, "/x");
  EXPECT_EQ(convert.partition_columns.size(), 1u);
  ExpectRefused("REORG TABLE t APPLY (UPGRADE UNIFORM)", "UNSUPPORTED_CLAUSE", "UPGRADE");
  ExpectRefused("VACUUM t LITE", "UNSUPPORTED_CLAUSE", "LITE");
  ExpectRefused("VACUUM t RETAIN x HOURS", "SQL_SYNTAX", "a number of hours");
  ExpectRefused("RESTORE t TO 3", "SQL_SYNTAX", "VERSION AS OF");
  ExpectRefused("CONVERT TO DELTA t", "UNSUPPORTED_STATEMENT", "Parquet");
  ExpectRefused("OPTIMIZE t ORDER BY a", "SQL_SYNTAX", "ZORDER");
}

TEST(TableStatementTest, QuestionsTakeTheirTable) {
  EXPECT_EQ(As<ShowProperties>("SHOW TBLPROPERTIES t ('delta.appendOnly')").key,
            "delta.appendOnly");
  EXPECT_EQ(As<ShowColumns>("SHOW COLUMNS IN s.t").table.parts.size(), 2u);
  EXPECT_EQ(As<ShowCreateTable>("SHOW CREATE TABLE t").table.parts.size(), 1u);
  EXPECT_EQ(As<DescribeHistory>("DESCRIBE HISTORY delta.`/x` LIMIT 2").limit, 2);
  EXPECT_EQ(As<DescribeDetail>("DESC DETAIL t").table.parts.size(), 1u);
}

TEST(TableStatementTest, CopyTakesItsOptions) {
  const auto copy = As<CopyFiles>(
      "COPY INTO t FROM '/x' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true') COPY_OPTIONS "
      "('mergeSchema' = 'true')");
  EXPECT_EQ(copy.format, "csv");
  EXPECT_TRUE(copy.merge_schema);
  ExpectRefused("COPY INTO t FROM '/x'", "SQL_SYNTAX", "FILEFORMAT");
  ExpectRefused("COPY INTO t FROM (SELECT 1) FILEFORMAT = CSV", "UNSUPPORTED_CLAUSE", "query");
  ExpectRefused("COPY INTO t FROM '/x' FILES = ('a')", "UNSUPPORTED_CLAUSE", "FILES");
}

}  // namespace
}  // namespace penstock::sql
