"""Selections of the state."""

import copy
import functools
import gc
import os
import pickle
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import immutables
import pytest

from rxdux import (
    Action,
    EntityAdapter,
    EntityState,
    Reducer,
    State,
    Store,
    StoreError,
    combine_reducers,
    selector,
)


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


@dataclass
class Calls:
    selected: int = 0
    compared: int = 0

    __hash__ = object.__hash__


@dataclass(frozen=True)
class FirstOf:
    """A selector as a value: two of the same calls are equal."""

    calls: Calls

    def __call__(self, state: Any) -> Any:
        self.calls.selected += 1
        return state[0]


@dataclass
class Compared:
    """A value that tells when it is compared."""

    value: Any
    calls: Calls

    def __eq__(self, other: object) -> bool:
        self.calls.compared += 1
        return isinstance(other, Compared) and self.value == other.value

    __hash__ = None  # pyright: ignore[reportAssignmentType]


def test_selectors_that_are_equal_are_called_once_for_all_who_look() -> None:
    """So are their values compared; each one is told for itself, all in the order in which they came."""
    calls = Calls()
    store = make_store([Compared(0, calls)])
    seen: list[Any] = []
    for number in range(3):
        store.select(FirstOf(calls)).subscribe(lambda found, number=number: seen.append((number, found.value)))
        store.select(lambda state: state[0].value).subscribe(lambda value: seen.append(("between", value)))
    seen.clear()
    calls.selected = calls.compared = 0
    store.dispatch(Put(value=[Compared(1, calls)]))
    assert (calls.selected, calls.compared) == (1, 1)
    assert seen == [(0, 1), ("between", 1), (1, 1), ("between", 1), (2, 1), ("between", 1)]
    store.dispatch(Put(value=[Compared(1, calls)]))
    assert (calls.selected, calls.compared) == (2, 2)
    assert len(seen) == 6


def test_who_dispatches_in_a_round_shows_nobody_what_is_old() -> None:
    """Those that come after it in the round see the new state alone, though they look together; so does one that comes late."""
    store = make_store([0])
    calls = Calls()
    seen: list[Any] = []

    def dispatch_once(value: Any) -> None:
        seen.append(("first", value))
        if value == 1:
            store.select(FirstOf(calls)).subscribe(lambda value: seen.append(("late", value)))
            store.dispatch(Put(value=[2]))

    store.select(FirstOf(calls)).subscribe(dispatch_once)
    store.select(FirstOf(calls)).subscribe(lambda value: seen.append(("second", value)))
    seen.clear()
    store.dispatch(Put(value=[1]))
    assert seen == [("first", 1), ("late", 1), ("first", 2), ("second", 2), ("late", 2)]


def test_a_selector_without_a_hash_looks_for_itself() -> None:
    """Nothing says which are equal."""

    class First(list[Any]):
        def __call__(self, state: Any) -> Any:
            return state[0]

    store = make_store([0])
    seen: list[Any] = []
    for _ in range(2):
        store.select(First()).subscribe(seen.append)
    store.dispatch(Put(value=[1]))
    assert seen == [0, 0, 1, 1]


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


class View:
    """Keeps the state, and reads it later."""

    def __init__(self, state: Panel) -> None:
        self.state = state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and other.state == self.state

    def __hash__(self) -> int:
        return hash(self.state)


