"""Other people's readers judge the tables that Penstock writes, and Penstock reads theirs."""

import datetime
import json
import os
import pathlib

import deltalake
import duckdb
import pyarrow
import pytest
from program import ROOT, succeed

DEPS = pathlib.Path(os.environ.get("PENSTOCK_DEPS") or ROOT / ".deps").resolve()
ODD = "x y/=%é"
PIPELINE = """
CREATE STREAMING TABLE readings PARTITIONED BY (p, seen) AS
SELECT CASE WHEN n % 3 > 0 THEN '{odd}' || n % 3 END AS p,
       CASE WHEN n % 2 = 0 THEN TIMESTAMP '2024-03-31T01:30:00.5Z' END AS seen,
       n,
       CAST(n / 4 AS DECIMAL(12, 2)) AS d,
       TIMESTAMP '2024-01-01T00:00:00.123456Z' + (n % 10) * INTERVAL 1 HOUR AS ts,
       DATE '2024-02-29' AS dt,
       named_struct('a', n, 'b c', 'q') AS st,
       array('a', NULL) AS l,
       map('k', n) AS m,
       CAST('ab' AS BINARY) AS bin,
       n % 2 = 0 AS even
FROM STREAM read_files('{folder}', format => 'json', schema => 'n BIGINT', maxFilesPerTrigger => '1');
CREATE MATERIALIZED VIEW totals AS SELECT p, count(*) AS rows, sum(n) AS n FROM readings GROUP BY p;
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Twelve batches of ten rows, so that the log has a checkpoint."""
    folder = tmp_path_factory.mktemp("readers")
    (folder / "in").mkdir()
    for batch in range(12):
        lines = "".join(json.dumps({"n": batch * 10 + i}) + "\n" for i in range(10))
        (folder / "in" / f"{batch:02}.json").write_text(lines)
    (folder / "penstock.yml").write_text("name: readers\nstorage: store\nlibraries:\n  - glob:\n      include: p.sql\n")
    (folder / "p.sql").write_text(PIPELINE.format(odd=ODD, folder=folder / "in"))
    succeed("run", cwd=folder)
    return folder / "store" / "tables" / "main" / "default"


def delta_rs(table, sql):
    reader = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(str(table)))
    return [tuple(row.values()) for row in pyarrow.table(reader.execute(sql)).to_pylist()]


def delta_extension(table, sql):
    connection = duckdb.connect(config={"allow_unsigned_extensions": True})
    connection.execute(f"LOAD '{DEPS}/extensions/delta.duckdb_extension'")
    connection.execute(f"CREATE VIEW t AS SELECT * FROM delta_scan('{table}')")
    return connection.execute(sql).fetchall()


READERS = pytest.mark.parametrize("read", [delta_rs, delta_extension])


@READERS
def test_every_row_and_value_is_read(tables, read):
    total = "SELECT count(*), sum(n), CAST(sum(d) AS VARCHAR), count(p), count(seen), count(DISTINCT p) FROM t"
    assert [int(float(v)) if i == 2 else v for i, v in enumerate(read(tables / "readings", total)[0])] == [
        120, 7140, 1785, 80, 60, 2]
    (row,) = read(tables / "readings", "SELECT p, d, dt, st, l, bin, even FROM t WHERE n = 25")
    assert row[0] == ODD + "1" and float(row[1]) == 6.25 and row[2] == datetime.date(2024, 2, 29)
    assert row[3] == {"a": 25, "b c": "q"} and row[4] == ["a", None] and row[5] == b"ab" and row[6] is False


@READERS
@pytest.mark.parametrize("condition, rows", [
    ("n = 25", 1),
    ("n > 1000", 0),
    ("d >= 27.5", 10),
    ("dt < DATE '2024-01-01'", 0),
    (f"p = '{ODD}1'", 40),
    ("p IS NULL", 40),
    ("ts >= '2024-01-01T05:00:00.123456Z'", 60),
    ("ts > '2024-01-01T09:00:00.123455Z'", 12),
    ("seen = '2024-03-31T01:30:00.5Z'", 60),
])
def test_statistics_and_partitions_skip_no_row_that_matches(tables, read, condition, rows):
    cast = "TIMESTAMPTZ" if read is delta_extension else "TIMESTAMP"
    for column in ("ts", "seen"):
        condition = condition.replace(f"{column} >= '", f"{column} >= {cast} '")
        condition = condition.replace(f"{column} > '", f"{column} > {cast} '")
        condition = condition.replace(f"{column} = '", f"{column} = {cast} '")
    assert read(tables / "readings", f"SELECT count(*) FROM t WHERE {condition}") == [(rows,)]


@READERS
def test_the_checkpoint_alone_is_enough(tables, read, tmp_path):
    copy = tmp_path / "copy"
    os.system(f"cp -r '{tables / 'readings'}' '{copy}'")
    log = copy / "_delta_log"
    (checkpoint,) = log.glob("*.checkpoint.parquet")
    for commit in log.glob("*.json"):
        if commit.stem.isdigit() and int(commit.stem) <= int(checkpoint.name[:20]):
            commit.unlink()
    assert read(copy, "SELECT count(*), sum(n) FROM t") == [(120, 7140)]
    (ours,) = succeed("sql", f"SELECT count(*) AS c, sum(n) AS s FROM delta.`{copy}`", cwd=tmp_path).rows()
    assert (ours["c"], ours["s"]) == (120, 7140)


@READERS
def test_views_event_log_and_schema_are_read(tables, read):
    assert read(tables / "totals", "SELECT count(*), sum(rows) FROM t") == [(3, 120)]
    event_log = tables.parents[2] / "_penstock" / "event_log"
    assert read(event_log, "SELECT count(*) FROM t WHERE event_type = 'create_update'") == [(1,)]


def test_tables_of_delta_rs_are_read_with_their_evolution_and_checkpoint(tmp_path):
    path = tmp_path / "theirs"
    when = datetime.datetime(2024, 1, 1, 5, tzinfo=datetime.timezone.utc)
    stamps = pyarrow.array([when] * 3, pyarrow.timestamp("us", "UTC"))
    rows = pyarrow.table({"p": [ODD, None, "c"], "n": [1, 2, 3], "ts": stamps, "seen": stamps, "s": [{"x": 1}] * 3})
    for _ in range(4):
        deltalake.write_deltalake(str(path), rows, mode="append", partition_by=["p", "seen"])
    wider = rows.append_column("extra", pyarrow.array([1.5] * 3))
    deltalake.write_deltalake(str(path), wider, mode="append", schema_mode="merge")
    sql = (f"SELECT count(*) AS c, sum(n) AS n, count(p) AS p, min(ts) AS ts, min(seen) AS seen, sum(extra) AS e, "
           f"sum(s.x) AS x FROM delta.`{path}`")
    (before,) = succeed("sql", sql, cwd=tmp_path).rows()
    assert (before["c"], before["n"], before["p"], before["e"], before["x"]) == (15, 30, 10, 4.5, 15)
    assert before["ts"].startswith("2024-01-01") and "05:00:00" in before["ts"] and before["seen"] == before["ts"]

    deltalake.DeltaTable(str(path)).create_checkpoint()
    for commit in (path / "_delta_log").glob("*.json"):
        commit.unlink()
    assert succeed("sql", sql, cwd=tmp_path).rows() == [before]
