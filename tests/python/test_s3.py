"""Tables on a real S3 server: written by the program, read and written by delta-rs beside it."""

import os
import threading
import uuid

import deltalake
import pyarrow as pa
import pyarrow.fs
import pytest
import s3_server
from program import penstock, succeed


def make_bucket(endpoint):
    store = pyarrow.fs.S3FileSystem(access_key=s3_server.ACCESS_KEY, secret_key=s3_server.SECRET_KEY, scheme="http",
                                    region="us-east-1", endpoint_override=endpoint.removeprefix("http://"),
                                    allow_bucket_creation=True)
    store.create_dir(s3_server.BUCKET)


@pytest.fixture(scope="module")
def endpoint():
    running = os.environ.get("PENSTOCK_TEST_S3")
    if running:
        make_bucket(running)
        yield running
        return
    with s3_server.s3_server() as started:
        make_bucket(started)
        yield started


class S3Project:
    """A project on disk whose table t is on S3."""

    def __init__(self, folder, endpoint, partition=""):
        self.folder, self.endpoint = folder, endpoint
        self.environment = {**s3_server.environment(endpoint), "HOME": str(folder)}
        self.table = f"s3://{s3_server.BUCKET}/{uuid.uuid4()}/table t"
        (folder / "in").mkdir()
        (folder / "penstock.yml").write_text("name: test\nstorage: storage\n")
        (folder / "p.sql").write_text(
            f"CREATE STREAMING TABLE t {partition} LOCATION '{self.table}' AS "
            "SELECT id, name FROM STREAM read_files('in', format => 'json', schema => 'id BIGINT, name STRING');")

    def feed(self, rows):
        path = self.folder / "in" / f"{uuid.uuid4()}.json"
        path.write_text("".join(f'{{"id": {number}, "name": "{name}"}}\n' for number, name in rows))

    def run(self):
        return succeed("run", cwd=self.folder, env=self.environment)

    def rows(self, query):
        ended = succeed("sql", query, "--format", "jsonl", cwd=self.folder, env=self.environment)
        return [tuple(row.values()) for row in ended.rows()]

    def options(self):
        return {**s3_server.environment(self.endpoint), "aws_conditional_put": "etag"}

    def delta_rs(self, **more):
        return deltalake.DeltaTable(self.table, storage_options=self.options(), **more)

    def delta_rs_rows(self, **more):
        reader = deltalake.QueryBuilder().register("t", self.delta_rs(**more))
        rows = pa.table(reader.execute("SELECT id, name FROM t ORDER BY id")).to_pylist()
        return [tuple(row.values()) for row in rows]

    def delta_rs_append(self, rows):
        data = pa.table({"id": pa.array([row[0] for row in rows], pa.int64()),
                         "name": pa.array([row[1] for row in rows], pa.string())})
        deltalake.write_deltalake(self.table, data, mode="append", storage_options=self.options())


@pytest.fixture
def project(tmp_path, endpoint):
    return S3Project(tmp_path, endpoint)


def test_table_is_written_read_and_travelled_in_time_by_both(project):
    project.feed([(1, "one"), (2, "two")])
    project.run()
    project.feed([(3, "drei ü"), (4, "4")])
    project.run()
    expected = [(1, "one"), (2, "two"), (3, "drei ü"), (4, "4")]
    assert project.rows("SELECT id, name FROM t ORDER BY id") == expected
    assert project.delta_rs_rows() == expected

    project.delta_rs_append([(5, "five")])
    assert project.rows(f"SELECT id, name FROM delta.`{project.table}` ORDER BY id") == [*expected, (5, "five")]
    version = project.delta_rs().version()
    assert project.rows(f"SELECT count(*) FROM delta.`{project.table}` VERSION AS OF {version - 1}") == [(4,)]
    history = succeed("table", "history", project.table, cwd=project.folder, env=project.environment)
    assert len(history.rows()) == version + 1
    elsewhere = succeed("table", "history", project.table.replace("s3://", "s3a://"), cwd="/", env=project.environment)
    assert elsewhere.rows() == history.rows()


def test_partition_values_of_all_kinds_are_found_again(tmp_path, endpoint):
    project = S3Project(tmp_path, endpoint, partition="PARTITIONED BY (name)")
    names = ["a b", "ü", "50%", "x+y", "k=v", "a/b", "q?", "%20", "[1]", "*"]
    project.feed(list(enumerate(names)))
    project.run()
    expected = list(enumerate(names))
    assert project.delta_rs_rows() == expected
    assert project.rows("SELECT id, name FROM t ORDER BY id") == expected
    project.delta_rs_append([(100 + number, name) for number, name in enumerate(names)])
    assert project.rows("SELECT count(*), count(DISTINCT name) FROM t") == [(2 * len(names), len(names))]


