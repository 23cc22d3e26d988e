"""Statements that change tables, through `penstock sql`: what they do, answer and refuse."""

import pytest
from program import penstock, succeed

deltalake = pytest.importorskip("deltalake")
pa = pytest.importorskip("pyarrow")


@pytest.fixture
def project(tmp_path):
    (tmp_path / "penstock.yml").write_text("name: shop\n")
    return tmp_path


@pytest.fixture
def users(project):
    """A table by its path, written by another tool."""
    path = project / "dim_users"
    rows = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["Ann", "Bob", "Cat"], "age": pa.array([30, 40, None], pa.int64())})
    deltalake.write_deltalake(str(path), rows)
    return f"delta.`{path}`"


def rows(project, query):
    return succeed("sql", query, cwd=project).rows()


def refused(project, statement, code_part, status=2):
    ended = penstock("sql", statement, cwd=project)
    assert ended.status == status, ended
    assert code_part in ended.err, ended
    return ended.err


def test_insert_adds_rows_by_position_and_by_name(project, users):
    assert rows(project, f"INSERT INTO {users} VALUES (4, 'Dan', 50)") == [{"num_affected_rows": 1, "num_inserted_rows": 1}]
    rows(project, f"INSERT INTO {users} BY NAME SELECT 'Eve' AS name, 60 AS age, 5 AS id")
    rows(project, f"INSERT INTO {users} (id) VALUES (6)")
    assert rows(project, f"SELECT * FROM {users} WHERE id > 3 ORDER BY id") == [
        {"id": 4, "name": "Dan", "age": 50}, {"id": 5, "name": "Eve", "age": 60}, {"id": 6, "name": None, "age": None}]


def test_delete_and_update_take_subqueries_and_aliases(project, users):
    assert rows(project, f"DELETE FROM {users} AS u WHERE u.id IN (SELECT max(id) FROM {users})") == [{"num_affected_rows": 1}]
    assert rows(project, f"UPDATE {users} u SET name = upper(u.name), age = coalesce(age, 0) + 1 WHERE u.id = 2") == [{"num_affected_rows": 1}]
    assert rows(project, f"SELECT * FROM {users} ORDER BY id") == [{"id": 1, "name": "Ann", "age": 30}, {"id": 2, "name": "BOB", "age": 41}]
    assert rows(project, f"DELETE FROM {users}") == [{"num_affected_rows": 2}]


def test_merge_takes_every_kind_of_clause(project, users):
    answer = rows(project, f"""
        MERGE INTO {users} AS t
        USING (SELECT * FROM VALUES (1, 'Anna'), (2, NULL), (9, 'Zoe') AS v(id, name)) AS s
        ON t.id = s.id
        WHEN MATCHED AND s.name IS NULL THEN DELETE
        WHEN MATCHED THEN UPDATE SET name = s.name
        WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)
        WHEN NOT MATCHED BY SOURCE THEN UPDATE SET age = -1 -- nobody knows
        """)
    assert answer == [{"num_affected_rows": 4, "num_updated_rows": 2, "num_deleted_rows": 1, "num_inserted_rows": 1}]
    assert rows(project, f"SELECT * FROM {users} ORDER BY id") == [
        {"id": 1, "name": "Anna", "age": 30}, {"id": 3, "name": "Cat", "age": -1}, {"id": 9, "name": "Zoe", "age": None}]


def test_overwrite_and_replace_where(project, users):
    rows(project, f"INSERT INTO {users} REPLACE WHERE id >= 2 SELECT 7, 'Gil', 70")
    assert [row["id"] for row in rows(project, f"SELECT id FROM {users} ORDER BY id")] == [1, 7]
    rows(project, f"INSERT OVERWRITE {users} SELECT id + 1, name, age FROM {users}")
    assert [row["id"] for row in rows(project, f"SELECT id FROM {users} ORDER BY id")] == [2, 8]


