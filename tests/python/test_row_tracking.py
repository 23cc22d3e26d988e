"""Row ids and row commit versions: Spark reads what we keep, and we read what Spark keeps, after every operation."""

import shutil

import pytest

from judges import Number, ours, plain_rows, same_rows
from program import succeed
from project import Project
from spark_session import spark_reads
from spark_tables import TABLES

IDS = "SELECT id, v, p, _metadata.row_id AS r, _metadata.row_commit_version AS c FROM t"
MERGE = ("MERGE INTO {t} AS t USING (SELECT * FROM VALUES (2, 'm'), (5, 'm'), (80, 'm') AS s(id, v)) AS s ON t.id = s.id "
         "WHEN MATCHED AND s.id = 5 THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v "
         "WHEN NOT MATCHED THEN INSERT (id, v, p) VALUES (s.id, s.v, 0) WHEN NOT MATCHED BY SOURCE AND t.id > 30 THEN UPDATE SET v = 'alone'")

# A statement, the condition of the rows that it writes (in Python over a row), and of those that must be there no more.
STEPS = [
    ("DELETE FROM {t} WHERE id % 7 = 3", lambda row: False),
    ("UPDATE {t} SET v = 'u', p = 1 - p WHERE id BETWEEN 10 AND 14", lambda row: 10 <= row["id"] <= 14),
    (MERGE, lambda row: row["id"] in (2, 80) or row["id"] > 30),
    ("OPTIMIZE {t}", lambda row: False),
    ("DELETE FROM {t} WHERE id IN (0, 1)", lambda row: False),
    ("OPTIMIZE {t} ZORDER BY (v)", lambda row: False),
    ("INSERT INTO {t} REPLACE WHERE id = 4 VALUES (4, 'r', 0)", lambda row: row["id"] == 4),
    ("DELETE FROM {t} WHERE id = 6", lambda row: False),
    ("REORG TABLE {t} APPLY (PURGE)", lambda row: False),
]
KINDS = {
    "rewriting, with change data feed": ("PARTITIONED BY (p)", ", 'delta.enableDeletionVectors' = 'false', 'delta.enableChangeDataFeed' = 'true'"),
    "mapped by id, checkpointed": ("", ", 'delta.columnMapping.mode' = 'id', 'delta.checkpointInterval' = '1'"),
}


class Table:
    def __init__(self, path, spark):
        self.path, self.spark, self.name = path, spark, f"delta.`{path}`"
        self.newest = None

    def sql(self, statement):
        succeed("sql", statement.replace("{t}", self.name), cwd=self.path.parent)

    def ids(self, version=None):
        """What Spark and we agree on."""
        query = IDS if version is None else IDS + f" VERSION AS OF {version}"
        rows = spark_reads(self.spark, self.path, query)
        same_rows(ours(query.replace("FROM t", f"FROM {self.name}"), self.path.parent), rows)
        assert len({row["r"] for row in rows}) == len(rows)
        return {int(row["id"]): row for row in rows}

    def step(self, statement, is_written):
        before = self.newest or self.ids()
        self.sql(statement)
        after = self.newest = self.ids()
        version = Number(len(list((self.path / "_delta_log").glob("*.json"))) - 1)
        highest = max(int(row["r"]) for row in before.values())
        for key, row in after.items():
            if is_written({"id": key}):
                assert row["c"] == version, (statement, row)
            else:
                assert row == before[key], (statement, row, before[key])
            if key not in before or "REPLACE" in statement and is_written({"id": key}):
                assert int(row["r"]) > highest, (statement, row)
            else:
                assert row["r"] == before[key]["r"], (statement, row)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_keep_their_ids_through_everything_we_do(tmp_path, spark, kind):
    clauses, properties = KINDS[kind]
    table = Table(tmp_path / "t", spark)
    table.sql(f"CREATE TABLE {{t}} (id BIGINT, v STRING, p INT) USING DELTA {clauses} TBLPROPERTIES ('delta.enableRowTracking' = 'true'{properties})")
    table.sql("INSERT INTO {t} SELECT id, 'a', id % 2 FROM range(0, 20)")
    table.sql("INSERT INTO {t} SELECT id, 'b', id % 2 FROM range(20, 35)")
    for statement, is_written in STEPS:
        table.step(statement, is_written)
    first = table.ids(2)
    assert len(first) == 35
    table.sql("RESTORE TABLE {t} TO VERSION AS OF 2")
    assert table.ids() == first
    clone = Table(tmp_path / "clone", spark)
    clone.sql(f"CREATE TABLE {{t}} SHALLOW CLONE {table.name}")
    assert clone.ids() == first
    clone.step("UPDATE {t} SET v = 'c' WHERE id = 7", lambda row: row["id"] == 7)
    spark.sql(f"UPDATE {table.name} SET v = 'spark' WHERE id < 3")
    spark.sql(f"INSERT INTO {table.name} VALUES (100, 'spark', 0)")
    spark.sql(f"OPTIMIZE {table.name}")
    after = table.ids()
    assert {key: row["r"] for key, row in after.items() if key != 100} == {key: row["r"] for key, row in first.items()}
    table.sql("INSERT OVERWRITE {t} VALUES (1, 'last', 0)")
    assert int(table.ids()[1]["r"]) > max(int(row["r"]) for row in after.values())


