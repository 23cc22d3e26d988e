#!/usr/bin/env python3
"""The churn tables as a hand-written DuckDB script over plain Parquet: no log, no checks, no transactions, no fsync.

  duckdb_script.py LANDING OUT full|increment [--only streaming] [--naive-time]

Every table is a folder of Parquet files; a later step reads what the earlier one wrote. `increment`
reads the files that the last run had not seen, appends where that is enough and rewrites the rest.
--naive-time keeps time stamps without a zone, which spares the work of a zone but gives another type.
"""
import argparse
import json
import os
import shutil
import time

import duckdb

EVENT = ("{event_id: 'VARCHAR', user_id: 'VARCHAR', event_type: 'VARCHAR', amount: 'DOUBLE', country: 'VARCHAR',"
         " ts: 'VARCHAR', session_id: 'VARCHAR'}")
CHANGE = "{op: 'VARCHAR', seq: 'BIGINT', user_id: 'BIGINT', plan: 'VARCHAR', country: 'VARCHAR', email: 'VARCHAR'}"

SILVER = """
SELECT event_id, try_cast(user_id AS BIGINT) AS user_id, event_type, amount, country, CAST(ts AS {time}) AS ts,
  CAST(CAST(ts AS {time}) AS DATE) AS day, session_id
FROM {bronze_events}
WHERE try_cast(user_id AS BIGINT) IS NOT NULL AND amount BETWEEN 0 AND 10000"""

EVENTS = """
SELECT event_id, any_value(user_id) AS user_id, any_value(event_type) AS event_type, any_value(amount) AS amount,
  any_value(country) AS country, any_value(ts) AS ts, any_value(day) AS day, any_value(session_id) AS session_id
FROM {silver_events} GROUP BY event_id"""

USERS = """
SELECT * EXCLUDE (op) FROM (
  SELECT user_id, arg_max(op, seq) AS op, max(seq) AS seq, arg_max(plan, seq) AS plan,
    arg_max(country, seq) AS country, arg_max(email, seq) AS email
  FROM {bronze_cdc} GROUP BY user_id)
WHERE op <> 'D'"""

GOLD_USER_DAILY = """
WITH daily AS (SELECT user_id, day, count(*) AS n, sum(amount) AS amt FROM {events} GROUP BY ALL)
SELECT user_id, day, n, amt, CAST(sum(n) OVER week AS BIGINT) AS n7, sum(amt) OVER week AS amt7 FROM daily
WINDOW week AS (PARTITION BY user_id ORDER BY day RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW)"""

GOLD_COUNTRY = """
SELECT u.country, count(*) AS events, count(DISTINCT e.user_id) AS users, sum(e.amount) AS amt,
  avg(e.amount) AS avg_amt, count(*) FILTER (e.event_type = 'purchase') AS purchases
FROM {events} e JOIN {users} u ON e.user_id = u.user_id GROUP BY u.country"""


