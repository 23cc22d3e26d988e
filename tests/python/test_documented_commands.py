"""The commands in the docs do what the docs show.

A block ```console holds commands (lines that begin with "$ ") and below each what it prints. The commands of one page run
one after the other in one empty folder. What differs from run to run (ids, times, sizes, the width of columns) is compared
as such; "…" in a line stands for anything. A command that fails ends with a comment "# exits with N".
"""

import os
import re
import subprocess

import pytest
from program import PENSTOCK, ROOT

PAGES = ["README.md", "docs/cli.md", "docs/expectations.md"]

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STATUS = re.compile(r"\s+# exits with (\d+)$")
VARYING = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z"), "<time>"),
    (re.compile(r"\b[\d,]+ rows/s +"), ""),
    (re.compile(r"\d+\.\d+ s\b"), "<duration>"),
    (re.compile(r"\b\d{3,}\b"), "<size>"),
    (re.compile(r"─+"), "─"),
    (re.compile(r" +$"), ""),
    (re.compile(r" +"), " "),
]


def commands(page):
    """(command, expected status, expected lines) of every command of a page, in order."""
    found = []
    for block in BLOCK.findall((ROOT / page).read_text()):
        for line in block.splitlines():
            if line.startswith("$ "):
                status = STATUS.search(line)
                found.append((STATUS.sub("", line[2:]), int(status.group(1)) if status else 0, []))
            elif found:
                found[-1][2].append(line)
    return found


def run(command, folder):
    """Runs one command in `folder`; returns its status, its lines and the folder it ended in."""
    environment = {**os.environ, "PATH": f"{PENSTOCK.parent}:{os.environ['PATH']}", "COLUMNS": "120"}
    script = f"{command}\nstatus=$?\npwd >&9\nexit $status"
    reader, writer = os.pipe()
    done = subprocess.run(["bash", "-c", f"exec 9>&{writer}; {script}"], cwd=folder, env=environment, pass_fds=[writer],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=300, check=False)
    os.close(writer)
    with os.fdopen(reader) as ended_in:
        folder = ended_in.read().strip() or folder
    return done.returncode, done.stdout.splitlines(), folder


def pattern(line):
    return re.compile(".*".join(re.escape(normal(part)) for part in line.split("…")))


def normal(line):
    for expression, replacement in VARYING:
        line = expression.sub(replacement, line)
    return line


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_print_what_it_shows(page, tmp_path):
    folder = tmp_path
    for command, expected_status, expected in commands(page):
        status, lines, folder = run(command, folder)
        shown = f"$ {command}\n" + "\n".join(lines)
        assert status == expected_status, shown
        assert len(lines) == len(expected), shown
        if command.startswith("penstock table read"):  # a table has no order
            lines, expected = sorted(lines), sorted(expected)
        for line, wanted in zip(lines, expected):
            assert pattern(wanted).fullmatch(normal(line)), f"{shown}\n--- differs from the page at\n{wanted}"