class Texts:
    """Keeps what it was asked with."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def __call__(self, state: Any) -> str:
        self.kept = [state]
        return f"{state.left}"


@pytest.mark.parametrize(
    "read",
    [
        lambda state: f"{state}",
        lambda state: f"{state!r:>40}",
        repr,
        str,
        hash,
        lambda state: ("page", state),
        lambda state: [{"state": state}],
        View,
        lambda state: next(iter((state,))).model_copy(),
        copy.copy,
        lambda state: state == Panel(left=5, right=6),
        lambda state: Panel(left=5, right=6) == state,
        lambda state: isinstance(state, Panel) and vars(state)["right"],
        lambda state: {state: 1},
        lambda state: pickle.loads(pickle.dumps(state)),
        lambda state: functools.partial(getattr, state, "right")(),
    ],
)
def test_no_selector_sees_that_it_is_watched(read: Any) -> None:
    """It gives of the store's state what it gives of any state, and is called for each change of that."""
    store = make_panels("model")
    seen: list[Any] = []
    store.select(read).subscribe(seen.append)
    states = [store.state]
    for action in (Left(to=5), Right(to=6)):
        store.dispatch(action)
        states.append(store.state)
    expected = [read(state) for state in states]
    assert seen == [value for at, value in enumerate(expected) if not at or value != expected[at - 1]]
    assert [repr(value) for value in gc_watched(seen)] == []


def gc_watched(values: list[Any]) -> list[Any]:
    """What stands for a state, and can be reached from these values."""
    left, seen, found = list(values), set[int](), []
    while left:
        each = left.pop()
        if id(each) in seen or isinstance(each, type):
            continue
        seen.add(id(each))
        if type(each).__name__.startswith("Watched"):
            found.append(each)
        left.extend(part for part in gc.get_referents(each) if not isinstance(part, type) and not callable(part))
    return found


def test_a_selector_that_keeps_the_state_keeps_the_state() -> None:
    """Not what stood for it."""
    store, texts = make_panels("model"), Texts()
    seen: list[str] = []
    store.select(texts).subscribe(seen.append)
    assert texts.kept[0] is store.state
    store.dispatch(Left(to=3))
    assert texts.kept[0] is store.state
    assert seen == ["0", "3"]


def test_the_last_value_is_shown_whoever_dispatches_meanwhile() -> None:
    """A change between the look of a selection and its filing, in another thread, is not lost."""
    rounds = 400
    store = make_panels("model")
    started = threading.Barrier(2)
    wrong: list[tuple[int, int]] = []

    def dispatch() -> None:
        for number in range(rounds):
            started.wait()
            store.dispatch(Left(to=number + 1))
            started.wait()

    def slow(state: Panel) -> int:
        value = state.left
        for _ in range(rounds % 7 + 3):
            os.sched_yield() if hasattr(os, "sched_yield") else None
        return value

    thread = threading.Thread(target=dispatch)
    thread.start()
    for _ in range(rounds):
        seen: list[int] = []
        started.wait()
        subscription = store.select(slow).subscribe(seen.append)
        started.wait()
        if seen[-1] != store.state.left:
            wrong.append((seen[-1], store.state.left))
        subscription.dispose()
    thread.join()
    assert wrong == []


def test_a_change_between_the_look_and_the_filing_is_shown() -> None:
    """The same in one thread: the selector itself brings the change about, under a slice that it is not filed under yet."""
    store = make_panels("model")
    seen: list[tuple[int, int]] = []

    def meddling(state: Panel) -> tuple[int, int]:
        value = (state.left, state.right)
        if state.right < 2:
            store.dispatch(Right(to=state.right + 1))
        return value

    store.select(meddling).subscribe(seen.append)
    assert seen[-1] == (0, 2)


def test_two_threads_in_one_selection_end_with_the_newest_value() -> None:
    """Who shows an older one last is overtaken: the last to leave looks again."""
    store = make_panels("model")
    seen: list[int] = []
    is_showing, may_go_on = threading.Event(), threading.Event()

    def show(value: int) -> None:
        if value == 0:
            is_showing.set()
            assert may_go_on.wait(10)
        seen.append(value)

    thread = threading.Thread(target=lambda: store.select(lambda state: state.left).subscribe(show))
    thread.start()
    assert is_showing.wait(10)
    store.dispatch(Left(to=1))
    may_go_on.set()
    thread.join()
    assert seen == [1, 0, 1]


