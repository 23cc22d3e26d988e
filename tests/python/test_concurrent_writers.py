"""Two processes of ours and one of delta-rs write to one table at once: nothing is lost, the history has neither gap nor fork.

90 commits; with PENSTOCK_LONG=1 500.
"""

import concurrent.futures
import json
import os
import subprocess
import sys

import deltalake
import pytest

from judges import delta_extension, delta_rs, in_order, penstock_reads, plain_rows, same_rows
from program import penstock, succeed

COMMITS = 500 if os.environ.get("PENSTOCK_LONG") else 90
DELTA_RS = """
import sys, deltalake, pyarrow
path, count = sys.argv[1], int(sys.argv[2])
for n in range(count):
    rows = pyarrow.table({"writer": ["delta-rs"], "n": pyarrow.array([n], pyarrow.int64()), "v": ["new"]})
    while True:
        try:
            deltalake.write_deltalake(path, rows, mode="append",
                                      commit_properties=deltalake.CommitProperties(max_commit_retries=1000))
            break
        except deltalake.exceptions.CommitFailedError as error:
            assert "concurrent" in str(error)  # it lost a race and says so: nothing was written
"""


def appends(path, writer, count):
    """One process after another, each a commit."""
    for n in range(count):
        succeed("sql", f"INSERT INTO delta.`{path}` VALUES ('{writer}', {n}, 'new')", cwd=path.parent)
    return [{"writer": writer, "n": n, "v": "new"} for n in range(count)]


def changes(path, writer, count):
    """Appends a row, updates it, merges into it, deletes every second one: its own rows, so no other writer is in the way."""
    table, rows = f"delta.`{path}`", {}
    for commit in range(count):
        n, step = divmod(commit, 4)
        where = f"writer = '{writer}' AND n = {n}"
        if step == 0:
            statement, rows[n] = f"INSERT INTO {table} VALUES ('{writer}', {n}, 'new')", "new"
        elif step == 1:
            statement, rows[n] = f"UPDATE {table} SET v = 'updated' WHERE {where}", "updated"
        elif step == 2:
            statement, rows[n] = (f"MERGE INTO {table} AS t USING (SELECT '{writer}' AS writer, {n} AS n, 'merged' AS v) AS s "
                                  "ON t.writer = s.writer AND t.n = s.n WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"), "merged"
        elif n % 2:
            statement = f"DELETE FROM {table} WHERE {where}"
            del rows[n]
        else:
            statement, rows[n] = f"UPDATE {table} SET v = 'kept' WHERE {where}", "kept"
        while (ended := penstock("sql", statement, cwd=path.parent)).status != 0:
            assert "was overtaken by version" in ended.err, ended  # named, and safe to try again
    return [{"writer": writer, "n": n, "v": v} for n, v in rows.items()]


def foreign(path, count):
    done = subprocess.run([sys.executable, "-c", DELTA_RS, path, str(count)], capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    return [{"writer": "delta-rs", "n": n, "v": "new"} for n in range(count)]


@pytest.mark.parametrize("partitions, second", [([], appends), (["writer"], changes)], ids=["appends", "row changes"])
def test_nothing_is_lost_between_three_writers(tmp_path, partitions, second):
    path, each = tmp_path / "t", COMMITS // 6
    types = {"writer": "string", "n": "long", "v": "string"}
    schema = deltalake.Schema([deltalake.Field(name, deltalake.schema.PrimitiveType(kind)) for name, kind in types.items()])
    deltalake.DeltaTable.create(str(path), schema, partition_by=partitions)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(appends, path, "first", each), pool.submit(second, path, "second", each), pool.submit(foreign, path, each)]
        expected = plain_rows([row for job in jobs for row in job.result()])
    for reader in (penstock_reads, delta_rs, delta_extension):
        same_rows(reader(path), expected)

    commits = sorted(file for file in (path / "_delta_log").glob("*.json") if file.stem.isdigit())
    assert [int(file.stem) for file in commits] == list(range(3 * each + 1))
    added = []
    for file in commits:
        actions = [json.loads(line) for line in file.read_text().splitlines()]
        assert sum("commitInfo" in action for action in actions) == 1
        added += [action["add"]["path"] for action in actions if "add" in action]
    assert len(added) == len(set(added))
    history = [int(row["version"]) for row in succeed("table", "history", path, "--format", "jsonl", cwd=tmp_path).rows()]
    assert sorted(history) == list(range(3 * each + 1)) and in_order(history)