def test_history_restore_and_maintenance(project, users):
    rows(project, f"DELETE FROM {users} WHERE id = 1; DELETE FROM {users} WHERE id = 2")
    history = rows(project, f"DESCRIBE HISTORY {users} LIMIT 2")
    assert [(row["version"], row["operation"]) for row in history] == [(2, "DELETE"), (1, "DELETE")]
    answer = rows(project, f"RESTORE TABLE {users} TO VERSION AS OF 0")
    assert answer[0]["num_of_files_after_restore"] == 1
    assert rows(project, f"SELECT count(*) AS n FROM {users}") == [{"n": 3}]
    assert rows(project, f"OPTIMIZE {users}")[0]["path"].endswith("dim_users")
    assert rows(project, f"DESCRIBE DETAIL {users}")[0]["format"] == "delta"
    assert len(rows(project, f"VACUUM {users} DRY RUN")) >= 0


def test_statements_run_one_after_the_other_and_stop_at_an_error(project, users):
    ended = penstock("sql", "-", cwd=project, stdin=f"DELETE FROM {users} WHERE id = 1;\nDELETE FROM {users} WHERE nope = 1;\nDELETE FROM {users}")
    assert ended.status != 0 and "2:" in ended.err and "nope" in ended.err, ended
    assert rows(project, f"SELECT count(*) AS n FROM {users}") == [{"n": 2}]


def test_an_error_of_reading_leaves_everything_as_it_was(project, users):
    refused(project, f"DELETE FROM {users};\n  DELET FROM {users}", "line 2:3")
    assert rows(project, f"SELECT count(*) AS n FROM {users}") == [{"n": 3}]


def test_errors_name_the_place(project, users):
    assert "line 2:8" in refused(project, f"DELETE FROM {users}\nWHERE (agee > 1)", "agee")
    refused(project, "DELETE FROM nothing", "there is no table main.default.nothing")
    refused(project, f"COPY INTO {users} FROM '/x' FILEFORMAT = AVRO", "read_files")


def test_explain_shows_the_plan_of_the_engine(project, users):
    assert "plan" in rows(project, f"EXPLAIN SELECT count(*) FROM {users}")[0]


def test_materialized_views_are_not_changed_and_streaming_tables_are(tmp_path):
    succeed("init", "shop", cwd=tmp_path)
    shop = tmp_path / "shop"
    succeed("run", cwd=shop)
    refused(shop, "DELETE FROM gold_revenue", "materialized view")
    assert rows(shop, "DELETE FROM silver_orders WHERE customer = 'Ada'") == [{"num_affected_rows": 1}]
    succeed("sql", "DROP TABLE gold_revenue", cwd=shop)
    assert "gold_revenue" not in succeed("sql", "SHOW TABLES", cwd=shop).out


def test_create_table_takes_rules_defaults_and_generated_columns(project):
    succeed("sql", """CREATE TABLE orders (id BIGINT NOT NULL, at TIMESTAMP DEFAULT TIMESTAMP '2026-01-31 10:00:00',
                      day DATE GENERATED ALWAYS AS (CAST(at AS DATE)), CONSTRAINT positive CHECK (id > 0)) PARTITIONED BY (day)""", cwd=project)
    rows(project, "INSERT INTO orders (id) VALUES (1)")
    assert [(row["id"], row["day"]) for row in rows(project, "SELECT * FROM orders")] == [(1, "2026-01-31")]
    refused(project, "INSERT INTO orders (id) VALUES (-1)", "positive", status=1)
    refused(project, "CREATE TABLE orders (id INT)", "orders", status=2)
    succeed("sql", "CREATE TABLE IF NOT EXISTS orders (id INT)", cwd=project)


def test_create_table_as_like_and_with_a_location(project):
    succeed("sql", "CREATE TABLE a AS SELECT 1 AS id, 'x' AS name; CREATE OR REPLACE TABLE a AS SELECT id + 1 AS id, name FROM a", cwd=project)
    assert rows(project, "SELECT * FROM a") == [{"id": 2, "name": "x"}]
    succeed("sql", "CREATE TABLE b LIKE a; INSERT INTO b SELECT * FROM a; CREATE TABLE c (id INT) LOCATION 'elsewhere'", cwd=project)
    assert rows(project, "SELECT * FROM b") == [{"id": 2, "name": "x"}]
    assert (project / "elsewhere" / "_delta_log").is_dir()
    succeed("sql", "DROP TABLE c", cwd=project)
    assert (project / "elsewhere" / "_delta_log").is_dir()