class Script:
    def __init__(self, landing, out, naive_time):
        self.landing = landing
        self.out = out
        self.time = "TIMESTAMP" if naive_time else "TIMESTAMPTZ"
        self.connection = duckdb.connect()
        self.connection.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")

    def table(self, name):
        return f"read_parquet('{self.out}/{name}/*.parquet')"

    def fill(self, query, **sources):
        names = ("bronze_events", "bronze_cdc", "silver_events", "events", "users")
        return query.format(time=self.time, **{**{name: self.table(name) for name in names}, **sources})

    def append(self, name, query):
        """One Parquet file more; later files sort after earlier ones."""
        start = time.monotonic()
        folder = f"{self.out}/{name}"
        os.makedirs(folder, exist_ok=True)
        path = f"{folder}/part-{len(os.listdir(folder)):05d}.parquet"
        self.connection.execute(f"COPY ({query}) TO '{path}' (FORMAT PARQUET)")
        print(f"{name:16s} {time.monotonic() - start:7.3f} s", flush=True)

    def rewrite(self, name, query):
        """The new file is written beside the old ones, which the query may read."""
        self.append(name + ".new", query)
        shutil.rmtree(f"{self.out}/{name}", ignore_errors=True)
        os.rename(f"{self.out}/{name}.new", f"{self.out}/{name}")

    def landed(self, folder):
        return sorted(f"{self.landing}/{folder}/{name}" for name in os.listdir(f"{self.landing}/{folder}"))

    def read(self, files, columns):
        return f"read_json({files!r}, format = 'newline_delimited', columns = {columns})"

    def remember(self, files):
        with open(f"{self.out}/seen.json", "w", encoding="utf-8") as seen:
            json.dump(files, seen)

    def full(self):
        shutil.rmtree(self.out, ignore_errors=True)
        os.makedirs(self.out)
        events, changes = self.landed("events"), self.landed("cdc")
        self.append("bronze_events", f"SELECT * FROM {self.read(events, EVENT)}")
        self.append("bronze_cdc", f"SELECT * FROM {self.read(changes, CHANGE)}")
        self.append("silver_events", self.fill(SILVER))
        self.append("events", self.fill(EVENTS))
        self.append("users", self.fill(USERS))
        self.append("gold_user_daily", self.fill(GOLD_USER_DAILY))
        self.append("gold_country", self.fill(GOLD_COUNTRY))
        self.remember(events + changes)

    def increment(self, only_streaming):
        with open(f"{self.out}/seen.json", encoding="utf-8") as seen:
            known = json.load(seen)
        events = [path for path in self.landed("events") if path not in known]
        changes = [path for path in self.landed("cdc") if path not in known]
        if events:
            self.increment_events(events, only_streaming)
        if changes:
            self.append("bronze_cdc", f"SELECT * FROM {self.read(changes, CHANGE)}")
            if not only_streaming:
                self.rewrite("users", self.fill(USERS))
        if (events or changes) and not only_streaming:
            self.rewrite("gold_country", self.fill(GOLD_COUNTRY))
        self.remember(known + events + changes)

    def increment_events(self, files, only_streaming):
        execute = self.connection.execute
        execute(f"CREATE TABLE arrived AS SELECT * FROM {self.read(files, EVENT)}")
        self.append("bronze_events", "FROM arrived")
        execute(f"CREATE TABLE typed AS {self.fill(SILVER, bronze_events='arrived')}")
        self.append("silver_events", "FROM typed")
        if only_streaming:
            return
        execute(f"CREATE TABLE fresh AS {self.fill(EVENTS, silver_events='typed')}")
        first = execute("SELECT min(day) FROM fresh").fetchone()[0]
        execute(f"DELETE FROM fresh WHERE event_id IN "
                f"(SELECT event_id FROM {self.table('events')} WHERE day >= DATE '{first}')")
        first = execute("SELECT min(day) FROM fresh").fetchone()[0]
        self.append("events", "FROM fresh")
        self.increment_days(first)

    def increment_days(self, first):
        """Days before the first changed one stay; the others are computed from the week they look back on."""
        week = f"(SELECT * FROM {self.table('events')} WHERE day >= DATE '{first}' - 6)"
        changed = f"SELECT * FROM ({self.fill(GOLD_USER_DAILY, events=week)}) WHERE day >= DATE '{first}'"
        gold = self.table("gold_user_daily")
        if self.connection.execute(f"SELECT max(day) >= DATE '{first}' FROM {gold}").fetchone()[0]:
            self.rewrite("gold_user_daily", f"SELECT * FROM {gold} WHERE day < DATE '{first}' UNION ALL {changed}")
        else:
            self.append("gold_user_daily", changed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("landing")
    parser.add_argument("out")
    parser.add_argument("mode", choices=("full", "increment"))
    parser.add_argument("--only", choices=("streaming",))
    parser.add_argument("--naive-time", action="store_true")
    arguments = parser.parse_args()
    start = time.monotonic()
    script = Script(arguments.landing, arguments.out, arguments.naive_time)
    if arguments.mode == "full":
        script.full()
    else:
        script.increment(arguments.only == "streaming")
    print(f"{'total':16s} {time.monotonic() - start:7.3f} s")


if __name__ == "__main__":
    main()
