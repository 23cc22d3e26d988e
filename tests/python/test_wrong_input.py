"""Input that is damaged, cut, misnamed, huge or many: what the user gets, and that no row is lost or doubled."""

import gzip
import io
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from program import succeed
from project import Project


@pytest.fixture()
def project(tmp_path):
    return Project(tmp_path / "project")


def parquet(**columns):
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


# --- cut and damaged


@pytest.mark.parametrize("schema", ["", ", schema => 'id BIGINT'"])
def test_a_cut_archive_is_named_commits_nothing_and_is_read_when_it_is_whole(project, schema):
    lines = b"".join(b'{"id":%d,"s":"%d"}\n' % (i, i * 7919 % 10007) for i in range(5000))
    whole = gzip.compress(lines)
    project.reads("json", schema)
    project.feed("1.json.gz", whole[:len(whole) // 2])
    error = project.fails(1 if schema else 2)
    assert "in/1.json.gz" in error and "breaks off" in error and "complete" in error
    project.feed("1.json.gz", whole)
    project.run()
    assert project.rows("SELECT count(*), count(DISTINCT id) FROM t") == [(5000, 5000)]


@pytest.mark.parametrize("schema", ["", ", schema => 'id BIGINT'"])
@pytest.mark.parametrize("damage", [lambda b: b[:len(b) // 2], lambda b: b"", lambda b: b[:30] + bytes(170) + b[200:]],
                         ids=["cut", "empty", "zeros"])
def test_a_damaged_parquet_file_is_named_and_read_when_it_is_whole(project, schema, damage):
    whole = parquet(id=list(range(1000)))
    project.reads("parquet", schema)
    project.feed("0.parquet", whole)
    project.feed("1.parquet", damage(whole))
    ended = succeed("dry-run", cwd=project.folder) if schema else None
    assert ended is None or ended.rows()[0]["dataset"] == "main.default.t"
    status = 2 if not schema and damage(whole)[-4:] != b"PAR1" else 1
    error = project.fails(status)
    assert "in/1.parquet" in error and "no whole Parquet file" in error, error
    project.feed("1.parquet", whole)
    project.run()
    assert project.rows("SELECT count(*), count(DISTINCT id) FROM t") == [(2000, 1000)]


# --- not UTF-8


def test_invalid_utf8_in_a_value_keeps_the_other_rows_and_the_raw_record(project):
    for name, form, bad in (("j", "json", b'{"id":1,"s":"a\xff\xfeb"}\n{"id":2,"s":"ok"}\n'),
                            ("c", "csv", b"id,s\n1,a\xff\xfeb\n2,ok\n")):
        project.feed(f"{name}/1.{form}", bad)
    project.pipeline("".join(
        f"CREATE STREAMING TABLE {form} AS SELECT * FROM STREAM read_files('in/{folder}', format => '{form}');\n"
        for folder, form in (("j", "json"), ("c", "csv"))))
    project.run()
    for form in ("json", "csv"):
        rows = project.rows(f"SELECT id, s, get_json_object(_rescued_data, '$._corrupt_record') FROM {form} ORDER BY id")
        assert rows[1] == (2, "ok", None)
        assert rows[0][:2] == (None, None) and "a\ufffd\ufffdb" in rows[0][2]


def test_invalid_utf8_in_text_is_marked(project):
    project.feed("1.txt", b"a\xff\xfeb\nok\n")
    project.reads("text")
    project.run()
    assert sorted(project.rows("SELECT value FROM t")) == [("a\ufffd\ufffdb",), ("ok",)]


def test_a_header_that_is_no_utf8_is_named_and_read_with_its_encoding(project):
    project.feed("1.csv", b"id,Stra\xdfe\n1,a\n")
    project.reads("csv")
    error = project.fails(2)
    assert "in/1.csv" in error and "Stra\ufffde" in error and "encoding =>" in error
    project.reads("csv", ", encoding => 'ISO-8859-1'")
    project.run()
    assert project.rows("SELECT id, `Straße` FROM t") == [(1, "a")]


# --- large and many


@pytest.mark.parametrize("form, begin, end", [("json", '{"id":1,"s":"', '"}\n{"id":2,"s":"y"}\n'),
                                               ("csv", "id,s\n1,", "\n2,y\n"), ("text", "", "\ny")])
def test_a_line_of_ten_megabytes_is_read(project, form, begin, end):
    project.feed(f"1.{form}", begin + "x" * 10_000_000 + end)
    project.reads(form)
    project.run()
    column = "value" if form == "text" else "s"
    assert sorted(project.rows(f"SELECT length({column}) FROM t")) == [(1,), (10_000_000,)]


def test_ten_thousand_files_are_read_once_each(project):
    whole = parquet(id=[1])
    for i in range(10_000):
        project.feed(f"json/{i:05}.json", '{"id":%d}\n' % i)
        project.feed(f"parquet/{i:05}.parquet", whole)
    project.pipeline("".join(
        f"CREATE STREAMING TABLE {form} AS SELECT id FROM STREAM read_files('in/{form}', format => '{form}');\n"
        for form in ("json", "parquet")))
    project.run()
    project.feed("json/more.json", '{"id":10000}\n')
    project.run()
    assert project.rows("SELECT count(*), count(DISTINCT id) FROM json") == [(10_001, 10_001)]
    assert project.rows("SELECT count(*), sum(id) FROM parquet") == [(10_000, 10_000)]


# --- Parquet whose columns differ


@pytest.mark.parametrize("mode", ["addNewColumns", "rescue", "failOnNewColumns", "none"])
def test_parquet_values_of_another_type_are_rescued(project, mode):
    project.reads("parquet", f", schemaEvolutionMode => '{mode}'", "id, v, get_json_object(_rescued_data, '$.id') AS r")
    project.feed("1.parquet", parquet(id=[1], v=[1]))
    project.run()
    project.feed("2.parquet", parquet(id=["5", "abc", None, "1.9"], v=[2, 3, 4, 8]))
    project.feed("3.parquet", parquet(id=[{"a": 1}], v=[5]))
    project.run()
    project.feed("4.parquet", parquet(id=[2.5, 7.0], v=[6, 7]))
    project.run()
    assert project.rows("SELECT v, id, r FROM t ORDER BY v") == [
        (1, 1, None), (2, 5, None), (3, None, "abc"), (4, None, None), (5, None, '{"a":1}'), (6, None, "2.5"), (7, 7, None),
        (8, None, "1.9")]


def test_new_parquet_columns_are_added_rescued_refused_or_left_out(project):
    modes = ("addNewColumns", "rescue", "failOnNewColumns", "none")
    project.pipeline("".join(f"CREATE STREAMING TABLE {mode} AS SELECT * FROM STREAM "
                             f"read_files('in', format => 'parquet', schemaEvolutionMode => '{mode}');\n" for mode in modes))
    project.feed("1.parquet", parquet(id=[1]))
    project.run()
    project.feed("a'b.parquet", parquet(id=[2], w=["x"]))
    error = project.fails()
    assert "have columns the schema lacks: w STRING" in error
    assert project.rows("SELECT id, w, _rescued_data FROM addNewColumns ORDER BY id") == [(1, None, None), (2, "x", None)]
    rescued = project.rows("SELECT _rescued_data FROM rescue WHERE id = 2")[0][0]
    assert json.loads(rescued) == {"w": "x", "_file_path": f"file://{project.folder}/in/a'b.parquet"}
    assert project.rows("SELECT id FROM failOnNewColumns") == [(1,)]


def test_a_parquet_value_of_another_type_is_named_where_nothing_rescues_it(project):
    project.reads("parquet", ", schema => 'id BIGINT'")
    project.feed("1.parquet", parquet(id=["1", "abc"]))
    error = project.fails()
    assert "the column id of" in error and "in/1.parquet holds abc, which is no BIGINT" in error, error
    assert "rescuedDataColumn" in error


# --- names


HOSTILE = ["a'b", 'a"b', "a%20b", "a%2Fb", "ä ö", "new\nline", "[x]", "*", "?", "{a,b}", "a;b", "${z}", "back\\slash", "tab\tx",
           "a#b?c", "'||(select 1)||'", "-x", "\U0001F600", "a\x01b", "x"]


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_files_are_read_once_whatever_their_names(project, form):
    for i, name in enumerate(HOSTILE):
        project.feed(f"{name}.{form}", '{"id":%d}\n' % i if form == "json" else parquet(id=[i]))
        project.feed(f"d'q/{name}/k'1={name.replace('/', '')}/x.{form}",
                     '{"id":%d}\n' % (100 + i) if form == "json" else parquet(id=[100 + i]))
    project.reads(form, ", schema => 'id BIGINT'", "id, _metadata.file_name AS n, _metadata.file_path AS p")
    project.run()
    project.run()
    rows = project.rows("SELECT id, n, p FROM t ORDER BY id")
    assert [row[:2] for row in rows[:len(HOSTILE)]] == [(i, f"{name}.{form}") for i, name in enumerate(HOSTILE)]
    assert [row[0] for row in rows[len(HOSTILE):]] == [100 + i for i in range(len(HOSTILE))]
    paths = {row[0]: row[2] for row in rows}
    assert paths[2] == f"file://{project.folder}/in/a%2520b.{form}"
    assert paths[5] == f"file://{project.folder}/in/new%0Aline.{form}"


def test_partition_folders_may_hold_anything(project):
    values = ["a'b", "x y", "ä", "..", "%", "[x]", "a*"]
    for value in values:
        project.feed(f"k'1={value}/1.json", '{"id":1}\n')
    project.feed("k'1=__HIVE_DEFAULT_PARTITION__/1.json", '{"id":1}\n')
    project.feed("k'1=a%2Fb/1.json", '{"id":1}\n')
    project.reads("json", ", schema => 'id BIGINT'")
    project.run()
    assert sorted(project.rows("SELECT `k'1` FROM t"), key=str) == sorted([(v,) for v in values + ["a/b", None]], key=str)


def test_a_file_name_that_is_no_utf8_is_refused_and_not_read_again_and_again(project):
    with open(os.fsencode(project.folder / "in") + b"/b\xff.json", "wb") as file:
        file.write(b'{"id":1}\n')
    project.reads("json", ", schema => 'id BIGINT'")
    error = project.fails(2)
    assert "in/b%FF.json" in error and "Rename it" in error
    os.rename(os.fsencode(project.folder / "in") + b"/b\xff.json", project.folder / "in" / "b.json")
    project.run()
    project.run()
    assert project.rows("SELECT id FROM t") == [(1,)]


def test_tables_and_columns_may_have_any_name_and_stay_in_their_folder(project):
    record = {"id": 1, "a'b": 1, 'c"d': 2, "e`f": 3, "g.h": 4, "i j": 5, "k\nl": 6, "ö": 7, "": 8, "select": 9, "a;b": 10,
              "p%q": 11, "{z}": 12, "*": 13}
    project.feed("1.json", json.dumps(record) + "\n")
    project.pipeline("""
CREATE STREAMING TABLE `we'ird "na%me.é` (CONSTRAINT `it's "so" %` EXPECT (`a'b` > 1) ON VIOLATION QUARANTINE)
PARTITIONED BY (`c"d`) COMMENT 'it''s "x"' TBLPROPERTIES ('a''b' = 'c''d')
AS SELECT *, 2 AS `a?b` FROM STREAM read_files('in', format => 'json') WHERE id > 0;
CREATE STREAMING TABLE kept PARTITIONED BY (`c"d`) AS SELECT * FROM STREAM read_files('in', format => 'json');
CREATE MATERIALIZED VIEW `../up` AS SELECT `a'b`, `c"d`, `e``f` FROM kept;
CREATE MATERIALIZED VIEW `a
b` AS SELECT 1 AS `x
y`;
CREATE MATERIALIZED VIEW `..` AS SELECT 1 AS `x'y`;
CREATE MATERIALIZED VIEW `.` AS SELECT 2 AS `x'y`;
CREATE MATERIALIZED VIEW `_delta_log` AS SELECT 3 AS `x'y`;
CREATE MATERIALIZED VIEW `a`.`../../../x`.`y` AS SELECT * FROM `..`;
CREATE STREAMING TABLE flows;
CREATE FLOW `../../f` AS INSERT INTO flows BY NAME SELECT id FROM STREAM read_files('in', format => 'json', schema => 'id INT');
""")
    project.run()
    project.run()
    assert project.rows("SELECT * EXCEPT (_rescued_data) FROM kept") == [
        tuple(sorted_value for _, sorted_value in sorted((k, v) for k, v in record.items() if k))]
    assert json.loads(project.rows("SELECT _rescued_data FROM kept")[0][0])[""] == 8
    assert project.rows("SELECT * FROM `../up`") == [(1, 2, 3)]
    assert project.rows("SELECT `x\ny` FROM `a\nb`") == [(1,)]
    assert project.rows("SELECT `x'y` FROM `..` UNION ALL SELECT * FROM `_delta_log` UNION ALL SELECT * FROM `.` "
                        "UNION ALL SELECT * FROM `a`.`../../../x`.`y` ORDER BY 1") == [(1,), (1,), (2,), (3,)]
    quarantined = succeed("quarantine", "show", "`we'ird \"na%me.é`", cwd=project.folder).rows()
    assert [row["rules"] for row in quarantined] == [["it's \"so\" %"]]
    assert sorted(os.listdir(project.folder)) == ["in", "p.sql", "penstock.yml", "storage"]
    assert sorted(os.listdir(project.folder / "storage")) == ["_penstock", "tables"]
    assert sorted(os.listdir(project.folder.parent)) == ["project"]


def test_a_project_may_lie_in_a_folder_of_any_name(tmp_path):
    project = Project(tmp_path / "it's [a] *b* {c} 100% ä")
    project.feed("1.json", '{"id":1,"k":"a"}\n')
    project.feed("p/1.parquet", parquet(id=[2], k=["b"]))
    project.pipeline(
        "CREATE STREAMING TABLE t (CONSTRAINT c EXPECT (id > 1) ON VIOLATION QUARANTINE) AS SELECT * FROM "
        "STREAM read_files('in/*.json', format => 'json', schema => 'id INT, k STRING');\n"
        "CREATE STREAMING TABLE p PARTITIONED BY (k) AS SELECT * FROM STREAM read_files('in/p', format => 'parquet');\n"
        "CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM p;")
    project.run()
    assert project.rows("SELECT id, k FROM p") == [(2, "b")]
    assert project.rows("SELECT n FROM m") == [(1,)]
    assert len(succeed("quarantine", "show", "t", cwd=project.folder).rows()) == 1


# --- files that change


def test_a_file_that_changes_after_it_was_read_is_said_or_read_again(project):
    project.pipeline("".join(
        f"CREATE STREAMING TABLE {name} AS SELECT id FROM STREAM read_files('in', format => 'json', schema => 'id INT'{option});\n"
        for name, option in (("once", ""), ("again", ", allowOverwrites => true"))))
    project.feed("1.json", '{"id":1}\n')
    project.run()
    os.utime(project.folder / "in" / "1.json", (1, 1))
    project.feed("1.json", '{"id":2}\n{"id":3}\n')
    said = project.run().err
    assert said.count("in/1.json changed after it was read") == 1 and "allowOverwrites" in said
    project.run()
    assert project.rows("SELECT id FROM once") == [(1,)]
    assert project.rows("SELECT id FROM again ORDER BY id") == [(1,), (2,), (3,)]


def test_what_is_no_readable_file_is_passed_over(project):
    project.feed("1.json", '{"id":1}\n')
    os.symlink("/nowhere", project.folder / "in" / "2.json")
    os.mkdir(project.folder / "in" / "3.json")
    os.mkfifo(project.folder / "in" / "4.json")
    project.reads("json", ", schema => 'id INT'")
    project.run()
    assert project.rows("SELECT id FROM t") == [(1,)]
