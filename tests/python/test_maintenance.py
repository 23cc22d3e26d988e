"""penstock table optimize, vacuum, restore, clone, checkpoint, convert; and what an update does by itself."""

import datetime

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from deltalake import DeltaTable

from program import penstock, succeed
from project import Project


@pytest.fixture
def project(tmp_path):
    """A table t of three commits, one row and one file each."""
    project = Project(tmp_path / "p")
    project.reads("json", columns="id, name")
    for i in range(3):
        project.feed(f"{i}.json", f'{{"id": {i}, "name": "n{i}"}}\n')
        project.run()
    return project


def read_by_deltars(path):
    return sorted(DeltaTable(str(path)).to_pyarrow_table().column("id").to_pylist())


def test_optimize_packs_files_and_other_readers_see_the_same_rows(project):
    (row,) = succeed("table", "optimize", "t", cwd=project.folder).rows()
    assert (row["numFilesAdded"], row["numFilesRemoved"]) == (1, 3)
    assert project.rows("SELECT id FROM t ORDER BY id") == [(0,), (1,), (2,)]
    assert read_by_deltars(project.table()) == [0, 1, 2]
    again = succeed("table", "optimize", "t", cwd=project.folder)
    assert "nothing to do" in again.err and again.rows()[0]["version"] is None
    assert [row["mode"] for row in succeed("plan", cwd=project.folder).rows()] == ["unchanged"]


def test_optimize_orders_and_takes_conditions(project):
    (row,) = succeed("table", "optimize", "t", "--zorder", "id,name", cwd=project.folder).rows()
    assert row["numFilesAdded"] == 1
    refused = penstock("table", "optimize", "t", "--where", "id = 1", cwd=project.folder)
    assert refused.status != 0 and "partition" in refused.err
    assert penstock("table", "optimize", "t", "--purge", "--full", cwd=project.folder).status == 2


def test_vacuum_keeps_what_is_young_and_deletes_when_told(project):
    succeed("table", "optimize", "t", cwd=project.folder)
    assert succeed("table", "vacuum", "t", cwd=project.folder).rows() == []
    refused = penstock("table", "vacuum", "t", "--retain-hours", "0", cwd=project.folder)
    assert refused.status != 0 and "168 hours" in refused.err and "--no-retention-check" in refused.err
    options = ("--retain", "0 hours", "--no-retention-check")
    would = succeed("table", "vacuum", "t", *options, "--dry-run", cwd=project.folder)
    assert len(would.rows()) == 3 and len(list(project.table().glob("*.parquet"))) == 4
    assert succeed("table", "vacuum", "t", *options, cwd=project.folder).rows() == would.rows()
    assert len(list(project.table().glob("*.parquet"))) == 1
    assert read_by_deltars(project.table()) == [0, 1, 2]
    restored = penstock("table", "restore", "t", "--version", "1", cwd=project.folder)
    assert restored.status != 0 and "VACUUM" in restored.err


def test_restore_brings_an_old_version_back(project):
    (row,) = succeed("table", "restore", "t", "--version", "1", cwd=project.folder).rows()
    assert row["numRemovedFiles"] == 1 and row["version"] == 3
    assert read_by_deltars(project.table()) == [0, 1]
    assert penstock("table", "restore", "t", cwd=project.folder).status == 2
    history = succeed("table", "history", "t", cwd=project.folder).rows()
    assert history[0]["operation"] == "RESTORE"


def test_clone_shares_files_and_is_a_table_of_its_own(project, tmp_path):
    clone = tmp_path / "clone"
    succeed("table", "clone", "t", clone, cwd=project.folder)
    assert list(clone.iterdir()) == [clone / "_delta_log"]
    succeed("table", "optimize", clone, cwd=project.folder)
    succeed("table", "vacuum", clone, "--retain-hours", "0", "--no-retention-check", cwd=project.folder)
    assert project.rows(f"SELECT count(*) AS n FROM delta.`{clone}`") == [(3,)]
    assert project.rows("SELECT count(*) AS n FROM t") == [(3,)]
    assert penstock("table", "clone", "t", clone, cwd=project.folder).status != 0
    succeed("table", "clone", "t", clone, "--version", "0", "--replace", cwd=project.folder)
    assert project.rows(f"SELECT count(*) AS n FROM delta.`{clone}`") == [(1,)]


