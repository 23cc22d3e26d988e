"""What Penstock writes, as delta-rs, DuckDB's delta extension, Spark and Penstock itself read it: the same rows after every step."""

import decimal
import json
import shutil

import pyarrow
import pyarrow.parquet
import pytest

from judges import delta_extension, delta_rs, ours, penstock_reads, plain, plain_rows, same_rows
from program import penstock, succeed
from spark_session import rows as spark_rows
from spark_session import spark_reads


class Table:
    """A table of ours and what it must hold."""

    def __init__(self, path):
        self.path, self.rows, self.name = path, [], f"delta.`{path}`"

    def sql(self, statement, *arguments):
        return succeed("sql", statement.replace("{t}", self.name), *arguments, cwd=self.path.parent)

    def refuses(self, statement, *words):
        """An error with these words, and nothing written."""
        before = self.log()
        ended = penstock("sql", statement.replace("{t}", self.name), cwd=self.path.parent)
        assert ended.status in (1, 2), ended
        assert [word for word in words if word.lower() not in ended.err.lower()] == [], ended
        assert self.log() == before

    def log(self):
        return {file.name for file in (self.path / "_delta_log").glob("*.json")}

    def version(self):
        return max(int(name[:20]) for name in self.log())

    def actions(self, version, kind):
        lines = (self.path / "_delta_log" / f"{version:020}.json").read_text().splitlines()
        return [action[kind] for action in map(json.loads, lines) if kind in action]

    def read_by_all(self, expected=None, query="SELECT * FROM t", readers=(penstock_reads, delta_rs, delta_extension)):
        expected = plain_rows(self.rows if expected is None else expected)
        for reader in readers:
            try:
                same_rows(reader(self.path, query), expected)
            except AssertionError as difference:
                raise AssertionError(f"{reader.__name__}: {difference}") from None


def cents(i):
    return decimal.Decimal(f"{i / 100:.2f}")


def new_rows(first, last, **changes):
    return [{"id": i, "v": f"v{i}", "n": cents(i), "p": i % 3, **changes} for i in range(first, last)]


def literal(value):
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


def values(rows):
    return ", ".join("(" + ", ".join(map(literal, r.values())) + ")" for r in rows)


def source(rows):
    return f"(SELECT * FROM VALUES {values(rows)} AS s(id, v, n, p))"


def updated(rows, matches, change):
    return [{**r, **change(r)} if matches(r) else r for r in rows]


def merged(rows, source_rows):
    """The model of the MERGE below: even ids are updated, odd ones deleted, new ones inserted, old ones of p = 2 marked."""
    by_id = {r["id"]: r for r in source_rows}
    kept = []
    for r in rows:
        if r["id"] not in by_id:
            kept.append({**r, "v": "unmatched"} if r["p"] == 2 and r["id"] >= 30 else r)
        elif r["id"] % 2 == 0:
            kept.append({**r, "v": by_id[r["id"]]["v"], "n": by_id[r["id"]]["n"]})
    present = {r["id"] for r in rows}
    return kept + [r for r in source_rows if r["id"] not in present and r["p"] != 1]


MERGE_ROWS = new_rows(35, 60, v="merged")
MERGE = (f"MERGE INTO {{t}} AS t USING {source(MERGE_ROWS)} AS s ON t.id = s.id "
         "WHEN MATCHED AND t.id % 2 = 0 THEN UPDATE SET v = s.v, n = s.n WHEN MATCHED THEN DELETE "
         "WHEN NOT MATCHED AND s.p <> 1 THEN INSERT * "
         "WHEN NOT MATCHED BY SOURCE AND t.p = 2 AND t.id >= 30 THEN UPDATE SET v = 'unmatched'")