def test_two_writers_at_once_lose_nothing(project):
    project.feed([(0, "begin")])
    project.run()
    failures = []

    def append_with_delta_rs():
        try:
            for number in range(10):
                project.delta_rs_append([(1000 + number, "delta-rs")])
        except Exception as failure:  # noqa: BLE001 — told by the assertion below
            failures.append(failure)

    other = threading.Thread(target=append_with_delta_rs)
    other.start()
    for number in range(1, 6):
        project.feed([(number, "ours")])
        project.run()
    other.join()
    assert failures == []
    expected = sorted([(0, "begin"), *[(n, "ours") for n in range(1, 6)], *[(1000 + n, "delta-rs") for n in range(10)]])
    assert project.rows("SELECT id, name FROM t ORDER BY id") == expected
    assert project.delta_rs_rows() == expected
    versions = [entry["version"] for entry in project.delta_rs().history()]
    assert sorted(versions) == list(range(len(versions)))


def test_wrong_secret_is_named_and_not_shown(project):
    project.environment["AWS_SECRET_ACCESS_KEY"] = "a-wrong-secret"
    ended = penstock("table", "history", project.table, cwd=project.folder, env=project.environment)
    assert ended.status != 0
    assert "SignatureDoesNotMatch" in ended.err and "HTTP 403" in ended.err
    assert "a-wrong-secret" not in ended.err + ended.out
    assert s3_server.ACCESS_KEY not in ended.err + ended.out


def test_engine_keeps_its_secret(project):
    project.feed([(1, "one")])
    project.run()
    for query in ["SELECT * FROM duckdb_secrets()", "SELECT * FROM duckdb_secrets(redact => false)"]:
        ended = penstock("sql", f"WITH x AS (SELECT count(*) FROM t) {query}, x", cwd=project.folder,
                         env=project.environment)
        assert s3_server.SECRET_KEY not in ended.out + ended.err, ended


def test_missing_credentials_say_what_to_set(project):
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]:
        project.environment[name] = ""
    ended = penstock("table", "history", project.table, cwd=project.folder, env=project.environment)
    assert ended.status != 0 and "AWS_ACCESS_KEY_ID" in ended.err, ended


def test_other_clouds_are_refused_by_name(project):
    ended = penstock("table", "history", "abfss://c@account/t", cwd=project.folder, env=project.environment)
    assert ended.status != 0 and "abfss://" in ended.err, ended
    (project.folder / "penstock.yml").write_text("name: test\nstorage: gs://lake/root\n")
    ended = penstock("run", cwd=project.folder, env=project.environment)
    assert ended.status == 2 and "s3://bucket/folder" in ended.err, ended


def test_rows_are_changed_and_the_table_is_maintained(project):
    project.delta_rs_append([(number, "old") for number in range(10)])
    project.delta_rs_append([(number, "old") for number in range(10, 20)])
    table = f"delta.`{project.table}`"
    for statement in [
            f"INSERT INTO {table} VALUES (100, 'inserted')",
            f"DELETE FROM {table} WHERE id = 3",
            f"UPDATE {table} SET name = 'updated' WHERE id = 4",
            f"MERGE INTO {table} t USING (SELECT 5 AS id, 'merged' AS name UNION ALL SELECT 500, 'new') s ON t.id = s.id "
            "WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT *"]:
        succeed("sql", statement, cwd=project.folder, env=project.environment)
    changed = {3: None, 4: "updated", 5: "merged", 100: "inserted", 500: "new"}
    expected = sorted((number, changed.get(number, "old")) for number in [*range(20), 100, 500] if number != 3)
    assert project.rows(f"SELECT id, name FROM {table} ORDER BY id") == expected
    succeed("table", "optimize", project.table, cwd=project.folder, env=project.environment)
    assert project.rows(f"SELECT id, name FROM {table} ORDER BY id") == expected
    succeed("table", "vacuum", project.table, cwd=project.folder, env=project.environment)
    assert project.rows(f"SELECT id, name FROM {table} ORDER BY id") == expected
    succeed("table", "restore", project.table, "--version", "1", cwd=project.folder, env=project.environment)
    assert project.delta_rs_rows() == [(number, "old") for number in range(20)]


def test_two_processes_of_ours_lose_nothing(project):
    project.delta_rs_append([(0, "begin")])
    ended = []

    def insert(first):
        for number in range(first, first + 6):
            ended.append(penstock("sql", f"INSERT INTO delta.`{project.table}` VALUES ({number}, 'x')",
                                  cwd=project.folder, env=project.environment))

    writers = [threading.Thread(target=insert, args=(first,)) for first in (100, 200)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [each for each in ended if each.status != 0] == []
    assert [row[0] for row in project.delta_rs_rows()] == [0, *range(100, 106), *range(200, 206)]
    assert project.delta_rs().version() == 12
