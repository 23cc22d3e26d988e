"""Medians, ratios against the marks, and the tables for README.md."""
import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Mark:
    """`value` gives the figure from the results, or nothing when it was not measured."""
    work: str
    must: str
    value: object
    met: object
    show: str


def samples(results, what, who):
    return results.get("sections", {}).get(what, {}).get(who, [])


def median(results, what, who, field="wall_s"):
    values = [sample[field] for sample in samples(results, what, who)]
    return statistics.median(values) if values else None


def ratio(upper, lower):
    """How many times the lower's figure the upper's is."""
    def of(results):
        above, below = median(results, *upper), median(results, *lower)
        return above / below if above is not None and below else None
    return of


def difference_ms(upper, lower):
    def of(results):
        above, below = median(results, *upper), median(results, *lower)
        return (above - below) * 1000 if above is not None and below is not None else None
    return of


def alone(*which):
    return lambda results: median(results, *which)


def at_most(limit):
    return lambda value: value <= limit


def at_least(limit):
    return lambda value: value >= limit


def penstock(what, field="wall_s"):
    return (what, "penstock", field)


def script(what, field="wall_s"):
    return (what, "duckdb script", field)


MARKS = (
    Mark("full update, time", "≤ 1.1 × the DuckDB script", ratio(penstock("full"), script("full")), at_most(1.1), "{:.2f} ×"),
    Mark("full update, CPU time", "(for information) against the DuckDB script",
         ratio(penstock("full", "cpu_s"), script("full", "cpu_s")), None, "{:.2f} ×"),
    Mark("full update, peak memory", "≤ 1.2 × the DuckDB script",
         ratio(penstock("full", "peak_rss_bytes"), script("full", "peak_rss_bytes")), at_most(1.2), "{:.2f} ×"),
    Mark("full update", "≥ 12 × faster than Spark pipelines",
         ratio(("full", "spark pipelines", "wall_s"), penstock("full")), at_least(12), "{:.1f} ×"),
    Mark("nothing new, 10 tables", "≤ 0.15 s", alone(*penstock("noop")), at_most(0.15), "{:.3f} s"),
    Mark("nothing new", "≥ 300 × faster than Spark pipelines",
         ratio(("noop", "spark pipelines", "wall_s"), penstock("noop")), at_least(300), "{:.0f} ×"),
    Mark("nothing new", "≥ 10 × faster than SQLMesh", ratio(("noop", "sqlmesh", "wall_s"), penstock("noop")), at_least(10), "{:.1f} ×"),
    Mark("one day more", "≥ 20 × faster than Spark pipelines",
         ratio(("increment", "spark pipelines", "wall_s"), penstock("increment")), at_least(20), "{:.1f} ×"),
    Mark("one day more", "≥ 3 × faster than dbt on DuckDB",
         ratio(("increment", "dbt", "wall_s"), penstock("increment")), at_least(3), "{:.1f} ×"),
    Mark("one day more", "≤ 0.83 × the incremental DuckDB script", ratio(penstock("increment"), script("increment")), at_most(0.83),
         "{:.2f} ×"),
    Mark("a view over 100,000,000 rows and 1,000,000 groups, 1,000 changed", "< 0.3 s",
         alone("views: 100000000 rows", "1000 changed", "wall_s"), at_most(0.3), "{:.2f} s"),
    Mark("1,000 changed rows of 100,000,000 against those of 1,000,000", "< 1.5 ×",
         ratio(("views: 100000000 rows", "1000 changed", "wall_s"), ("views: 1000000 rows", "1000 changed", "wall_s")), at_most(1.5), "{:.2f} ×"),
    Mark("join of 50,000,000 × 5,000,000, 10,000 changes each", "≥ 10 × faster than recomputing",
         ratio(("views: join", "recomputation", "wall_s"), ("views: join", "10,000 changes each", "wall_s")), at_least(10), "{:.1f} ×"),
    Mark("1,000,000 changes into 10,000,000 keys", "< 3 s",
         alone("cdc: 1000000 changes into 10000000 keys", "penstock", "wall_s"), at_most(3), "{:.2f} s"),
    Mark("10,000 changes into 100,000,000 keys", "< 1 s",
         alone("cdc: 10000 changes into 100000000 keys", "penstock", "wall_s"), at_most(1), "{:.2f} s"),
    Mark("one day more, streaming tables alone", "≤ 1 × the incremental DuckDB script",
         ratio(penstock("streaming"), script("increment")), at_most(1.0), "{:.2f} ×"),
    Mark("one day more, streaming tables alone", "(for information) against the script's same three tables",
         ratio(penstock("streaming"), script("streaming")), None, "{:.2f} ×"),
    Mark("JSON lines into an aggregate", "≤ 1 × DuckDB's read_json",
         ratio(("aggregate", "penstock", "wall_s"), ("aggregate", "read_json", "wall_s")), at_most(1.0), "{:.2f} ×"),
    Mark("JSON lines into an aggregate, CPU time", "(for information) against read_json",
         ratio(("aggregate", "penstock", "cpu_s"), ("aggregate", "read_json", "cpu_s")), None, "{:.2f} ×"),
    Mark("JSON lines into Parquet", "(for information) against read_json and COPY",
         ratio(("parquet", "penstock", "wall_s"), ("parquet", "read_json", "wall_s")), None, "{:.2f} ×"),
    Mark("`penstock --version`", "≤ 20 ms", alone(*penstock("version")), at_most(0.020), "{:.4f} s"),
    Mark("`penstock dry-run`, 200 tables", "≤ 1 s", alone(*penstock("dry-run")), at_most(1.0), "{:.2f} s"),
    Mark("small append commit beyond fsync", "≤ 5 ms", difference_ms(("append", "commit", "median_s"), ("append", "fsync", "median_s")),
         at_most(5.0), "{:.2f} ms"),
    Mark("100 columns × 10,000,000 rows in 1 GB", "completes", alone(*penstock("wide")), lambda value: True, "{:.1f} s"),
)


