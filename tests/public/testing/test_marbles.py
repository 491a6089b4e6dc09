"""Marble strings: read as RxJS reads them, and drawn so that they read back."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxdux.testing import Marbles
from rxdux.testing.marbles import Event, draw, read


@pytest.mark.parametrize(
    ("line", "events"),
    [
        ("", []),
        ("-a-|", [(1, "a"), (3, "|")]),
        ("- a  -b", [(1, "a"), (3, "b")]),
        ("(ab)c", [(0, "a"), (0, "b"), (4, "c")]),
        ("( a b )-(c|)", [(0, "a"), (0, "b"), (5, "c"), (5, "|")]),
        ("a 9ms b", [(0, "a"), (10, "b")]),
        ("9ms b", [(9, "b")]),
        ("a 1.2s b 1m c|", [(0, "a"), (1_201, "b"), (61_202, "c"), (61_203, "|")]),
        ("-a--^-b--|", [(2, "b"), (5, "|")]),
        ("a9ms b", [(0, "a"), (1, "9"), (2, "m"), (3, "s"), (4, "b")]),
        ("a-#", [(0, "a"), (2, "#")]),
        ("(ab) -3ms c", [(0, "a"), (0, "b"), (1, "c")]),
    ],
)
def test_a_line_is_read_as_in_rxjs(line: str, events: list[tuple[int, str]]) -> None:
    """Here a frame is a millisecond."""
    assert [(event.time / 1_000, event.letter) for event in read(line, 1_000)[0]] == events


EVENTS = st.lists(
    st.tuples(st.integers(0, 10**9), st.sampled_from("abcxyz|#09")).map(lambda event: Event(*event)), max_size=8
).map(lambda events: sorted(events, key=lambda event: event.time))


@given(events=EVENTS, frame=st.sampled_from([1, 1_000, 100_000, 7]))
def test_what_is_drawn_reads_back(events: list[Event], frame: int) -> None:
    """Whatever happens at whatever microsecond."""
    assert read(draw(events, frame), frame)[0] == events


@given(one=EVENTS, other=EVENTS)
def test_two_time_lines_are_drawn_alike_only_when_they_are(one: list[Event], other: list[Event]) -> None:
    """So a test can tell any two timings."""
    first, second = Marbles(one, 1_000), Marbles(other, 1_000)
    assert (first == second) is (one == other) is (str(first) == str(second))


def test_a_drawing_is_a_text() -> None:
    """Copied, pickled, hashed as one; it equals what says the same."""
    drawn = Marbles([Event(1_000, "a"), Event(31_001_000, "b")], 1_000, armed=["delay"])
    assert (drawn, hash(drawn)) == ("-a 30.999s b", hash("-a 30.999s b"))
    assert (drawn == "1ms a 30999ms b", drawn != "1ms a 30998ms b", drawn == 5, drawn != 5) == (True, True, False, True)
    for twin in (pickle.loads(pickle.dumps(drawn)), copy.deepcopy(drawn)):
        assert (twin, twin.events, twin.armed) == (drawn, drawn.events, ("delay",))


def test_they_survive_an_attack() -> None:
    """Random lines, garbage, and epics whose answers are known: each attack counts what it tried and what survived."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.marbles", "0.3", "7"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    tried, survived = map(int, done.stdout.split())
    assert (survived, done.stderr) == (tried, "")
    assert tried > 0
