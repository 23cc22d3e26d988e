"""Tables that are damaged, or that lie: each is named (file, version, field) or survived as the protocol says; nothing is written."""

import json
import shutil

import pyarrow
import pytest

from handmade_table import SCHEMA, HandmadeTable
from judges import Number, our_rows
from program import penstock, succeed

WRITES = ["INSERT INTO delta.`{p}` SELECT 1000, 'x'", "DELETE FROM delta.`{p}` WHERE id = 1"]


@pytest.fixture()
def table(tmp_path):
    return HandmadeTable(tmp_path / "t")


def ids(table):
    """What the program reads, sorted."""
    return sorted(int(row["id"]) for row in our_rows(succeed("sql", f"SELECT id FROM delta.`{table.path}`", cwd=table.path.parent)))


def refused(table, *words, writes=WRITES):
    """Reading and writing end with an error that has the words; no file is made, changed or removed."""
    before = table.everything()
    for command in (["table", "read", table.path], *(["sql", write.format(p=table.path)] for write in writes)):
        ended = penstock(*command, cwd=table.path.parent)
        assert ended.status in (1, 2), (command, ended)
        assert ended.out == "", (command, ended)
        assert [word for word in words if word not in ended.err] == [], (command, ended)
    assert table.everything() == before


def write_refused(table, *words, writes=WRITES):
    before = table.everything()
    for write in writes:
        ended = penstock("sql", write.format(p=table.path), cwd=table.path.parent)
        assert ended.status in (1, 2) and [word for word in words if word not in ended.err] == [], (write, ended)
    assert table.everything() == before


def test_a_table_in_order_is_read_and_written(table):
    assert ids(table) == list(range(40))
    succeed("sql", WRITES[0].format(p=table.path), cwd=table.path.parent)
    assert ids(table) == [*range(40), 1000]
    succeed("sql", WRITES[1].format(p=table.path), cwd=table.path.parent)
    assert ids(table) == [0, *range(2, 40), 1000]


# ---- commits


