"""Marble tests of epics."""

from typing import Any

import pytest
import reactivex as rx
from reactivex import operators as ops

from rxdux import Action, combine_epics, of_type, switch_map
from rxdux.testing import run_epic


class Ping(Action):
    n: int = 0


class Pong(Action):
    n: int = 0


def pong(ping: Ping) -> Pong:
    return Pong(n=ping.n)


A, B, C = Ping(n=1), Ping(n=2), Ping(n=3)


@pytest.mark.parametrize(
    ("operators", "marbles", "expected"),
    [
        ([ops.map(pong)], "-a--b", "-x--y"),
        ([ops.map(pong)], "-a--b-|", "-x--y-|"),
        ([ops.map(pong)], "-(ab)-c", "-(xy)-z"),
        ([ops.map(pong)], " - a - - a ", "-x--x"),
        ([ops.delay(0.3), ops.map(pong)], "a-b|", "---x-y|"),
        ([ops.debounce(0.2), ops.map(pong)], "-ab----c--|", "----x----y|"),
        ([ops.throttle_first(0.3), ops.map(pong)], "abcabc", "x--x"),
        ([ops.take(1), ops.map(pong)], "--a-b", "--(x|)"),
        ([ops.map(pong)], "-a-#", "-x-#"),
        ([switch_map(lambda ping: rx.timer(0.2).pipe(ops.map(lambda _: pong(ping))))], "-ab---c|", "----x---(y|)"),
    ],
)
def test_when_an_epic_answers(operators: Any, marbles: str, expected: str) -> None:
    """In virtual time, frame by frame."""
    output = run_epic(lambda actions: actions.pipe(of_type(Ping), *operators), marbles, {"a": A, "b": B, "c": C})
    assert output.marbles == expected


def test_letters_of_the_input_keep_their_actions() -> None:
    """Others come in the order x, y, z."""
    output = run_epic(
        lambda actions: actions.pipe(ops.flat_map(lambda a: rx.of(a, pong(a)))), "a---b", {"a": A, "b": B}
    )
    assert output.marbles == "(ax)(by)"
    assert output.values == {"a": A, "x": Pong(n=1), "b": B, "y": Pong(n=2)}


def test_state_and_dependencies_are_given() -> None:
    """As to any epic; a combined one too."""

    def epic(actions: Any, state: Any, deps: Any) -> Any:
        return actions.pipe(of_type(Ping), ops.map(lambda ping: Pong(n=state.value + deps["more"])))

    output = run_epic(combine_epics(epic), "a", {"a": A}, state=5, deps={"more": 2})
    assert output == ("x", {"x": Pong(n=7)}, None)


def test_an_error_is_kept() -> None:
    """With what it was."""
    output = run_epic(lambda actions: actions.pipe(ops.map(lambda _: 1 / 0)), "-a", {"a": A})
    assert output.marbles == "-#"
    assert isinstance(output.error, ZeroDivisionError)


@pytest.mark.parametrize(
    ("marbles", "words"),
    [
        ("-a-q", "'q' at position 3"),
        ("-(a", r"'\(' without"),
        ("-a)", r"'\)' at position 2"),
        ("((a))", r"'\(' at position 1"),
    ],
)
def test_a_typo_is_named_with_its_place(marbles: str, words: str) -> None:
    """And what could stand there."""
    with pytest.raises(ValueError, match=words):
        run_epic(lambda actions: actions, marbles, {"a": A})


def test_an_epic_that_returns_nothing_is_refused() -> None:
    """As by a store."""
    with pytest.raises(TypeError, match="returned None"):
        run_epic(lambda actions: None, "a", {"a": A})  # pyright: ignore
