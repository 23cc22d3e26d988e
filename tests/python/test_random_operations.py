"""Random operations on our table against a model in memory, checked after each through delta-rs, DuckDB's delta extension and us.

A failure shows its seed; PENSTOCK_SEED=N runs that table alone. PENSTOCK_LONG=1 runs many tables with many operations, until
one fails or PENSTOCK_TABLES of them (default 200) are done.
"""

import os
import random

import pytest

from judges import delta_extension, delta_rs, ours_each, plain_rows, same_rows
from program import penstock, succeed

LONG = bool(os.environ.get("PENSTOCK_LONG"))
OPERATIONS = 150 if LONG else 25
TABLES = int(os.environ.get("PENSTOCK_TABLES") or 200) if LONG else 3
LAYOUTS = ["", "PARTITIONED BY (p)", "CLUSTER BY (id)"]
PROPERTIES = ["'delta.enableDeletionVectors' = 'false'", "'delta.enableDeletionVectors' = 'true'", "'delta.columnMapping.mode' = 'name'",
              "'delta.columnMapping.mode' = 'id', 'delta.enableChangeDataFeed' = 'true'", "'delta.checkpointInterval' = '2'",
              "'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '3'",
              "'delta.dataSkippingNumIndexedCols' = '1', 'delta.enableInCommitTimestamps' = 'true'"]


def literal(value):
    return "NULL" if value is None else "'" + value.replace("'", "\\'") + "'" if isinstance(value, str) else str(value)


class Condition:
    """SQL text and what it says of a row: true, false or, as NULL, None."""

    def __init__(self, text, holds):
        self.text, self.holds = text, holds


def compared(column, sign, value):
    decide = {"=": lambda a: a == value, "<": lambda a: a < value, ">=": lambda a: a >= value, "<>": lambda a: a != value}[sign]
    return Condition(f"`{column}` {sign} {literal(value)}", lambda row: None if row[column] is None else decide(row[column]))


def both(left, right):
    def holds(row):
        values = (left.holds(row), right.holds(row))
        return False if False in values else None if None in values else True
    return Condition(f"({left.text} AND {right.text})", holds)


def either(left, right):
    def holds(row):
        values = (left.holds(row), right.holds(row))
        return True if True in values else None if None in values else False
    return Condition(f"({left.text} OR {right.text})", holds)


def negated(condition):
    return Condition(f"NOT {condition.text}", lambda row: None if condition.holds(row) is None else not condition.holds(row))


