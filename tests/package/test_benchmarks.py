"""python -m benchmarks: what cannot take part is said in its cell, and the rest runs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def run(program: str, **environment: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_peer_that_cannot_be_installed_is_named_in_its_cell() -> None:
    """Others are measured; there is no node here, and no such package anywhere."""
    program = """
import json, sys
import benchmarks.__main__ as run
from benchmarks.contestants import NodeContestant, PythonContestant, RXDUX

class Quick(type(RXDUX)):
    def measure(self, scratch):
        return {"dispatch, 1 reducer": [1e-6], "slices, one hit|10": [2e-6]}

run.RXDUX = Quick("rxdux", "rxdux_cases", ())
run.CONTESTANTS = (
    run.RXDUX,
    PythonContestant("no such peer", "no_such_peer", ("no-such-package-anywhere==9.9",)),
    NodeContestant("redux 5", "redux", ("redux@5",)),
)
table = run.measure_all(1)
print(json.dumps([table, run.table_of(table)]))
"""
    bare = os.pathsep.join([str(Path(sys.executable).parent)])
    table, lines = run(program, PATH=bare)
    assert table["dispatch, 1 reducer"] == {
        "rxdux": 1e-6,
        "no such peer": "cannot be installed",
        "redux 5": "there is no node",
    }
    assert lines[2] == "| dispatch, 1 reducer | 1 µs | cannot be installed | there is no node |"
    assert lines[3] == "| slices, one hit (10) | 2 µs | cannot be installed | there is no node |"


def test_without_matplotlib_there_are_words_in_place_of_plots() -> None:
    """And the tables are the same."""
    program = """
import json, sys
sys.modules["matplotlib"] = None
import benchmarks.__main__ as run
print(json.dumps(run.plot({"slices, one hit|10": {"rxdux": 1e-6}})))
"""
    assert run(program) == ["There is no matplotlib, and so there are no plots."]


def test_what_was_missed_says_so() -> None:
    """A ratio below what was to be reached is marked; one that could not be measured says why."""
    program = """
import json
import benchmarks.__main__ as run
print(json.dumps([
    run._row("dispatch", "pydux", 0.8, 7e-7, 1e-6),
    run._row("dispatch", "pydux", 0.8, 9e-7, 1e-6),
    run._row("dispatch", "pydux", 0.8, "there is no node", 1e-6),
]))
"""
    assert run(program) == [
        "| dispatch | pydux | 0.8 | missed: 0.7 |",
        "| dispatch | pydux | 0.8 | 0.9 |",
        "| dispatch | pydux | 0.8 | there is no node |",
    ]
