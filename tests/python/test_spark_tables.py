"""Penstock reads what Spark and delta-rs wrote, row for row and value for value."""

import pytest

from judges import delta_rs, ours, penstock_reads, same_rows
from spark_tables import TABLES, compact_log

@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_spark_is_read_as_spark_reads_it(tables_of_spark, name):
    written = tables_of_spark[name]
    assert written.error is None
    for query, expected in written.reads:
        actual = ours(query, written.path.parent)
        try:
            same_rows(actual, expected)
        except AssertionError as difference:
            raise AssertionError(f"{query}\n{difference}") from None
        if expected:
            assert list(actual[0]) == list(expected[0])


def test_log_compaction_files_change_nothing(tables_of_spark, tmp_path):
    written = tables_of_spark["statistics as struct"]
    for first, last in ((1, 3), (0, 5)):
        copy = compact_log(written.path, tmp_path / f"{first}-{last}", first, last)
        same_rows(penstock_reads(copy), written.reads[0][1])
        for version in range(1, 6):
            same_rows(ours(f"SELECT * FROM delta.`{copy}` VERSION AS OF {version}", tmp_path), delta_rs(written.path, version=version))