def test_a_torn_commit_is_named(table):
    text = table.file_of(3).read_text()
    table.file_of(3).write_text(text[:len(text) // 2])
    refused(table, "00000000000000000003.json")


def test_an_empty_commit_is_named(table):
    table.file_of(3).write_text("")
    refused(table, "00000000000000000003.json")


def test_a_commit_of_zeros_is_named(table):
    table.file_of(2).write_bytes(bytes(200))
    refused(table, "00000000000000000002.json")


def test_a_commit_of_no_utf8_is_named(table):
    table.file_of(2).write_bytes(b'{"add": {"path": "\xff\xfe"}}\n')
    refused(table, "00000000000000000002.json")


def test_a_gap_in_the_log_is_named(table):
    table.file_of(2).unlink()
    refused(table, "version 2")


def test_a_log_without_its_beginning_and_without_checkpoint_is_named(table):
    table.forget_commits(1)
    refused(table, str(table.path))


def test_a_folder_without_log_is_named(tmp_path):
    (tmp_path / "nothing").mkdir()
    ended = penstock("sql", f"SELECT * FROM delta.`{tmp_path / 'nothing'}`", cwd=tmp_path)
    assert ended.status in (1, 2) and str(tmp_path / "nothing") in ended.err


def test_blank_lines_and_other_files_in_the_log_are_passed_over(table):
    table.file_of(3).write_text("\n" + table.file_of(3).read_text() + "\n\n")
    (table.log / "00000000000000000004.json.tmp").write_text("{")
    (table.log / ".00000000000000000005.json.crc").write_text("x")
    (table.log / "_staged_commits").mkdir()
    (table.log / "README").write_text("x")
    assert ids(table) == list(range(40))


def test_an_unknown_action_and_an_unknown_field_are_passed_over(table):
    table.commit(3, {"action_of_the_future": {"x": [1]}}, {"add": {**table.adds[3]["add"], "field_of_the_future": {"y": 1}}})
    assert ids(table) == list(range(40))


def test_an_unknown_field_is_kept_where_its_action_is_rewritten(table):
    table.change(0, "metaData", field_of_the_future={"y": 1})
    succeed("sql", f"ALTER TABLE delta.`{table.path}` SET TBLPROPERTIES ('a' = 'b')", cwd=table.path.parent)
    (metadata,) = [json.loads(line)["metaData"] for line in table.file_of(4).read_text().splitlines() if "metaData" in line]
    assert metadata["field_of_the_future"] == {"y": 1} and metadata["configuration"]["a"] == "b"


# ---- checkpoints


def test_a_pointer_to_no_checkpoint_is_survived(table):
    (table.log / "_last_checkpoint").write_text(json.dumps({"version": 2, "size": 5}))
    assert ids(table) == list(range(40))
    (table.log / "_last_checkpoint").write_text(json.dumps({"version": 200, "size": 5, "parts": 3}))
    assert ids(table) == list(range(40))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": "two"}', '{"version": -1, "size": 0}', '{"version": 99999999999999999999}'])
def test_a_broken_pointer_is_survived(table, text):
    table.checkpoint(2)
    (table.log / "_last_checkpoint").write_text(text)
    assert ids(table) == list(range(40))


def test_a_checkpoint_alone_is_enough(table):
    table.checkpoint(2, parts=2)
    table.forget_commits(2)
    assert ids(table) == list(range(40))
    (table.log / "_last_checkpoint").unlink()
    assert ids(table) == list(range(40))


def test_a_checkpoint_without_one_of_its_parts_is_survived_through_the_commits(table):
    table.checkpoint(2, parts=3)
    (table.log / f"{2:020}.checkpoint.{2:010}.{3:010}.parquet").unlink()
    assert ids(table) == list(range(40))


def test_a_checkpoint_without_one_of_its_parts_is_survived_through_an_older_one(table):
    table.checkpoint(1)
    table.checkpoint(2, parts=3)
    (table.log / f"{2:020}.checkpoint.{2:010}.{3:010}.parquet").unlink()
    table.forget_commits(1)
    assert ids(table) == list(range(40))


def test_a_checkpoint_without_one_of_its_parts_is_named_where_nothing_replaces_it(table):
    table.checkpoint(2, parts=3)
    (table.log / f"{2:020}.checkpoint.{2:010}.{3:010}.parquet").unlink()
    table.forget_commits(2)
    refused(table, str(table.path), "checkpoint")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all", None])
def test_a_broken_checkpoint_is_survived_through_the_commits(table, content):
    table.checkpoint(2)
    file = table.log / f"{2:020}.checkpoint.parquet"
    file.write_bytes(file.read_bytes()[:-100] if content is None else content)
    assert ids(table) == list(range(40))


def test_a_broken_checkpoint_is_named_where_nothing_replaces_it(table):
    table.checkpoint(2)
    file = table.log / f"{2:020}.checkpoint.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    table.forget_commits(2)
    refused(table, f"{2:020}.checkpoint.parquet")


def checksum(table, **changes):
    """The checksum file of the newest version."""
    content = {"tableSizeBytes": sum(add["add"]["size"] for add in table.adds), "numFiles": 4, "numMetadata": 1, "numProtocol": 1,
               "metadata": table.metadata["metaData"], "protocol": table.protocol["protocol"], **changes}
    (table.log / f"{3:020}.crc").write_text(json.dumps(content))


def test_a_checksum_file_that_agrees_or_cannot_be_read_changes_nothing(table):
    checksum(table)
    assert ids(table) == list(range(40))
    (table.log / f"{3:020}.crc").write_text("{")
    assert ids(table) == list(range(40))


@pytest.mark.parametrize("changes", [{"numFiles": 3}, {"tableSizeBytes": 1}])
def test_a_checksum_file_that_disagrees_is_named(table, changes):
    checksum(table, **changes)
    refused(table, f"{3:020}")


# ---- protocol and schema


@pytest.mark.parametrize("feature", ["featureOfTheFuture", "catalogManaged"])
def test_an_unknown_reader_feature_is_refused_by_name(tmp_path, feature):
    refused(HandmadeTable(tmp_path / "t", protocol={
        "minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": [feature], "writerFeatures": [feature]}), feature)


def test_an_unknown_writer_feature_is_read_and_its_writing_refused_by_name(tmp_path):
    table = HandmadeTable(tmp_path / "t", protocol={"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": ["featureOfTheFuture"]})
    assert ids(table) == list(range(40))
    write_refused(table, "featureOfTheFuture")


@pytest.mark.parametrize("versions, word", [((4, 7), "4"), ((99, 99), "99"), ((-1, 2), "minReaderVersion")])
def test_an_unknown_reader_version_is_refused(tmp_path, versions, word):
    reader, writer = versions
    refused(HandmadeTable(tmp_path / "t", protocol={"minReaderVersion": reader, "minWriterVersion": writer}), word)


def test_an_unknown_writer_version_is_read_and_its_writing_refused(tmp_path):
    table = HandmadeTable(tmp_path / "t", protocol={"minReaderVersion": 1, "minWriterVersion": 8})
    assert ids(table) == list(range(40))
    write_refused(table, "8")


def test_a_log_without_protocol_is_named(table):
    table.commit(0, table.metadata, table.adds[0])
    refused(table, "protocol")


def test_a_log_without_metadata_is_named(table):
    table.commit(0, table.protocol, table.adds[0])
    refused(table, "metaData")


@pytest.mark.parametrize("schema", ["", "{", "[]", '"x"', json.dumps({"type": "struct"}),
                                    json.dumps({"type": "struct", "fields": [{"name": "id", "type": "tensor", "nullable": True, "metadata": {}}]}),
                                    json.dumps({"type": "struct", "fields": [{"name": "id"}]})])
def test_a_broken_schema_is_named(tmp_path, schema):
    refused(HandmadeTable(tmp_path / "t", metadata={"schemaString": schema}), "00000000000000000000.json", "schema")


def test_a_partition_column_that_is_none_is_named(tmp_path):
    refused(HandmadeTable(tmp_path / "t", metadata={"partitionColumns": ["nowhere"]}), "nowhere")


# ---- files


@pytest.mark.parametrize("path", ["../outside.parquet", "a/../../outside.parquet", "%2e%2e/outside.parquet", "..%2foutside.parquet"])
def test_a_path_that_leaves_the_table_is_refused(table, path):
    shutil.copy(table.path / "f0.parquet", table.path.parent / "outside.parquet")
    table.change(3, "add", path=path)
    refused(table, "outside.parquet", "00000000000000000003.json")


def test_an_absolute_path_is_read(table):
    outside = table.path.parent / "o f%20ä.parquet"
    shutil.copy(table.path / "f3.parquet", outside)
    table.change(3, "add", path=outside.as_uri())
    assert ids(table) == list(range(40))


@pytest.mark.parametrize("name", ["sub dir/a b.parquet", "ä€.parquet", "50%.parquet", "a%20b.parquet", "a+b=c&d#e?.parquet", "'quote\".parquet",
                                  "[x]*.parquet"])
def test_escapes_in_a_path_are_undone_once(table, name):
    table.commit(3, table.data_file(name, 30))
    assert ids(table) == list(range(40))


def test_an_add_that_comes_twice_counts_once(table):
    table.commit(3, table.adds[3], table.adds[2], table.adds[3])
    ended = penstock("sql", f"SELECT id FROM delta.`{table.path}`", cwd=table.path.parent)
    assert sorted(int(row["id"]) for row in our_rows(ended)) == list(range(40)) if ended.status == 0 else "f3.parquet" in ended.err, ended


def test_an_add_that_comes_again_later_counts_once(table):
    table.commit(3, {"add": {**table.adds[1]["add"], "dataChange": False}})
    assert ids(table) == list(range(30))


@pytest.mark.parametrize("field, value", [("size", -5), ("size", "many"), ("size", None), ("path", None), ("path", 7),
                                          ("partitionValues", []), ("modificationTime", "now")])
def test_a_wrong_field_of_an_add_is_named(table, field, value):
    table.change(3, "add", **{field: value})
    refused(table, "00000000000000000003.json", field)


def test_a_number_too_large_for_any_field_is_named(table):
    table.change(3, "add", size=2**70)
    refused(table, "00000000000000000003.json")


def test_a_data_file_that_is_gone_is_named(table):
    (table.path / "f2.parquet").unlink()
    refused(table, "f2.parquet", writes=[])


@pytest.mark.parametrize("content", [b"", b"PAR1PAR1", b"not parquet at all, but long enough to be looked at", None])
def test_a_broken_data_file_is_named(table, content):
    file = table.path / "f2.parquet"
    file.write_bytes(file.read_bytes()[:-60] if content is None else content)
    refused(table, "f2.parquet", writes=[])


def test_a_column_that_a_file_lacks_is_null(table):
    table.commit(3, table.data_file("f3.parquet", 30, pyarrow.table({"id": pyarrow.array([7], pyarrow.int64())})))
    rows = our_rows(succeed("sql", f"SELECT * FROM delta.`{table.path}` WHERE v IS NULL", cwd=table.path.parent))
    assert rows == [{"id": Number("7"), "v": None}]


def test_columns_in_another_order_and_more_of_them_are_read_by_name(table):
    rows = pyarrow.table({"more": [1.5], "v": ["x"], "id": pyarrow.array([7], pyarrow.int64())})
    table.commit(3, table.data_file("f3.parquet", 30, rows))
    assert our_rows(succeed("sql", f"SELECT * FROM delta.`{table.path}` WHERE v = 'x'", cwd=table.path.parent)) == [
        {"id": Number("7"), "v": "x"}]


@pytest.mark.parametrize("values", [pyarrow.array(["text"]), pyarrow.array([True]), pyarrow.array([1.5]), pyarrow.array([[1]]),
                                    pyarrow.array([{"a": 1}])])
def test_a_column_of_another_type_is_named(table, values):
    table.commit(3, table.data_file("f3.parquet", 30, pyarrow.table({"id": values, "v": ["x"]})))
    refused(table, "f3.parquet", "id", writes=[])


@pytest.mark.parametrize("values, ok", [({"p": "5"}, True), ({"p": None}, True), ({"p": ""}, True), ({"p": "five"}, False), 
                                        ({"p": "99999999999999999999"}, False)])
def test_a_partition_value_that_does_not_fit_is_named(tmp_path, values, ok):
    schema = {**SCHEMA, "fields": [*SCHEMA["fields"], {"name": "p", "type": "integer", "nullable": True, "metadata": {}}]}
    table = HandmadeTable(tmp_path / "t", files=1, metadata={"schemaString": json.dumps(schema), "partitionColumns": ["p"]})
    table.change(0, "add", partitionValues=values)
    if ok:
        assert len(ids(table)) == 10
    else:
        refused(table, "p", table.adds[0]["add"]["path"], writes=[])


@pytest.mark.parametrize("stats", ["{", "[]", '{"numRecords": "many"}', '{"numRecords": -1}', '{"minValues": {"id": "x"}, "maxValues": {"id": []}}',
                                   '{"numRecords": 10, "minValues": {}, "maxValues": null, "nullCount": {"id": -3}}'])
def test_broken_statistics_hide_no_row(table, stats):
    table.change(3, "add", stats=stats)
    assert ids(table) == list(range(40))
    rows = our_rows(succeed("sql", f"SELECT id FROM delta.`{table.path}` WHERE id = 35", cwd=table.path.parent))
    assert rows == [{"id": Number("35")}]


# ---- deletion vectors, of a table of Spark


@pytest.fixture()
def deleted(tables_of_spark, tmp_path):
    """A copy of a table whose files have deletion vectors, as a handmade one."""
    written = tables_of_spark["deletion vectors"]
    assert written.error is None
    table = HandmadeTable.__new__(HandmadeTable)
    table.path = tmp_path / "deleted"
    shutil.copytree(written.path, table.path)
    table.log = table.path / "_delta_log"
    return table


def newest_vectors(table):
    """The newest commit that adds a file with a deletion vector, and those vectors."""
    for commit in sorted(table.log.glob("*[0-9].json"), reverse=True):
        vectors = [action["add"]["deletionVector"] for action in map(json.loads, commit.read_text().splitlines())
                   if action.get("add", {}).get("deletionVector")]
        if vectors:
            return int(commit.stem), vectors
    raise AssertionError("no deletion vector")


def test_a_deletion_vector_with_a_wrong_checksum_is_named(deleted):
    for file in deleted.path.glob("deletion_vector_*.bin"):
        # A file holds several vectors in any order, also of data files that went when no row of them was left: each has its size,
        # its bytes and its checksum, and the checksums of all become wrong.
        content = bytearray(file.read_bytes())
        end = 1
        while end < len(content):
            end += 4 + int.from_bytes(content[end:end + 4], "big") + 4
            content[end - 1] ^= 0xFF
        assert end == len(content)
        file.write_bytes(content)
    refused(deleted, "deletion", writes=WRITES[1:])


def test_a_deletion_vector_that_is_gone_is_named(deleted):
    for file in deleted.path.glob("deletion_vector_*.bin"):
        file.unlink()
    refused(deleted, "deletion", writes=WRITES[1:])


@pytest.mark.parametrize("field, value", [("cardinality", 1), ("cardinality", -1), ("sizeInBytes", -1), ("sizeInBytes", 2**31 - 1), ("offset", -1),
                                          ("offset", 2**31 - 1), ("storageType", "x"), ("pathOrInlineDv", "short"), ("pathOrInlineDv", None)])
def test_a_wrong_field_of_a_deletion_vector_is_named(deleted, field, value):
    version, vectors = newest_vectors(deleted)
    for change in vectors:
        change[field] = value
        if value is None:
            del change[field]
    (vector,) = vectors[:1]
    deleted.change(version, "add", deletionVector=vector)
    refused(deleted, "deletion", writes=WRITES[1:])
