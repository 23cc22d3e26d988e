"""Other people's readers read what Penstock writes, and Penstock reads and survives what they write."""

import datetime
import json
import os
import pathlib

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from program import penstock, succeed

DEPS = pathlib.Path(os.environ.get("PENSTOCK_DEPS") or pathlib.Path(__file__).resolve().parents[2] / ".deps")

PIPELINE = """
CREATE STREAMING TABLE typed PARTITIONED BY (day)
COMMENT 'every type' TBLPROPERTIES ('delta.checkpointInterval' = '3')
AS SELECT CAST(id AS INT) AS id, id AS big, CAST(ratio AS FLOAT) AS f, ratio AS d, CAST(price AS DECIMAL(10,2)) AS price,
  name, CAST(day AS DATE) AS day, CAST(at AS TIMESTAMP) AS at, CAST(local AS TIMESTAMP_NTZ) AS local, ok,
  CAST(name AS BINARY) AS raw, tags, place
FROM STREAM read_files('in', format => 'json', schema => 'id BIGINT, ratio DOUBLE, price STRING, name STRING, day STRING,
  at STRING, local STRING, ok BOOLEAN, tags ARRAY<STRING>, place STRUCT<city: STRING, at: STRUCT<x: INT>>');
CREATE MATERIALIZED VIEW per_day AS SELECT day, count(*) AS n, sum(big) AS total FROM typed GROUP BY day;
"""


def record(i):
    return {"id": i, "ratio": i / 4, "price": f"{i}.25", "name": f"näme '{i}' " + "x" * 40, "day": f"2026-01-0{i % 3 + 1}",
            "at": f"2026-01-01T10:00:0{i % 10}.123456Z", "local": f"2026-01-01T10:00:0{i % 10}", "ok": i % 2 == 0,
            "tags": ["a", str(i)], "place": {"city": f"c{i}", "at": {"x": i}}}


@pytest.fixture()
def project(tmp_path):
    (tmp_path / "penstock.yml").write_text("name: readers\nstorage: storage\n")
    (tmp_path / "p.sql").write_text(PIPELINE)
    (tmp_path / "in").mkdir()
    return tmp_path


def feed(project, name, ids):
    (project / "in" / name).write_text("".join(json.dumps(record(i)) + "\n" for i in ids) +
                                       ("" if ids else "{}\n"))


def table(project, name):
    return project / "storage" / "tables" / "main" / "default" / name


def ours(project, query):
    return succeed("sql", query, "--format", "jsonl", cwd=project).rows()


def test_delta_rs_and_duckdb_read_every_version_we_write(project):
    for batch in range(5):  # passes a checkpoint
        feed(project, f"{batch}.json", range(batch * 10, batch * 10 + 10))
        succeed("run", cwd=project)
    assert list((table(project, "typed") / "_delta_log").glob("*.checkpoint.parquet"))

    delta = DeltaTable(str(table(project, "typed")))
    assert delta.metadata().description == "every type"
    rows = sorted(delta.to_pyarrow_table().to_pylist(), key=lambda row: row["id"])
    assert [row["id"] for row in rows] == list(range(50))
    assert rows[7]["name"] == record(7)["name"] and str(rows[7]["price"]) == "7.25" and rows[7]["tags"] == ["a", "7"]
    assert rows[7]["place"] == {"city": "c7", "at": {"x": 7}}
    assert rows[7]["at"].isoformat() == "2026-01-01T10:00:07.123456+00:00"
    assert rows[7]["local"].isoformat() == "2026-01-01T10:00:07"

    reader = duckdb.connect()
    reader.execute("SET TimeZone = 'UTC'")
    reader.execute(f"LOAD '{DEPS / 'extensions' / 'delta.duckdb_extension'}'")
    path = table(project, "typed")
    assert reader.sql(f"SELECT count(*), sum(id), min(name), max(t.at)::VARCHAR FROM delta_scan('{path}') AS t").fetchone() == (
        50, 1225, record(0)["name"], "2026-01-01 10:00:09.123456+00")
    # Statistics must not hide rows.
    for condition in ("name = '" + record(33)["name"].replace("'", "''") + "'", "\"at\" = '2026-01-01 10:00:09.123456+00'",
                      "price = 41.25", "day = '2026-01-02'"):
        found = reader.sql(f"SELECT count(*) FROM delta_scan('{path}') WHERE {condition}").fetchone()
        assert found == reader.sql(f"SELECT count(*) FROM (SELECT * FROM delta_scan('{path}') OFFSET 0) WHERE {condition}"
                                   ).fetchone()
        assert found[0] > 0
    assert DeltaTable(str(table(project, "per_day"))).to_pyarrow_table().num_rows == 3
    event_log = DeltaTable(str(project / "storage" / "_penstock" / "event_log"))
    assert {"create_update", "flow_progress"} <= set(event_log.to_pyarrow_table()["event_type"].to_pylist())


