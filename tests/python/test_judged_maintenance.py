"""`penstock table optimize|checkpoint|vacuum|restore|clone` on tables that Spark wrote: Spark, delta-rs, DuckDB's extension and we read the
same rows after each."""

import shutil

import pytest

from judges import delta_extension, delta_rs, penstock_reads, same_rows
from program import succeed
from spark_session import spark_reads

TABLES = ["deletion vectors", "classic checkpoint", "statistics as struct", "old protocol", "in-commit timestamps", "constraints", "schema evolution",
          "change data feed", "partitions of text", "nested types", "every type"]


def newest(path):
    return max(int(file.stem) for file in (path / "_delta_log").glob("*.json") if file.stem.isdigit())


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_spark_is_maintained(tables_of_spark, spark, tmp_path, name):
    written = tables_of_spark[name]
    assert written.error is None
    expected = spark_reads(spark, written.path)
    path = tmp_path / "t"
    shutil.copytree(written.path, path)
    began = newest(path)
    readers = [penstock_reads, delta_rs, delta_extension]

    def read_by_all(rows, after):
        for reader in readers:
            try:
                same_rows(reader(path), rows)
            except AssertionError as difference:
                raise AssertionError(f"{reader.__name__} after {after}: {difference}") from None

    for command in (["optimize"], ["checkpoint"], ["vacuum", "--retain-hours", "0", "--no-retention-check"], ["optimize", "--purge"]):
        succeed("table", command[0], path, *command[1:], cwd=tmp_path)
        read_by_all(expected, " ".join(command))
    same_rows(spark_reads(spark, path), expected)
    spark.sql(f"DELETE FROM delta.`{path}` WHERE true")
    succeed("table", "restore", path, "--version", newest(path) - 1, cwd=tmp_path)
    read_by_all(expected, "restore")
    same_rows(spark_reads(spark, path), expected)
    clone = tmp_path / "clone"
    succeed("table", "clone", path, clone, cwd=tmp_path)
    same_rows(penstock_reads(clone), expected)
    same_rows(spark_reads(spark, clone), expected)
    history = succeed("table", "history", path, "--format", "jsonl", cwd=tmp_path).rows()
    assert [entry["version"] for entry in history] == list(range(newest(path), -1, -1)) and newest(path) > began