def test_an_interrupted_round_is_made_up_for() -> None:
    """What a selection did not come to see of one change, it sees with the next, of whatever slice."""
    store = make_panels("model")
    seen: list[int] = []

    def interrupting(value: int) -> None:
        if value == 1:
            raise KeyboardInterrupt

    store.select(lambda state: state.left).subscribe(interrupting)
    store.select(lambda state: state.left).subscribe(seen.append)
    with pytest.raises(KeyboardInterrupt):
        store.dispatch(Left(to=1))
    store.dispatch(Right(to=1))
    assert seen == [0, 1]


class Book(State):
    id: int
    title: str = ""


class Library(State):
    books: immutables.Map[int, str] = immutables.Map()
    open: bool = True

    def title(self, id: int) -> str:
        return self.books.get(id, "none")


books = EntityAdapter[int, Book](lambda book: book.id)


class PutEntities(Action):
    state: Any


def make_keyed(size: int) -> Store[Any]:
    """A store with slices that have keys: entities, a map, and a model with a map in it."""
    entities = Reducer[Any](books.add_many(books.empty(), [Book(id=id) for id in range(size)]))
    plain = Reducer[Any](immutables.Map(dict.fromkeys(range(size), "")))
    library = Reducer[Any](Library(books=immutables.Map(dict.fromkeys(range(size), ""))))
    entities.on(Left)(lambda state, action: books.update_one(state, action.to, title="new"))
    entities.on(PutEntities)(lambda state, action: action.state)
    plain.on(Left)(lambda state, action: state.set(action.to, "new"))
    library.on(Left)(lambda state, action: state.replace(books=state.books.set(action.to, "new")))
    library.on(Right)(lambda state, action: state.replace(open=not state.open))
    return Store(combine_reducers({"entities": entities, "plain": plain, "library": library}))


READ: dict[str, Callable[[Any, int], Any]] = {
    "get": lambda state, number: state["entities"].get(number),
    "item": lambda state, number: state["entities"][number].title,
    "entities": lambda state, number: state["entities"].entities.get(number),
    "in": lambda state, number: number in state["entities"] and state["entities"][number],
    "map": lambda state, number: state["plain"].get(number, "none"),
    "map item": lambda state, number: state["plain"][number],
    "field": lambda state, number: state["library"].books[number],
    "method": lambda state, number: state["library"].title(number),
    "adapter": lambda state, number: books.select_by_id(state["entities"], number),
    "memoised": selector(lambda state, number: state["entities"].get(number), maxsize=1000)(lambda book: book.title),
}


@pytest.mark.parametrize("name", READ)
def test_a_change_of_one_key_touches_only_who_reads_it(name: str) -> None:
    """Among a thousand selections of one slice."""
    store = make_keyed(1_000)
    called: list[int] = []
    seen: list[Any] = []

    def reading(id: int) -> Any:
        def read(state: Any) -> Any:
            called.append(id)
            return READ[name](state, id)

        return read

    for id in range(1_000):
        store.select(reading(id)).subscribe(seen.append)
    called.clear()
    seen.clear()
    store.dispatch(Left(to=7))
    store.dispatch(Right(to=1))
    assert called == [7]
    assert [value.title if isinstance(value, Book) else value for value in seen] == ["new"]


def test_a_selector_whose_frame_is_kept_once_by_somebody_else_is_still_filed_by_its_keys() -> None:
    """As an error does that a garbage collection meets while the selector runs."""
    store = make_keyed(2)
    kept: list[Any] = []
    called: list[Any] = []

    def read(state: Any) -> Any:
        if not kept:
            kept.append(sys._getframe())  # pyright: ignore[reportPrivateUsage] -- as a traceback holds it
        called.append(1)
        return state["plain"].get(1)

    store.select(read).subscribe()
    called.clear()
    store.dispatch(Left(to=0))
    assert called == []
    store.dispatch(Left(to=1))
    assert called == [1]


