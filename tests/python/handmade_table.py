"""A Delta table written action by action, so that every one of them can be wrong."""

import json
import urllib.parse

import pyarrow
import pyarrow.parquet

SCHEMA = {"type": "struct", "fields": [{"name": "id", "type": "long", "nullable": True, "metadata": {}},
                                       {"name": "v", "type": "string", "nullable": True, "metadata": {}}]}
ROWS_A_FILE = 10


class HandmadeTable:
    """Commits 0 to `files` - 1 with one data file of ten rows each: ids 0 to 10 * files - 1."""

    def __init__(self, path, files=4, protocol=None, metadata=None):
        self.path, self.log = path, path / "_delta_log"
        self.log.mkdir(parents=True)
        self.protocol = {"protocol": protocol or {"minReaderVersion": 1, "minWriterVersion": 2}}
        self.metadata = {"metaData": {"id": "0b1c5d4e-0000-4000-8000-000000000001", "format": {"provider": "parquet", "options": {}},
                                      "schemaString": json.dumps(SCHEMA), "partitionColumns": [], "configuration": {},
                                      "createdTime": 1700000000000, **(metadata or {})}}
        self.adds = [self.data_file(f"f{n}.parquet", n * ROWS_A_FILE) for n in range(files)]
        for version, add in enumerate(self.adds):
            self.commit(version, *([self.protocol, self.metadata] if version == 0 else []), add)

    def data_file(self, name, first, table=None, **changes):
        """Writes rows and gives their add."""
        ids = list(range(first, first + ROWS_A_FILE))
        table = table or pyarrow.table({"id": pyarrow.array(ids, pyarrow.int64()), "v": [f"v{i}" for i in ids]})
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(table, file)
        return {"add": {"path": urllib.parse.quote(name), "partitionValues": {}, "size": file.stat().st_size,
                        "modificationTime": 1700000000000, "dataChange": True, **changes}}

    def file_of(self, version):
        return self.log / f"{version:020}.json"

    def commit(self, version, *actions):
        self.file_of(version).write_text("".join(json.dumps(action) + "\n" for action in actions))

    def change(self, version, kind, **fields):
        """Changes fields of the actions of a kind; a field of None goes."""
        actions = [json.loads(line) for line in self.file_of(version).read_text().splitlines()]
        for action in actions:
            if kind in action:
                action[kind] = {name: value for name, value in {**action[kind], **fields}.items() if value is not None}
        self.commit(version, *actions)

    def checkpoint(self, version, parts=1):
        """A classic checkpoint, in several parts if asked, and the pointer to it."""
        actions = [{"protocol": self.protocol["protocol"]}, {"metaData": self.metadata["metaData"]}, *self.adds[:version + 1]]
        for part in range(parts):
            name = f"{version:020}.checkpoint" + (f".{part + 1:010}.{parts:010}" if parts > 1 else "") + ".parquet"
            rows = [{kind: action.get(kind) for kind in ("protocol", "metaData", "add")} for action in actions[part::parts]]
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, CHECKPOINT_SCHEMA), self.log / name)
        (self.log / "_last_checkpoint").write_text(json.dumps(
            {"version": version, "size": len(actions), **({"parts": parts} if parts > 1 else {})}))

    def forget_commits(self, through):
        for version in range(through + 1):
            self.file_of(version).unlink()

    def everything(self):
        """All files with their bytes, to see that nothing was written."""
        return {str(file.relative_to(self.path)): file.read_bytes() for file in self.path.rglob("*") if file.is_file()}


STRINGS = pyarrow.map_(pyarrow.string(), pyarrow.string())
CHECKPOINT_SCHEMA = pyarrow.schema([
    ("protocol", pyarrow.struct([("minReaderVersion", pyarrow.int32()), ("minWriterVersion", pyarrow.int32())])),
    ("metaData", pyarrow.struct([
        ("id", pyarrow.string()), ("format", pyarrow.struct([("provider", pyarrow.string()), ("options", STRINGS)])),
        ("schemaString", pyarrow.string()), ("partitionColumns", pyarrow.list_(pyarrow.string())), ("configuration", STRINGS),
        ("createdTime", pyarrow.int64())])),
    ("add", pyarrow.struct([
        ("path", pyarrow.string()), ("partitionValues", STRINGS), ("size", pyarrow.int64()), ("modificationTime", pyarrow.int64()),
        ("dataChange", pyarrow.bool_())])),
])