def marks_table(results):
    lines = ["| work | must reach | measured | |", "|---|---|---|---|"]
    for mark in MARKS:
        value = mark.value(results)
        shown = "not measured" if value is None else mark.show.format(value)
        verdict = "" if value is None or mark.met is None else "yes" if mark.met(value) else "**no**"
        lines.append(f"| {mark.work} | {mark.must} | {shown} | {verdict} |")
    return "\n".join(lines)


def spread(values, digits):
    return f"{min(values):.{digits}f} / **{statistics.median(values):.{digits}f}** / {max(values):.{digits}f}"


def times_table(results):
    lines = ["| work | who | n | wall s, min / median / max | CPU s | peak RSS MiB | busy cores before | last at |",
             "|---|---|---|---|---|---|---|---|"]
    for what, by_name in results.get("sections", {}).items():
        for who, taken in by_name.items():
            if not taken or "wall_s" not in taken[0]:
                continue
            walls = [each["wall_s"] for each in taken]
            digits = 3 if statistics.median(walls) < 2 else 2
            measured = "peak_rss_bytes" in taken[0]
            cpu = f"{statistics.median(each['cpu_s'] for each in taken):.2f}" if "cpu_s" in taken[0] else ""
            rss = f"{int(statistics.median(each['peak_rss_bytes'] for each in taken)) >> 20}" if measured else ""
            busy = f"{max(each['busy_cores_before'] for each in taken):.2f}" if measured else ""
            lines.append(f"| {what} | {who} | {len(taken)} | {spread(walls, digits)} | {cpu} | {rss} | {busy} | {taken[-1].get('at', '')} |")
    for what, by_name in results.get("sections", {}).items():
        for who, taken in by_name.items() if what.startswith("delta: ") else ():
            for line in taken:
                figures = ", ".join(f"{key} {value}" for key, value in line.items() if key not in ("work", "bench", "who", "what"))
                lines.append(f"| {what} | {who} | {line.get('n', '')} | {figures} | | | | |")
    for who, taken in results.get("sections", {}).get("append", {}).items():
        line = taken[0]
        lines.append(f"| append | {who} | {line['n']} | {line['min_s']:.4f} / **{line['median_s']:.4f}** / {line['max_s']:.4f} | | | | |")
    return "\n".join(lines)


def answers_text(results, differences):
    """One line for each kind of work: who agrees with whom."""
    lines = []
    for what, by_name in results.get("answers", {}).items():
        names = list(by_name)
        wrong = {name: differences(by_name[names[0]], by_name[name]) for name in names[1:]}
        bad = [f"{name} differs in {', '.join(tables)}" for name, tables in wrong.items() if tables]
        lines.append(f"{what}: " + ("; ".join(bad) if bad else f"equal for {', '.join(names)}"))
    return "\n".join(lines)


def markdown(results, differences):
    machine = results["machine"]
    head = [f"Measured {results['date']} at commit {results['commit']}, scale {results['scale']:g}, "
            f"medians of {results['repetitions']}.",
            f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['kernel']}.",
            "Versions: " + ", ".join(f"{name} {version}" for name, version in results["versions"].items()) + "."]
    return "\n".join(head) + "\n\n" + marks_table(results) + "\n\n" + times_table(results) + \
        "\n\nAnswers (row counts and sums of every table): \n" + answers_text(results, differences) + "\n"