def test_a_table_whose_first_rows_fail_is_not_left_behind(project):
    assert penstock("sql", "CREATE TABLE a AS SELECT raise_error('no') AS x", cwd=project).status != 0
    assert rows(project, "SHOW TABLES") == []


def test_alter_table_changes_columns_properties_and_constraints(project):
    succeed("sql", "CREATE TABLE t (id INT, name STRING); INSERT INTO t VALUES (1, 'a')", cwd=project)
    succeed("sql", """ALTER TABLE t ADD COLUMNS (note STRING AFTER id); ALTER TABLE t SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name');
                      ALTER TABLE t RENAME COLUMN note TO remark; ALTER TABLE t DROP COLUMN name; COMMENT ON TABLE t IS 'x';
                      ALTER TABLE t ADD CONSTRAINT k CHECK (id > 0)""", cwd=project)
    assert rows(project, "SELECT * FROM t") == [{"id": 1, "remark": None}]
    refused(project, "INSERT INTO t VALUES (0, 'z')", "k", status=1)
    refused(project, "ALTER TABLE t SET TBLPROPERTIES ('penstock.kind' = 'x')", "Penstock's own")
    assert "remark" in rows(project, "SHOW CREATE TABLE t")[0]["createtab_stmt"]


def test_columns_of_a_pipelines_table_are_changed_in_its_file(tmp_path):
    succeed("init", "shop", cwd=tmp_path)
    succeed("run", cwd=tmp_path / "shop")
    refused(tmp_path / "shop", "ALTER TABLE silver_orders DROP COLUMN customer", "pipeline files")
    refused(tmp_path / "shop", "CREATE OR REPLACE TABLE silver_orders (a INT)", "belongs to a pipeline")


def test_dry_run_of_alter_table_lists_what_would_break(project):
    succeed("sql", """CREATE TABLE people (id BIGINT, age INT) LOCATION 'people'
                      TBLPROPERTIES ('delta.columnMapping.mode' = 'name')""", cwd=project)
    (project / "ages.sql").write_text("CREATE MATERIALIZED VIEW ages AS\nSELECT age, count(*) AS n FROM people GROUP BY age;\n")
    (project / "ids.sql").write_text("CREATE MATERIALIZED VIEW ids AS SELECT id FROM people;\n")
    (project / "penstock.yml").write_text("name: shop\nlibraries:\n  - glob: {include: '*.sql'}\n")
    drop = "ALTER TABLE people DROP COLUMN age"
    (broken,) = succeed("sql", "--dry-run", drop, cwd=project).rows()
    assert broken["place"].endswith("ages.sql:2:8"), broken
    assert "age" in broken["error"], broken
    assert succeed("sql", "--dry-run", "ALTER TABLE people ADD COLUMN name STRING", cwd=project).rows() == []
    assert [row["col_name"] for row in rows(project, "SHOW COLUMNS IN people")] == ["id", "age"]
    assert "--dry-run" in penstock("sql", "--dry-run", "DELETE FROM people", cwd=project).err


def test_statements_that_read_their_own_target(project, users):
    rows(project, f"INSERT INTO {users} SELECT max(id) + 1, 'Dan', NULL FROM {users}")
    rows(project, f"INSERT OVERWRITE {users} SELECT DISTINCT * FROM {users} WHERE id > 1")
    rows(project, f"MERGE INTO {users} AS t USING (SELECT id + 1 AS id, name FROM {users}) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)")
    assert rows(project, f"SELECT id, name FROM {users} ORDER BY id") == [
        {"id": 2, "name": "Bob"}, {"id": 3, "name": "Bob"}, {"id": 4, "name": "Cat"}, {"id": 5, "name": "Dan"}]
    history = rows(project, f"DESCRIBE HISTORY {users}")
    assert [entry["isBlindAppend"] for entry in history[:3]] == [False, False, False], history


def test_create_table_as_is_one_commit(project):
    rows(project, "CREATE TABLE t AS SELECT 1 AS a, 'x' AS b")
    assert [entry["version"] for entry in rows(project, "DESCRIBE HISTORY t")] == [0]
    refused(project, "CREATE OR REPLACE TABLE t AS SELECT CAST('no number' AS INT) AS a", "no number", status=1)
    assert rows(project, "SELECT * FROM t") == [{"a": 1, "b": "x"}]
    rows(project, "CREATE OR REPLACE TABLE t AS SELECT a + 1 AS a FROM t")
    assert rows(project, "SELECT * FROM t") == [{"a": 2}]
    assert [entry["version"] for entry in rows(project, "DESCRIBE HISTORY t")] == [1, 0]


