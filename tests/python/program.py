"""Runs build/penstock as a user's shell would."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PENSTOCK = pathlib.Path(os.environ.get("PENSTOCK_BUILD") or ROOT / "build").resolve() / "penstock"


class Ended:
    """What a command wrote and how it ended."""

    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def __repr__(self):
        return f"status {self.status}\n--- out\n{self.out}\n--- err\n{self.err}"


def penstock(*arguments, cwd, stdin=None, env=None):
    """Runs the program; its output is a pipe, so rows come as JSON lines unless --format says otherwise."""
    done = subprocess.run([PENSTOCK, *map(str, arguments)], cwd=cwd, input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **(env or {})})
    return Ended(done)


def succeed(*arguments, cwd, **options):
    ended = penstock(*arguments, cwd=cwd, **options)
    assert ended.status == 0, ended
    return ended
