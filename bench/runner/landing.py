"""The landing zone: the generated files, hard-linked where the pipelines look for them."""
import json
import os
import pathlib
import shutil
import subprocess


def ensure_data(python, generator, folder, scale):
    """Generates the workload once a scale and returns its manifest."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        subprocess.run([python, generator, partial, "--scale", str(scale)], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return json.loads(manifest.read_text())


class Landing:
    def __init__(self, data, path):
        self.data = data
        self.path = path

    def reset(self):
        shutil.rmtree(self.path, ignore_errors=True)
        self._link(self.data)

    def add_increment(self):
        self._link(self.data / "increment")

    def warm(self):
        """Reads every file once, so that the first contestant does not pay for a cold page cache."""
        for path in sorted(self.path.rglob("*.json")):
            path.read_bytes()

    def _link(self, source):
        for group in ("events", "cdc"):
            target = self.path / group
            target.mkdir(parents=True, exist_ok=True)
            for path in sorted((source / group).glob("*.json")):
                place(path, target / path.name)


def place(source: pathlib.Path, target: pathlib.Path):
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
