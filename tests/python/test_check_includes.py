"""tools/check_includes accepts a tree that keeps the rules and names what breaks each of them."""

import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_includes"

TABLE = """
penstock_room(base)
penstock_room(io    USES base)
penstock_room(duck  USES base)
penstock_room(run   USES duck io base)
penstock_room(api   USES run base)
"""

GOOD = {
    "cmake/rooms.cmake": TABLE,
    "src/base/error.h": "#pragma once\n#include <string>\n",
    "src/io/storage.h": '#pragma once\n#include "base/error.h"\n',
    "src/duck/engine.cc": '#include <duckdb.h>\n#include "duckdb/planner/planner.hpp"\n#include "base/error.h"\n',
    "include/penstock/delta.h": '#pragma once\n#include "base/error.h"\n',
    "src/api/delta.cc": "#include <penstock/delta.h>\n",
    "src/run/update.cc": '#include "io/storage.h"\n#include "base/error.h"\n',
}


def check(tmp_path, changes):
    for name, text in {**GOOD, **changes}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run([sys.executable, CHECK, tmp_path], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_tree_that_keeps_the_rules_passes(tmp_path):
    assert check(tmp_path, {}) == (0, "")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"src/io/bad.cc": '#include "duck/engine.h"\n', "src/duck/engine.h": "#pragma once\n"}, "io may not use duck"),
        ({"src/base/up.cc": '#include "run/update.h"\n', "src/run/update.h": "#pragma once\n"}, "base may not use run"),
        ({"src/io/engine.cc": "#include <duckdb.h>\n"}, "only src/duck may include"),
        ({"src/run/plan.cc": '#include "duckdb/planner/planner.hpp"\n'}, "only src/duck may include"),
        ({"src/io/list.cc": '#include "storage.h"\n'}, "is not a path"),
        ({"src/io/list.cc": '#include "base/absent.h"\n'}, "does not exist"),
        ({"src/io/bare.h": "int value;\n"}, "lacks #pragma once"),
        ({"src/run/plan.cc": "#include <penstock/delta.h>\n"}, "run may not use the public header"),
        ({"src/api/delta.cc": '#include "penstock/delta.h"\n'}, "write <penstock/delta.h>"),
        ({"src/api/delta.cc": "#include <penstock/absent.h>\n"}, "<penstock/absent.h> does not exist"),
        ({"include/penstock/delta.h": '#pragma once\n#include "io/storage.h"\n'}, "penstock may not use io"),
        ({"include/penstock/delta.h": "int value;\n"}, "lacks #pragma once"),
        ({"src/kitchen/sink.h": "#pragma once\n"}, "kitchen is not a room"),
        ({"src/io/long.cc": "\n" * 601}, "601 lines"),
        ({"src/io/string_utils.cc": "\n"}, "string_utils.cc: name the file"),
        ({"tests/test_helpers.py": "\n"}, "test_helpers.py: name the file"),
        (
            {
                "src/io/one.h": '#pragma once\n#include "io/two.h"\n',
                "src/io/two.h": '#pragma once\n#include "io/one.h"\n',
            },
            "cycle io/one.h -> io/two.h -> io/one.h",
        ),
        ({"cmake/rooms.cmake": "penstock_room(io USES run base)\n" + TABLE}, "io uses run, which is not a room above"),
    ],
)
def test_a_broken_rule_is_named(tmp_path, changes, complaint):
    status, output = check(tmp_path, changes)
    assert status == 1
    assert complaint in output


def test_this_repository_passes():
    done = subprocess.run([sys.executable, CHECK], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0