@pytest.mark.parametrize("name", READ)
def test_a_key_that_comes_and_goes_is_seen(name: str) -> None:
    """Also when the whole slice is another."""
    store = make_keyed(3)
    read = READ[name]
    seen: list[Any] = []
    expected: list[Any] = []

    def safe(state: Any) -> Any:
        try:
            return read(state, 1)
        except (KeyError, AttributeError):
            return "absent"

    store.select(safe).subscribe(seen.append)
    expected.append(safe(store.state))
    for state in (
        books.remove_one(store.state["entities"], 1),
        books.add_one(books.empty(), Book(id=1, title="again")),
        {1: Book(id=1, title="a dict")},
        books.empty(),
    ):
        store.dispatch(PutEntities(state=state))
        value = safe(store.state)
        if value != expected[-1]:
            expected.append(value)
    store.dispatch(Left(to=1))
    if safe(store.state) != expected[-1]:
        expected.append(safe(store.state))
    assert seen == expected


@pytest.mark.parametrize(
    "read",
    [
        lambda state: state["entities"],
        lambda state: [book.title for book in state["entities"]],
        lambda state: (state["entities"], 1),
        lambda state: dict(state["plain"]),
        lambda state: len(state["plain"]),
        lambda state: state["entities"].ids,
        lambda state: books.select_all(state["entities"]),
        lambda state: sorted(state["plain"].items()),
        lambda state: repr(state["library"]),
        lambda state: state["library"],
        lambda state: {"books": state["library"].books},
        lambda state: isinstance(state["entities"], EntityState) and state["entities"] == 1,
        lambda state: hash(state["plain"]),
        selector(lambda state: state["entities"])(lambda entities: [book.title for book in entities]),
        selector(lambda state: state["library"].books)(lambda found: found),
    ],
)
def test_what_reads_more_than_keys_sees_every_change(read: Any) -> None:
    """And never what stood for the slice."""
    store = make_keyed(3)
    seen: list[Any] = []
    store.select(read).subscribe(seen.append)
    expected = [read(store.state)]
    for action in (Left(to=1), Right(to=1), Left(to=5), Left(to=2)):
        store.dispatch(action)
        if read(store.state) != expected[-1]:
            expected.append(read(store.state))
    assert seen == expected
    assert [type(value) for value in seen] == [type(value) for value in expected]
    assert [id(each) for each in gc_watched(seen)] == []


def test_filing_leaves_nothing_behind() -> None:
    """When selections end, nor when they read other keys than before."""
    store = make_keyed(100)
    current = Reducer(0)
    current.on(Right)(lambda state, action: action.to)
    store.replace_reducer(combine_reducers({"entities": Reducer[Any](store.state["entities"]), "current": current}))
    subscriptions = [store.select(functools.partial(READ["get"], number=id)).subscribe() for id in range(50)]
    subscriptions.append(store.select(lambda state: state["entities"].get(state["current"])).subscribe())
    for id in range(100):
        store.dispatch(Right(to=id))
    assert len(store._selections._by_path) == 52  # pyright: ignore[reportPrivateUsage]
    for subscription in subscriptions:
        subscription.dispose()
    assert store._selections._by_path == {}  # pyright: ignore[reportPrivateUsage]
    assert [below for below in store._selections._below.values() if below] == []  # pyright: ignore[reportPrivateUsage]


def test_entities_say_what_was_touched() -> None:
    """So that a change of one costs nothing for those who read others; what was made otherwise is compared."""
    state = books.add_many(books.empty(), [Book(id=id) for id in range(3)])
    later = books.update_one(state, 1, title="new")
    assert later.touched_since(state) == (1,)
    assert [*(books.remove_one(later, 2).touched_since(later) or ())] == [2]
    assert [*(books.set_one(later, Book(id=9)).touched_since(later) or ())] == [9]
    assert books.update_one(later, 2, title="newer").touched_since(state) is None
    assert pickle.loads(pickle.dumps(later)).touched_since(state) is None
    assert later.touched_since("something else") is None
