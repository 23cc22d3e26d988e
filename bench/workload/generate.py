#!/usr/bin/env python3
"""The churn workload: daily event files and a feed of user changes, the same bytes on every machine.

  generate.py OUT [--scale F]

  OUT/events/events_<day>.json, OUT/cdc/cdc_<nnn>.json      what a first, full update reads
  OUT/increment/events/…, OUT/increment/cdc/…               one day and some changes more
  OUT/manifest.json                                         parameters, files, rows and bytes

An event: event_id, user_id (text; one in 400 missing, one in 400 malformed), event_type, amount (one
in 200 outside 0 to 10000), country, ts (ISO 8601, milliseconds, UTC), session_id. One event in a
hundred is delivered twice, four of five times within its day's file, else in the next day's.
A change: op (I, U or D), seq (unique), user_id, plan, country, email, shuffled over the files. The
increment carries the newest changes and, one in twenty, late ones whose seq lies in the loaded range.

The order of the random draws is part of the format: another order gives other data.
"""
import argparse
import json
import pathlib
import sys

import duckdb
import numpy as np
import pyarrow as pa

SEED = 42
DAYS = 60
EVENTS = 5_000_000
USERS = 200_000
CHANGES = 1_000_000
INCREMENT_CHANGES = 10_000
CDC_FILES = 10
FIRST_DAY = np.datetime64("2026-01-01")
DAY_MS = 86_400_000

COUNTRIES = np.array(["US", "DE", "BG", "FR", "GB", "IN", "BR", "JP", "PL", "ES"])
COUNTRY_SHARE = [0.25, 0.15, 0.1, 0.1, 0.1, 0.1, 0.08, 0.06, 0.03, 0.03]
EVENT_TYPES = np.array(["login", "view", "click", "purchase", "logout"])
EVENT_TYPE_SHARE = [0.4, 0.3, 0.2, 0.05, 0.05]
PLANS = np.array(["free", "basic", "pro", "team"])
OPS = np.array(["I", "U", "D"])
OP_SHARE = [0.15, 0.80, 0.05]


def text(numbers, width=12):
    return numbers.astype(f"U{width}")


def join(*parts):
    joined = parts[0]
    for part in parts[1:]:
        joined = np.char.add(joined, part)
    return joined


class Activity:
    """Draws users by a skewed share: few are busy, most are rarely seen."""

    def __init__(self, rng, users):
        weight = rng.lognormal(0, 1, users)
        self.bounds = np.cumsum(weight / weight.sum())
        self.last = users - 1

    def draw(self, rng, count):
        return np.minimum(np.searchsorted(self.bounds, rng.random(count)), self.last)


def spoil_users(rng, users):
    """The users as text, some missing, some that are no number."""
    column = text(users).astype(object)
    luck = rng.random(len(users))
    column[luck < 0.0025] = None
    malformed = (luck >= 0.0025) & (luck < 0.005)
    column[malformed] = join("u?", text(users[malformed])).astype(object)
    return column


def draw_amounts(rng, count):
    amount = np.round(rng.exponential(40, count), 2)
    outside = rng.random(count) < 0.005
    spoiled = np.where(rng.random(count) < 0.5, -amount, amount + 10_001)
    return np.where(outside, spoiled, amount)


def day_of_events(rng, activity, day, count):
    users = activity.draw(rng, count)
    ids = join(f"e{day:03d}-", np.char.zfill(text(np.arange(count), 8), 8))
    amounts = draw_amounts(rng, count)
    moments = np.sort(rng.integers(0, DAY_MS, count)).astype("timedelta64[ms]")
    ts = (FIRST_DAY + day).astype("datetime64[ms]") + moments
    user_column = spoil_users(rng, users)
    visits = rng.integers(0, 1 << 20, count)
    sessions = join("s", text(users * 7919 % 1_000_003, 8), "-", text(visits, 8))
    types = EVENT_TYPES[rng.choice(len(EVENT_TYPES), count, p=EVENT_TYPE_SHARE)]
    countries = COUNTRIES[rng.choice(len(COUNTRIES), count, p=COUNTRY_SHARE)]
    return pa.table({
        "event_id": pa.array(ids),
        "user_id": pa.array(user_column, pa.string()),
        "event_type": pa.array(types),
        "amount": pa.array(amounts),
        "country": pa.array(countries),
        "ts": pa.array(join(np.datetime_as_string(ts, unit="ms"), "Z")),
        "session_id": pa.array(sessions),
    })


