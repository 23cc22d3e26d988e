"""Tables that Spark writes, one for each thing that a Delta table can have, and what Spark reads from them.

A table is a list of SQL statements (or functions of a Spark session and the path); {t} stands for delta.`its path`, {p} for the path. What is read defaults to all rows;
each query runs in Spark and in Penstock. Statements that begin with SET hold for that table alone.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import pickle
import shutil

from spark_session import rows

ALL = "SELECT * FROM {t}"
BUILDERS = 3

EVERY_TYPE = """SELECT CAST(1 AS TINYINT) AS i8, CAST(-300 AS SMALLINT) AS i16, 70000 AS i32, -9223372036854775808 AS i64,
  CAST(1.1 AS FLOAT) AS f32, CAST(0.1 AS DOUBLE) AS f64, CAST(1234567890123456789012345678.0123456789 AS DECIMAL(38,10)) AS d38,
  CAST(-99999999999999999999999999999999999999 AS DECIMAL(38,0)) AS d38_0, CAST(1.5 AS DECIMAL(5,2)) AS d5,
  CAST(123456789012.345 AS DECIMAL(18,3)) AS d18, true AS flag, 'häß ''q'' \\u0001' AS text, X'00FF41' AS bin,
  DATE '2024-02-29' AS day, TIMESTAMP '2024-03-31T01:30:00.123456Z' AS at, TIMESTAMP_NTZ '1969-12-31T23:59:59.999999' AS local_at"""

NESTED = """SELECT 1 AS id, array(1, NULL, 3) AS numbers, CAST(array() AS ARRAY<STRING>) AS nothing, map('a', 1L, 'b', NULL) AS counts,
  named_struct('x', 1, 'y', named_struct('z', DATE '2024-01-01', 'w', array(named_struct('k', 1.5BD, 'v', X'01')))) AS deep,
  map(1, array(named_struct('t', TIMESTAMP '2024-01-01T00:00:00Z', 'n', TIMESTAMP_NTZ '2024-01-01T00:00:00'))) AS by_number,
  array(map('k', array(array(1), CAST(array() AS ARRAY<INT>)))) AS maps