# A statement with what it does to the model; text without spaces is a command of `penstock table`.
STEPS = [
    (f"INSERT INTO {{t}} VALUES {values(new_rows(0, 40))}", lambda rows: rows + new_rows(0, 40)),
    ("INSERT INTO {t} (p, id) VALUES (1, 100), (NULL, 101)",
     lambda rows: rows + [{"id": 100, "v": None, "n": None, "p": 1}, {"id": 101, "v": None, "n": None, "p": None}]),
    ("DELETE FROM {t} WHERE id % 7 = 3", lambda rows: [r for r in rows if r["id"] % 7 != 3]),
    ("UPDATE {t} SET v = concat(v, '!'), n = n + 1 WHERE p = 1 AND id < 20",
     lambda rows: updated(rows, lambda r: r["p"] == 1 and r["id"] < 20, lambda r: {"v": r["v"] + "!", "n": r["n"] + 1})),
    (MERGE, lambda rows: merged(rows, MERGE_ROWS)),
    ("checkpoint", lambda rows: rows),
    ("DELETE FROM {t} WHERE v IS NULL", lambda rows: [r for r in rows if r["v"] is not None]),
    ("UPDATE {t} SET p = 9 WHERE id IN (1, 2, 50)", lambda rows: updated(rows, lambda r: r["id"] in (1, 2, 50), lambda r: {"p": 9})),
    ("OPTIMIZE {t}", lambda rows: rows),
    (f"INSERT INTO {{t}} REPLACE WHERE p = 2 VALUES {values(new_rows(200, 210, p=2))}",
     lambda rows: [r for r in rows if r["p"] != 2] + new_rows(200, 210, p=2)),
    ("DELETE FROM {t} WHERE p = 0", lambda rows: [r for r in rows if r["p"] != 0]),
    ("checkpoint", lambda rows: rows),
    ("VACUUM {t}", lambda rows: rows),
    ("DELETE FROM {t}", lambda rows: []),
    ("RESTORE TABLE {t} TO VERSION AS OF 4", None),  # the model of version 4
    ("REORG TABLE {t} APPLY (PURGE)", lambda rows: rows),
    (f"INSERT OVERWRITE {{t}} VALUES {values(new_rows(300, 320))}", lambda rows: new_rows(300, 320)),
    ("UPDATE {t} SET v = 'last'", lambda rows: [{**r, "v": "last"} for r in rows]),
]

KINDS = {
    "plain": ("", ""),
    "partitioned": ("PARTITIONED BY (p)", ""),
    "without deletion vectors": ("PARTITIONED BY (p)", "'delta.enableDeletionVectors' = 'false'"),
    "with deletion vectors": ("", "'delta.enableDeletionVectors' = 'true'"),
    "mapped by name": ("PARTITIONED BY (p)", "'delta.columnMapping.mode' = 'name'"),
    "mapped by id": ("", "'delta.columnMapping.mode' = 'id'"),
    "with change data feed": ("", "'delta.enableChangeDataFeed' = 'true'"),
    "with in-commit timestamps": ("", "'delta.enableInCommitTimestamps' = 'true'"),
    "with V2 checkpoints": ("", "'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '3'"),
    "checkpointed at every commit": ("PARTITIONED BY (p)", "'delta.checkpointInterval' = '1'"),
    "clustered": ("CLUSTER BY (id)", ""),
}


def create(path, layout="", properties="", columns="id BIGINT, v STRING, n DECIMAL(12,2), p INT"):
    table = Table(path)
    table.sql(f"CREATE TABLE {{t}} ({columns}) USING DELTA {layout} " + (f"TBLPROPERTIES ({properties})" if properties else ""))
    return table