def draw_changes(rng, users, total):
    seq = np.arange(1, total + 1)
    user = rng.integers(0, users, total)
    op = OPS[rng.choice(len(OPS), total, p=OP_SHARE)]
    plan = PLANS[rng.choice(len(PLANS), total)]
    country = COUNTRIES[rng.choice(len(COUNTRIES), total)]
    email = join("user", text(user, 8), "+", text(seq % 97, 3), "@example.com")
    return pa.table({"op": op, "seq": seq, "user_id": user, "plan": plan, "country": country, "email": email})


def split_changes(rng, changes, increment):
    """Row numbers of the loaded part and of the increment, both shuffled."""
    late_count = increment // 20
    late = rng.choice(changes, late_count, replace=False)
    newest = np.arange(changes + late_count, changes + increment)
    later = np.concatenate([late, newest])
    loaded = np.ones(changes + increment, bool)
    loaded[later] = False
    first = np.flatnonzero(loaded)
    rng.shuffle(first)
    rng.shuffle(later)
    return first, later


class Writer:
    """Writes JSON lines and keeps the account of what was written."""

    def __init__(self, out):
        self.out = out
        self.account = {}
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 1")

    def write(self, group, name, rows):
        path = self.out / group / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection.register("rows", rows)
        target = str(path).replace("'", "''")
        self.connection.execute(f"COPY (FROM rows) TO '{target}' (FORMAT JSON)")
        self.connection.unregister("rows")
        entry = self.account.setdefault(group, {"files": 0, "rows": 0, "bytes": 0})
        entry["files"] += 1
        entry["rows"] += rows.num_rows
        entry["bytes"] += path.stat().st_size


def write_events(rng, writer, activity, events):
    per_day = events // DAYS
    from_yesterday = None
    for day in range(DAYS + 1):
        rows = day_of_events(rng, activity, day, per_day)
        twice = np.flatnonzero(rng.random(per_day) < 0.01)
        tomorrow = rng.random(len(twice)) < 0.2
        parts = [rows, rows.take(twice[~tomorrow])]
        if from_yesterday is not None:
            parts.append(from_yesterday)
        from_yesterday = rows.take(twice[tomorrow])
        group = "increment/events" if day == DAYS else "events"
        writer.write(group, f"events_{FIRST_DAY + day}.json", pa.concat_tables(parts))


def write_changes(rng, writer, users, changes, increment):
    table = draw_changes(rng, users, changes + increment)
    first, later = split_changes(rng, changes, increment)
    for number, rows in enumerate(np.array_split(first, CDC_FILES)):
        writer.write("cdc", f"cdc_{number:03d}.json", table.take(rows))
    writer.write("increment/cdc", f"cdc_{CDC_FILES:03d}.json", table.take(later))


def generate(out, scale):
    size = {"seed": SEED, "days": DAYS, "events": int(EVENTS * scale), "users": int(USERS * scale),
            "changes": int(CHANGES * scale), "increment_changes": int(INCREMENT_CHANGES * scale)}
    rng = np.random.default_rng(SEED)
    writer = Writer(out)
    activity = Activity(rng, size["users"])
    write_events(rng, writer, activity, size["events"])
    write_changes(rng, writer, size["users"], size["changes"], size["increment_changes"])
    manifest = {"scale": scale, **size, "groups": writer.account}
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    json.dump(generate(arguments.out, arguments.scale), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
