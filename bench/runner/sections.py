"""What is measured. A section returns {what: {contestant: [sample, …]}}; a sample is a dict of figures."""
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from runner import answers, landing, measure, projects
from runner import views as view_projects

SLOW_S = 30  # who takes longer is run once


@dataclasses.dataclass
class Setting:
    work: pathlib.Path
    runs: pathlib.Path
    data: pathlib.Path
    program: pathlib.Path
    landing: landing.Landing
    scale: float
    repetitions: int
    quiet_limit_s: float
    contestants: list = dataclasses.field(default_factory=list)
    answers: dict = dataclasses.field(default_factory=dict)

    def python(self):
        return self.work / "venv/duckdb/bin/python"

    def find(self, name):
        return next((each for each in self.contestants if each.name == name), None)


def say(text):
    print(text, file=sys.stderr, flush=True)


def sample(setting, what, command, env=None, cwd=None):
    """One measured run as a dict; the table functions of report.py know its keys."""
    os.sync()
    measure.wait_for_quiet(setting.quiet_limit_s)
    taken = measure.run(command, env=env, cwd=cwd)
    say(f"{what:42s} {taken.wall_s:8.3f} s  cpu {taken.cpu_s:7.2f} s  rss {taken.peak_rss_bytes >> 20:6d} MiB"
        f"  (busy before {taken.busy_cores_before:.2f}, others {taken.other_cpu_s:.2f} s)")
    figures = dataclasses.asdict(taken)
    figures.pop("output")
    figures["at"] = time.strftime("%H:%M")
    return figures, taken.output


def alternate(setting, what, runners):
    """Runs {name: function that gives a sample} in turn, `repetitions` times; slow ones and failed ones once."""
    results = {name: [] for name in runners}
    left_out = set()
    for _ in range(setting.repetitions):
        for name, runner in runners.items():
            if name in left_out:
                continue
            try:
                results[name].append(runner())
            except measure.CommandFailed as failure:
                say(f"{what}: {name} failed\n{failure}")
                left_out.add(name)
            if results[name] and results[name][-1]["wall_s"] > SLOW_S:
                left_out.add(name)
    return {name: samples for name, samples in results.items() if samples}


def compare_answers(setting, what, contestant):
    """Keeps the row counts and sums of a contestant's tables, once for each kind of work."""
    known = setting.answers.setdefault(what, {})
    if contestant.name in known:
        return
    command = [setting.python(), pathlib.Path(answers.__file__), contestant.tables, contestant.tables_at()]
    read = subprocess.run(command, check=False, capture_output=True, text=True)
    if read.returncode != 0:
        known[contestant.name] = {}
        say(f"{what}: the tables of {contestant.name} could not be read\n{read.stderr[-2000:]}")
        return
    known[contestant.name] = json.loads(read.stdout)
    reference = next(iter(known.values()))
    wrong = answers.differences(reference, known[contestant.name])
    say(f"{what}: {contestant.name} " + (f"DIFFERS in {', '.join(wrong)}" if wrong else "has the same answers"))


def full(setting):
    """Every table from nothing."""
    setting.landing.reset()
    setting.landing.warm()
    for contestant in setting.contestants:
        contestant.drop()

    def runner(contestant):
        def once():
            contestant.clear()
            figures, _ = sample(setting, f"full: {contestant.name}", contestant.full(), contestant.environment())
            compare_answers(setting, "full", contestant)
            contestant.keep_once()
            return figures
        return once

    return {"full": alternate(setting, "full", {each.name: runner(each) for each in setting.contestants})}


def ensure_kept(setting, contestants):
    """Later sections start from a finished full update; makes it, unmeasured, where there is none."""
    ready = []
    setting.landing.reset()
    for contestant in contestants:
        if not contestant.is_kept():
            say(f"preparing {contestant.name}")
            contestant.clear()
            try:
                measure.run(contestant.full(), env=contestant.environment())
            except measure.CommandFailed as failure:
                say(f"{contestant.name} failed\n{failure}")
                continue
            contestant.keep_once()
        ready.append(contestant)
    return ready


def noop(setting):
    """An update when nothing is new. Penstock's project has three tables more, ten in all."""
    runners = {}
    for contestant in ensure_kept(setting, [each for each in setting.contestants if each.name != "duckdb script (naive time)"]):
        contestant.restore()
        if contestant.name == "penstock":
            shutil.copy(projects.HERE / "noop/more_views.sql", contestant.state / "transformations")
            measure.run(contestant.noop(), env=contestant.environment())

        def once(who=contestant):
            return sample(setting, f"nothing new: {who.name}", who.noop(), who.environment())[0]
        runners[contestant.name] = once
    return {"noop": alternate(setting, "noop", runners)}


def increment(setting):
    """One more daily file and 10,000 changes; then the same for the streaming tables alone."""
    ready = ensure_kept(setting, [each for each in setting.contestants if each.name != "duckdb script (naive time)"])
    setting.landing.reset()
    setting.landing.add_increment()

    def runner(what, contestant, command):
        def once():
            contestant.restore()
            figures, _ = sample(setting, f"{what}: {contestant.name}", command(), contestant.environment())
            if what == "increment":
                compare_answers(setting, what, contestant)
            return figures
        return once

    every = alternate(setting, "increment", {who.name: runner("increment", who, who.increment) for who in ready})
    streaming = alternate(setting, "streaming", {who.name: runner("streaming", who, who.streaming)
                                                 for who in ready if hasattr(who, "streaming")})
    setting.landing.reset()
    return {"increment": every, "streaming": streaming}