def test_conditions_of_merge_are_deterministic(project, users):
    assert "rand()" in refused(project, f"MERGE INTO {users} AS t USING (SELECT 1 AS id) AS s ON t.id = s.id WHEN MATCHED AND rand() < 0.5 THEN DELETE", "another answer")


def test_changes_of_a_table_are_read_by_version_and_time(project):
    path = project / "t"
    deltalake.write_deltalake(str(path), pa.table({"id": pa.array([1, 2], pa.int64())}), configuration={"delta.enableChangeDataFeed": "true"})
    rows(project, f"UPDATE delta.`{path}` SET id = 3 WHERE id = 2")
    columns = "id, _change_type, _commit_version"
    changed = [{"id": 2, "_change_type": "update_preimage", "_commit_version": 1}, {"id": 3, "_change_type": "update_postimage", "_commit_version": 1}]
    assert rows(project, f"SELECT {columns} FROM table_changes('{path}', 1) ORDER BY id") == changed
    assert rows(project, f"SELECT {columns} FROM table_changes_by_path('t', 1, 1) AS c ORDER BY c.id") == changed
    assert len(rows(project, f"SELECT * FROM table_changes('{path}', '2001-01-01')")) == 4
    assert len(rows(project, f"SELECT * FROM table_changes('{path}', 0, current_timestamp())")) == 4
    assert rows(project, f"SELECT count(*) AS n FROM table_changes('{path}', 0, 0) WHERE _commit_timestamp > '2001-01-01'") == [{"n": 2}]
    rows(project, "CREATE TABLE named (a INT); INSERT INTO named VALUES (1)")
    assert rows(project, "SELECT a, _change_type FROM table_changes('named', 0)") == [{"a": 1, "_change_type": "insert"}]
    assert rows(project, "SELECT a FROM table_changes('`named`', 0, 1) x JOIN named USING (a)") == [{"a": 1}]
    refused(project, f"SELECT * FROM table_changes('{path}')", "where the changes begin")
    refused(project, f"SELECT * FROM table_changes('{path}', 7)", "its newest version is 1")
    refused(project, f"SELECT _metadata.file_path FROM table_changes('{path}', 0)", "_metadata")
    refused(project, "SELECT * FROM table_changes('nowhere', 0)", "nowhere")


def test_a_pipeline_keeps_no_table_of_changes(project):
    (project / "pipelines").mkdir()
    (project / "pipelines" / "p.sql").write_text(
        "CREATE MATERIALIZED VIEW a AS SELECT 1 AS x; CREATE MATERIALIZED VIEW b AS SELECT * FROM table_changes('a', 0);")
    ended = penstock("run", cwd=project)
    assert ended.status == 2 and "table_changes in a query of the pipeline" in ended.err, ended
    (project / "pipelines" / "p.sql").write_text("CREATE MATERIALIZED VIEW a TBLPROPERTIES ('delta.columnMapping.mode' = 'name') AS SELECT 1 AS x;")
    ended = penstock("run", cwd=project)
    assert ended.status != 0 and "delta.columnMapping.mode" in ended.err, ended


def test_copy_into_takes_each_file_once(project):
    files = project / "in"
    files.mkdir()
    (files / "a.csv").write_text("id,name\n1,Ann\n2,Bob\n")
    rows(project, "CREATE TABLE t (id BIGINT, name STRING, age INT)")
    copy = "COPY INTO t FROM 'in' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true', 'inferSchema' = 'true')"
    assert rows(project, copy) == [{"num_affected_rows": 2, "num_inserted_rows": 2}]
    assert rows(project, copy) == [{"num_affected_rows": 0, "num_inserted_rows": 0}]
    (files / "b.csv").write_text("id,name\n3,Cat\n")
    assert rows(project, copy) == [{"num_affected_rows": 1, "num_inserted_rows": 1}]
    assert rows(project, "SELECT * FROM t ORDER BY id") == [
        {"id": 1, "name": "Ann", "age": None}, {"id": 2, "name": "Bob", "age": None}, {"id": 3, "name": "Cat", "age": None}]
    assert rows(project, copy + " COPY_OPTIONS ('force' = 'true')") == [{"num_affected_rows": 3, "num_inserted_rows": 3}]
    assert rows(project, copy) == [{"num_affected_rows": 0, "num_inserted_rows": 0}]


