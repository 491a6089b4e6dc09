"""Selections of the state."""

from typing import Any

import pytest

from rxdux import Action, Reducer, State, Store, StoreError, combine_reducers, selector


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


class Panel(State):
    left: int = 0
    right: int = 0
    title: str = "panel"

    @property
    def total(self) -> int:
        return self.left + self.right


class Left(Action):
    to: int


class Right(Action):
    to: int


def make_panels(shape: str) -> Any:
    left, right, title = Reducer(0), Reducer(0), Reducer("panel")
    left.on(Left)(lambda state, action: action.to)
    right.on(Right)(lambda state, action: action.to)
    if shape == "mapping":
        return Store(combine_reducers({"left": left, "right": right, "title": title}))
    return Store(combine_reducers(Panel, left=left, right=right, title=title))


def test_a_change_touches_only_who_reads_the_slice() -> None:
    """Ten thousand selections of a hundred slices: one slice changes, a hundred are called."""
    reducers = {f"slice {n}": Reducer(0) for n in range(100)}
    reducers["slice 7"].on(Left)(lambda state, action: action.to)
    store = Store(combine_reducers(reducers))
    called: list[str] = []
    seen: list[int] = []

    def reading(name: str) -> Any:
        def selector(state: Any) -> int:
            called.append(name)
            return state[name]

        return selector

    for n in range(10_000):
        store.select(reading(f"slice {n % 100}")).subscribe(seen.append)
    called.clear()
    seen.clear()
    store.dispatch(Left(to=5))
    store.dispatch(Right(to=5))
    assert called == ["slice 7"] * 100
    assert seen == [5] * 100


@pytest.mark.parametrize("shape", ["mapping", "model"])
def test_a_selector_may_read_other_slices_at_other_times(shape: str) -> None:
    """It is watched anew each time that it is called."""
    store = make_panels(shape)

    def read(state: Any, name: str) -> Any:
        return state[name] if shape == "mapping" else getattr(state, name)

    seen: list[int] = []
    calls: list[int] = []

    def chosen(state: Any) -> int:
        calls.append(1)
        return read(state, "right") if read(state, "left") else -1

    store.select(chosen).subscribe(seen.append)
    for action in (Right(to=1), Left(to=1), Right(to=2), Left(to=0), Right(to=3)):
        store.dispatch(action)
    assert seen == [-1, 1, 2, -1]
    assert len(calls) == 4


def test_what_reads_more_than_slices_sees_every_change() -> None:
    """The whole state, its properties, its methods, its keys."""
    panel, mapping = make_panels("model"), make_panels("mapping")
    cases: list[tuple[Any, Any]] = [
        (panel, lambda state: state),
        (panel, lambda state: state.total),
        (panel, lambda state: state.model_dump()["right"]),
        (panel, lambda state: isinstance(state, Panel) and state.right),
        (mapping, lambda state: dict(state)),
        (mapping, lambda state: sum(state[name] for name in state if name != "title")),
        (mapping, lambda state: len(state) * state["right"]),
        (mapping, lambda state: state.get("right")),
        (mapping, lambda state: "right" in state and state["right"]),
    ]
    seen: list[list[Any]] = [[] for _ in cases]
    for values, (store, read) in zip(seen, cases, strict=True):
        store.select(read).subscribe(values.append)
    for store in (panel, mapping):
        store.dispatch(Left(to=0))
        store.dispatch(Right(to=4))
    assert [len(values) for values in seen] == [2] * len(cases)
    assert type(seen[0][-1]) is Panel


def test_a_memoised_selector_tells_what_its_inputs_read() -> None:
    """And is called for these slices alone."""
    total = selector(lambda state: state.left, lambda state: state.right)(lambda left, right: left + right)
    store = make_panels("model")
    seen: list[int] = []
    store.select(total).subscribe(seen.append)
    store.dispatch(Left(to=2))
    store.dispatch(Right(to=3))
    assert seen == [0, 2, 5]


def test_selections_follow_a_replaced_reducer() -> None:
    """To a state of another shape."""
    store = make_panels("mapping")
    seen: list[Any] = []
    store.select(lambda state: state.get("left", "gone")).subscribe(seen.append)
    store.dispatch(Left(to=1))
    store.replace_reducer(combine_reducers({"right": Reducer(0)}))
    assert seen == [0, 1, "gone"]


def test_a_selection_that_ends_in_a_round_is_silent() -> None:
    """The last one takes the listener with it."""
    store = make_panels("model")
    seen: list[int] = []
    subscription = store.select(lambda state: state.left).subscribe(seen.append)
    store.select(lambda state: state.left).subscribe(
        lambda left: subscription.dispose() if left == 2 else None
    ).dispose()
    subscription.dispose()
    subscription.dispose()
    store.dispatch(Left(to=3))
    assert seen == [0]
    store.select(lambda state: state.left).subscribe(seen.append)
    store.dispatch(Left(to=4))
    assert seen == [0, 3, 4]
