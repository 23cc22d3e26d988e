"""The examples run, and give what can be counted in their files without Penstock."""

import collections
import csv
import json
import os
import re
import shutil
import statistics
import subprocess

import pytest
from program import PENSTOCK, ROOT, succeed


def made(name, folder):
    """The project folder of a fresh copy of an example, after one run."""
    project = folder / name
    shutil.copytree(ROOT / "examples" / name, project, ignore=shutil.ignore_patterns("storage"))
    succeed("run", cwd=project)
    return project


@pytest.fixture(scope="module")
def telco(tmp_path_factory):
    return made("telco_churn", tmp_path_factory.mktemp("telco"))


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    return made("web_status", tmp_path_factory.mktemp("web"))


def rows(project, query):
    return succeed("sql", query, cwd=project).rows()


def value(project, query):
    [row] = rows(project, query)
    [single] = row.values()
    return single


def customers():
    with open(ROOT / "examples/telco_churn/data/customers.csv", newline="") as file:
        return list(csv.DictReader(file))


def records():
    with open(ROOT / "examples/web_status/data/status.json") as file:
        return [json.loads(line) for line in file]


def test_telco_bronze_holds_every_customer_as_text(telco):
    assert value(telco, "SELECT count(*) FROM bronze_customers") == 7043
    assert value(telco, "SELECT count(DISTINCT customerID) FROM bronze_customers") == 7043
    assert value(telco, "SELECT count(*) FROM bronze_customers WHERE trim(TotalCharges) = ''") == 11
    assert value(telco, "SELECT typeof(max(tenure)) FROM bronze_customers").lower() in ("string", "varchar")


def test_telco_blank_totals_are_quarantined_in_one_table_and_imputed_in_the_other(telco):
    blank = {row["customerID"] for row in customers() if not row["TotalCharges"].strip()}
    aside = succeed("quarantine", "show", "silver_customers", cwd=telco).rows()
    assert {json.loads(row["row"])["customer_id"] for row in aside} == blank
    assert all(row["rules"] == ["total_known"] for row in aside)
    assert value(telco, "SELECT count(*) FROM silver_customers") == 7043 - len(blank)

    median = statistics.median(float(row["TotalCharges"]) for row in customers() if row["TotalCharges"].strip())
    imputed = rows(telco, "SELECT customer_id, total_charges FROM silver_customers_imputed WHERE total_imputed")
    assert {row["customer_id"] for row in imputed} == blank
    assert all(row["total_charges"] == pytest.approx(median, abs=0.005) for row in imputed)
    assert value(telco, "SELECT count(*) FROM silver_customers_imputed") == 7043


def test_telco_churn_is_what_the_file_says(telco):
    churn = rows(telco, "SELECT churned, count(*) AS n FROM silver_typed GROUP BY churned")
    assert {row["churned"]: row["n"] for row in churn} == {False: 5174, True: 1869}
    contracts = rows(telco, "SELECT contract, churned FROM gold_churn_by_contract")
    assert {row["contract"]: row["churned"] for row in contracts} == {"Month-to-month": 1655, "One year": 166, "Two year": 48}


def test_telco_features_are_scaled_numbers_and_drop_the_first_category(telco):
    found = {row.pop("customer_id"): row for row in rows(telco, "SELECT * FROM gold_features")}
    assert len(found) == 7043
    given = customers()
    tenures = [int(row["tenure"]) for row in given]
    for row in given:
        features = found[row["customerID"]]
        assert all(isinstance(number, (int, float)) and 0 <= number <= 1 for number in features.values())
        scaled = (int(row["tenure"]) - min(tenures)) / (max(tenures) - min(tenures))
        assert features["tenure"] == pytest.approx(scaled)
        assert features["churned"] == (row["Churn"] == "Yes")
        assert features["contract_one_year"] == (row["Contract"] == "One year")
        assert features["contract_two_year"] == (row["Contract"] == "Two year")
    for column in ("tenure", "monthly_charges", "total_charges"):
        numbers = [row[column] for row in found.values()]
        assert (min(numbers), max(numbers)) == (0, 1)
    categories = [column for column in given[0] if column not in ("customerID", "tenure", "MonthlyCharges", "TotalCharges")]
    encoded = sum(len({row[column] for row in given}) - 1 for column in categories)
    assert len(features) == 3 + encoded


def test_telco_quality_figures_are_in_the_event_log(telco):
    log = rows(telco, "SELECT details FROM event_log WHERE event_type = 'flow_progress'")
    failed = {}
    for row in log:
        details = row["details"] if isinstance(row["details"], dict) else json.loads(row["details"])
        for rule in details["flow_progress"].get("data_quality", {}).get("expectations", []):
            failed[rule["dataset"].split(".")[-1], rule["name"]] = rule["failed_records"], rule["passed_records"]
    assert failed["silver_customers", "total_known"] == (11, 7032)
    assert failed["silver_typed", "one_row_each"][0] == 0


