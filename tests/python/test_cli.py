"""The command line as scripts see it: what each command prints, in every format, and its exit status."""

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import time

import pytest
from program import PENSTOCK, penstock, succeed


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The project that `penstock init` makes, updated once. Tests only read it."""
    folder = tmp_path_factory.mktemp("shop")
    succeed("init", "shop", cwd=folder)
    succeed("run", cwd=folder / "shop")
    return folder / "shop"


@pytest.fixture
def fresh(tmp_path):
    """The same project for tests that change it."""
    succeed("init", "shop", cwd=tmp_path)
    succeed("run", cwd=tmp_path / "shop")
    return tmp_path / "shop"


# --- the program itself


def test_version_is_one_line(tmp_path):
    ended = succeed("--version", cwd=tmp_path)
    assert re.fullmatch(r"penstock \d+\.\d+\.\d+\n", ended.out)


def test_help_lists_commands_and_their_options(tmp_path):
    assert "dry-run" in succeed("help", cwd=tmp_path).out
    assert "--full-refresh-all" in succeed("help", "run", cwd=tmp_path).out
    assert "--timestamp" in succeed("table", "read", "--help", cwd=tmp_path).out


@pytest.mark.parametrize("arguments, nearest", [
    (["rnu"], "run"),
    (["table", "raed", "x"], "read"),
    (["run", "--refesh", "x"], "--refresh"),
    (["events", "--folow"], "--follow"),
    (["dry-run", "--format", "jsno"], "json"),
])
def test_misspelt_words_are_usage_errors_with_the_nearest_name(shop, arguments, nearest):
    ended = penstock(*arguments, cwd=shop)
    assert ended.status == 2, ended
    assert f"Did you mean {nearest}?" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("arguments", [[], ["table"], ["sql"], ["run", "--continuous"], ["verify", "nope"], ["run", "--set", "x"]])
def test_wrong_usage_ends_with_status_2(shop, arguments):
    ended = penstock(*arguments, cwd=shop)
    assert ended.status == 2, ended
    assert ended.err.startswith("error: ")


def test_outside_of_a_project_the_error_says_what_is_looked_for(tmp_path):
    ended = penstock("run", cwd=tmp_path)
    assert ended.status == 2, ended
    assert "penstock.yml" in ended.err


def test_project_and_spec_name_the_project_from_elsewhere(shop, tmp_path):
    query = "SELECT count(*) AS n FROM silver_orders"
    assert succeed("sql", query, "--project", shop, cwd=tmp_path).rows() == [{"n": 5}]
    assert succeed("--spec", shop / "penstock.yml", "sql", query, cwd=tmp_path).rows() == [{"n": 5}]
    assert penstock("run", "--project", tmp_path, cwd=shop).status == 2


# --- init and run


def test_init_makes_a_project_and_prints_the_next_command(tmp_path):
    ended = succeed("init", "demo", cwd=tmp_path)
    assert ended.out == "cd demo && penstock run\n"
    assert penstock("init", "demo", cwd=tmp_path).status == 2


def test_run_reports_each_table_and_a_summary(tmp_path):
    succeed("init", "shop", cwd=tmp_path)
    first = succeed("run", cwd=tmp_path / "shop")
    assert first.out == ""
    lines = first.err.splitlines()
    silver = next(line for line in lines if "silver_orders" in line and "completed" in line)
    for part in ("in 7", "out 5", "dropped 1", "quarantined 1"):
        assert part in silver, first
    assert re.search(r"Update \S+ completed", first.err), first
    assert "known_country failed on 1 of 7 rows" in first.err
    assert "\x1b" not in first.err


def test_second_run_changes_nothing(fresh):
    before = succeed("table", "list", cwd=fresh).rows()
    succeed("run", cwd=fresh)
    after = succeed("table", "list", cwd=fresh).rows()
    assert [(row["table"], row["version"]) for row in before] == [(row["table"], row["version"]) for row in after]


def test_run_as_jsonl_gives_the_events_of_the_log(fresh):
    ended = succeed("run", "--full-refresh-all", "--format", "jsonl", cwd=fresh)
    printed = ended.rows()
    update = printed[0]["origin"]["update_id"]
    logged = succeed("events", "--update", update, cwd=fresh).rows()
    assert sorted(event["id"] for event in printed) == sorted(event["id"] for event in logged)
    assert printed[0]["event_type"] == "create_update"
    assert isinstance(printed[0]["details"], dict) and isinstance(logged[0]["details"], dict)


def test_failed_flow_ends_with_status_1_and_an_error(fresh):
    (fresh / "pipeline" / "bad.sql").write_text(
        "CREATE MATERIALIZED VIEW broken AS SELECT CAST('x' || customer AS INT) AS n FROM silver_orders;")
    ended = penstock("run", cwd=fresh)
    assert ended.status == 1, ended
    assert "broken" in ended.err and "error: " in ended.err
    assert "\x1b" not in ended.err


def test_definition_errors_come_all_at_once_with_places_and_status_2(fresh):
    (fresh / "pipeline" / "bad.sql").write_text(
        "CREATE MATERIALIZED VIEW one AS SELECT * FROM silver_order;\n"
        "CREATE MATERIALIZED VIEW two AS SELECT * FROM no_table;\n")
    for command in (["run"], ["dry-run"], ["plan"]):
        ended = penstock(*command, cwd=fresh)
        assert ended.status == 2, ended
        assert "bad.sql:1" in ended.err and "bad.sql:2" in ended.err, ended
        assert "silver_orders" in ended.err


def test_refresh_and_select_name_the_tables_of_an_update(fresh):
    ended = succeed("run", "--full-refresh", "gold_revenue", cwd=fresh)
    assert "gold_revenue" in ended.err
    assert penstock("run", "--refresh", "nope", cwd=fresh).status == 2
    succeed("run", "--select", "+gold_revenue", cwd=fresh)


def test_interrupted_run_ends_with_130_and_the_next_one_goes_on(tmp_path):
    succeed("init", "shop", cwd=tmp_path)
    project = tmp_path / "shop"
    for i in range(400):
        (project / "data" / "orders" / f"more-{i}.json").write_text('{"order_id": %d, "country": "de", "amount": 1}\n' % i)
    text = (project / "pipeline" / "bronze.sql").read_text()
    (project / "pipeline" / "bronze.sql").write_text(text.replace("format =>", "maxFilesPerTrigger => 1, format =>"))
    process = subprocess.Popen([PENSTOCK, "run"], cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    journal = project / "storage" / "_penstock" / "journal"
    while process.poll() is None and not (journal.exists() and list(journal.iterdir())):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    succeed("run", cwd=project)
    assert succeed("sql", "SELECT count(*) AS n FROM bronze_orders", cwd=project).rows() == [{"n": 407}]


def test_empty_folder_is_said(tmp_path):
    succeed("init", "shop", cwd=tmp_path)
    project = tmp_path / "shop"
    for path in (project / "data" / "orders").iterdir():
        path.unlink()
    assert "empty input" in succeed("run", cwd=project).err


# --- dry-run and plan


def test_dry_run_lists_datasets_in_order_and_writes_nothing(tmp_path):
    succeed("init", "shop", cwd=tmp_path)
    rows = succeed("dry-run", cwd=tmp_path / "shop").rows()
    names = [row["dataset"] for row in rows]
    assert [name.split(".")[-1] for name in names] == ["bronze_orders", "silver_orders", "gold_revenue"]
    assert rows[1]["kind"] == "streaming table"
    assert len(rows[1]["expectations"]) == 3
    assert not (tmp_path / "shop" / "storage").exists()


def test_plan_says_what_changed(fresh):
    assert {row["mode"] for row in succeed("plan", cwd=fresh).rows()} <= {"unchanged", "append"}
    (fresh / "data" / "orders" / "new.json").write_text('{"order_id": 9, "country": "de", "amount": 1}\n')
    rows = {row["table"].split(".")[-1]: row for row in succeed("plan", cwd=fresh).rows()}
    assert rows["bronze_orders"]["mode"] == "append" and rows["bronze_orders"]["reason"]
    refreshed = succeed("plan", "--full-refresh-all", cwd=fresh).rows()
    assert {row["mode"] for row in refreshed} & {"full refresh", "full recomputation"}


# --- formats


VALUES = """SELECT 9007199254740993 AS big, CAST('12345678901234567890.123456789' AS DECIMAL(38,9)) AS dec,
  CAST('NaN' AS DOUBLE) AS nan, CAST('-Infinity' AS DOUBLE) AS inf, CAST(0.1 AS DOUBLE) AS dbl,
  TIMESTAMP '2026-01-31 12:00:00.5' AS ts, CAST('2026-01-31 12:00:00' AS TIMESTAMP_NTZ) AS ntz, DATE '2026-01-31' AS d,
  CAST('abc' AS BINARY) AS bin, NULL AS nothing, array(1, NULL) AS list, named_struct('a', 1, 'b', 'x') AS st,
  map('k', 1) AS m, 'tab\\there' AS s, true AS yes"""


def test_json_is_exact(shop):
    line = succeed("sql", VALUES, cwd=shop).out
    assert '"big":9007199254740993,' in line
    assert '"dec":12345678901234567890.123456789,' in line
    row = json.loads(line)
    assert row["nan"] == "NaN" and row["inf"] == "-Infinity" and row["dbl"] == 0.1
    assert row["ts"] == "2026-01-31T12:00:00.5Z" and row["ntz"] == "2026-01-31T12:00:00" and row["d"] == "2026-01-31"
    assert row["bin"] == "YWJj" and row["nothing"] is None and row["yes"] is True
    assert row["list"] == [1, None] and row["st"] == {"a": 1, "b": "x"} and row["m"] == {"k": 1}
    assert json.loads(succeed("sql", VALUES, "--format", "json", cwd=shop).out) == [row]


def test_csv_and_table(shop):
    query = "SELECT order_id, customer, amount FROM silver_orders ORDER BY order_id"
    rows = list(csv.DictReader(io.StringIO(succeed("sql", query, "--format", "csv", cwd=shop).out)))
    assert rows[0] == {"order_id": "1", "customer": "Ada", "amount": "19.90"}
    table = succeed("sql", query, "--format", "table", cwd=shop).out.splitlines()
    assert table[0].split() == ["order_id", "customer", "amount"]
    assert table[-1] == "(5 rows)"
    assert table[2].startswith("       1  Ada")


COMMANDS_WITH_ROWS = [
    ["dry-run"], ["plan"], ["sql", "SELECT * FROM gold_revenue"], ["sql", "SHOW TABLES"], ["sql", "DESCRIBE silver_orders"],
    ["table", "list"], ["table", "show", "silver_orders"], ["table", "history", "silver_orders"],
    ["table", "read", "silver_orders"], ["table", "detail", "silver_orders"], ["quarantine", "list"],
    ["quarantine", "show", "silver_orders"], ["events"],
]


@pytest.mark.parametrize("command", COMMANDS_WITH_ROWS, ids=" ".join)
def test_every_command_with_rows_speaks_every_format(shop, command):
    rows = succeed(*command, "--format", "jsonl", cwd=shop).rows()
    assert rows and all(isinstance(row, dict) for row in rows)
    assert len(json.loads(succeed(*command, "--format", "json", cwd=shop).out)) == len(rows)
    assert len(list(csv.reader(io.StringIO(succeed(*command, "--format", "csv", cwd=shop).out)))) == len(rows) + 1
    assert succeed(*command, "--format", "table", cwd=shop).out.rstrip().endswith("row)" if len(rows) == 1 else "rows)")


# --- sql


def test_sql_reads_tables_paths_and_standard_input(shop):
    path = shop / "storage" / "tables" / "main" / "default" / "gold_revenue"
    expected = succeed("sql", "SELECT * FROM gold_revenue ORDER BY country", cwd=shop).rows()
    assert expected[0] == {"country": "DE", "orders": 2, "revenue": 61.90}
    assert succeed("sql", f"SELECT * FROM delta.`{path}` ORDER BY country", cwd=shop).rows() == expected
    assert succeed("sql", "-", cwd=shop, stdin="SELECT * FROM gold_revenue ORDER BY country").rows() == expected
    assert succeed("sql", f"SELECT count(*) AS n FROM json.`{shop}/data/orders`", cwd=shop).rows() == [{"n": 7}]


def test_sql_reads_a_past_version(fresh):
    (fresh / "data" / "orders" / "new.json").write_text('{"order_id": 9, "country": "de", "amount": 1}\n')
    succeed("run", cwd=fresh)
    count = "SELECT count(*) AS n FROM silver_orders"
    versions = sorted(row["version"] for row in succeed("table", "history", "silver_orders", cwd=fresh).rows())
    assert succeed("sql", count, cwd=fresh).rows() == [{"n": 6}]
    assert succeed("sql", f"{count} VERSION AS OF {versions[-2]}", cwd=fresh).rows() == [{"n": 5}]


def test_views_of_the_project_are_shown_and_described_beside_tables(fresh):
    (fresh / "pipeline" / "views.sql").write_text(
        "CREATE VIEW big_orders (order_id COMMENT 'its number', amount) COMMENT 'Large ones'\n"
        "AS SELECT order_id, amount FROM silver_orders WHERE amount > 50;\n"
        "CREATE TEMPORARY VIEW hidden AS SELECT 1 AS x;\n"
        "USE SCHEMA other;\n"
        "CREATE VIEW elsewhere AS SELECT 1 AS x;\n"
    )

    def names(statement, column):
        return [row[column] for row in succeed("sql", statement, cwd=fresh).rows()]

    assert names("SHOW TABLES", "tableName") == ["big_orders", "bronze_orders", "gold_revenue", "silver_orders"]
    assert names("SHOW TABLES IN default LIKE 'b*|gold*'", "tableName") == ["big_orders", "bronze_orders", "gold_revenue"]
    assert names("SHOW TABLES IN other", "tableName") == ["elsewhere"]
    assert succeed("sql", "SHOW VIEWS", cwd=fresh).rows() == [
        {"namespace": "default", "viewName": "big_orders", "isTemporary": False}]
    assert names("SHOW VIEWS FROM main.other LIKE 'else*'", "viewName") == ["elsewhere"]

    columns = [{"col_name": "order_id", "data_type": "bigint", "comment": "its number"},
               {"col_name": "amount", "data_type": "decimal(10,2)", "comment": None}]
    assert succeed("sql", "DESCRIBE big_orders", cwd=fresh).rows() == columns
    extended = succeed("sql", "DESCRIBE EXTENDED main.default.big_orders", cwd=fresh).rows()
    assert extended[:2] == columns
    details = {row["col_name"]: row["data_type"] for row in extended[2:]}
    assert details["Type"] == "VIEW" and details["Comment"] == "Large ones"
    assert details["View Text"] == "SELECT order_id, amount FROM silver_orders WHERE amount > 50"


def test_a_broken_view_stands_in_the_way_of_its_readers_alone(fresh):
    (fresh / "pipeline" / "views.sql").write_text(
        "CREATE VIEW broken AS SELECT nope FROM silver_orders;\n"
        "CREATE VIEW unreadable AS SELECT ${missing} FROM silver_orders;\n"
        "CREATE VIEW sound AS SELECT count(*) AS n FROM silver_orders;\n"
    )
    assert succeed("sql", "SELECT * FROM sound", cwd=fresh).rows() == [{"n": 5}]
    for view, place in [("broken", "views.sql:1:30"), ("unreadable", "views.sql:2")]:
        ended = penstock("sql", f"SELECT * FROM {view}", cwd=fresh)
        assert ended.status == 2 and place in ended.err, ended
    assert "Did you mean sound?" in penstock("sql", "SELECT * FROM sonud", cwd=fresh).err
    ended = penstock("sql", "DESCRIBE broken", cwd=fresh)
    assert ended.status == 2 and "views.sql:1:30" in ended.err, ended


@pytest.mark.parametrize("query, words", [
    ("SELECT * FROM silver_order", ["silver_order", "silver_orders"]),
    ("SELECT custmer FROM silver_orders", ["custmer"]),
    ("SELEC 1", ["SELEC"]),
])
def test_wrong_sql_ends_with_status_2_and_names_what_is_wrong(shop, query, words):
    ended = penstock("sql", query, cwd=shop)
    assert ended.status == 2, ended
    for word in words:
        assert word in ended.err
    assert ended.out == ""


def test_event_log_answers_the_known_quality_query(shop):
    rows = succeed("sql", """
        SELECT r.dataset, r.name, SUM(r.passed_records) AS passed, SUM(r.failed_records) AS failed
        FROM (SELECT explode(from_json(details:flow_progress.data_quality.expectations,
          'array<struct<name: string, dataset: string, passed_records: int, failed_records: int>>')) AS r
          FROM event_log WHERE event_type = 'flow_progress')
        GROUP BY r.dataset, r.name""", cwd=shop).rows()
    assert {(row["name"], row["passed"], row["failed"]) for row in rows} == {
        ("has_id", 6, 1), ("positive_amount", 6, 1), ("known_country", 6, 1)}


# --- tables


def test_table_list_and_show(shop):
    rows = {row["table"]: row for row in succeed("table", "list", cwd=shop).rows()}
    assert rows["main.default.silver_orders"]["rows"] == 5
    shown = {row["property"]: row["value"] for row in succeed("table", "show", "silver_orders", cwd=shop).rows()}
    assert shown["rows"] == 5 and shown["column amount"] == "DECIMAL(10,2)"


def test_table_history_and_detail_have_delta_s_names(shop):
    newest = succeed("table", "history", "silver_orders", cwd=shop).rows()[0]
    assert {"version", "timestamp", "operation", "operationParameters"} <= newest.keys()
    detail = succeed("table", "detail", "default.silver_orders", cwd=shop).rows()[0]
    assert detail["format"] == "delta" and detail["numRecords"] == 5 and detail["minReaderVersion"] == 1


def test_table_read_by_name_path_uri_version_and_time(shop, tmp_path):
    path = shop / "storage" / "tables" / "main" / "default" / "silver_orders"
    rows = succeed("table", "read", "silver_orders", cwd=shop).rows()
    assert len(rows) == 5
    for name in (path, f"file://{path}", "main.default.silver_orders"):
        assert succeed("table", "read", name, "--project", shop, cwd=tmp_path).rows() == rows
    assert succeed("table", "read", path, cwd=tmp_path).rows() == rows
    version = succeed("table", "detail", path, cwd=tmp_path).rows()[0]["version"]
    assert succeed("table", "read", path, "--version", version, cwd=tmp_path).rows() == rows
    assert succeed("table", "read", path, "--timestamp", "2999-01-01", cwd=tmp_path).status == 0


@pytest.mark.parametrize("arguments, word", [
    (["table", "read", "silver_order"], "silver_orders"),
    (["table", "read", "/nowhere/at/all"], "/nowhere/at/all"),
    (["table", "read", "silver_orders", "--version", "99"], "99"),
    (["table", "read", "silver_orders", "--timestamp", "soon"], "soon"),
    (["table", "read", "s3://bucket/t"], "s3://"),
    (["table", "drop", "nope"], "nope"),
    (["quarantine", "show", "nope"], "nope"),
])
def test_wrong_tables_end_with_status_2_and_name_what_is_wrong(shop, arguments, word):
    ended = penstock(*arguments, cwd=shop)
    assert ended.status == 2, ended
    assert word in ended.err


def test_table_drop_deletes_and_dry_run_does_not(fresh):
    table = fresh / "storage" / "tables" / "main" / "default" / "gold_revenue"
    ended = succeed("table", "drop", "gold_revenue", "--dry-run", cwd=fresh)
    assert "would delete" in ended.err and table.exists()
    ended = succeed("table", "drop", "gold_revenue", cwd=fresh)
    assert "deleted main.default.gold_revenue" in ended.err and not table.exists()
    succeed("run", cwd=fresh)
    assert len(succeed("table", "read", "gold_revenue", cwd=fresh).rows()) == 4


# --- quarantine, export, events


def test_quarantine_shows_rows_with_rule_and_source(shop):
    listed = succeed("quarantine", "list", cwd=shop).rows()
    assert [(row["table"], row["rows"]) for row in listed] == [("main.default.silver_orders", 1)]
    shown = succeed("quarantine", "show", "silver_orders", cwd=shop)
    assert "positive_amount" in shown.out and "-19.9" in shown.out
    nothing = succeed("quarantine", "show", "gold_revenue", cwd=shop)
    assert nothing.out == "" and "no row" in nothing.err


def test_export_writes_parquet_and_csv(shop, tmp_path):
    succeed("export", "silver_orders", "--to", tmp_path / "silver.parquet", cwd=shop)
    rows = succeed("sql", f"SELECT * FROM parquet.`{tmp_path}/silver.parquet`", cwd=shop).rows()
    assert len(rows) == 5
    succeed("export", "--query", "SELECT customer, amount FROM silver_orders WHERE order_id = 1", "--to",
            tmp_path / "one.csv", cwd=shop)
    assert (tmp_path / "one.csv").read_text() == "customer,amount\nAda,19.90\n"


def test_export_that_fails_leaves_nothing_and_keeps_what_was_there(shop, tmp_path):
    (tmp_path / "kept.csv").write_text("before")
    query = "SELECT CAST('x' || customer AS INT) AS n FROM silver_orders"
    assert penstock("export", "--query", query, "--to", tmp_path / "kept.csv", cwd=shop).status == 1
    assert penstock("export", "silver_orders", "--to", tmp_path / "x.xlsx", cwd=shop).status == 2
    assert [path.name for path in tmp_path.iterdir()] == ["kept.csv"]
    assert (tmp_path / "kept.csv").read_text() == "before"


def test_events_are_filtered_and_limited(shop):
    everything = succeed("events", cwd=shop).rows()
    sequence = [event["sequence"]["control_plane_seq_no"] for event in everything]
    assert sequence == sorted(sequence) and len(set(sequence)) == len(sequence)
    progress = succeed("events", "--type", "flow_progress", cwd=shop).rows()
    assert progress and {event["event_type"] for event in progress} == {"flow_progress"}
    assert succeed("events", "--limit", "2", cwd=shop).rows() == everything[-2:]
    assert succeed("events", "--update", "none", cwd=shop).rows() == []


def test_events_follow_a_later_update_until_interrupted(fresh):
    process = subprocess.Popen([PENSTOCK, "events", "--follow", "--limit", "0", "--format", "jsonl"], cwd=fresh,
                               stdout=subprocess.PIPE, text=True)
    time.sleep(0.7)
    succeed("run", "--full-refresh", "gold_revenue", cwd=fresh)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    events = [json.loads(line) for line in printed.splitlines()]
    assert events
    assert len({event["id"] for event in events}) == len(events)
    assert len({event["origin"]["update_id"] for event in events}) == 1


# --- terminals and pipes


def on_terminal(arguments, cwd, env):
    """Output of the program when all its streams are a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen([PENSTOCK, *arguments], cwd=cwd, stdin=slave, stdout=slave, stderr=slave,
                               env={**os.environ, **env})
    os.close(slave)
    output = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    os.close(master)
    process.wait(timeout=60)
    return output.decode()