UNION ALL SELECT 2, NULL, NULL, NULL, NULL, NULL, NULL
UNION ALL SELECT 3, CAST(array() AS ARRAY<INT>), NULL, CAST(map() AS MAP<STRING, BIGINT>), named_struct('x', NULL, 'y', NULL), map(2, NULL),
  array(NULL, CAST(map() AS MAP<STRING, ARRAY<ARRAY<INT>>>))"""

MAPPING = """CREATE TABLE {t} (id BIGINT, `a b` STRING, s STRUCT<x: INT, y: STRING>, l ARRAY<STRUCT<k: INT, v: STRING>>,
    m MAP<STRING, STRUCT<q: DOUBLE>>, p STRING, gone INT) USING DELTA PARTITIONED BY (p)
    TBLPROPERTIES ('delta.columnMapping.mode' = '{mode}')"""
MAPPING_ROWS = """INSERT INTO {t} SELECT id, concat('r', id), named_struct('x', CAST(id AS INT), 'y', 'y'),
    array(named_struct('k', CAST(id AS INT), 'v', 'v')), map('k', named_struct('q', id / 2)), concat('p', id % 3), 9
    FROM range({first}, {last})"""


def mapped(mode):
    return [MAPPING.replace("{mode}", mode), MAPPING_ROWS.format(t="{t}", first=0, last=9),
            "ALTER TABLE {t} RENAME COLUMN `a b` TO `c d`", "ALTER TABLE {t} RENAME COLUMN p TO `the part`",
            "ALTER TABLE {t} RENAME COLUMN s.x TO xx", "ALTER TABLE {t} RENAME COLUMN l.element.v TO vv",
            "ALTER TABLE {t} RENAME COLUMN m.value.q TO qq", "ALTER TABLE {t} DROP COLUMN gone",
            "ALTER TABLE {t} DROP COLUMN s.y",
            "ALTER TABLE {t} ADD COLUMNS (gone STRING AFTER id, s.y INT)",
            "INSERT INTO {t} SELECT id, 'new', concat('r', id), named_struct('xx', CAST(id AS INT), 'y', 5), NULL, NULL, 'px' "
            "FROM range(20, 23)",
            "ALTER TABLE {t} ALTER COLUMN `c d` FIRST"]


def counted(properties="", rows_=10, files=3):
    """A table of `files` commits with `rows_` rows each."""
    made = [f"CREATE TABLE {{t}} (id BIGINT, v STRING, p INT) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ('x' = 'y'{properties})"]
    return made + [f"INSERT INTO {{t}} SELECT id, concat('v', id), CAST(id % 2 AS INT) FROM range({n * rows_}, {n * rows_ + rows_})"
                   for n in range(files)]


PARTITION_TYPES = {
    "text": ["NULL", "''", "'a b'", "'a/b=c%d'", "'%20'", "'ä€😀'", "'x:y*?\"<>|'", "'#'", "'__HIVE_DEFAULT_PARTITION__'", "'{{}}'",
             "' lead '", "'a\\\\b'", "'new\\nline'", "'it''s'", "'+'"],
    "i8": ["CAST(-128 AS TINYINT)", "NULL"],
    "i16": ["CAST(32767 AS SMALLINT)", "NULL"],
    "i32": ["-2147483648", "NULL", "0"],
    "i64": ["9223372036854775807", "NULL"],
    "f32": ["CAST(1.1 AS FLOAT)", "CAST('NaN' AS FLOAT)", "NULL"],
    "f64": ["CAST(1e300 AS DOUBLE)", "CAST(-0.1 AS DOUBLE)", "CAST('Infinity' AS DOUBLE)", "NULL"],
    "d": ["CAST(1.50 AS DECIMAL(38,10))", "CAST(-99999999999999999999999999.5 AS DECIMAL(38,10))", "NULL"],
    "flag": ["true", "false", "NULL"],
    "day": ["DATE '2024-02-29'", "DATE '0001-01-01'", "DATE '9999-12-31'", "NULL"],
    "at": ["TIMESTAMP '2024-01-01T00:00:00Z'", "TIMESTAMP '2024-01-01T00:00:00.123456Z'", "TIMESTAMP '1950-06-01T12:00:00.5Z'", "NULL"],
    "local_at": ["TIMESTAMP_NTZ '2024-01-01T00:00:00'", "TIMESTAMP_NTZ '1950-06-01T12:00:00.000001'", "NULL"],
    "bin": ["X'6162'", "X'C3A40125'", "NULL"],
}


def partitioned_by_text(values):
    return ["CREATE TABLE {t} USING DELTA PARTITIONED BY (p) AS " +
            " UNION ALL ".join(f"SELECT {n} AS id, {value} AS p" for n, value in enumerate(values))]


def partitioned_by_all():
    """One column for each type but text; a row has the n-th value of each."""
    columns = {name: values for name, values in PARTITION_TYPES.items() if name != "text"}
    rows_ = [", ".join(f"{values[min(n, len(values) - 1)]} AS {name}" for name, values in columns.items()) for n in range(4)]
    return [f"CREATE TABLE {{t}} USING DELTA PARTITIONED BY ({', '.join(columns)}) AS " +
            " UNION ALL ".join(f"SELECT {n} AS id, {values}" for n, values in enumerate(rows_))]


def replace_schema(session, path):
    session.sql("SELECT 'w' AS other").write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(str(path))


DELETED = ["CREATE TABLE {t} (id BIGINT, v STRING, p INT) USING DELTA PARTITIONED BY (p) "
           "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
           "INSERT INTO {t} SELECT /*+ COALESCE(1) */ id, concat('v', id), CAST(id % 2 AS INT) FROM range(0, 4000)",
           "DELETE FROM {t} WHERE id % 7 = 3", "UPDATE {t} SET v = 'changed' WHERE id BETWEEN 100 AND 110",
           "DELETE FROM {t} WHERE id BETWEEN 2000 AND 3000",
           "MERGE INTO {t} AS t USING (SELECT id, 'merged' AS v FROM range(3990, 4010)) AS s ON t.id = s.id "
           "WHEN MATCHED AND s.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v "
           "WHEN NOT MATCHED THEN INSERT (id, v, p) VALUES (s.id, s.v, 7)",
           "DELETE FROM {t} WHERE p = 0 AND id < 1000"]

WIDENED = ["CREATE TABLE {t} (a TINYINT, b SMALLINT, c INT, f FLOAT, d DECIMAL(5,2), day DATE, s STRUCT<x: TINYINT>, l ARRAY<SMALLINT>, "
           "m MAP<TINYINT, INT>, i INT, p INT) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ('delta.enableTypeWidening' = 'true', "
           "'delta.feature.timestampNtz' = 'supported')",
           "INSERT INTO {t} VALUES (1, 2, 3, 1.1, 4.50, DATE '2024-01-01', named_struct('x', 1Y), array(1S), map(1Y, 2), 5, 1), "
           "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
           "ALTER TABLE {t} ALTER COLUMN a TYPE INT", "ALTER TABLE {t} ALTER COLUMN a TYPE BIGINT",
           "ALTER TABLE {t} ALTER COLUMN b TYPE DOUBLE", "ALTER TABLE {t} ALTER COLUMN c TYPE DECIMAL(20,3)",
           "ALTER TABLE {t} ALTER COLUMN f TYPE DOUBLE", "ALTER TABLE {t} ALTER COLUMN d TYPE DECIMAL(30,5)",
           "ALTER TABLE {t} ALTER COLUMN day TYPE TIMESTAMP_NTZ", "ALTER TABLE {t} ALTER COLUMN s.x TYPE BIGINT",
           "ALTER TABLE {t} ALTER COLUMN l.element TYPE INT", "ALTER TABLE {t} ALTER COLUMN m.key TYPE INT",
           "ALTER TABLE {t} ALTER COLUMN m.value TYPE BIGINT", "ALTER TABLE {t} ALTER COLUMN p TYPE BIGINT",
           "INSERT INTO {t} VALUES (5000000000, 2.5, 3.125, 1.1, 4.55555, TIMESTAMP_NTZ '2024-01-01T10:00:00', "
           "named_struct('x', 5000000000), array(70000), map(70000, 5000000000), 5, 5000000000)"]

CHANGED = ["CREATE TABLE {t} (id BIGINT, v STRING) USING DELTA TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true'{more})",
           "INSERT INTO {t} SELECT id, 'a' FROM range(0, 10)", "UPDATE {t} SET v = 'b' WHERE id < 3", "DELETE FROM {t} WHERE id = 9",
           "MERGE INTO {t} AS t USING (SELECT id, 'm' AS v FROM range(8, 12)) AS s ON t.id = s.id "
           "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
           "DELETE FROM {t} WHERE true", "INSERT INTO {t} VALUES (100, 'z')", "INSERT OVERWRITE {t} VALUES (101, 'y')"]
CHANGES = [("SELECT id, v, _change_type, _commit_version FROM table_changes_by_path('{p}', 0, 7)",
            "SELECT id, v, _change_type, _commit_version FROM table_changes('{p}', 0, 7)"),
           ("SELECT id, v, _change_type, _commit_version FROM table_changes_by_path('{p}', 2, 3)",
            "SELECT id, v, _change_type, _commit_version FROM table_changes('{p}', 2, 3)")]

# A variant that is null as a whole is NULL to Penstock.
VARIANTS = ["CREATE TABLE {t} (id INT, v VARIANT, s STRUCT<v: VARIANT>, l ARRAY<VARIANT>, m MAP<STRING, VARIANT>) USING DELTA",
            """INSERT INTO {t} SELECT 1, parse_json('{"a": [1, 2.5, null, true, "x"], "b": {"c": "2024-01-01"}}'),
               named_struct('v', parse_json('[]')), array(parse_json('1'), NULL, parse_json('{}')),
               map('k', parse_json('{"z": 1, "a": {"q": [{}]}}'), 'n', NULL)""",
            "INSERT INTO {t} SELECT 2, parse_json('\"te\\\\u0001\\\\\\\\xt\"'), NULL, NULL, NULL "
            "UNION ALL SELECT 3, NULL, named_struct('v', NULL), array(NULL, parse_json('[1]')), map() "
            "UNION ALL SELECT 5, parse_json('12345678901234567'), NULL, NULL, NULL "
            "UNION ALL SELECT 6, parse_json('123456789012345678901.50'), NULL, NULL, NULL "
            "UNION ALL SELECT 7, parse_json('1e300'), NULL, NULL, NULL",
            """INSERT INTO {t} SELECT 8, to_variant_object(named_struct('i', 1Y, 'f', CAST(1.1 AS FLOAT), 'd', 0.0001D, 'e', 12345678.9D,
               'dec', CAST(1.50 AS DECIMAL(38,10)), 'b', X'00FF41', 'day', DATE '0001-02-03', 'at', TIMESTAMP '2024-03-31T01:30:00.123456Z',
               'n', TIMESTAMP_NTZ '1969-12-31T23:59:59.5', 'ä', 'häß')), NULL, NULL, NULL"""]
SHREDDED = """INSERT INTO {t} SELECT CAST(id AS INT), parse_json(concat('{"a":', id, ', "b": {"c": "x', id, '"}, "l": [1, ', id, '], "m": ',
              CASE WHEN id % 2 = 0 THEN '"t"' ELSE '1.5' END, CASE WHEN id % 5 = 0 THEN ', "o": null' ELSE '' END, '}')),
              named_struct('v', parse_json(concat('{"q":', id, '.5}'))), NULL, NULL FROM range(20, 60)"""
VARIANT_QUERY = "SELECT id, to_json(v) AS v, to_json(s.v) AS sv, to_json(l[0]) AS l0, l[1] IS NULL AS l1, size(l) AS n, to_json(m['k']) AS m FROM {t}"
PATH_QUERY = ("SELECT id, v:a[1]::DOUBLE AS a1, v:b.c::STRING AS c, to_json(v:a) AS a, CAST(v:b.c AS DATE) AS day, to_json(s.v) AS sv, "
              "variant_get(v, '$.a[0]', 'int') AS a0, try_variant_get(v, '$.a[4]', 'int') AS a4 FROM {t}")

CHECKPOINTED = ", 'delta.checkpointInterval' = '4'"

# Name: statements, or (statements, queries). A query is text, or a pair where Spark and Penstock spell it differently.
TABLES = {
    "every type": [f"CREATE TABLE {{t}} USING DELTA AS {EVERY_TYPE}",
                   "INSERT INTO {t} SELECT " + ", ".join(["NULL"] * 16),
                   "INSERT INTO {t} VALUES (-128, 32767, 2147483647, 9223372036854775807, CAST('NaN' AS FLOAT), CAST('-Infinity' AS DOUBLE), "
                   "0, 99999999999999999999999999999999999999, -999.99, 0.001, false, '', X'', DATE '0001-01-01', "
                   "TIMESTAMP '1900-01-01T00:00:00Z', TIMESTAMP_NTZ '9999-12-31T23:59:59.999999')"],
    "nested types": [f"CREATE TABLE {{t}} USING DELTA AS {NESTED}"],
    "void columns": ["CREATE TABLE {t} (id INT, nothing VOID) USING DELTA", "INSERT INTO {t} (id) VALUES (1), (2)"],
    "variants": (VARIANTS, [VARIANT_QUERY, PATH_QUERY]),
    "variants without their logical type": (["SET spark.sql.parquet.variant.annotateLogicalType.enabled = false", *VARIANTS],
                                            [VARIANT_QUERY]),
    "shredded variants": ([VARIANTS[0] + " TBLPROPERTIES ('delta.enableVariantShredding' = 'true', 'delta.columnMapping.mode' = 'name')",
                           *VARIANTS[1:], SHREDDED, "ALTER TABLE {t} RENAME COLUMN v TO w"],
                          [VARIANT_QUERY.replace("(v)", "(w)")]),
    "INT96 timestamps": ["SET spark.sql.parquet.outputTimestampType = INT96",
                         "CREATE TABLE {t} USING DELTA AS SELECT 1 AS id, TIMESTAMP '2024-07-01T10:00:00.123456Z' AS at, "
                         "array(TIMESTAMP '1950-01-01T00:00:00.000001Z') AS l UNION ALL SELECT 2, NULL, NULL"],
    "millisecond timestamps": ["SET spark.sql.parquet.outputTimestampType = TIMESTAMP_MILLIS",
                               "CREATE TABLE {t} USING DELTA AS SELECT TIMESTAMP '2024-07-01T10:00:00.123Z' AS at"],
    "odd names": ["CREATE TABLE {t} (`a.b` INT, `c``d` STRING, `e\"f` STRUCT<`g.h`: INT>, `_x` INT, `select` INT, `Größe` INT) USING DELTA "
                  "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
                  "INSERT INTO {t} VALUES (1, 'x', named_struct('g.h', 2), 3, 4, 5)"],
    "mapped by name": mapped("name"),
    "mapped by id": (mapped("id"), [ALL, "SELECT id FROM {t} WHERE `the part` = 'p1' AND s.xx > 2",
                                    "SELECT l[0].vv AS v, m['k'].qq AS q FROM {t} WHERE id < 3"]),
    "mapped later": (["CREATE TABLE {t} (id INT, v STRING, p INT) USING DELTA PARTITIONED BY (p)",
                      "INSERT INTO {t} VALUES (1, 'a', 1), (2, 'b', 2)",
                      "ALTER TABLE {t} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', "
                      "'delta.minWriterVersion' = '5')", "ALTER TABLE {t} RENAME COLUMN v TO w", "ALTER TABLE {t} RENAME COLUMN p TO v",
                      "INSERT INTO {t} VALUES (3, 'c', 3)"], [ALL, "SELECT id FROM {t} WHERE v = 2"]),
    "deletion vectors": (DELETED, [ALL, "SELECT count(*) AS n FROM {t}", "SELECT count(*) AS n, sum(id) AS s FROM {t} WHERE p = 1",
                                   "SELECT id, v FROM {t} WHERE id BETWEEN 95 AND 112", "SELECT * FROM {t} VERSION AS OF 2"]),
    "deletion vectors, mapped and checkpointed": (
        [DELETED[0].replace("= 'true'", "= 'true', 'delta.columnMapping.mode' = 'id', 'delta.checkpointInterval' = '3'"),
         *DELETED[1:], "ALTER TABLE {t} RENAME COLUMN v TO w", "DELETE FROM {t} WHERE id = 1001"], [ALL]),
    "deletion vectors purged": [*DELETED, "REORG TABLE {t} APPLY (PURGE)"],
    "multi-part checkpoint": ["SET spark.databricks.delta.checkpoint.partSize = 3", *counted(CHECKPOINTED, files=6)],
    "classic checkpoint": (counted(CHECKPOINTED, files=9), [ALL, "SELECT * FROM {t} VERSION AS OF 2", "SELECT * FROM {t} VERSION AS OF 5"]),
    "statistics as struct": (counted(CHECKPOINTED + ", 'delta.checkpoint.writeStatsAsStruct' = 'true', "
                                     "'delta.checkpoint.writeStatsAsJson' = 'false'", files=5),
                             [ALL, "SELECT * FROM {t} WHERE id > 33", "SELECT * FROM {t} WHERE p = 1 AND id <= 10"]),
    "V2 checkpoint in JSON": ["SET spark.databricks.delta.checkpointV2.topLevelFileFormat = json",
                              "SET spark.databricks.delta.checkpoint.partSize = 3",
                              *counted(CHECKPOINTED + ", 'delta.checkpointPolicy' = 'v2'", files=6)],
    "V2 checkpoint in Parquet": ["SET spark.databricks.delta.checkpointV2.topLevelFileFormat = parquet",
                                 "SET spark.databricks.delta.checkpoint.partSize = 3",
                                 *counted(CHECKPOINTED + ", 'delta.checkpointPolicy' = 'v2'", files=6)],
    "widened types": (WIDENED, [ALL, "SELECT a FROM {t} WHERE a = 1", "SELECT b FROM {t} WHERE c >= 3 AND p = 1",
                                "SELECT day FROM {t} WHERE day >= TIMESTAMP_NTZ '2024-01-01T00:00:00'"]),
    "defaults": ["CREATE TABLE {t} (id INT, v STRING DEFAULT 'd', at DATE DEFAULT DATE '2024-01-01') USING DELTA "
                 "TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
                 "INSERT INTO {t} (id) VALUES (1)", "INSERT INTO {t} VALUES (2, DEFAULT, NULL)"],
    "generated columns": (["CREATE TABLE {t} (at TIMESTAMP, day DATE GENERATED ALWAYS AS (CAST(at AS DATE)), v INT, "
                           "w INT GENERATED ALWAYS AS (v + 1)) USING DELTA PARTITIONED BY (day)",
                           "INSERT INTO {t} (at, v) VALUES (TIMESTAMP '2024-01-01T10:00:00Z', 1), (TIMESTAMP '2024-01-02T10:00:00Z', 2)"],
                          [ALL, "SELECT v, w FROM {t} WHERE at >= TIMESTAMP '2024-01-02T00:00:00Z'"]),
    "identity columns": ["CREATE TABLE {t} (id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5), v STRING) USING DELTA",
                         "INSERT INTO {t} (v) VALUES ('a'), ('b')", "INSERT INTO {t} (v) VALUES ('c')"],
    "char and varchar": (
        ["CREATE TABLE {t} (id INT, c CHAR(5), v VARCHAR(5), s STRUCT<c: CHAR(3), v: VARCHAR(3)>, l ARRAY<CHAR(3)>, "
         "m MAP<CHAR(2), VARCHAR(3)>) USING DELTA",
         "INSERT INTO {t} VALUES (1, 'ab', 'cd', named_struct('c', 'x', 'v', 'y'), array('a', NULL, 'abc'), map('k', 'v'))",
         "INSERT INTO {t} VALUES (2, 'ab  ', 'cd  ', named_struct('c', 'x ', 'v', 'y '), array('a '), map('k', 'v ')), "
         "(3, NULL, NULL, NULL, NULL, NULL), (4, 'äbcde', 'äbcde', NULL, NULL, NULL)"],
        [ALL, *(f"SELECT id FROM {{t}} WHERE {condition}" for condition in (
            "c = 'ab'", "c = 'ab       '", "c IN ('ab', 'x')", "c <=> 'ab'", "c <> 'ab'", "c < 'ab'", "c >= 'ab'", "c LIKE 'ab'",
            "v = 'cd'", "s.c = 'x'", "length(c) = 5"))]),
    "clustered": (["CREATE TABLE {t} (id BIGINT, v STRING) USING DELTA CLUSTER BY (id)",
                   "INSERT INTO {t} SELECT id, concat('v', id) FROM range(0, 100)", "INSERT INTO {t} SELECT id, 'x' FROM range(50, 150)",
                   "OPTIMIZE {t}", "INSERT INTO {t} SELECT id, 'y' FROM range(0, 3)"], [ALL, "SELECT * FROM {t} WHERE id = 60"]),
    "row tracking": (["CREATE TABLE {t} (id BIGINT, v STRING) USING DELTA TBLPROPERTIES ('delta.enableRowTracking' = 'true', "
                      "'delta.enableDeletionVectors' = 'true')",
                      "INSERT INTO {t} SELECT /*+ COALESCE(1) */ id, 'a' FROM range(0, 10)", "UPDATE {t} SET v = 'b' WHERE id < 3",
                      "DELETE FROM {t} WHERE id = 5", "INSERT INTO {t} VALUES (20, 'c')", "OPTIMIZE {t}"],
                     [ALL, "SELECT id, v, _metadata.row_id AS r, _metadata.row_commit_version AS c FROM {t}"]),
    "row tracking with rewriting": (
        ["CREATE TABLE {t} (id BIGINT, v STRING) USING DELTA TBLPROPERTIES ('delta.enableRowTracking' = 'true', "
         "'delta.enableDeletionVectors' = 'false')",
         "INSERT INTO {t} SELECT /*+ COALESCE(1) */ id, 'a' FROM range(0, 10)", "UPDATE {t} SET v = 'b' WHERE id < 3"],
        [ALL, "SELECT id, v, _metadata.row_id AS r, _metadata.row_commit_version AS c FROM {t}"]),
    "in-commit timestamps": counted(", 'delta.enableInCommitTimestamps' = 'true'"),
    "in-commit timestamps enabled later": [*counted(), "ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')",
                                           "INSERT INTO {t} VALUES (1000, 'x', 1)"],
    "constraints": ["CREATE TABLE {t} (id INT NOT NULL, v STRING) USING DELTA", "ALTER TABLE {t} ADD CONSTRAINT small CHECK (id < 100)",
                    "INSERT INTO {t} VALUES (1, 'a')"],
    "change data feed": ([s.replace("{more}", "") for s in CHANGED], [ALL, *CHANGES]),
    "change data feed with deletion vectors": (
        [s.replace("{more}", ", 'delta.enableDeletionVectors' = 'true'") for s in CHANGED], [ALL, *CHANGES]),
    "change data feed, mapped": (
        [s.replace("{more}", ", 'delta.columnMapping.mode' = 'name'") for s in CHANGED[:4]] + [
            "ALTER TABLE {t} ADD COLUMNS (w INT)", "INSERT INTO {t} VALUES (50, 'n', 1)"],
        [("SELECT id, v, w, _change_type, _commit_version FROM table_changes_by_path('{p}', 0, 5)",
          "SELECT id, v, w, _change_type, _commit_version FROM table_changes('{p}', 0, 5)")]),
    "schema evolution": (["CREATE TABLE {t} (id INT, s STRUCT<a: INT>) USING DELTA", "INSERT INTO {t} VALUES (1, named_struct('a', 1))",
                          "ALTER TABLE {t} ADD COLUMNS (v STRING FIRST, s.b STRING, l ARRAY<STRUCT<x: INT>>)",
                          "INSERT INTO {t} VALUES ('v', 2, named_struct('a', 2, 'b', 'b'), array(named_struct('x', 1)))",
                          "ALTER TABLE {t} ADD COLUMNS (l.element.y INT)",
                          "INSERT INTO {t} VALUES ('w', 3, NULL, array(named_struct('x', 1, 'y', 2)))"],
                         [ALL, "SELECT * FROM {t} VERSION AS OF 1", "SELECT * FROM {t} VERSION AS OF 3", "SELECT id FROM {t} WHERE s.b = 'b'",
                          "SELECT id FROM {t} WHERE v IS NULL"]),
    "restored": [*counted(files=3), "DELETE FROM {t} WHERE id < 25", "RESTORE TABLE {t} TO VERSION AS OF 2"],
    "cloned": [*[s.replace("{t}", "delta.`{p} of`") for s in counted(", 'delta.enableDeletionVectors' = 'true'")],
               "DELETE FROM delta.`{p} of` WHERE id = 4", "CREATE TABLE {t} SHALLOW CLONE delta.`{p} of`",
               "DELETE FROM {t} WHERE id = 6", "INSERT INTO {t} VALUES (500, 'own', 1)"],
    "converted": ["CREATE TABLE parquet_{n} USING PARQUET OPTIONS (path '{p}') PARTITIONED BY (p) AS SELECT id, concat('k/', id % 2) AS p FROM range(0, 10)",
                  "CONVERT TO DELTA parquet.`{p}` PARTITIONED BY (p STRING)", "INSERT INTO {t} VALUES (11, NULL)"],
    "replaced": (["CREATE TABLE {t} (id INT, p STRING) USING DELTA PARTITIONED BY (p)",
                  "INSERT INTO {t} VALUES (1, 'a'), (2, 'b')", "INSERT INTO {t} REPLACE WHERE p = 'a' VALUES (5, 'a')",
                  replace_schema, "INSERT INTO {t} VALUES ('x')"],
                 [ALL, "SELECT * FROM {t} VERSION AS OF 2"]),
    "no statistics": (["CREATE TABLE {t} USING DELTA TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '0') AS SELECT id FROM range(0, 10)"],
                      [ALL, "SELECT * FROM {t} WHERE id > 7"]),
    "truncated statistics": (["CREATE TABLE {t} USING DELTA AS SELECT concat(repeat('ü', 40), id) AS v, concat(repeat('\\uDBFF\\uDFFF', 40), id) AS w "
                              "FROM range(0, 3)"],
                             [ALL, "SELECT count(*) AS n FROM {t} WHERE v > repeat('ü', 40)",
                              "SELECT count(*) AS n FROM {t} WHERE v = concat(repeat('ü', 40), '1')"]),
    "optimized": [*counted(files=4), "OPTIMIZE {t} ZORDER BY (id)", "VACUUM {t} RETAIN 0 HOURS"],
    "vacuum protocol check": counted(", 'delta.feature.vacuumProtocolCheck' = 'supported'", files=1),
    "compressed in every way": [
        "CREATE TABLE {t} (id BIGINT, v STRING) USING DELTA",
        *[s for codec in ("none", "gzip", "zstd", "lz4_raw")
          for s in (f"SET spark.sql.parquet.compression.codec = {codec}", f"INSERT INTO {{t}} SELECT id, '{codec}' FROM range(0, 100)")]],
    "empty": ["CREATE TABLE {t} (id INT, v STRING) USING DELTA"],
    "old protocol": ["CREATE TABLE {t} (id INT) USING DELTA TBLPROPERTIES ('delta.minReaderVersion' = '1', 'delta.minWriterVersion' = '2')",
                     "INSERT INTO {t} VALUES (1)"],
    "partition values in the files": [
        "CREATE TABLE {t} (id INT, p STRING) USING DELTA PARTITIONED BY (p) "
        "TBLPROPERTIES ('delta.feature.materializePartitionColumns' = 'supported')", "INSERT INTO {t} VALUES (1, 'a'), (2, NULL)"],
    "partitions of text": (partitioned_by_text(PARTITION_TYPES["text"]),
                           [ALL, "SELECT id FROM {t} WHERE p = ''", "SELECT id FROM {t} WHERE p = 'a b'", "SELECT id FROM {t} WHERE p IS NULL",
                            "SELECT id FROM {t} WHERE p > 'a' AND p < 'b'"]),
    "partitions of every type": (partitioned_by_all(), [
        ALL, "SELECT id FROM {t} WHERE f32 > 1 AND d = 1.5", "SELECT id FROM {t} WHERE at > TIMESTAMP '2024-01-01T00:00:00Z'",
        "SELECT id FROM {t} WHERE day < DATE '2000-01-01'", "SELECT id FROM {t} WHERE local_at IS NULL",
        "SELECT id FROM {t} WHERE flag = false OR i8 = -128 OR i64 > 5"]),
}


class Written:
    """A table, or why Spark could not make it; `reads` are Penstock's queries with Spark's rows."""

    def __init__(self, path):
        self.path, self.reads, self.error = path, [], None


def of(spec):
    return spec if isinstance(spec, tuple) else (spec, [ALL])


def fill(text, path):
    return text.replace("{t}", f"delta.`{path}`").replace("{p}", str(path)).replace("{n}", str(abs(hash(str(path)))))


def write(spark, spec, path):
    written = Written(path)
    statements, queries = of(spec)
    session = spark.newSession()
    try:
        for statement in statements:
            if callable(statement):
                statement(session, path)
            else:
                session.sql(fill(statement, path))
        for query in queries:
            theirs, ours = query if isinstance(query, tuple) else (query, query)
            written.reads.append((fill(ours, path), rows(session.sql(fill(theirs, path)))))
    except Exception as error:  # pylint: disable=broad-exception-caught  # shown by the test of this table
        written.error = str(error)
    return written


def build(start_spark, folder):
    """All tables; with PENSTOCK_SPARK_TABLES=FOLDER those that an earlier run of this very file left there, or leaves there now."""
    kept = os.environ.get("PENSTOCK_SPARK_TABLES")
    folder = pathlib.Path(kept).resolve() / hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:16] if kept else folder
    if (folder / "built").exists():
        return pickle.loads((folder / "built").read_bytes())
    tables = build_all(start_spark(), folder)
    (folder / "built").write_bytes(pickle.dumps(tables))
    return tables


def build_all(spark, folder):
    with concurrent.futures.ThreadPoolExecutor(BUILDERS) as pool:
        jobs = {name: pool.submit(write, spark, spec, folder / str(number)) for number, (name, spec) in enumerate(TABLES.items())}
        return {name: job.result() for name, job in jobs.items()}


def compact_log(path, copy, first, last):
    """A copy of a table whose log has a compaction file of the commits `first` to `last` (PROTOCOL.md, log compaction files)."""
    shutil.copytree(path, copy)
    log = copy / "_delta_log"
    kept = {}
    for version in range(first, last + 1):
        for line in (log / f"{version:020}.json").read_text().splitlines():
            ((kind, action),) = json.loads(line).items()
            if kind == "commitInfo":
                continue
            key = ("file", action["path"]) if kind in ("add", "remove") else (kind, action.get("appId"))
            kept[key] = line
    (log / f"{first:020}.{last:020}.compacted.json").write_text("".join(line + "\n" for line in kept.values()))
    return copy