class RandomTable:
    """The table, its model, and the dice. An operation is a method: it changes the model and gives the statement."""

    def __init__(self, path, seed):
        self.path, self.name, self.dice = path, f"delta.`{path}`", random.Random(seed)
        properties, layout = self.dice.choice(PROPERTIES), self.dice.choice(LAYOUTS)
        self.mapped = "columnMapping" in properties
        # DuckDB's extension gives NULL for the partition columns of mapped tables, also for those of Spark.
        mapped_partitions = self.mapped and "PARTITIONED" in layout
        self.readers = [delta_rs] + ([] if mapped_partitions else [delta_extension])
        self.columns, self.rows, self.next_column, self.versions, self.done = {"id": int, "v": str, "p": int}, [], 0, {}, []
        self.execute(f"CREATE TABLE {self.name} (id BIGINT, v STRING, p BIGINT) USING DELTA {layout} "
                     f"TBLPROPERTIES ({properties})")
        self.remember()

    def execute(self, statement):
        self.done.append(statement)
        succeed("sql", statement, cwd=self.path.parent)

    def version(self):
        return max(int(file.stem) for file in (self.path / "_delta_log").glob("*.json") if file.stem.isdigit())

    def remember(self):
        self.versions[self.version()] = (dict(self.columns), list(self.rows))

    # ---- values

    def value(self, kind, column=None):
        if self.dice.random() < 0.1:
            return None
        if kind is str:
            return self.dice.choice(["", "a", "b", "ä", "it's", "long " * 10, "%", "\\\\ x"[3:]])
        return self.dice.randint(0, 3) if column == "p" else self.dice.randint(-50, 50)

    def new_row(self, columns=None):
        return {column: self.value(kind, column) if columns is None or column in columns else None for column, kind in self.columns.items()}

    def condition(self, depth=0):
        roll = self.dice.random()
        if depth < 2 and roll < 0.3:
            return self.dice.choice([both, either])(self.condition(depth + 1), self.condition(depth + 1))
        if depth < 2 and roll < 0.4:
            return negated(self.condition(depth + 1))
        column = self.dice.choice(list(self.columns))
        if roll < 0.5:
            return Condition(f"`{column}` IS NULL", lambda row: row[column] is None)
        value = self.value(self.columns[column], column)
        if value is None:
            return Condition(f"`{column}` IS NOT NULL", lambda row: row[column] is not None)
        return compared(column, self.dice.choice(["=", "<", ">=", "<>"]), value)

    def values(self, rows, columns):
        return ", ".join("(" + ", ".join(literal(row[column]) for column in columns) + ")" for row in rows)

    def assignment(self):
        """Text, and the change it makes to a row."""
        column = self.dice.choice(list(self.columns))
        if self.columns[column] is int and self.dice.random() < 0.5:
            return f"`{column}` = `{column}` + 1", lambda row: {**row, column: None if row[column] is None else row[column] + 1}
        value = self.value(self.columns[column], column)
        return f"`{column}` = {literal(value)}", lambda row: {**row, column: value}

    # ---- operations

    def insert(self):
        columns = [c for c in self.columns if self.dice.random() < 0.8] or list(self.columns)
        rows = [self.new_row(columns) for _ in range(self.dice.randint(1, 12))]
        self.rows += rows
        return f"INSERT INTO {self.name} ({', '.join(f'`{c}`' for c in columns)}) VALUES {self.values(rows, columns)}"

    def overwrite(self):
        self.rows = [self.new_row() for _ in range(self.dice.randint(1, 12))]
        return f"INSERT OVERWRITE {self.name} VALUES {self.values(self.rows, self.columns)}"

    def replace_where(self):
        p = self.dice.randint(0, 3)
        rows = [{**self.new_row(), "p": p} for _ in range(self.dice.randint(1, 6))]
        self.rows = [row for row in self.rows if row["p"] != p] + rows
        return f"INSERT INTO {self.name} REPLACE WHERE p = {p} VALUES {self.values(rows, self.columns)}"

    def delete(self):
        condition = self.condition()
        self.rows = [row for row in self.rows if condition.holds(row) is not True]
        return f"DELETE FROM {self.name} WHERE {condition.text}"

    def update(self):
        condition, (text, change) = self.condition(), self.assignment()
        self.rows = [change(row) if condition.holds(row) is True else row for row in self.rows]
        return f"UPDATE {self.name} SET {text} WHERE {condition.text}"

    def merge(self):
        ids = self.dice.sample(range(-50, 50), self.dice.randint(1, 40))
        source = {i: {**self.new_row(), "id": i} for i in ids}
        p = self.dice.randint(0, 3)
        present, kept = {row["id"] for row in self.rows}, []
        for row in self.rows:
            if row["id"] not in source:
                if row["p"] != p:
                    kept.append(row)
            elif row["p"] == p:
                continue
            else:
                kept.append(source[row["id"]])
        self.rows = kept + [row for i, row in source.items() if i not in present]
        names = ", ".join(f"`{c}`" for c in self.columns)
        return (f"MERGE INTO {self.name} AS t USING (SELECT * FROM VALUES {self.values(source.values(), self.columns)} AS s({names})) AS s "
                f"ON t.id = s.id WHEN MATCHED AND t.p = {p} THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT * "
                f"WHEN NOT MATCHED BY SOURCE AND t.p = {p} THEN DELETE")

    def add_column(self):
        name, kind = f"c {self.next_column}", self.dice.choice([int, str])
        self.next_column += 1
        if not self.mapped:
            name = name.replace(" ", "_")
        self.columns[name] = kind
        self.rows = [{**row, name: None} for row in self.rows]
        return f"ALTER TABLE {self.name} ADD COLUMNS (`{name}` {'BIGINT' if kind is int else 'STRING'})"

    def rename_column(self):
        old = self.dice.choice([c for c in self.columns if c not in ("id", "p")] or ["id"])
        if not self.mapped or old == "id":
            return self.insert()
        new = f"r {self.next_column}"
        self.next_column += 1
        self.columns = {new if c == old else c: kind for c, kind in self.columns.items()}
        self.rows = [{new if c == old else c: value for c, value in row.items()} for row in self.rows]
        return f"ALTER TABLE {self.name} RENAME COLUMN `{old}` TO `{new}`"

    def drop_column(self):
        droppable = [c for c in self.columns if c not in ("id", "p")]
        if not self.mapped or len(droppable) < 2:
            return self.insert()
        gone = self.dice.choice(droppable)
        del self.columns[gone]
        self.rows = [{c: value for c, value in row.items() if c != gone} for row in self.rows]
        return f"ALTER TABLE {self.name} DROP COLUMN `{gone}`"

    def restore(self):
        version = self.dice.choice(list(self.versions))
        columns, rows = self.versions[version]
        self.columns, self.rows = dict(columns), list(rows)
        return f"RESTORE TABLE {self.name} TO VERSION AS OF {version}"

    def optimize(self):
        return f"OPTIMIZE {self.name}"

    def purge(self):
        return f"REORG TABLE {self.name} APPLY (PURGE)"

    def vacuum(self):
        return f"VACUUM {self.name}"

    def checkpoint(self):
        succeed("table", "checkpoint", self.path, cwd=self.path.parent)
        return None

    WEIGHTS = {"insert": 6, "delete": 5, "update": 5, "merge": 5, "overwrite": 1, "replace_where": 2, "add_column": 1, "rename_column": 2,
               "drop_column": 1, "restore": 1, "optimize": 2, "purge": 1, "vacuum": 1, "checkpoint": 2}

    def operate(self):
        (name,) = self.dice.choices(list(self.WEIGHTS), list(self.WEIGHTS.values()))
        statement = getattr(self, name)()
        if statement:
            self.execute(statement)
        else:
            self.done.append(name)
        self.remember()

    def check(self):
        condition, version = self.condition(), self.dice.choice(list(self.versions))
        everything, some, earlier = ours_each(
            [f"SELECT * FROM {self.name}", f"SELECT * FROM {self.name} WHERE {condition.text}",
             f"SELECT * FROM {self.name} VERSION AS OF {version}"], self.path.parent)
        expected = plain_rows(self.rows)
        for name, actual in [("penstock", everything), *((reader.__name__, reader(self.path)) for reader in self.readers)]:
            try:
                same_rows(actual, expected)
            except AssertionError as difference:
                raise AssertionError(f"{name}: {difference}") from None
        same_rows(some, plain_rows([row for row in self.rows if condition.holds(row) is True]))
        same_rows(earlier, plain_rows(self.versions[version][1]))


def seeds():
    if os.environ.get("PENSTOCK_SEED"):
        return [int(os.environ["PENSTOCK_SEED"])]
    return [random.randrange(2**32) for _ in range(TABLES)]


@pytest.mark.parametrize("seed", seeds())
def test_random_operations_leave_the_table_that_the_model_says(tmp_path, seed):
    table = RandomTable(tmp_path / "t", seed)
    for _ in range(OPERATIONS):
        try:
            table.operate()
            table.check()
        except Exception as error:
            history = "\n".join(f"{n}: {statement}" for n, statement in enumerate(table.done))
            raise AssertionError(f"PENSTOCK_SEED={seed}, after\n{history}\n{error}") from error