def test_a_terminal_gets_tables_and_colour_unless_refused(shop):
    shown = on_terminal(["table", "list"], shop, {"TERM": "xterm"})
    assert "(3 rows)" in shown
    assert "\x1b[31" in on_terminal(["rnu"], shop, {"TERM": "xterm", "NO_COLOR": ""})
    assert "\x1b" not in on_terminal(["rnu"], shop, {"TERM": "xterm", "NO_COLOR": "1"})
    assert "\x1b" not in on_terminal(["rnu"], shop, {"TERM": "dumb"})


def test_a_reader_that_goes_away_is_no_error(shop):
    command = f"'{PENSTOCK}' sql 'SELECT * FROM range(1000000)' 2>&1 >/dev/null | cat; "
    command += f"'{PENSTOCK}' sql 'SELECT * FROM range(1000000)' | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=shop, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", done


def test_a_full_disk_is_an_error(shop):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([PENSTOCK, "sql", "SELECT * FROM range(1000000)"], cwd=shop, stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and "cannot write the output" in done.stderr


def test_plan_tells_the_files_read_of_the_files_present(tmp_path):
    (tmp_path / "penstock.yml").write_text("name: shop\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "p.sql").write_text(
        "CREATE STREAMING TABLE s PARTITIONED BY (day) AS SELECT id, CAST(day AS DATE) AS day FROM STREAM "
        "read_files('in', format => 'json', schema => 'id INT, day STRING');"
        "CREATE MATERIALIZED VIEW one AS SELECT count(*) AS n FROM s WHERE day = DATE'2026-01-02';"
        "CREATE MATERIALIZED VIEW big AS SELECT a.id FROM s a JOIN s b ON a.id = b.id WHERE a.id > 100;")
    for day in range(1, 5):
        (tmp_path / "in" / f"{day}.json").write_text(f'{{"id": {day}, "day": "2026-01-0{day}"}}\n')
    succeed("run", "--refresh", "s", cwd=tmp_path)
    plan = {row["table"].removeprefix("main.default."): row for row in succeed("plan", cwd=tmp_path).rows()}
    assert (plan["s"]["mode"], plan["s"]["files"], plan["s"]["files_present"]) == ("unchanged", 0, 4)
    assert (plan["one"]["files"], plan["one"]["files_present"], plan["one"]["rows"]) == (1, 4, 1)
    assert plan["big"]["files"] < plan["big"]["files_present"]
    (tmp_path / "in" / "5.json").write_text('{"id": 5, "day": "2026-01-05"}\n')
    plan = {row["table"].removeprefix("main.default."): row for row in succeed("plan", cwd=tmp_path).rows()}
    assert (plan["s"]["mode"], plan["s"]["files"], plan["s"]["files_present"]) == ("append", 1, 5)
