#!/usr/bin/env python3
"""Row counts and sums of the seven tables, read by independent readers: answers.py KIND FOLDER

KIND is how the tables lie in FOLDER: parquet (a folder of files a table), delta (a Delta table
each), duckdb (FOLDER is a database file with the tables in schema main or churn)."""
import json
import pathlib
import sys
import urllib.parse

FACTS = {
    "bronze_events": "count(*), count(user_id), sum(amount), sum(strlen(event_id) + strlen(ts) + strlen(session_id))",
    "bronze_cdc": "count(*), sum(seq), sum(user_id), sum(strlen(email))",
    "silver_events": "count(*), sum(user_id), sum(amount), sum(epoch_ms(ts)), sum(day - DATE '2026-01-01')",
    "events": "count(*), count(DISTINCT event_id), sum(user_id), sum(amount), sum(epoch_ms(ts))",
    "users": "count(*), sum(user_id), sum(seq), sum(strlen(email)), count_if(plan = 'pro')",
    "gold_user_daily": "count(*), sum(n), sum(amt), sum(n7), sum(amt7)",
    "gold_country": "count(*), sum(events), sum(users), sum(amt), sum(avg_amt), sum(purchases)",
}


def parquet_relation(files):
    return "read_parquet([" + ", ".join("'" + path.replace("'", "''") + "'" for path in files) + "])"


def delta_relation(folder):
    from deltalake import DeltaTable
    uris = DeltaTable(str(folder)).file_uris()
    return parquet_relation([urllib.parse.unquote(uri.removeprefix("file://")) for uri in uris])


def relation(connection, kind, folder, table):
    if kind == "parquet":
        return parquet_relation([f"{folder}/{table}/*.parquet"])
    if kind == "delta":
        return delta_relation(pathlib.Path(folder) / table)
    schema = connection.execute(
        "SELECT table_schema FROM information_schema.tables WHERE table_name = ? AND table_schema IN ('main', 'churn')",
        [table]).fetchone()[0]
    return f"{schema}.{table}"


def facts(kind, folder):
    import duckdb

    connection = duckdb.connect(folder, read_only=True) if kind == "duckdb" else duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    found = {}
    for table, expressions in FACTS.items():
        row = connection.execute(f"SELECT {expressions} FROM {relation(connection, kind, folder, table)}").fetchone()
        found[table] = [float(value) if isinstance(value, float) else int(value or 0) for value in row]
    return found


def differences(expected, actual):
    """The tables whose facts differ; sums of fractions may differ in their last digits."""
    return [table for table, values in expected.items() if not same(values, actual.get(table, []))]


def same(left, right):
    return len(left) == len(right) and all(
        abs(a - b) <= 1e-9 * max(abs(a), abs(b)) if isinstance(a, float) or isinstance(b, float) else a == b
        for a, b in zip(left, right))


if __name__ == "__main__":
    json.dump(facts(sys.argv[1], sys.argv[2]), sys.stdout)