def test_checkpoint_is_written_on_demand(project):
    succeed("table", "checkpoint", "t", cwd=project.folder)
    assert list((project.table() / "_delta_log").glob("*2.checkpoint.parquet"))
    assert read_by_deltars(project.table()) == [0, 1, 2]


def test_convert_makes_a_hive_folder_a_table(tmp_path):
    folder = tmp_path / "events"
    duckdb.sql("SELECT range AS id, DATE '2026-01-01' + (range % 3)::INT AS d, 'x' || range AS name FROM range(9)").write_parquet(
        str(folder), partition_by=["d"])
    assert "d" in penstock("table", "convert", folder, cwd=tmp_path).err
    (row,) = succeed("table", "convert", folder, "--partitioned-by", "d DATE", cwd=tmp_path).rows()
    assert row["numConvertedFiles"] == 3
    table = DeltaTable(str(folder))
    assert table.to_pyarrow_table().num_rows == 9
    assert sorted(str(v) for v in set(table.to_pyarrow_table().column("d").to_pylist())) == ["2026-01-01", "2026-01-02", "2026-01-03"]
    (detail,) = succeed("table", "detail", folder, cwd=tmp_path).rows()
    assert detail["numRecords"] == 9 and detail["partitionColumns"] == ["d"] and detail["numPartitions"] == 3


def test_convert_finds_int96_wherever_it_stands(tmp_path):
    """Old timestamps are instants, also inside other types; a column that shares the name of one is what it is."""
    moment = datetime.datetime(2024, 7, 1, 10, 0, 0, 123456)
    folder = tmp_path / "old"
    folder.mkdir()
    pyarrow.parquet.write_table(
        pyarrow.table({"at": pyarrow.array(["text"]), "s": pyarrow.array([{"at": moment, "n": 1}]), "l": pyarrow.array([[moment, None]]),
                       "m": pyarrow.array([[("at", moment)]], pyarrow.map_(pyarrow.string(), pyarrow.timestamp("us")))}),
        folder / "a.parquet", use_deprecated_int96_timestamps=True)
    succeed("table", "convert", folder, cwd=tmp_path)
    schema = DeltaTable(str(folder)).schema().to_json()
    assert schema.count('"timestamp"') == 3 and "timestamp_ntz" not in schema, schema
    (row,) = succeed("table", "read", folder, cwd=tmp_path).rows()
    instant = "2024-07-01T10:00:00.123456Z"
    assert row == {"at": "text", "s": {"at": instant, "n": 1}, "l": [instant, None], "m": {"at": instant}}


def test_an_update_compacts_what_piled_up_and_nothing_downstream_notices(tmp_path):
    project = Project(tmp_path)
    project.pipeline("""
        CREATE STREAMING TABLE t AS SELECT id FROM STREAM read_files('in', format => 'json', maxFilesPerTrigger => 1);
        CREATE STREAMING TABLE u AS SELECT id FROM STREAM t;
        CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM t;""")
    for i in range(60):
        project.feed(f"{i}.json", f'{{"id": {i}}}\n')
    project.run()
    (detail,) = succeed("table", "detail", "t", cwd=project.folder).rows()
    assert detail["numFiles"] == 1
    events = succeed("events", "--type", "operation_progress", cwd=project.folder).out
    assert "60 files became 1" in events
    plan = {row["table"].split(".")[-1]: row["mode"] for row in succeed("plan", cwd=project.folder).rows()}
    assert (plan["t"], plan["v"]) == ("unchanged", "unchanged")
    project.feed("more.json", '{"id": 100}\n')
    project.run()
    assert project.rows("SELECT count(*) AS n, sum(id) AS s FROM u") == [(61, 1870)]
    assert project.rows("SELECT n FROM v") == [(61,)]
    assert read_by_deltars(project.table()) == [*range(60), 100]