@pytest.mark.parametrize("name", ["telco_churn", "web_status"])
def test_second_run_does_nothing(name, request):
    project = request.getfixturevalue({"telco_churn": "telco", "web_status": "web"}[name])
    before = {row["table"]: row["version"] for row in succeed("table", "list", cwd=project).rows()}
    assert "unchanged" in succeed("run", cwd=project).err
    assert {row["table"]: row["version"] for row in succeed("table", "list", cwd=project).rows()} == before


def test_web_bronze_keeps_declared_keys_and_rescues_the_others(web):
    assert rows(web, "SELECT count(*) AS n, min(timestamp) AS a, max(timestamp) AS b FROM bronze_status") == [
        {"n": 500, "a": 1446249499322, "b": 1446252053399}]
    declared = {"version", "nginx_version", "address", "generation", "pid", "timestamp", "connections", "requests", "server_zones"}
    given = records()
    kept = rows(web, "SELECT timestamp, _rescued_data AS rescued FROM bronze_status ORDER BY timestamp")
    for row, record in zip(kept, given):
        rescued = json.loads(row["rescued"]) if isinstance(row["rescued"], str) else row["rescued"]
        assert set(rescued) - {"_file_path"} == set(record) - declared


def test_web_zones_are_rows(web):
    given = records()
    counted = collections.Counter(zone for record in given for zone in record["server_zones"])
    found = rows(web, "SELECT zone, count(*) AS n, sum(requests) AS requests FROM silver_zones GROUP BY zone")
    assert {row["zone"]: row["n"] for row in found} == counted
    for row in found:
        assert row["requests"] == sum(record["server_zones"][row["zone"]]["requests"] for record in given)


def test_web_rates_are_differences_of_counters_by_seconds(web):
    given = records()
    rates = rows(web, "SELECT seconds, requests, requests_per_second FROM gold_rates WHERE zone = 'trac.nginx.org' ORDER BY seen_at")
    assert len(rates) == 499
    for row, before, after in zip(rates, given, given[1:]):
        requests = [record["server_zones"]["trac.nginx.org"]["requests"] for record in (before, after)]
        seconds = (after["timestamp"] - before["timestamp"]) / 1000
        assert row["requests"] == requests[1] - requests[0]
        assert row["seconds"] == pytest.approx(seconds)
        assert row["requests_per_second"] == pytest.approx((requests[1] - requests[0]) / seconds)
    totals = {row["zone"]: row["requests"] for row in rows(web, "SELECT zone, requests FROM gold_zones")}
    assert totals == {"hg.nginx.org": 363, "trac.nginx.org": 757, "lxr.nginx.org": 93}


def test_cpp_program_changes_a_table_and_reads_it(tmp_path):
    program = PENSTOCK.parent / "cpp_delta"
    done = subprocess.run([program, tmp_path], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    written, german, old = re.split(r"^orders of Germany\n|^all orders of version 1\n", done.stdout, flags=re.MULTILINE)
    assert written.splitlines() == ["write: version 1", "write: nothing to do", "merge: version 2", "update: version 3"]
    # The rows of a table have no order.
    assert sorted(german.splitlines()) == ["  1 DE 19.00", "  3 DE -"]
    assert sorted(old.splitlines()) == ["  1 DE 9.50", "  2 FR 20.00"]
    found = rows(tmp_path, f"SELECT id, total FROM delta.`{tmp_path}/orders` ORDER BY id")
    assert [(row["id"], row["total"] and float(row["total"])) for row in found] == [(1, 19.0), (2, 25.0), (3, None)]

    again = subprocess.run([program, tmp_path], capture_output=True, text=True, timeout=300, check=False)
    assert again.returncode == 1
    assert again.stderr.startswith("TABLE_EXISTS: ")


def test_demo_shows_result_rules_and_next_steps_and_a_second_time_does_nothing(tmp_path):
    def demo():
        done = subprocess.run([ROOT / "tools/demo", PENSTOCK.parent], env={**os.environ, "PENSTOCK_DEMO_FOLDER": str(tmp_path)},
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    first = demo()
    assert "Month-to-month       3875     1655             42.7" in first
    assert "total_known: not (total_charges IS NOT NULL)    11" in first
    assert "penstock quarantine show silver_customers" in first
    second = demo()
    assert "full recomputation" not in second and "append" not in second
    assert second[second.index("Who left"):] == first[first.index("Who left"):]