def test_copy_into_adds_columns_where_it_may_and_drops_no_value(project):
    (project / "in").mkdir()
    (project / "in" / "a.json").write_text('{"id": 1, "more": "x"}\n')
    (project / "in" / "b.txt").write_text("no json")
    rows(project, "CREATE TABLE t (id BIGINT)")
    refused(project, "COPY INTO t FROM 'in' FILEFORMAT = JSON PATTERN = '*.json'", "more")
    rows(project, "COPY INTO t FROM 'in' FILEFORMAT = JSON PATTERN = '*.json' COPY_OPTIONS ('mergeSchema' = 'true')")
    assert rows(project, "SELECT * FROM t") == [{"id": 1, "more": "x"}]
    refused(project, "COPY INTO t FROM 'in' FILEFORMAT = AVRO", "CSV, JSON or PARQUET")
    (project / "in" / "c.json").write_text('{"id": "many"}\n')
    assert penstock("sql", "COPY INTO t FROM 'in' FILEFORMAT = JSON PATTERN = '*.json'", cwd=project).status != 0
    assert rows(project, "SELECT count(*) AS n FROM t") == [{"n": 1}]


def test_a_table_is_read_as_of_a_time(project):
    rows(project, "CREATE TABLE t (a INT); INSERT INTO t VALUES (1)")
    assert rows(project, "SELECT a FROM t TIMESTAMP AS OF current_timestamp()") == [{"a": 1}]
    assert penstock("sql", "SELECT a FROM t TIMESTAMP AS OF '2001-01-01'", cwd=project).status != 0


def test_default_stands_among_the_values_of_insert(project):
    rows(project, "CREATE TABLE d (id INT, name STRING DEFAULT concat('n', 'one'), price DECIMAL(5,2) DEFAULT 1.5, note STRING, "
                  "twice INT GENERATED ALWAYS AS (id * 2)) TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')")
    rows(project, "INSERT INTO d VALUES (1, DEFAULT, 2, 'x', DEFAULT), (2, 'two', DEFAULT, DEFAULT, DEFAULT)")
    rows(project, "INSERT INTO d (name, id) VALUES (DEFAULT, 3)")
    rows(project, "INSERT INTO d (name, id) VALUES (default, 4), ('five', 2 + (3))")
    rows(project, "INSERT INTO d (note) VALUES DEFAULT")
    assert [tuple(row.values()) for row in rows(project, "SELECT * FROM d ORDER BY id")] == [
        (None, "none", 1.5, None, None), (1, "none", 2.0, "x", 2), (2, "two", 1.5, None, 4), (3, "none", 1.5, None, 6),
        (4, "none", 1.5, None, 8), (5, "five", 1.5, None, 10)]
    refused(project, "INSERT INTO d VALUES (1, DEFAULT)", "2 values for 5 columns")
    refused(project, "INSERT INTO d (id, twice) VALUES (1, 2), (3, DEFAULT)", "generated column twice")
    refused(project, "INSERT INTO d (id, no) VALUES (1, 2), (3, DEFAULT)", "no column no")
    refused(project, "INSERT INTO d (id, name) VALUES (nothing, DEFAULT)", "1:34")