@pytest.mark.parametrize("kind", KINDS)
def test_every_change_is_read_by_all_readers(tmp_path, spark, kind):
    table = create(tmp_path / "t", *KINDS[kind])
    # DuckDB's extension gives NULL for the partition columns of mapped tables, also for those of Spark.
    mapped_partitions = kind == "mapped by name"
    readers = (penstock_reads, delta_rs) if mapped_partitions else (penstock_reads, delta_rs, delta_extension)
    by_version = {table.version(): []}
    for statement, model in STEPS:
        if " " in statement:
            table.sql(statement)
        else:
            succeed("table", statement, table.path, cwd=tmp_path)
        table.rows = model(table.rows) if model else by_version[4]
        by_version[table.version()] = table.rows
        try:
            table.read_by_all(readers=readers)
        except AssertionError as difference:
            raise AssertionError(f"after {statement[:80]} (version {table.version()}): {difference}") from None
    table.read_by_all([r for r in plain_rows(table.rows) if int(r["id"]) > 310], query="SELECT * FROM t WHERE id > 310", readers=readers)
    versions = (2, 4, 5, table.version())
    of_versions = " UNION ALL ".join(f"SELECT {version} AS version, * FROM {table.name} VERSION AS OF {version}" for version in versions)
    expected = plain_rows([{"version": version, **row} for version in versions for row in by_version[version]])
    same_rows(spark_rows(spark.sql(of_versions)), expected)
    same_rows(ours(of_versions, tmp_path), expected)
    assert sorted(int(name[:20]) for name in table.log()) == list(range(table.version() + 1))


EVERY_TYPE = """CAST(1 AS TINYINT) AS i8, CAST(-300 AS SMALLINT) AS i16, 70000 AS i32, 9223372036854775807 AS i64,
  CAST(1.1 AS FLOAT) AS f32, CAST(0.1 AS DOUBLE) AS f64, CAST(1234567890123456789012345678.0123456789 AS DECIMAL(38,10)) AS d38,
  CAST(1.5 AS DECIMAL(5,2)) AS d5, true AS flag, 'häß ''q''' AS text, CAST('ab' AS BINARY) AS bin, DATE '2024-02-29' AS day,
  TIMESTAMP '2024-03-31T01:30:00.123456Z' AS at, array(1, NULL, 3) AS numbers, map('a', 1, 'b', NULL) AS counts,
  named_struct('x', 1, 'y', array(named_struct('k', 'v', 'w', NULL))) AS deep"""


def test_every_type_is_read_by_all_readers(tmp_path, spark):
    table = Table(tmp_path / "t")
    table.sql(f"CREATE TABLE {{t}} USING DELTA AS SELECT {EVERY_TYPE.replace('NULL))', 'CAST(NULL AS INT)))')}")
    columns = "i8, i16, i32, i64, f32, f64, d38, d5, flag, text, bin, day, at, numbers, counts, deep"
    table.sql("INSERT INTO {t} SELECT " + ", ".join(["NULL"] * 16))
    expected = spark_reads(spark, table.path)
    assert expected[0].keys() == dict.fromkeys(columns.split(", ")).keys() and len(expected) == 2
    full = next(r for r in expected if r["i8"])
    assert full == plain({"i8": 1, "i16": -300, "i32": 70000, "i64": 2**63 - 1, "f32": 1.1, "f64": 0.1,
                          "d38": decimal.Decimal("1234567890123456789012345678.0123456789"), "d5": decimal.Decimal("1.50"), "flag": True,
                          "text": "häß 'q'", "bin": b"ab", "day": "2024-02-29", "at": "2024-03-31T01:30:00.123456Z",
                          "numbers": [1, None, 3], "counts": {"a": 1, "b": None}, "deep": {"x": 1, "y": [{"k": "v", "w": None}]}})
    same_rows(penstock_reads(table.path), expected)
    for reader in (delta_rs, delta_extension):
        same_rows(reader(table.path), expected)
    for condition in ("i64 = 9223372036854775807", "d38 > 1234567890123456789012345678.0123456788", "day = DATE '2024-02-29'",
                      "text = 'häß ''q'''", "f64 < 0.11", "i8 IS NULL"):
        same_rows(spark_reads(spark, table.path, f"SELECT count(*) AS c FROM t WHERE {condition}"), plain_rows([{"c": 1}]))


WIDE = "{" + ", ".join(f'"k{i}": {i}' for i in range(300, 0, -1)) + "}"