def bench_program(setting, name):
    """Built on demand: the bench programs are not part of the default target."""
    measure.run(["cmake", "--build", setting.program.parent, "--target", name])
    return setting.program.with_name(name)


def program_lines(setting, command):
    """A bench program prints one JSON object a line."""
    measure.wait_for_quiet(setting.quiet_limit_s)
    output = measure.run(command).output
    say(output.rstrip())
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def json_lines(setting):
    """JSON lines into an aggregate and into Parquet, in one process and engine: ours and the engine's read_json."""
    setting.landing.reset()
    setting.landing.warm()
    out = setting.runs / "json"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [bench_program(setting, "bench_json_lines"), setting.landing.path / "events", out,
               str(setting.repetitions)]
    results = {}
    for line in program_lines(setting, command):
        results.setdefault(line["work"], {}).setdefault(line["reader"], []).append(line)
    shutil.rmtree(out, ignore_errors=True)
    return results


def startup(setting):
    """`penstock --version`, and a dry run of two hundred tables."""
    folder = setting.runs / "startup"
    projects.two_hundred_tables(folder)
    version = [sample(setting, "--version", [setting.program, "--version"])[0]
               for _ in range(4 * setting.repetitions)]
    dry_run = [sample(setting, "dry-run, 200 tables", [setting.program, "dry-run", "--project", folder])[0]
               for _ in range(setting.repetitions)]
    shutil.rmtree(folder, ignore_errors=True)
    return {"version": {"penstock": version}, "dry-run": {"penstock": dry_run}}


def append(setting):
    """A small append commit, alternating with the bare writes and fsyncs that it cannot do without."""
    folder = setting.runs / "append"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    commits = max(20, int(200 * min(1.0, setting.scale * 10)))
    lines = program_lines(setting, [bench_program(setting, "bench_append_commit"), folder, str(commits)])
    shutil.rmtree(folder, ignore_errors=True)
    return {"append": {line["what"]: [line] for line in lines}}


def delta(setting):
    """The Delta log and the operations on tables, each beside what it is measured against, in one process."""
    folder = setting.runs / "delta"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    share = setting.scale
    runs = str(setting.repetitions)

    def count(number, least=1):
        return str(max(least, int(number * share)))

    commands = [
        ("snapshot_open", [count(10_000, 100), count(1_000_000, 1000), runs]),
        ("append_commit", [count(1_000, 100), count(100_000)]),
        ("merge_rows", [count(10_000_000, 1000), count(100_000, 10), runs]),
        ("merge_rows", [count(100_000_000, 1000), count(1_000, 10), runs]),
        ("table_scan", [count(10_000_000, 1000)]),
        ("optimize_files", [count(1_000, 10), runs]),
    ]
    results = {}
    for number, (name, arguments) in enumerate(commands):
        place = folder / f"{name}-{number}"
        place.mkdir()
        for line in program_lines(setting, [bench_program(setting, f"bench_{name}"), place, *arguments]):
            what = line.get("work") or line.get("bench") or f"append beside {arguments[1]} files"
            who = line.get("who") or line.get("what") or f"{line.get('files', line.get('rows', ''))}"
            results.setdefault(f"delta: {what}", {}).setdefault(who, []).append(line)
        shutil.rmtree(place, ignore_errors=True)
    return results


def wide(setting):
    """100 columns × 10,000,000 rows sorted under a memory limit of 1 GB."""
    folder = setting.runs / "wide"
    source = setting.data.parent / f"wide-{setting.scale:g}"
    projects.wide_rows(setting.python(), source, int(10_000_000 * setting.scale))
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(projects.HERE / "wide", folder)
    figures, _ = sample(setting, "wide: penstock",
                        [setting.program, "run", "--project", folder, "--set", f"rows={source}"])
    figures["storage_bytes"] = sum(path.stat().st_size for path in (folder / "storage").rglob("*.parquet"))
    shutil.rmtree(folder, ignore_errors=True)
    return {"wide": {"penstock": [figures]}}


def views(setting):
    """Views brought forward by changes: by the size of the table, by that of the change, and a join."""
    return {**view_projects.table_sizes(setting, sample), **view_projects.change_sizes(setting, sample),
            **view_projects.join(setting, sample)}


def cdc(setting):
    """Batches of changes, out of order, into tables of many keys, in one process."""
    results = {}
    for keys, changes in ((10_000_000, 1_000_000), (100_000_000, 10_000)):
        folder = setting.runs / "cdc"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        command = [bench_program(setting, "bench_cdc_merge"), folder, str(max(1000, int(keys * setting.scale))),
                   str(max(10, int(changes * setting.scale))), str(setting.repetitions)]
        for line in program_lines(setting, command):
            taken = [{"wall_s": seconds} for seconds in line["seconds"]]
            results[f"cdc: {line['changes']} changes into {line['keys']} keys"] = {"penstock": taken}
        shutil.rmtree(folder, ignore_errors=True)
    return results


SECTIONS = {"full": full, "noop": noop, "increment": increment, "json": json_lines, "startup": startup,
            "append": append, "delta": delta, "views": views, "cdc": cdc, "wide": wide}