def test_a_table_is_renamed_within_the_catalog(project, users):
    rows(project, "CREATE TABLE a AS SELECT 1 AS id")
    rows(project, "ALTER TABLE a RENAME TO b")
    rows(project, "INSERT INTO b VALUES (2)")
    assert rows(project, "SELECT count(*) AS n FROM b") == [{"n": 2}]
    refused(project, "SELECT * FROM a", "no table")
    rows(project, "ALTER TABLE b RENAME TO other.c")
    assert rows(project, "SELECT count(*) AS n FROM other.c") == [{"n": 2}]
    rows(project, "ALTER TABLE other.c RENAME TO C")
    refused(project, "ALTER TABLE a RENAME TO b", "no table main.default.a")
    rows(project, "CREATE TABLE a (id INT)")
    refused(project, "ALTER TABLE a RENAME TO other.c", "already")
    path = users.removeprefix("delta.`").removesuffix("`")
    rows(project, f"CREATE TABLE u LOCATION '{path}'")
    rows(project, "ALTER TABLE u RENAME TO people")
    assert rows(project, "SELECT count(*) AS n FROM people") == [{"n": 3}]
    refused(project, "SELECT * FROM u", "no table")
    refused(project, f"ALTER TABLE {users} RENAME TO x", "by path")
    refused(project, "ALTER TABLE a RENAME TO delta.`/tmp/x`", "by path")


def test_a_pipelines_table_is_renamed_in_its_file(tmp_path):
    (tmp_path / "penstock.yml").write_text("name: shop\n")
    (tmp_path / "p.sql").write_text("CREATE MATERIALIZED VIEW m AS SELECT 1 AS id; CREATE VIEW v AS SELECT 2 AS id;")
    succeed("run", cwd=tmp_path)
    assert "pipeline files" in refused(tmp_path, "ALTER TABLE m RENAME TO n", "made by a pipeline")
    rows(tmp_path, "CREATE TABLE a (id INT)")
    refused(tmp_path, "ALTER TABLE a RENAME TO v", "view main.default.v already")


def test_partitions_and_columns_are_shown(project):
    rows(project, "CREATE TABLE p (id INT, day DATE, kind STRING) PARTITIONED BY (kind, day)")
    rows(project, "INSERT INTO p VALUES (1, DATE'2026-01-02', 'b'), (2, DATE'2026-01-01', NULL), (3, DATE'2026-01-02', 'b')")
    assert rows(project, "SHOW PARTITIONS p") == [{"kind": None, "day": "2026-01-01"}, {"kind": "b", "day": "2026-01-02"}]
    rows(project, "ALTER TABLE p SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    rows(project, "ALTER TABLE p RENAME COLUMN kind TO sort")
    assert rows(project, "SHOW PARTITIONS p")[1] == {"sort": "b", "day": "2026-01-02"}
    assert [row["col_name"] for row in rows(project, "SHOW COLUMNS FROM p IN default")] == ["id", "day", "sort"]
    rows(project, "CREATE TABLE q (id INT)")
    refused(project, "SHOW PARTITIONS q", "not partitioned")
    details = {row["col_name"]: row["data_type"] for row in rows(project, "DESCRIBE TABLE EXTENDED q")}
    assert details["Type"] == "MANAGED" and details["Location"].endswith("/q")


def test_paths_are_written_in_every_way_that_spark_takes(project, users):
    path = users.removeprefix("delta.`").removesuffix("`")
    for name in [f"file:{path}", f"file://{path}", "dim_users", "./dim_users"]:
        assert rows(project, f"SELECT count(*) AS n FROM delta.`{name}`") == [{"n": 3}]
        assert rows(project, f"UPDATE delta.`{name}` SET age = 1 WHERE id = 1") == [{"num_affected_rows": 1}]
    assert rows(project, f"DESCRIBE DETAIL '{path}'")[0]["location"] == path
    assert len(rows(project, f"DESCRIBE HISTORY '{path}' LIMIT 2")) == 2
    assert rows(project, "VACUUM 'dim_users' DRY RUN") == []
    assert rows(project, f"OPTIMIZE 'file:{path}'")[0]["path"] == path
    for name, location in [("u", f"file:{path}"), ("v", f"file://{path}")]:
        rows(project, f"CREATE TABLE {name} LOCATION '{location}'")
        assert rows(project, f"SELECT count(*) AS n FROM {name}") == [{"n": 3}]
    ended = penstock("table", "read", "dim_users", cwd=project)
    assert ended.status == 2 and "./dim_users" in ended.err, ended
    assert len(succeed("table", "read", "./dim_users", "--limit", "2", cwd=project).rows()) == 2


def test_a_table_without_columns_says_so(project):
    rows(project, "CREATE TABLE bare")
    refused(project, "SELECT * FROM bare", "has no columns yet")
    refused(project, "SELECT count(*) FROM bare", "has no columns yet")