def test_we_read_tables_of_delta_rs_with_its_checkpoints_and_time_travel(project):
    source = project / "foreign"
    for version in range(3):
        write_deltalake(str(source), pa.table({"k": [f"a/b={version}"], "n": [version]}), mode="append", partition_by=["k"])
    DeltaTable(str(source)).create_checkpoint()
    DeltaTable(str(source)).delete("n = 0")
    assert ours(project, f"SELECT k, n FROM delta.`{source}` ORDER BY n") == [{"k": "a/b=1", "n": 1}, {"k": "a/b=2", "n": 2}]
    assert ours(project, f"SELECT max(n) AS n FROM delta.`{source}` VERSION AS OF 1") == [{"n": 1}]


def test_a_foreign_append_between_our_batches_stays_and_is_read_downstream(project):
    (project / "p.sql").write_text(
        "CREATE STREAMING TABLE a AS SELECT n FROM STREAM read_files('in', format => 'json', schema => 'n BIGINT');\n"
        "CREATE MATERIALIZED VIEW b AS SELECT count(*) AS c FROM a;\n")
    (project / "in" / "1.json").write_text('{"n": 1}\n')
    succeed("run", cwd=project)
    write_deltalake(str(table(project, "a")), pa.table({"n": pa.array([100], pa.int64())}), mode="append")
    (project / "in" / "2.json").write_text('{"n": 2}\n')
    succeed("run", cwd=project)
    assert ours(project, "SELECT n FROM a ORDER BY n") == [{"n": 1}, {"n": 2}, {"n": 100}]
    assert ours(project, "SELECT c FROM b") == [{"c": 3}]
    write_deltalake(str(table(project, "b")), pa.table({"c": pa.array([7], pa.int64())}), mode="append")
    assert "another writer" in succeed("run", cwd=project).err
    assert ours(project, "SELECT c FROM b") == [{"c": 3}]


def test_a_table_of_another_tool_is_refused_unless_adopted(project):
    write_deltalake(str(table(project, "mine")), pa.table({"n": pa.array([1], pa.int64())}))
    query = "AS SELECT n FROM STREAM read_files('in', format => 'json', schema => 'n BIGINT');\n"
    (project / "in" / "1.json").write_text('{"n": 2}\n')
    (project / "p.sql").write_text("CREATE STREAMING TABLE mine " + query)
    refused = penstock("run", cwd=project)
    assert refused.status == 1 and "made by another tool" in refused.err and "penstock.adopt" in refused.err
    (project / "p.sql").write_text("CREATE STREAMING TABLE mine TBLPROPERTIES ('penstock.adopt' = 'true') " + query)
    succeed("run", cwd=project)
    succeed("run", cwd=project)
    assert ours(project, "SELECT n FROM mine ORDER BY n") == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("options", ["", ", schema => 'id INT, at TIMESTAMP'", ", schemaEvolutionMode => 'rescue'"])
def test_int96_timestamps_are_instants_whatever_the_zone_of_the_session(tmp_path, options):
    (tmp_path / "penstock.yml").write_text("name: zones\nstorage: storage\nconfiguration:\n"
                                           "  spark.sql.session.timeZone: America/New_York\n")
    (tmp_path / "p.sql").write_text("CREATE STREAMING TABLE t AS SELECT id, at FROM "
                                    f"STREAM read_files('in', format => 'parquet'{options});")
    (tmp_path / "in").mkdir()
    at = datetime.datetime(2026, 7, 1, 10, 0, 0, 123456, tzinfo=datetime.timezone.utc)
    for number, int96 in enumerate((True, False)):
        rows = pa.table({"id": pa.array([number], pa.int32()), "at": pa.array([at], pa.timestamp("us", tz="UTC"))})
        pq.write_table(rows, tmp_path / "in" / f"{number}.parquet", use_deprecated_int96_timestamps=int96)
    succeed("run", cwd=tmp_path)
    rows = DeltaTable(str(table(tmp_path, "t"))).to_pyarrow_table().to_pylist()
    assert {row["id"]: row["at"] for row in rows} == {0: at, 1: at}
