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
import json
from benchmarks.contestants import NodeContestant, PythonContestant, RXDUX
from benchmarks.report import medians, table_of
from benchmarks.turns import measure_all

contestants = (
    RXDUX,
    PythonContestant("no such peer", "no_such_peer", ("no-such-package-anywhere==9.9",)),
    NodeContestant("redux 5", "redux", ("redux@5",)),
)
table = measure_all(contestants, rounds=1, turns=2, only="dispatch, 1 reducer")
print(json.dumps([table, table_of(medians(table), [each.name for each in contestants])]))
"""
    bare = os.pathsep.join([str(Path(sys.executable).parent)])
    table, lines = run(program, PATH=bare)
    row = table["dispatch, 1 reducer"]
    assert len(row["rxdux"]) == 2
    assert (row["no such peer"], row["redux 5"]) == ("cannot be installed", "there is no node")
    assert lines[2].endswith(" | cannot be installed | there is no node |")


def test_a_contestant_that_ends_in_the_middle_is_named_in_its_cell() -> None:
    """With its last words; the others go on."""
    program = """
import json, sys
from benchmarks.contestants import Contestant, Running, RXDUX
from benchmarks.turns import measure_all

class Ends(Contestant):
    def prepare(self): pass
    def start(self):
        words = "import json, sys; print(json.dumps(['dispatch, 1 reducer']), flush=True); input(); sys.exit('no more')"
        return Running([sys.executable, "-c", words], ".")

print(json.dumps(measure_all((RXDUX, Ends("another", "", ())), rounds=1, turns=2, only="dispatch, 1 reducer")))
"""
    row = run(program)["dispatch, 1 reducer"]
    assert row["another"] == "no more"
    assert len(row["rxdux"]) == 2


def test_a_peer_of_queries_that_cannot_be_had_is_named_in_its_cell() -> None:
    """There is no node here; rxdux is measured."""
    program = """
import json
import benchmarks.query as run

found = run.measure(run.CONTESTANTS, {"hit": (10,)}, 1)
print(json.dumps([found, run.table_of({"hit|10": {**found["hit|10"], "rxdux": [1e-6, 3e-6, 2e-6]}})]))
"""
    bare = os.pathsep.join([str(Path(sys.executable).parent)])
    found, lines = run(program, PATH=bare)
    ours, *others = found["hit|10"].values()
    assert (len(ours), others) == (1, ["there is no node", "there is no node"])
    title = "| a hit, among so many entries | 10 |"
    assert lines[2] == f"{title} 2 µs (1 µs to 3 µs) | there is no node | there is no node |"


def test_a_contestant_that_does_not_end_is_named_in_its_cell() -> None:
    """It is not waited for again; the others go on."""
    program = """
import json, sys
import benchmarks.query as run

class Hangs:
    name = "another"
    def prepare(self): pass
    def command(self): return [sys.executable, "-c", "import time; time.sleep(60)"]

class Answers(Hangs):
    name = "one"
    def command(self): return [sys.executable, "-c", "print([1.0, 3.0, 2.0])"]

run.LIMIT = 2.0
print(json.dumps(run.measure((Answers(), Hangs()), {"hit": (10,)}, 3)))
"""
    assert run(program) == {"hit|10": {"one": [2.0, 2.0, 2.0], "another": "did not end in 2 s"}}


def test_without_matplotlib_there_are_words_in_place_of_plots() -> None:
    """And the tables are the same."""
    program = """
import json, sys
sys.modules["matplotlib"] = None
from benchmarks.report import plot
print(json.dumps(plot({"slices, one hit|10": {"rxdux": 1e-6}}, ["rxdux"])))
"""
    assert run(program) == ["There is no matplotlib, and so there are no plots."]