def test_variants_are_read_by_spark(tmp_path, spark):
    table = create(tmp_path / "t", "PARTITIONED BY (p)", "'delta.columnMapping.mode' = 'id', 'delta.enableDeletionVectors' = 'true'",
                   columns="id INT, v VARIANT, s STRUCT<v: VARIANT, n: INT>, l ARRAY<VARIANT>, m MAP<STRING, VARIANT>, p BINARY")
    table.sql("""INSERT INTO {t} SELECT 1, parse_json('{"b": [1, 2.50, null, true, "ü"], "a": {"z": 1e300}}'),
                 named_struct('v', parse_json('"text"'), 'n', 1), array(parse_json('[]'), NULL), map('k', parse_json('{"x": {"y": []}}')), X'C3A4'
                 UNION ALL SELECT 2, NULL, NULL, NULL, NULL, NULL UNION ALL SELECT 3, NULL, named_struct('v', NULL, 'n', 2), array(NULL), map(), X'61'""")
    table.sql(f"INSERT INTO {{t}} (id, v, p) SELECT 4, parse_json('{WIDE}'), X'61'")
    for id_, value in enumerate(("7", "DATE '2024-01-02'", "TIMESTAMP '2024-01-02T03:04:05.5Z'", "1.25", "X'00FF'"), 5):
        table.sql(f"INSERT INTO {{t}} (id, v) SELECT {id_}, {value}")
    query = ("SELECT id, to_json(v) AS v, to_json(s.v) AS sv, s.n AS n, to_json(l[0]) AS l, to_json(m['k']) AS m, v:k77::INT AS k, "
             "variant_get(v, '$.b[1]', 'decimal(5,2)') AS b, p FROM t")
    for statement in (None, "UPDATE {t} SET id = id + 100 WHERE id IN (1, 4, 6)", "OPTIMIZE {t}", "DELETE FROM {t} WHERE v:k77::INT = 77",
                      "REORG TABLE {t} APPLY (PURGE)"):
        if statement:
            table.sql(statement)
        expected = spark_reads(spark, table.path, query)
        same_rows(penstock_reads(table.path, query), expected)
        assert len(expected) == (8 if statement and not statement.startswith(("UPDATE", "OPTIMIZE")) else 9)
    assert sum(row["v"] is None for row in expected) == 2


def test_char_and_varchar_of_spark_are_written_as_spark_would(tmp_path, spark):
    table = Table(tmp_path / "t")
    spark.sql(f"CREATE TABLE {table.name} (id INT, c CHAR(5), v VARCHAR(5), s STRUCT<c: CHAR(3)>, l ARRAY<CHAR(2)>) USING DELTA")
    table.sql("INSERT INTO {t} VALUES (1, 'ab', 'cd ', named_struct('c', 'x'), array('a', NULL, 'bc')), (2, NULL, NULL, NULL, NULL), "
              "(3, 'äbcde', '', named_struct('c', NULL), array())")
    for wrong in ("(4, 'abcdef', '', NULL, NULL)", "(4, 'abcde ', '', NULL, NULL)", "(4, '', 'abcde ', NULL, NULL)",
                  "(4, '', '', named_struct('c', 'abcd'), NULL)", "(4, '', '', NULL, array('abc'))"):
        table.refuses(f"INSERT INTO {{t}} VALUES {wrong}", "breaks the rule")
    table.sql("UPDATE {t} SET c = 'z' WHERE c = 'ab'")
    same_rows(spark_reads(spark, table.path, "SELECT *, length(c) AS n FROM t"), penstock_reads(table.path, "SELECT *, length(c) AS n FROM t"))
    (row,) = penstock_reads(table.path, "SELECT * FROM t WHERE c = 'z'")
    assert row == plain({"id": 1, "c": "z    ", "v": "cd ", "s": {"c": "x  "}, "l": ["a ", None, "bc"]})
    # As the files have it, which a writer need not have filled up.
    same_rows(delta_rs(table.path, "SELECT id, c FROM t WHERE id = 1"), plain_rows([{"id": 1, "c": "z    "}]))


