"""Another process, another writer, a disk that is full or read-only, a kill: what the user gets, and what stays true."""

import contextlib
import os
import random
import signal
import subprocess
import time

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from program import PENSTOCK, penstock, succeed
from project import Project


@pytest.fixture()
def project(tmp_path):
    return Project(tmp_path / "project")


def feed_many(project, count):
    for i in range(count):
        project.feed(f"{i:03}.json", '{"id":%d}\n' % i)


def start(project):
    """An update in a process of its own, returned when it holds the lock."""
    process = subprocess.Popen([PENSTOCK, "run"], cwd=project.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lock = project.folder / "storage" / "_penstock" / "lock"
    while process.poll() is None and not (lock.exists() and lock.read_text().strip() == str(process.pid)):
        time.sleep(0.002)
    return process


# --- other processes


def test_a_second_run_is_refused_with_the_first_one_s_process_id_and_reading_goes_on(project):
    feed_many(project, 60)
    project.reads("json", ", schema => 'id BIGINT', maxFilesPerTrigger => 1")
    first = start(project)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        error = project.fails()
        assert f"process {first.pid} holds" in error and "Wait for it to end" in error
        dropped = penstock("table", "drop", "t", cwd=project.folder)
        assert dropped.status != 0
        succeed("table", "list", cwd=project.folder)
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert first.wait(timeout=60) == 0
    assert project.rows("SELECT count(*), count(DISTINCT id) FROM t") == [(60, 60)]


def test_an_update_killed_anywhere_is_completed_by_the_next_one(project):
    chance = random.Random(7)
    project.pipeline("""
CREATE STREAMING TABLE t (CONSTRAINT c EXPECT (id % 10 <> 3) ON VIOLATION QUARANTINE) AS
SELECT * FROM STREAM read_files('in', format => 'json', schema => 'id BIGINT', maxFilesPerTrigger => 2);
CREATE STREAMING TABLE u AS SELECT id FROM STREAM t;
CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n, sum(id) AS s FROM u;""")
    for _ in range(6):
        feed_many(project, 60)
        process = start(project)
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.wait()
    project.run()
    kept = [i for i in range(60) if i % 10 != 3]
    assert project.rows("SELECT count(*), count(DISTINCT id), sum(id) FROM u") == [(len(kept), len(kept), sum(kept))]
    assert project.rows("SELECT n, s FROM m") == [(len(kept), sum(kept))]
    assert len(succeed("quarantine", "show", "t", cwd=project.folder).rows()) == 6
    assert "unchanged" in project.run().err


# --- other writers


def ids(*values):
    return pa.table({"id": pa.array(values, pa.int64())})


def test_what_others_append_to_and_delete_from_our_table_between_batches_stays_so(project):
    project.pipeline("""
CREATE STREAMING TABLE t AS SELECT * FROM STREAM read_files('in', format => 'json', schema => 'id BIGINT');
CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n, sum(id) AS s FROM t;""")
    project.feed("1.json", '{"id":1}\n{"id":2}\n')
    project.run()
    write_deltalake(str(project.table()), ids(100), mode="append")
    DeltaTable(str(project.table())).delete("id = 1")
    project.feed("2.json", '{"id":3}\n')
    project.run()
    assert project.rows("SELECT id FROM t ORDER BY id") == [(2,), (3,), (100,)]
    assert project.rows("SELECT n, s FROM m") == [(3, 105)]
    assert sorted(DeltaTable(str(project.table())).to_pyarrow_table()["id"].to_pylist()) == [2, 3, 100]


def test_a_commit_of_another_writer_while_a_batch_runs_takes_nothing_from_either(project):
    feed_many(project, 80)
    project.reads("json", ", schema => 'id BIGINT', maxFilesPerTrigger => 1")
    process = start(project)
    while process.poll() is None and not (project.table() / "_delta_log" / f"{0:020}.json").exists():
        time.sleep(0.002)
    written = 0
    while process.poll() is None and written < 5:
        write_deltalake(str(project.table()), ids(1000 + written), mode="append")
        written += 1
    assert process.wait(timeout=60) == 0
    assert written > 0
    assert project.rows("SELECT id FROM t ORDER BY id") == [(i,) for i in [*range(80), *range(1000, 1000 + written)]]


@pytest.mark.parametrize("ours", [True, False])
def test_rows_that_others_append_to_our_source_are_read_once_and_a_delete_is_named(project, ours):
    if ours:
        project.feed("1.json", '{"id":1}\n{"id":2}\n')
        source, path = "a", project.table("a")
        project.pipeline("CREATE STREAMING TABLE a AS SELECT * FROM STREAM read_files('in', format => 'json', schema => 'id BIGINT');\n"
                         "CREATE STREAMING TABLE t AS SELECT * FROM STREAM a;")
        project.run()
    else:
        source, path = "delta.`src`", project.folder / "src"
        write_deltalake(str(path), ids(1, 2))
        project.pipeline(f"CREATE STREAMING TABLE t AS SELECT * FROM STREAM {source};")
        project.run()
    write_deltalake(str(path), ids(3), mode="append")
    project.run()
    project.run()
    assert project.rows("SELECT id FROM t ORDER BY id") == [(1,), (2,), (3,)]
    DeltaTable(str(path)).delete("id = 1")
    error = project.fails()
    assert "version 2 (DELETE)" in error and "skipChangeCommits" in error and "--full-refresh" in error
    assert project.rows("SELECT count(*) FROM t") == [(3,)]
    text = (project.folder / "p.sql").read_text()
    project.pipeline(text.replace(f"STREAM {source};", f"STREAM {source} WITH (skipChangeCommits = true);"))
    write_deltalake(str(path), ids(4), mode="append")
    project.run()
    assert project.rows("SELECT id FROM t ORDER BY id") == [(1,), (2,), (3,), (4,)]


# --- the disk


@contextlib.contextmanager
def mounted(folder, *options):
    """Needs root; elsewhere the test is skipped."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_once_there_is_room_every_row_is_there_once(project):
    text = random.Random(1)
    for i in range(30):
        project.feed(f"{i:02}.json", "".join('{"id":%d,"s":"%s"}\n' % (i * 50 + k, text.randbytes(300).hex()) for k in range(50)))
    project.pipeline("""
CREATE STREAMING TABLE t AS
SELECT * FROM STREAM read_files('in', format => 'json', schema => 'id BIGINT, s STRING', maxFilesPerTrigger => 1);
CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM t;""")
    with mounted(project.folder / "storage", "-t", "tmpfs", "-o", "size=400k", "tmpfs") as storage:
        error = project.fails()
        assert "No space left on device" in error and "Free space" in error and str(storage) in error
        committed = project.rows("SELECT count(*) FROM t")[0][0]
        assert 0 < committed < 1500 and committed % 50 == 0
        assert "No space left on device" in project.fails()
        subprocess.run(["mount", "-o", "remount,size=50m", str(storage)], check=True)
        project.run()
        assert project.rows("SELECT count(*), count(DISTINCT id) FROM t") == [(1500, 1500)]
        assert project.rows("SELECT n FROM m") == [(1500,)]


@pytest.mark.parametrize("filled", [False, True])
def test_a_read_only_storage_folder_is_named_and_reading_goes_on(project, filled):
    project.reads("json", ", schema => 'id BIGINT'")
    project.feed("1.json", '{"id":1}\n')
    if filled:
        project.run()
        project.feed("2.json", '{"id":2}\n')
    storage = project.folder / "storage"
    with mounted(storage, "--bind", str(storage)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(storage)], check=True)
        error = project.fails()
        assert str(storage) in error and "Read-only file system" in error and "writable" in error
        succeed("dry-run", cwd=project.folder)
        if filled:
            assert project.rows("SELECT id FROM t") == [(1,)]
            succeed("plan", cwd=project.folder)
            succeed("events", cwd=project.folder)
    project.run()
    assert project.rows("SELECT count(*) FROM t") == [(2 if filled else 1,)]
