"""A project in a folder of its own, fed and run as a user would."""

from program import penstock, succeed


class Project:
    def __init__(self, folder):
        self.folder = folder
        (folder / "in").mkdir(parents=True)
        (folder / "penstock.yml").write_text(
            'name: test\nstorage: storage\nconfiguration:\n  penstock.retry.initialSeconds: "0"\n')

    def feed(self, name, content):
        path = self.folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def pipeline(self, text):
        (self.folder / "p.sql").write_text(text)

    def reads(self, form, options="", columns="*"):
        """Streams everything below in/ into the table t."""
        self.pipeline(f"CREATE STREAMING TABLE t AS SELECT {columns} FROM STREAM read_files('in', format => '{form}'{options});")

    def table(self, name="t"):
        return self.folder / "storage" / "tables" / "main" / "default" / name

    def run(self, *arguments):
        return succeed("run", *arguments, cwd=self.folder)

    def fails(self, status=1):
        ended = penstock("run", cwd=self.folder)
        assert ended.status == status, ended
        return ended.err

    def rows(self, query):
        """Tuples in the order of the query's columns."""
        return [tuple(row.values()) for row in succeed("sql", query, "--format", "jsonl", cwd=self.folder).rows()]
