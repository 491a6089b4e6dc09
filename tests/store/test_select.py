"""Selections of the state."""

from typing import Any

import pytest

from rxdux import Action, Reducer, Store, StoreError


class Put(Action):
    value: Any


class Incomparable:
    def __eq__(self, other: object) -> bool:
        raise TypeError

    __hash__ = None  # pyright: ignore[reportAssignmentType]


def make_store(initial: Any = 0, **options: Any) -> Store[Any]:
    reducer = Reducer[Any](initial)
    reducer.on(Put)(lambda state, action: action.value)
    return Store(reducer, **options)


def test_a_selection_gives_the_present_value_then_each_that_differs() -> None:
    """By identity, then by ==."""
    store = make_store([1])
    seen: list[Any] = []
    subscription = store.select(lambda state: state).subscribe(seen.append)
    for value in ([1], [2], [2], [3]):
        store.dispatch(Put(value=value))
    subscription.dispose()
    store.dispatch(Put(value=[4]))
    assert seen == [[1], [2], [3]]


def test_values_that_cannot_be_compared_differ() -> None:
    """An array's == is no answer: better one value too many."""
    store = make_store()
    seen: list[Any] = []
    store.select(lambda state: state).subscribe(seen.append)
    one, other = Incomparable(), Incomparable()
    for value in (one, one, other):
        store.dispatch(Put(value=value))
    assert [id(value) for value in seen[1:]] == [id(one), id(other)]


def test_a_selector_that_raises_is_reported_and_goes_on() -> None:
    """It is disturbed itself as little as anybody else, at the first value as at any."""
    errors: list[StoreError] = []
    store = make_store(0, on_error=errors.append)
    seen: list[float] = []

    def inverse(state: int) -> float:
        return 1 / state

    store.select(inverse).subscribe(seen.append)
    for value in (1, 0, 2):
        store.dispatch(Put(value=value))
    assert seen == [1.0, 0.5]
    assert ["inverse" in error.source for error in errors] == [True, True]


def test_a_subscriber_that_raises_is_reported_and_goes_on() -> None:
    """Of a selection as of the actions."""
    errors: list[StoreError] = []
    store = make_store(0, on_error=errors.append)
    seen: list[Any] = []

    def broken(value: Any) -> None:
        seen.append(value)
        raise ZeroDivisionError

    store.select(lambda state: state).subscribe(broken)
    store.actions.subscribe(lambda action: broken("action"))
    store.dispatch(Put(value=1))
    store.dispatch(Put(value=2))
    assert seen == [0, 1, "action", 2, "action"]
    assert len(errors) == 5


def test_selections_and_actions_complete_at_close() -> None:
    """Whoever follows a stream hears of its end."""
    store = make_store()
    ends: list[str] = []
    store.select(lambda state: state).subscribe(on_completed=lambda: ends.append("select"))
    store.actions.subscribe(on_completed=lambda: ends.append("actions"))
    store.close()
    assert sorted(ends) == ["actions", "select"]


def test_a_selection_of_a_closed_store_gives_the_state_and_completes() -> None:
    """The state stays readable."""
    store = make_store(5)
    store.close()
    seen: list[Any] = []
    store.select(lambda state: state).subscribe(seen.append, on_completed=lambda: seen.append("end"))
    assert seen == [5, "end"]


@pytest.mark.parametrize("in_listener", [True, False])
def test_a_selection_may_dispatch(in_listener: bool) -> None:
    """It is a listener: its dispatch is applied at once."""
    store = make_store()
    seen: list[int] = []

    def follow(value: int) -> None:
        seen.append(value)
        if value == 1:
            store.dispatch(Put(value=2))
            assert store.state == 2

    store.select(lambda state: state).subscribe(follow)
    store.dispatch(Put(value=1))
    assert seen == [0, 1, 2]