def test_binary_partition_values_that_are_no_text_are_refused(tmp_path, spark):
    table = create(tmp_path / "t", "PARTITIONED BY (b)", columns="id INT, b BINARY")
    table.sql("INSERT INTO {t} VALUES (1, X'61'), (2, X'C3A4'), (3, NULL), (4, X'25'), (5, X'2F5C')")
    same_rows(spark_reads(spark, table.path), penstock_reads(table.path))
    assert [row["id"] for row in penstock_reads(table.path, "SELECT id FROM t WHERE b = X'2F5C'")] == ["5"]
    table.refuses("INSERT INTO {t} VALUES (6, X'C3')", "partition column b", "UTF-8")


def test_timestamps_without_zone_are_read_by_spark(tmp_path, spark):
    table = create(tmp_path / "t", columns="id INT, at TIMESTAMP_NTZ")
    table.sql("INSERT INTO {t} VALUES (1, TIMESTAMP_NTZ '1969-12-31T23:59:59.999999'), (2, NULL)")
    table.read_by_all([{"id": 1, "at": "1969-12-31T23:59:59.999999"}, {"id": 2, "at": None}])
    same_rows(spark_reads(spark, table.path), penstock_reads(table.path))


def test_odd_partition_values_are_read_by_all_readers(tmp_path, spark):
    odd = ["a b", "a/b=c%d", "%20", "ä€😀", "x:y*?<>|", "#", "{{}}", "it's", "+", None]
    table = create(tmp_path / "t", "PARTITIONED BY (p)", columns="id INT, p STRING")
    table.rows = [{"id": i, "p": p} for i, p in enumerate(odd)]
    table.sql("INSERT INTO {t} VALUES " + ", ".join(
        f"({i}, " + ("NULL" if p is None else "'" + p.replace("'", "\\'") + "'") + ")" for i, p in enumerate(odd)))
    table.read_by_all()
    same_rows(spark_reads(spark, table.path), plain_rows(table.rows))
    table.sql("DELETE FROM {t} WHERE p = '%20' OR p IS NULL")
    table.rows = [r for r in table.rows if r["p"] not in (None, "%20")]
    table.read_by_all()


# ---- schema


def test_columns_are_added_renamed_dropped_and_reordered(tmp_path, spark):
    table = create(tmp_path / "t", properties="'delta.columnMapping.mode' = 'name'")
    table.sql(f"INSERT INTO {{t}} VALUES {values(new_rows(0, 3))}")
    table.sql("ALTER TABLE {t} ADD COLUMNS (extra STRING AFTER id, s STRUCT<x: INT>)")
    table.sql("INSERT INTO {t} VALUES (3, 'e', 'v3', 0.03, 0, named_struct('x', 1))")
    table.sql("ALTER TABLE {t} RENAME COLUMN v TO `the text`")
    table.sql("ALTER TABLE {t} DROP COLUMN p")
    table.sql("ALTER TABLE {t} ADD COLUMN p STRING")
    table.sql("ALTER TABLE {t} ALTER COLUMN n FIRST")
    table.sql("UPDATE {t} SET p = 'new', s.x = 2 WHERE id = 3")
    table.rows = [{"n": cents(i), "id": i, "extra": None, "the text": f"v{i}", "s": None, "p": None} for i in range(3)]
    table.rows.append({"n": cents(3), "id": 3, "extra": "e", "the text": "v3", "s": {"x": 2}, "p": "new"})
    table.read_by_all()
    same_rows(spark_reads(spark, table.path), plain_rows(table.rows))
    assert list(penstock_reads(table.path)[0]) == list(table.rows[0])
    table.sql("OPTIMIZE {t}")
    succeed("table", "checkpoint", table.path, cwd=tmp_path)
    table.read_by_all()