def test_a_table_with_rows_begins_to_track_them_and_ends(tmp_path, spark):
    table = Table(tmp_path / "t", spark)
    table.sql("CREATE TABLE {t} (id BIGINT, v STRING, p INT) USING DELTA")
    table.sql("INSERT INTO {t} SELECT id, 'a', 0 FROM range(0, 20)")
    table.sql("DELETE FROM {t} WHERE id = 3")
    table.sql("INSERT INTO {t} SELECT id, 'b', 1 FROM range(20, 40)")
    table.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    assert len(table.ids()) == 39
    for statement, is_written in STEPS[1:4]:
        table.step(statement, is_written)
    rows = [{"id": row["id"], "v": row["v"], "p": row["p"]} for row in table.ids().values()]
    table.sql("ALTER TABLE {t} DROP FEATURE rowTracking")
    same_rows(spark_reads(spark, table.path), rows)
    features = spark.sql(f"DESCRIBE DETAIL {table.name}").collect()[0]["tableFeatures"]
    assert "rowTracking" not in features, features
    spark.sql(f"ALTER TABLE {table.name} SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    assert len(table.ids()) == len(rows)


@pytest.mark.parametrize("name", [name for name in TABLES if name.startswith("row tracking")])
def test_a_table_that_spark_tracks_is_changed_by_us(tables_of_spark, spark, tmp_path, name):
    copy = tmp_path / "t"
    shutil.copytree(tables_of_spark[name].path, copy)
    query = "SELECT id, _metadata.row_id AS r FROM t"
    before = spark_reads(spark, copy, query)
    for statement in ("UPDATE {t} SET v = 'z' WHERE id IN (1, 8)", "OPTIMIZE {t} ZORDER BY (id)"):
        succeed("sql", statement.replace("{t}", f"delta.`{copy}`"), cwd=tmp_path)
        same_rows(spark_reads(spark, copy, query), before)
        same_rows(ours(query.replace("FROM t", f"FROM delta.`{copy}`"), tmp_path), plain_rows(before))


def test_tables_of_pipelines_track_their_rows(tmp_path, spark):
    project = Project(tmp_path / "project")

    def declare(properties):
        project.pipeline(
            f"CREATE STREAMING TABLE s {properties} AS SELECT id, 'x' AS v, 0 AS p FROM STREAM read_files('in', format => 'json', "
            f"schema => 'id BIGINT');\nCREATE MATERIALIZED VIEW m {properties} AS SELECT id, v, p FROM s;")

    project.feed("a.json", '{"id":1}\n{"id":2}\n')
    declare("")
    project.run()
    declare("TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    project.feed("b.json", '{"id":3}\n')
    project.run()
    stream, view = (Table(project.table(name), spark) for name in "sm")
    first = stream.ids()
    assert sorted(first) == [1, 2, 3] and sorted(view.ids()) == [1, 2, 3]
    project.feed("c.json", '{"id":4}\n')
    project.run()
    assert {key: row for key, row in stream.ids().items() if key != 4} == first
    assert sorted(view.ids()) == [1, 2, 3, 4]
    project.run("--full-refresh-all")
    assert sorted(stream.ids()) == [1, 2, 3, 4]
