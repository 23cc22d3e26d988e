"""Penstock reads what delta-rs wrote, row for row and value for value, at every version."""

import datetime
import decimal

import deltalake
import pyarrow
import pytest

from judges import arrow_rows, delta_rs, ours, penstock_reads, plain_rows, same_rows
from program import succeed

UTC = datetime.timezone.utc


def rows(first, last, **changes):
    return [{"id": i, "v": f"v{i}", "p": f"p{i % 2}", "at": datetime.datetime(2024, 1, 1, i % 24, 0, i % 60, 5, UTC), **changes} for i in range(first, last)]


SCHEMA = pyarrow.schema([("id", pyarrow.int64()), ("v", pyarrow.string()), ("p", pyarrow.string()), ("at", pyarrow.timestamp("us", "UTC"))])


def arrow(made):
    return pyarrow.Table.from_pylist(made, SCHEMA)


def append(path, made, **options):
    deltalake.write_deltalake(str(path), arrow(made), mode="append", **options)


@pytest.fixture(scope="module", params=[None, ["p"]], ids=["flat", "partitioned"])
def worked_on(request, tmp_path_factory):
    """A table after one of everything that delta-rs does."""
    path = tmp_path_factory.mktemp("delta_rs") / "t"
    for n in range(4):
        append(path, rows(n * 10, n * 10 + 10), partition_by=request.param)
    table = deltalake.DeltaTable(str(path))
    table.delete("id % 7 = 3")
    table.update(predicate="id < 5", updates={"v": "'updated'"})
    table.merge(arrow(rows(35, 45, v="merged")), "t.id = s.id", source_alias="s", target_alias="t").when_matched_update_all(
        "s.id <> 36").when_not_matched_insert_all().when_not_matched_by_source_delete("t.id = 1").execute()
    table.optimize.compact()
    table.create_checkpoint()
    append(path, rows(100, 103, p=None))
    deltalake.write_deltalake(str(path), arrow(rows(200, 203, p="p0")), mode="overwrite", predicate="p = 'p0'")
    table = deltalake.DeltaTable(str(path))
    table.optimize.z_order(["id"])
    table.restore(5)
    table.alter.add_columns([deltalake.Field("extra", deltalake.schema.PrimitiveType("double"))])
    append(path, rows(300, 305), schema_mode="merge")
    table = deltalake.DeltaTable(str(path))
    table.create_checkpoint()
    table.delete("id = 301")
    return path


def test_the_newest_version_is_read(worked_on):
    same_rows(penstock_reads(worked_on), delta_rs(worked_on))
    assert len(delta_rs(worked_on)) > 30
    for condition in ("id = 302", "p = 'p1' AND id > 5", "v = 'updated'", "extra IS NULL AND id < 3"):
        same_rows(penstock_reads(worked_on, f"SELECT * FROM t WHERE {condition}"), delta_rs(worked_on, f"SELECT * FROM t WHERE {condition}"))


def test_every_version_is_read(worked_on):
    newest = deltalake.DeltaTable(str(worked_on)).version()
    for version in range(newest + 1):
        same_rows(ours(f"SELECT * FROM delta.`{worked_on}` VERSION AS OF {version}", worked_on.parent), delta_rs(worked_on, version=version))
    history = succeed("table", "history", worked_on, "--format", "jsonl", cwd=worked_on.parent).rows()
    assert [entry["version"] for entry in history] == list(range(newest, -1, -1))
    assert {"WRITE", "DELETE", "UPDATE", "MERGE", "OPTIMIZE", "RESTORE"} <= {entry["operation"] for entry in history}


def test_a_vacuumed_and_cleaned_table_is_read(tmp_path):
    path = tmp_path / "t"
    for n in range(5):
        append(path, rows(n, n + 1), configuration={"delta.logRetentionDuration": "interval 0 days"})
    table = deltalake.DeltaTable(str(path))
    table.optimize.compact()
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    table.create_checkpoint()
    table.cleanup_metadata()
    same_rows(penstock_reads(path), plain_rows(rows(0, 5)))


def test_every_type_is_read_exactly(tmp_path):
    path = tmp_path / "t"
    when = datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)
    made = pyarrow.table({
        "i8": pyarrow.array([-128, None], pyarrow.int8()), "i16": pyarrow.array([32767, None], pyarrow.int16()),
        "i32": pyarrow.array([-2**31, None], pyarrow.int32()), "i64": pyarrow.array([2**63 - 1, None], pyarrow.int64()),
        "f64": pyarrow.array([0.1, None]), "flag": pyarrow.array([True, None]), "text": pyarrow.array(["ä\0€", None]),
        "bin": pyarrow.array([b"\0\xff", None]), "d": pyarrow.array([decimal.Decimal("-1234567890123456789012345678.0123456789"), None],
                                                                    pyarrow.decimal128(38, 10)),
        "day": pyarrow.array([datetime.date(1, 1, 1), None]), "at": pyarrow.array([when.replace(tzinfo=UTC), None], pyarrow.timestamp("us", "UTC")),
        "local_at": pyarrow.array([when, None], pyarrow.timestamp("us")),
        "l": pyarrow.array([[1, None], None], pyarrow.list_(pyarrow.int32())),
        "m": pyarrow.array([[("k", decimal.Decimal("1.50"))], None], pyarrow.map_(pyarrow.string(), pyarrow.decimal128(5, 2))),
        "s": pyarrow.array([{"a": {"b": [{"c": 1}]}}, None])})
    deltalake.write_deltalake(str(path), made)
    same_rows(penstock_reads(path), arrow_rows(made))