def test_widened_columns_are_read_by_spark(tmp_path, spark):
    table = create(tmp_path / "t", properties="'delta.enableTypeWidening' = 'true'", columns="a SMALLINT, f FLOAT, d DECIMAL(5,2), day DATE")
    table.sql("INSERT INTO {t} VALUES (1, 1.5, 1.25, DATE '2024-01-01')")
    for change in ("a TYPE BIGINT", "f TYPE DOUBLE", "d TYPE DECIMAL(20,5)"):
        table.sql("ALTER TABLE {t} ALTER COLUMN " + change)
    table.sql("INSERT INTO {t} VALUES (5000000000, 0.1, 1.00001, NULL)")
    expected = plain_rows([{"a": 1, "f": 1.5, "d": decimal.Decimal("1.25000"), "day": "2024-01-01"},
                           {"a": 5000000000, "f": 0.1, "d": decimal.Decimal("1.00001"), "day": None}])
    same_rows(penstock_reads(table.path), expected)
    same_rows(spark_reads(spark, table.path), expected)


def test_a_schema_that_differs_is_refused_with_both(tmp_path):
    table = create(tmp_path / "t")
    table.refuses("INSERT INTO {t} SELECT 1 AS id, 'x' AS v, 1.0 AS n, 1 AS p, 2 AS surplus", "surplus")
    table.refuses("INSERT INTO {t} VALUES ('not a number', 'x', 1.0, 1)", "id")


def test_names_of_columns_are_case_insensitive_and_keep_their_case(tmp_path):
    table = create(tmp_path / "t", columns="Id BIGINT, V STRING")
    table.sql("INSERT INTO {t} (ID, v) VALUES (1, 'a'), (2, 'b')")
    table.sql("UPDATE {t} SET v = 'c' WHERE iD = 1")
    table.sql("DELETE FROM {t} WHERE ID = 2")
    table.read_by_all([{"Id": 1, "V": "c"}])
    table.refuses("ALTER TABLE {t} ADD COLUMNS (ID INT)", "id")


