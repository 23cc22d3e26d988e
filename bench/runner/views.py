"""Materialized views brought forward by changes of their sources, held against recomputing them."""
import json
import shutil

from runner import measure

PROJECT = """name: views
storage: storage
schema: b
libraries:
  - glob:
      include: transformations/**
"""
AGGREGATE = ("CREATE MATERIALIZED VIEW by_key AS "
             "SELECT k, count(*) AS n, sum(v) AS total, avg(x) AS mean FROM facts GROUP BY k;\n")
# Groups whose greatest value goes are read again.
WITH_MAXIMUM = AGGREGATE.replace(" FROM facts", ", max(v) AS most FROM facts")
JOIN = ("CREATE MATERIALIZED VIEW by_group AS "
        "SELECT d.g, count(*) AS n, sum(f.v) AS total, avg(f.x) AS mean FROM facts f JOIN dims d ON f.k = d.k GROUP BY d.g;\n")
TABLE = "USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"


class Project:
    """One view over generated tables, driven through the program."""

    def __init__(self, setting, name, view, sample):
        self.setting = setting
        self.folder = setting.runs / f"views-{name}"
        self.name = name
        self.sample = sample
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "transformations").mkdir(parents=True)
        (self.folder / "penstock.yml").write_text(PROJECT)
        (self.folder / "transformations/view.sql").write_text(view)

    def sql(self, script):
        measure.run([self.setting.program, "sql", script, "--project", self.folder])

    def run(self, what, *more):
        """A measured update that must bring the view forward."""
        figures, output = self.sample(self.setting, f"views: {what}",
                                      [self.setting.program, "run", "--project", self.folder, "--format", "json", *more])
        flows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        figures["how"] = next((flow.get("reason", "") for flow in flows if flow.get("status") == "COMPLETED"), "")
        return figures

    def state_bytes(self):
        folder = self.folder / "storage/_penstock/state"
        return sum(path.stat().st_size for path in folder.rglob("*.parquet")) if folder.exists() else 0

    def drop(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def facts(first, rows, keys, salt):
    return (f"SELECT i AS id, CAST(hash(i, {salt}) % {keys} AS BIGINT) AS k, CAST(hash(i, 7) % 1000 AS BIGINT) AS v, "
            f"CAST(i % 1000 AS DOUBLE) / 8 AS x FROM (SELECT i + {first} AS i FROM range({rows}) AS r(i)) AS n")


class Aggregate(Project):
    def __init__(self, setting, name, rows, keys, sample, view=AGGREGATE):
        super().__init__(setting, name, view, sample)
        self.rows = 0
        self.keys = keys
        self.sql(f"CREATE TABLE facts (id BIGINT, k BIGINT, v BIGINT, x DOUBLE) {TABLE}")
        self.insert(rows)

    def insert(self, rows):
        self.sql(f"INSERT INTO facts {facts(self.rows, rows, self.keys, 3)}")
        self.rows += rows

    def change(self, rows):
        """Nine of ten new, one of ten taken out."""
        self.sql(f"DELETE FROM facts WHERE id % {max(1, self.rows * 10 // rows)} = {self.rows % 7}")
        self.insert(rows - rows // 10)


def table_sizes(setting, sample):
    """A thousand changed rows, whatever there is besides them; the keys are a hundredth of the rows."""
    results = {}
    for rows in (1_000_000, 10_000_000, 100_000_000):
        rows = max(10_000, int(rows * setting.scale))
        project = Aggregate(setting, f"size-{rows}", rows, rows // 100, sample)
        what = f"views: {rows} rows"
        made = [project.run(f"{rows} rows, made")]
        project.change(1000)
        state = [project.run(f"{rows} rows, first refresh")]
        state[0]["state_bytes"] = project.state_bytes()
        taken = []
        for _ in range(setting.repetitions):
            project.change(1000)
            taken.append(project.run(f"{rows} rows, 1000 changed"))
        results[what] = {"made": made, "first refresh": state, "1000 changed": taken}
        project.drop()
    return results


def change_sizes(setting, sample):
    """Of ten million rows, a thousand to all; once with sums alone, once with a maximum."""
    return {**change_sweep(setting, sample, "changed", AGGREGATE), **change_sweep(setting, sample, "changed, max", WITH_MAXIMUM)}


def change_sweep(setting, sample, kind, view):
    rows = max(10_000, int(10_000_000 * setting.scale))
    project = Aggregate(setting, "changes", rows, rows // 100, sample, view)
    project.run("made")
    project.change(max(10, rows // 10_000))
    project.run("first refresh")
    results = {}
    for share in (10_000, 1000, 100, 30, 10, 3, 1):
        changed = max(10, rows // share)
        taken = []
        for _ in range(min(setting.repetitions, 3)):
            project.change(changed)
            taken.append(project.run(f"{changed} of {project.rows} changed"))
        full = [project.run("recomputed", "--full-refresh", "by_key")]
        project.change(10)
        project.run("state made anew")
        results[f"views: {changed} of {rows} {kind}"] = {"refresh": taken, "recomputation": full}
    project.drop()
    return results


def join(setting, sample):
    """Fifty million rows with five million, aggregated; ten thousand changes on both sides."""
    rows, dims = max(50_000, int(50_000_000 * setting.scale)), max(5_000, int(5_000_000 * setting.scale))
    project = Project(setting, "join", JOIN, sample)
    project.sql(f"CREATE TABLE facts (id BIGINT, k BIGINT, v BIGINT, x DOUBLE) {TABLE}")
    project.sql(f"CREATE TABLE dims (k BIGINT, g BIGINT) {TABLE}")
    project.sql(f"INSERT INTO facts {facts(0, rows, dims, 3)}")
    project.sql(f"INSERT INTO dims SELECT i, CAST(hash(i) % 10000 AS BIGINT) FROM range({dims}) AS r(i)")
    made = [project.run("join, made")]

    def change(number):
        project.sql(f"INSERT INTO facts {facts(rows * (number + 2), 10_000, dims, number + 5)}")
        project.sql(f"UPDATE dims SET g = (g + 1) % 10000 WHERE k % {max(1, dims // 10_000)} = {number}")

    change(0)
    state = [project.run("join, first refresh")]
    state[0]["state_bytes"] = project.state_bytes()
    taken = []
    for number in range(setting.repetitions):
        change(number + 1)
        taken.append(project.run("join, 10,000 changes on both sides"))
    full = [project.run("join, recomputed", "--full-refresh", "by_group")]
    project.drop()
    return {"views: join": {"made": made, "first refresh": state, "10,000 changes each": taken, "recomputation": full}}
