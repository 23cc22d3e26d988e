"""The change data feed: ours as Spark and delta-rs read it, theirs as Penstock does, across what may happen to a table meanwhile."""

import datetime
import json

import deltalake
import pyarrow
import pytest

from judges import ours, plain_rows, same_rows
from program import penstock
from spark_session import rows as spark_rows
from test_judged_writes import create
from test_tables_of_delta_rs import append, rows

CHANGES = "SELECT id, v, _change_type, _commit_version FROM "


@pytest.mark.parametrize("vectors", ["true", "false"])
def test_changes_are_the_same_for_all_readers(tmp_path, spark, vectors):
    table = create(tmp_path / "t", properties=f"'delta.enableChangeDataFeed' = 'true', 'delta.enableDeletionVectors' = '{vectors}'",
                   columns="id BIGINT, v STRING")
    table.sql("INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')")
    table.sql("UPDATE {t} SET v = 'B' WHERE id = 2")
    table.sql("DELETE FROM {t} WHERE id = 3")
    table.sql("MERGE INTO {t} AS t USING (SELECT * FROM VALUES (1, 'A'), (4, NULL), (9, 'n') AS s(id, v)) AS s ON t.id = s.id "
              "WHEN MATCHED AND s.v IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
    table.sql("OPTIMIZE {t}")
    table.sql("INSERT OVERWRITE {t} VALUES (7, 'z')")
    last = table.version()
    expected = plain_rows([
        *({"id": i, "v": v, "_change_type": "insert", "_commit_version": 1} for i, v in ((1, "a"), (2, "b"), (3, "c"), (4, "d"))),
        {"id": 2, "v": "b", "_change_type": "update_preimage", "_commit_version": 2},
        {"id": 2, "v": "B", "_change_type": "update_postimage", "_commit_version": 2},
        {"id": 3, "v": "c", "_change_type": "delete", "_commit_version": 3},
        {"id": 1, "v": "a", "_change_type": "update_preimage", "_commit_version": 4},
        {"id": 1, "v": "A", "_change_type": "update_postimage", "_commit_version": 4},
        {"id": 4, "v": "d", "_change_type": "delete", "_commit_version": 4},
        {"id": 9, "v": "n", "_change_type": "insert", "_commit_version": 4},
        *({"id": i, "v": v, "_change_type": "delete", "_commit_version": last} for i, v in ((1, "A"), (2, "B"), (9, "n"))),
        {"id": 7, "v": "z", "_change_type": "insert", "_commit_version": last}])
    same_rows(ours(f"{CHANGES} table_changes('{table.path}', 0, {last})", tmp_path), expected)
    same_rows(spark_rows(spark.sql(f"{CHANGES} table_changes_by_path('{table.path}', 0, {last})")), expected)
    if vectors == "false":  # delta-rs derives nothing from deletion vectors
        changes = pyarrow.table(deltalake.DeltaTable(str(table.path)).load_cdf(starting_version=0, ending_version=last))
        same_rows(plain_rows(changes.select(["id", "v", "_change_type", "_commit_version"]).to_pylist()), expected)


def test_changes_of_delta_rs_are_read(tmp_path):
    path = tmp_path / "t"
    append(path, rows(0, 5), configuration={"delta.enableChangeDataFeed": "true"})
    table = deltalake.DeltaTable(str(path))
    table.update(predicate="id = 1", updates={"v": "'u'"})
    table.delete("id = 2")
    append(path, rows(9, 10))
    columns = ["id", "v", "_change_type", "_commit_version"]
    theirs = pyarrow.table(deltalake.DeltaTable(str(path)).load_cdf(starting_version=0)).select(columns)
    same_rows(ours(f"SELECT {', '.join(columns)} FROM table_changes('{path}', 0, 3)", tmp_path), plain_rows(theirs.to_pylist()))


@pytest.fixture(scope="module", params=["none", "name"])
def changed_by_spark(request, tmp_path_factory, spark):
    """A partitioned table of Spark that records changes and gets a new column; a mapped one also renames some."""
    path = tmp_path_factory.mktemp("changed") / "t"
    mapped = request.param != "none"
    mapping = f", 'delta.columnMapping.mode' = '{request.param}'" if mapped else ""
    for statement in (
            "CREATE TABLE {t} (id BIGINT, v STRING, n INT, p STRING) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ("
            f"'delta.enableChangeDataFeed' = 'true', 'delta.enableInCommitTimestamps' = 'true'{mapping})",
            "INSERT INTO {t} SELECT id, concat('v', id), CAST(id AS INT), concat('p', id % 2) FROM range(0, 10)",
            "UPDATE {t} SET v = 'u' WHERE id < 3",
            "ALTER TABLE {t} ADD COLUMNS (extra STRUCT<a: INT>)",
            "INSERT INTO {t} VALUES (20, 'w', 5, NULL, named_struct('a', 1))",
            "DELETE FROM {t} WHERE id IN (4, 5)",
            *(["ALTER TABLE {t} RENAME COLUMN v TO w", "ALTER TABLE {t} RENAME COLUMN p TO part"] if mapped else []),
            "INSERT INTO {t} SELECT id, 'last', id, 'p9', NULL FROM range(30, 33)",
            "DELETE FROM {t} WHERE id = 31"):
        spark.sql(statement.replace("{t}", f"delta.`{path}`"))
    return path


MARKS = "_change_type, _commit_version, _commit_timestamp"


def both(spark, path, span, columns=f"id, v, n, p, {MARKS}"):
    theirs = spark_rows(spark.sql(f"SELECT {columns} FROM table_changes_by_path('{path}', {span})"))
    same_rows(ours(f"SELECT {columns} FROM table_changes('{path}', {span})", path.parent), theirs)
    return theirs


def test_changes_across_a_new_column(changed_by_spark, spark):
    assert len(both(spark, changed_by_spark, "0, 5", f"id, v, n, p, extra, {MARKS}")) == 10 + 6 + 1 + 2
    assert len(both(spark, changed_by_spark, "0, 2")) == 16
    assert len(both(spark, changed_by_spark, "4, 5", "*")) == 3


def test_changes_after_columns_were_renamed(changed_by_spark, spark):
    last = max(int(file.stem) for file in (changed_by_spark / "_delta_log").glob("*[0-9].json"))
    assert len(both(spark, changed_by_spark, f"{last - 1}, {last}", "*")) == 4


def test_changes_before_and_after_a_rename_have_the_last_names(changed_by_spark, spark):
    """Spark refuses such a range; a name of column mapping is another name of the same column."""
    everything = ours(f"SELECT * FROM table_changes('{changed_by_spark}', 0)", changed_by_spark.parent)
    assert len(everything) == 19 + 4
    names = spark.sql(f"SELECT * FROM delta.`{changed_by_spark}`").columns
    assert list(everything[0])[:len(names)] == names
    assert sorted(row[names[3]] for row in everything if row["id"] == "7") == ["p1"]


def test_changes_between_two_times(changed_by_spark, spark):
    def at(version):
        text = (changed_by_spark / "_delta_log" / f"{version:020}.json").read_text()
        info = json.loads(text.splitlines()[0])["commitInfo"]
        return datetime.datetime.fromtimestamp(info["inCommitTimestamp"] / 1000, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    assert len(both(spark, changed_by_spark, f"'{at(2)}', '{at(4)}'")) == 7
    assert len(both(spark, changed_by_spark, f"'{at(4)}', '{at(5)}'")) == 3


def test_changes_before_a_type_was_widened_have_the_wider_type(tmp_path):
    table = create(tmp_path / "t", properties="'delta.enableChangeDataFeed' = 'true', 'delta.enableTypeWidening' = 'true'",
                   columns="id INT, n SMALLINT")
    table.sql("INSERT INTO {t} VALUES (1, 1), (2, 2)")
    table.sql("UPDATE {t} SET n = 7 WHERE id = 1")
    table.sql("ALTER TABLE {t} ALTER COLUMN n TYPE BIGINT")
    table.sql("INSERT INTO {t} VALUES (3, 5000000000)")
    changes = ours(f"SELECT id, n, _commit_version AS c FROM table_changes('{table.path}', 0)", tmp_path)
    same_rows(changes, plain_rows([{"id": i, "n": n, "c": c} for i, n, c in ((1, 1, 1), (2, 2, 1), (1, 1, 2), (1, 7, 2), (3, 5000000000, 4))]))


def test_a_remove_without_partition_values_gives_those_of_its_add(tmp_path):
    path = tmp_path / "t"
    append(path, rows(0, 4), partition_by=["p"])
    deltalake.DeltaTable(str(path)).delete("p = 'p0'")
    log = path / "_delta_log"
    commit = log / f"{1:020}.json"
    actions = [json.loads(line) for line in commit.read_text().splitlines()]
    for action in actions:
        if "remove" in action:
            action["remove"] = {key: action["remove"][key] for key in ("path", "deletionTimestamp", "dataChange")}
    commit.write_text("".join(json.dumps(action) + "\n" for action in actions))
    deleted = [{"id": i, "p": "p0", "_change_type": "delete"} for i in (0, 2)]
    query = f"SELECT id, p, _change_type FROM table_changes('{path}', 1, 1)"
    same_rows(ours(query, tmp_path), plain_rows(deleted))
    deltalake.DeltaTable(str(path)).create_checkpoint()
    (log / f"{0:020}.json").unlink()
    refused = penstock("sql", query, cwd=tmp_path)
    assert refused.status == 1 and "partition values" in refused.err, refused