def test_merge_with_schema_evolution_adds_the_columns_of_the_source(tmp_path, spark):
    table = create(tmp_path / "t", columns="id BIGINT, v STRING")
    table.sql("INSERT INTO {t} VALUES (1, 'a'), (2, 'b')")
    table.sql("MERGE WITH SCHEMA EVOLUTION INTO {t} AS t USING (SELECT CAST(2 AS BIGINT) AS id, 'B' AS v, 5 AS extra UNION ALL SELECT 3, 'C', 6) AS s "
              "ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
    table.read_by_all([{"id": 1, "v": "a", "extra": None}, {"id": 2, "v": "B", "extra": 5}, {"id": 3, "v": "C", "extra": 6}])
    same_rows(spark_reads(spark, table.path), penstock_reads(table.path))


# ---- rules


def test_a_row_of_the_target_that_two_of_the_source_match_is_an_error(tmp_path):
    table = create(tmp_path / "t", columns="id BIGINT, v STRING")
    table.sql("INSERT INTO {t} VALUES (1, 'a'), (2, 'b')")
    twice = "(SELECT * FROM VALUES (1, 'x'), (1, 'y') AS s(id, v)) AS s"
    table.refuses(f"MERGE INTO {{t}} AS t USING {twice} ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v")
    table.sql(f"MERGE INTO {{t}} AS t USING {twice} ON t.id = s.id WHEN MATCHED AND s.v = 'y' THEN UPDATE SET v = s.v")
    table.read_by_all([{"id": 1, "v": "y"}, {"id": 2, "v": "b"}])


def test_constraints_hold_for_every_change(tmp_path, spark):
    table = create(tmp_path / "t", properties="'delta.feature.allowColumnDefaults' = 'supported'",
                   columns="id BIGINT NOT NULL, v STRING, n INT DEFAULT 7")
    table.sql("INSERT INTO {t} (id, v) VALUES (1, 'a')")
    table.sql("ALTER TABLE {t} ADD CONSTRAINT positive CHECK (id > 0 AND n < 100)")
    table.refuses("INSERT INTO {t} VALUES (-1, 'a', 1)", "positive")
    table.refuses("INSERT INTO {t} VALUES (NULL, 'a', 1)", "id")
    table.refuses("UPDATE {t} SET id = -5", "positive")
    table.refuses("UPDATE {t} SET id = NULL", "id")
    table.refuses("MERGE INTO {t} AS t USING (SELECT -9 AS id, 'x' AS v, 1 AS n) AS s ON t.id = s.id WHEN NOT MATCHED THEN INSERT *", "positive")
    table.refuses("ALTER TABLE {t} ADD CONSTRAINT never CHECK (id > 1000)", "never")
    table.sql("INSERT INTO {t} (v, id) VALUES ('b', 2)")
    table.sql("INSERT INTO {t} VALUES (3, 'c', 4)")
    table.read_by_all([{"id": 1, "v": "a", "n": 7}, {"id": 2, "v": "b", "n": 7}, {"id": 3, "v": "c", "n": 4}])
    with pytest.raises(Exception, match="(?i)positive"):
        spark.sql(f"INSERT INTO {table.name} VALUES (-1, 'a', 1)")
    spark.sql(f"INSERT INTO {table.name} (id) VALUES (4)")
    same_rows(penstock_reads(table.path, "SELECT n FROM t WHERE id = 4"), plain_rows([{"n": 7}]))


def test_generated_columns_are_computed_and_checked(tmp_path, spark):
    table = create(tmp_path / "t", "PARTITIONED BY (day)", columns="at TIMESTAMP, day DATE GENERATED ALWAYS AS (CAST(at AS DATE)), v INT")
    table.sql("INSERT INTO {t} (at, v) VALUES (TIMESTAMP '2024-01-01T10:00:00Z', 1), (NULL, 2)")
    table.refuses("INSERT INTO {t} (at, day, v) VALUES (TIMESTAMP '2024-01-01T10:00:00Z', DATE '2024-01-02', 3)", "day")
    table.sql("UPDATE {t} SET at = TIMESTAMP '2024-01-05T10:00:00Z' WHERE v = 2")
    expected = [{"at": "2024-01-01T10:00:00Z", "day": "2024-01-01", "v": 1}, {"at": "2024-01-05T10:00:00Z", "day": "2024-01-05", "v": 2}]
    table.read_by_all(expected)
    same_rows(spark_reads(spark, table.path), plain_rows(expected))


@pytest.mark.parametrize("name, statement, word", [("identity columns", "INSERT INTO {t} (v) VALUES ('x')", "identity")])
def test_a_table_of_spark_with_what_we_cannot_honour_is_refused_by_name(tables_of_spark, name, statement, word):
    Table(tables_of_spark[name].path).refuses(statement, word)


# ---- whole tables


def test_a_clone_lives_on_its_own(tmp_path, spark):
    original = create(tmp_path / "of")
    original.sql(f"INSERT INTO {{t}} VALUES {values(new_rows(0, 10))}")
    original.sql("DELETE FROM {t} WHERE id = 3")
    clone = Table(tmp_path / "clone")
    clone.sql(f"CREATE TABLE {{t}} SHALLOW CLONE {original.name}")
    clone.rows = [r for r in new_rows(0, 10) if r["id"] != 3]
    same_rows(penstock_reads(clone.path), plain_rows(clone.rows))
    same_rows(spark_reads(spark, clone.path), plain_rows(clone.rows))
    clone.sql("DELETE FROM {t} WHERE id < 5")
    clone.sql(f"INSERT INTO {{t}} VALUES {values(new_rows(20, 22))}")
    clone.rows = [r for r in clone.rows if r["id"] >= 5] + new_rows(20, 22)
    same_rows(penstock_reads(clone.path), plain_rows(clone.rows))
    same_rows(spark_reads(spark, clone.path), plain_rows(clone.rows))
    original.read_by_all([r for r in new_rows(0, 10) if r["id"] != 3])


def test_a_folder_of_parquet_files_becomes_a_table(tmp_path, spark):
    table = Table(tmp_path / "t")
    for p in ("a b", "x%y"):
        pyarrow.parquet.write_to_dataset(pyarrow.table({"id": pyarrow.array([1, 2], pyarrow.int64()), "p": [p, p]}), table.path, partition_cols=["p"])
    table.sql("CONVERT TO DELTA parquet.`" + str(table.path) + "` PARTITIONED BY (p STRING)")
    table.rows = [{"id": i, "p": p} for p in ("a b", "x%y") for i in (1, 2)]
    table.read_by_all()
    same_rows(spark_reads(spark, table.path), plain_rows(table.rows))


def test_a_table_is_replaced_with_another_schema(tmp_path, spark):
    table = create(tmp_path / "t", "PARTITIONED BY (p)")
    table.sql(f"INSERT INTO {{t}} VALUES {values(new_rows(0, 10))}")
    table.sql("CREATE OR REPLACE TABLE {t} USING DELTA AS SELECT 'x' AS other")
    table.read_by_all([{"other": "x"}])
    same_rows(spark_reads(spark, table.path), [{"other": "x"}])
    same_rows(ours(f"SELECT * FROM {table.name} VERSION AS OF 1", tmp_path), plain_rows(new_rows(0, 10)))


def test_vacuum_deletes_what_no_retained_version_needs_and_nothing_else(tmp_path):
    table = create(tmp_path / "t", properties="'delta.enableDeletionVectors' = 'true', 'delta.deletedFileRetentionDuration' = 'interval 0 hours'")
    table.sql(f"INSERT INTO {{t}} VALUES {values(new_rows(0, 20))}")
    table.sql("DELETE FROM {t} WHERE id = 3")
    table.sql("DELETE FROM {t} WHERE id = 4")
    table.sql("OPTIMIZE {t}")
    table.sql("DELETE FROM {t} WHERE id = 5")
    (table.path / "stray.parquet").write_bytes(b"x")
    table.rows = [r for r in new_rows(0, 20) if r["id"] not in (3, 4, 5)]
    before = {f.name for f in table.path.iterdir()}
    dry = table.sql("VACUUM {t} RETAIN 0 HOURS DRY RUN")
    assert {f.name for f in table.path.iterdir()} == before and dry.out
    table.sql("VACUUM {t} RETAIN 0 HOURS")
    table.read_by_all()
    assert len({f.name for f in table.path.iterdir()}) < len(before)


def test_vacuum_below_the_retention_is_refused(tmp_path):
    table = create(tmp_path / "t")
    table.refuses("VACUUM {t} RETAIN 0 HOURS", "retention")


# ---- tables of Spark, changed by us


@pytest.mark.parametrize("name", ["mapped by id", "deletion vectors", "classic checkpoint", "V2 checkpoint in Parquet", "clustered",
                                  "in-commit timestamps", "change data feed", "widened types", "multi-part checkpoint", "old protocol"])
def test_a_table_of_spark_is_changed_and_read_back_by_spark(tables_of_spark, spark, tmp_path, name):
    written = tables_of_spark[name]
    assert written.error is None
    table = Table(tmp_path / "copy")
    shutil.copytree(written.path, table.path)
    column = "a" if name == "widened types" else "id"
    victim = max(int(r[column]) for r in written.reads[0][1] if r[column] is not None)
    table.sql(f"DELETE FROM {{t}} WHERE {column} = {victim}")
    expected = [r for r in written.reads[0][1] if r[column] != str(victim)] if name != "change data feed" else []
    same_rows(spark_reads(spark, table.path), expected)
    same_rows(penstock_reads(table.path), expected)
    succeed("table", "checkpoint", table.path, cwd=tmp_path)
    spark.sql(f"INSERT INTO {table.name} SELECT * FROM {table.name} VERSION AS OF {table.version() - 1} WHERE {column} = {victim}")
    same_rows(penstock_reads(table.path), written.reads[0][1])
