"""What a dispatch takes, in instructions: no noise, and so a bound that is close."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rxdux import Action, Reducer, Store, combine_reducers

sys.path.append(str(Path(__file__).parents[2]))  # behind the package: at the root lie second copies of its parts

from benchmarks.instructions import of_processor, of_python

OTHER_PYTHON = 1.0 if sys.version_info[:2] == (3, 11) else 1.3  # its machine has other instructions


class Increment(Action, type="instructions/increment"):
    pass


def new_counter() -> Reducer[int]:
    counter = Reducer(0)
    counter.on(Increment)(lambda count, action: count + 1)
    return counter


def slices(size: int) -> Store[Any]:
    return Store(combine_reducers({"counter": new_counter(), **{f"{n}": Reducer(0) for n in range(size - 1)}}))


def with_listeners(count: int) -> Store[int]:
    store = Store(new_counter())
    for _ in range(count):
        store.subscribe(lambda state: None)
    return store


def with_selections(count: int) -> Store[Any]:
    store = slices(100)
    names = list(store.state)
    for number in range(count):
        store.select(lambda state, name=names[number % 100]: state[name]).subscribe(lambda value: None)
    return store


@pytest.mark.parametrize(
    ("what", "make", "bound"),
    [
        ("one reducer", lambda: Store(new_counter()), 90),
        ("one of ten slices", lambda: slices(10), 155),
        ("one of a thousand slices", lambda: slices(1000), 155),
        ("a hundred listeners", lambda: with_listeners(100), 1_550),
        ("a thousand selections, ten of them concerned", lambda: with_selections(1_000), 3_800),
    ],
)
def test_a_dispatch_takes_no_more_instructions_of_python_than_it_did(
    what: str, make: Callable[[], Store[Any]], bound: int
) -> None:
    """Whoever adds to the hottest path sees by how much, on any machine."""
    with make() as store:
        dispatch, action = store.dispatch, Increment()
        for _ in range(3):
            dispatch(action)  # what is prepared once is prepared
        assert of_python(lambda: dispatch(action)) <= bound * OTHER_PYTHON, what


@pytest.mark.slow
@pytest.mark.timeout(600)  # valgrind takes its time
def test_a_dispatch_takes_no_more_instructions_of_the_processor_than_it_did() -> None:
    """What C code does counts here as well."""
    found = of_processor("dispatch, 1 reducer")
    if found is None:
        pytest.skip("neither perf nor valgrind counts instructions on this machine; those of Python are counted above")
    assert found <= 4_100 * OTHER_PYTHON
