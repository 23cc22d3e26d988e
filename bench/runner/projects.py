"""Projects and inputs that are generated for single sections."""
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent

SOURCES = 20
LAYERS = 9  # of SOURCES views each


def two_hundred_tables(folder):
    """Twenty streaming tables over one declared folder and nine layers of views, each over two of the layer below."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "transformations").mkdir(parents=True)
    (folder / "landing").mkdir()
    (folder / "landing/one.json").write_text('{"id": 1, "amount": 2.5, "day": "2026-01-01"}\n')
    (folder / "penstock.yml").write_text(
        "name: two_hundred\nstorage: storage\nlibraries:\n  - glob:\n      include: transformations/**\n")
    for number in range(SOURCES):
        statements = [
            f"CREATE STREAMING TABLE t0_{number} (CONSTRAINT known EXPECT (id IS NOT NULL) ON VIOLATION DROP ROW) AS\n"
            f"SELECT id, amount, CAST(day AS DATE) AS day FROM STREAM read_files('{folder}/landing', format => 'json',\n"
            "  schema => 'id BIGINT, amount DOUBLE, day STRING');\n"]
        for layer in range(1, LAYERS + 1):
            other = (number + layer) % SOURCES
            statements.append(
                f"CREATE MATERIALIZED VIEW t{layer}_{number} AS\n"
                f"SELECT a.id, a.day, sum(a.amount) AS amount, count(*) AS n\n"
                f"FROM t{layer - 1}_{number} a JOIN t{layer - 1}_{other} b ON a.id = b.id GROUP BY a.id, a.day;\n")
        (folder / f"transformations/part_{number:02d}.sql").write_text("\n".join(statements))


def wide_query(rows):
    """A key in random order, numbers that do not compress, and some text; a row is about 600 bytes."""
    columns = ["(hash(i * 7 + 1) >> 1)::BIGINT AS k"]
    for number in range(60):
        columns.append(f"((hash(i * 131 + {number}) >> 33)::INTEGER) AS i{number}")
    for number in range(30):
        columns.append(f"(hash(i * 137 + {number}) / 1e6)::DOUBLE AS d{number}")
    for number in range(9):
        columns.append(f"'v' || (hash(i * 139 + {number}) >> 24)::VARCHAR AS s{number}")
    return f"SELECT {', '.join(columns)} FROM range({rows}) r(i)"


def wide_rows(python, folder, rows):
    if folder.exists():
        return
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    script = ("import duckdb, sys\n"
              "connection = duckdb.connect()\n"
              "connection.execute('SET preserve_insertion_order = false; SET memory_limit = \\'4GB\\'')\n"
              "connection.execute(f\"COPY ({sys.argv[1]}) TO '{sys.argv[2]}/rows.parquet' (FORMAT PARQUET)\")\n")
    subprocess.run([python, "-c", script, wide_query(rows), str(partial)], check=True)
    partial.rename(folder)
