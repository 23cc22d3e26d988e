"""Projects whose storage root is on a real S3 server, and files read from it as new ones arrive."""

import gzip
import os
import signal
import subprocess
import time
import uuid

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet
import pytest
import s3_server
from program import PENSTOCK, penstock, succeed
from test_s3 import endpoint, make_bucket  # noqa: F401 — the fixture

PIPELINE = """
CREATE STREAMING TABLE bronze (CONSTRAINT has_id EXPECT (id IS NOT NULL) ON VIOLATION QUARANTINE)
AS SELECT id, name FROM STREAM read_files('{root}/in', format => 'json', schema => 'id BIGINT, name STRING'{options});
CREATE MATERIALIZED VIEW counts AS SELECT name, count(*) AS rows FROM bronze GROUP BY name;
"""


class RemoteProject:
    """Definitions on disk, everything else in a bucket."""

    def __init__(self, folder, endpoint, options="", lease=None):
        self.folder, self.endpoint = folder, endpoint
        self.environment = {**s3_server.environment(endpoint), "HOME": str(folder)}
        self.root = f"s3://{s3_server.BUCKET}/{uuid.uuid4()}"
        self.store = pyarrow.fs.S3FileSystem(access_key=s3_server.ACCESS_KEY, secret_key=s3_server.SECRET_KEY, scheme="http",
                                             region="us-east-1", endpoint_override=endpoint.removeprefix("http://"))
        more = f'  penstock.lease.seconds: "{lease}"\n' if lease else ""
        (folder / "penstock.yml").write_text(
            f'name: test\nstorage: {self.root}/store\nconfiguration:\n  penstock.retry.initialSeconds: "0"\n{more}')
        self.pipeline(PIPELINE.format(root=self.root, options=options))

    def pipeline(self, text):
        (self.folder / "p.sql").write_text(text)

    def put(self, name, content):
        with self.store.open_output_stream(f"{self.root}/{name}".removeprefix("s3://"), compression=None) as stream:
            stream.write(content if isinstance(content, bytes) else content.encode())

    def feed(self, *rows):
        lines = "".join(f'{{"id": {"null" if number is None else number}, "name": "{name}"}}\n' for number, name in rows)
        self.put(f"in/{uuid.uuid4()}.json", lines)

    def keys(self, folder):
        base = f"{self.root}/{folder}".removeprefix("s3://")
        found = self.store.get_file_info(pyarrow.fs.FileSelector(base, recursive=True, allow_not_found=True))
        return sorted(each.path.removeprefix(base + "/") for each in found if each.is_file)

    def penstock(self, *arguments):
        return penstock(*arguments, cwd=self.folder, env=self.environment)

    def run(self, *arguments):
        return succeed("run", *arguments, cwd=self.folder, env=self.environment)

    def start(self):
        return subprocess.Popen([PENSTOCK, "run"], cwd=self.folder, env={**os.environ, **self.environment},
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def rows(self, query):
        ended = succeed("sql", query, "--format", "jsonl", cwd=self.folder, env=self.environment)
        return [tuple(row.values()) for row in ended.rows()]


@pytest.fixture
def project(tmp_path, endpoint):  # noqa: F811
    return RemoteProject(tmp_path, endpoint)


def test_everything_of_a_project_is_in_the_bucket(project):
    project.feed((1, "a"), (2, "b"), (None, "c"))
    project.run()
    project.feed((3, "a"))
    project.run()
    assert project.rows("SELECT id, name FROM bronze ORDER BY id") == [(1, "a"), (2, "b"), (3, "a")]
    assert project.rows("SELECT name, rows FROM counts ORDER BY name") == [("a", 2), ("b", 1)]
    assert "unchanged" in project.run().out + project.run().err
    assert [row["rows"] for row in project.penstock("quarantine", "list").rows()] == [1]
    assert project.penstock("table", "list").rows()[0]["path"] == f"{project.root}/store/tables/main/default/bronze"
    types = [event["event_type"] for event in project.penstock("events").rows()]
    assert types.count("create_update") == 4
    assert project.keys("store/_penstock/journal") == []
    assert not (project.folder / "storage").exists()
    project.run("--full-refresh", "bronze")
    assert project.rows("SELECT count(*) FROM bronze") == [(3,)]
    succeed("table", "drop", "counts", cwd=project.folder, env=project.environment)
    assert project.keys("store/tables/main/default/counts") == []


def test_an_update_that_is_killed_is_taken_up_where_it_was(tmp_path, endpoint):  # noqa: F811
    project = RemoteProject(tmp_path, endpoint, options=", maxFilesPerTrigger => 1")
    expected = []
    for round_number in range(6):
        for number in range(4):
            expected.append((round_number * 10 + number, "x"))
            project.feed(expected[-1])
        update = project.start()
        time.sleep(0.35 + 0.45 * round_number)
        update.kill()
        update.communicate()
    project.run()
    assert project.rows("SELECT id, name FROM bronze ORDER BY id") == expected
    assert project.rows("SELECT rows FROM counts") == [(len(expected),)]
    assert project.keys("store/_penstock/journal") == []
    batches = "SELECT count(*) FROM event_log WHERE message LIKE 'Flow main.default.bronze wrote batch%'"
    assert project.rows(batches) == [(len(expected),)]
    assert len(project.keys("store/_penstock/lease")) == 1


def wait_for(project, folder, count):
    """Until so many JSON objects are in the folder; a lease is one, who only asks for it leaves another kind."""
    deadline = time.monotonic() + 30
    while sum(key.endswith(".json") for key in project.keys(folder)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_second_update_is_refused_while_one_runs(tmp_path, endpoint):  # noqa: F811
    project = RemoteProject(tmp_path, endpoint, options=", maxFilesPerTrigger => 1")
    for number in range(40):  # so many batches that it is stopped between two of them
        project.feed((number, "x"))
    first = project.start()
    wait_for(project, "store/_penstock/lease", 1)
    first.send_signal(signal.SIGSTOP)
    try:
        second = project.penstock("run")
        assert second.status == 1 and "another update runs" in second.err and str(first.pid) in second.err, second
        refused = project.penstock("table", "drop", "bronze")
        assert refused.status != 0
    finally:
        first.send_signal(signal.SIGCONT)
    _, errors = first.communicate(timeout=120)
    assert first.returncode == 0, errors
    assert project.rows("SELECT count(*) FROM bronze") == [(40,)]


def test_an_update_that_wakes_up_after_its_lease_writes_nothing_more(tmp_path, endpoint):  # noqa: F811
    project = RemoteProject(tmp_path, endpoint, options=", maxFilesPerTrigger => 1", lease=4)
    for number in range(60):
        project.feed((number, "x"))
    first = project.start()
    wait_for(project, "store/tables/main/default/bronze/_delta_log", 5)
    first.send_signal(signal.SIGSTOP)
    make_foreign(project)
    time.sleep(7)
    project.run()
    first.send_signal(signal.SIGCONT)
    _, errors = first.communicate(timeout=120)
    assert first.returncode == 1 and "lease" in errors, errors
    assert project.rows("SELECT count(*), count(DISTINCT id) FROM bronze") == [(60, 60)]
    project.run()
    assert project.rows("SELECT count(*), count(DISTINCT id) FROM bronze") == [(60, 60)]


def make_foreign(project):
    """The lease as a process on another machine would have it: nobody here can see that it does not run."""
    name = project.keys("store/_penstock/lease")[-1]
    path = f"{project.root}/store/_penstock/lease/{name}".removeprefix("s3://")
    with project.store.open_input_stream(path) as stream:
        text = stream.read().decode()
    with project.store.open_output_stream(path) as stream:
        stream.write(text.replace('"machine":"', '"machine":"elsewhere ').encode())


FORMATS = {
    "json": ("schema => 'id BIGINT, name STRING'", lambda number: f'{{"id": {number}, "name": "n{number}"}}\n'),
    "csv": ("header => true, schema => 'id BIGINT, name STRING'", lambda number: f"id,name\n{number},n{number}\n"),
    "json.gz": ("schema => 'id BIGINT, name STRING'",
                lambda number: gzip.compress(f'{{"id": {number}, "name": "n{number}"}}\n'.encode())),
    "txt": (None, lambda number: f"{number}\n"),
}


def parquet(number):
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(pa.table({"id": pa.array([number], pa.int64()), "name": [f"n{number}"]}), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("ending", [*FORMATS, "parquet"])
def test_files_are_streamed_from_a_pattern_each_once(project, ending):
    options, content = FORMATS.get(ending, ("", parquet))
    form = {"json.gz": "json", "txt": "text"}.get(ending, ending)
    columns = "CAST(value AS BIGINT) AS id, 'n' || value AS name" if ending == "txt" else "id, name"
    source = f"'{project.root}/in/*/*.{ending}', format => '{form}'" + (f", {options}" if options else "")
    project.pipeline(f"CREATE STREAMING TABLE t AS SELECT {columns}, _metadata.file_name AS file FROM STREAM read_files({source});")
    names = ["a b", "k=v", "ü", "50%", "x+y", "[1]"]
    for number, name in enumerate(names):
        project.put(f"in/d=1/{name}.{ending}", content(number))
    project.put(f"in/d=1/other.{ending}x", b"no")
    project.run()
    expected = [(number, f"n{number}", f"{name}.{ending}") for number, name in enumerate(names)]
    assert project.rows("SELECT id, name, file FROM t ORDER BY id") == expected
    project.put(f"in/d=2/later.{ending}", content(10))
    project.run()
    assert project.rows("SELECT id, name, file FROM t ORDER BY id") == [*expected, (10, "n10", f"later.{ending}")]
    assert "unchanged" in project.run().err + project.run().out
    query = f"SELECT count(*) FROM read_files('{project.root}/in/d=1', format => '{form}'" + (
        f", {options}" if options else "") + f", pathGlobFilter => '*.{ending}')"
    assert project.rows(query) == [(len(names),)]


def test_binary_files_and_bad_records_are_read_from_s3(project):
    project.put("raw/x.bin", bytes(range(256)))
    query = f"SELECT length, path, hex(content) = '{bytes(range(256)).hex().upper()}' FROM read_files('{project.root}/raw', "
    assert project.rows(query + "format => 'binaryFile')") == [(256, f"{project.root}/raw/x.bin", True)]
    project.put("bad/x.json", '{"id": 1}\n{"id": \n')
    failed = project.penstock("sql", f"SELECT * FROM read_files('{project.root}/bad', format => 'json', mode => 'FAILFAST', "
                              "schema => 'id INT')")
    assert failed.status == 1 and "bad/x.json:2" in failed.err, failed
    assert project.rows(f"SELECT id FROM read_files('{project.root}/bad', format => 'json', mode => 'DROPMALFORMED')") == [(1,)]
    missing = project.penstock("sql", f"SELECT * FROM read_files('{project.root}/none', format => 'json')")
    assert missing.status == 2 and f"{project.root}/none" in missing.err, missing


def test_copy_into_takes_each_file_of_s3_once(project):
    succeed("sql", "CREATE TABLE c (id BIGINT, name STRING)", cwd=project.folder, env=project.environment)
    copy = f"COPY INTO c FROM '{project.root}/copy' FILEFORMAT = JSON PATTERN = '*.json'"
    project.put("copy/1.json", '{"id": 1, "name": "a"}\n')
    assert project.rows(copy) == [(1, 1)]
    project.put("copy/2.json", '{"id": 2, "name": "b"}\n{"id": 3, "name": "c"}\n')
    assert project.rows(copy) == [(2, 2)]
    assert project.rows(copy) == [(0, 0)]
    assert project.rows("SELECT id FROM c ORDER BY id") == [(1,), (2,), (3,)]


def test_tables_of_statements_live_in_the_bucket(project):
    for statement in ["CREATE TABLE c (id BIGINT, name STRING DEFAULT 'x') TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
                      "INSERT INTO c VALUES (1, DEFAULT), (2, 'b')", "DELETE FROM c WHERE id = 2"]:
        succeed("sql", statement, cwd=project.folder, env=project.environment)
    assert project.rows("SELECT id, name FROM c") == [(1, "x")]
    moved = project.penstock("sql", "ALTER TABLE c RENAME TO d")
    assert moved.status == 2 and "CREATE TABLE new AS SELECT" in moved.err, moved
    project.put("outside/1.json", "{}")
    elsewhere = project.root.replace("s3://", "s3a://") + "/outside/t"
    succeed("sql", f"CREATE TABLE e LOCATION '{elsewhere}' AS SELECT 7 AS id", cwd=project.folder, env=project.environment)
    succeed("sql", "ALTER TABLE e RENAME TO f", cwd=project.folder, env=project.environment)
    assert project.rows("SELECT id FROM f") == [(7,)]
    assert project.rows(f"SELECT id FROM delta.`{elsewhere}`") == [(7,)]
