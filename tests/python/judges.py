"""Readers of Delta tables that others wrote, and Penstock beside them, all giving rows in one comparable form.

A row is a dict by column name. Numbers are `Number`s (their text, so 1.50 differs from 1.5 and 1), timestamps ISO 8601 with
Z, timestamps without zone the same without, dates ISO, binary base64, maps dicts with text keys: what Penstock prints.
"""

import base64
import datetime
import decimal
import functools
import json
import os
import pathlib
import re
import struct

import deltalake
import duckdb
import pyarrow

from program import ROOT, succeed

DEPS = pathlib.Path(os.environ.get("PENSTOCK_DEPS") or ROOT / ".deps").resolve()
MARK = "end_of_the_answer"
MOMENT = re.compile(r"(\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+?)0*)?(Z?)")


class Number(str):
    """A number as it is written."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def moment(text):
    """ISO 8601 without the zeros at the end of the fraction."""
    found = MOMENT.fullmatch(text)
    if not found:
        return text
    seconds, fraction, zone = found.groups()
    return seconds + (f".{fraction}" if fraction and fraction.strip("0") else "") + zone


def shortest_float32(value):
    """The fewest digits that are still this 32-bit number."""
    for digits in range(1, 10):
        candidate = float(f"{value:.{digits}g}")
        if struct.pack("f", candidate) == struct.pack("f", value):
            return candidate
    return value


def number(value):
    if isinstance(value, float) and value != value:
        return "NaN"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return Number(format(value, "f") if isinstance(value, decimal.Decimal) else repr(value))


def map_key(key):
    plain_key = plain(key)
    return plain_key if isinstance(plain_key, str) else json.dumps(plain_key)


def plain(value):
    """A Python value of any reader in the comparable form."""
    if value is None or isinstance(value, (bool, Number)):
        return value
    if isinstance(value, (int, float, decimal.Decimal)):
        return number(value)
    if isinstance(value, datetime.datetime):
        zone = "" if value.tzinfo is None else "Z"
        utc = value if value.tzinfo is None else value.astimezone(datetime.timezone.utc)
        return moment(utc.replace(tzinfo=None).isoformat() + zone)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {map_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return moment(value)


def typed(value, kind):
    """A value of pyarrow in the form of `plain`; its type says what Python's does not."""
    if value is None:
        return None
    if pyarrow.types.is_float32(kind):
        return plain(shortest_float32(value))
    if pyarrow.types.is_map(kind):
        return {map_key(key): typed(item, kind.item_type) for key, item in value}
    if pyarrow.types.is_struct(kind):
        return {field.name: typed(value[field.name], field.type) for field in kind}
    if pyarrow.types.is_nested(kind):
        return [typed(item, kind.value_type) for item in value]
    return plain(value)


def arrow_rows(table):
    return [{field.name: typed(row[field.name], field.type) for field in table.schema} for row in table.to_pylist()]


def plain_rows(rows):
    return [plain(row) for row in rows]


def in_order(rows):
    """The rows in an order of their own, since a table has none."""
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def same_rows(actual, expected):
    """Asserts that both hold the same rows, each as often."""
    actual, expected = in_order(actual), in_order(expected)
    if actual == expected:
        return
    missing, surplus = list(expected), []
    for row in actual:
        if row in missing:
            missing.remove(row)
        else:
            surplus.append(row)
    raise AssertionError(f"{len(actual)} rows instead of {len(expected)}; missing {missing[:5]}; surplus {surplus[:5]}")


def ours(query, cwd, *arguments):
    """Rows of `penstock sql`."""
    return our_rows(succeed("sql", query, "--format", "jsonl", *arguments, cwd=cwd))


def our_rows(ended):
    parsed = [json.loads(line, parse_float=Number, parse_int=Number) for line in ended.out.splitlines()]
    return plain_rows(parsed)


def ours_each(queries, cwd):
    """The rows of each of several queries of one `penstock sql`."""
    texts = []
    for query in queries:
        texts += [query, f"SELECT true AS {MARK}"]
    answers, current = [], []
    for row in ours("; ".join(texts), cwd):
        if row == {MARK: True}:
            answers.append(current)
            current = []
        else:
            current.append(row)
    assert len(answers) == len(queries) and not current
    return answers


def penstock_reads(path, query="SELECT * FROM t"):
    return ours(query.replace("FROM t", f"FROM delta.`{path}`"), cwd=pathlib.Path(path).parent)


def delta_rs(path, query="SELECT * FROM t", version=None):
    reader = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(str(path), version=version))
    return arrow_rows(pyarrow.table(reader.execute(query)))


@functools.cache
def duckdb_with_delta():
    connection = duckdb.connect(config={"allow_unsigned_extensions": True})
    connection.execute(f"LOAD '{DEPS}/extensions/delta.duckdb_extension'")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 2")
    return connection


def delta_extension(path, query="SELECT * FROM t"):
    connection = duckdb_with_delta()
    connection.execute(f"CREATE OR REPLACE TEMP VIEW t AS SELECT * FROM delta_scan('{path}')")
    return arrow_rows(connection.execute(query).to_arrow_table())
