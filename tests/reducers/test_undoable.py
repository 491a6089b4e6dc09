"""Undo and redo for the users of an application."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from rxdux import (
    Action,
    History,
    MemoryStorage,
    Redo,
    Reducer,
    ReducerError,
    Slice,
    State,
    Store,
    Undo,
    Undoable,
    UndoTo,
    combine_reducers,
    persist,
    undoable,
)


class Put(Action):
    value: int


class PutTwice(Put): ...


class Nudge(Action):
    by: int = 1


number = Reducer(0)
number.on(Put)(lambda state, action: action.value)
number.on(Nudge)(lambda state, action: state + action.by)

Lines = tuple[str, ...]
outline = Slice[Lines]("outline", initial=())


@outline.action
def add(state: Lines, text: str) -> Lines:
    return (*state, text)


@outline.action
def write(state: Lines, text: str, *, word: str | None = None) -> Lines:
    return (*state[:-1], state[-1] + text)


def after(reducer: Any, *actions: Action) -> Any:
    state = reducer(None, Action())
    for action in actions:
        state = reducer(state, action)
    return state


def test_what_was_done_is_undone_and_redone() -> None:
    """One step each; at the ends nothing happens, and the same object comes back."""
    reducer = undoable(number)
    state = after(reducer, Put(value=1), Put(value=2))
    assert state == Undoable(past=(0, 1), present=2, future=())
    back = reducer(state, Undo())
    assert back == Undoable(past=(0,), present=1, future=(2,))
    first = reducer(back, Undo())
    assert first == Undoable(past=(), present=0, future=(1, 2))
    assert reducer(first, Undo()) is first
    assert reducer(state, Redo()) is state
    assert reducer(reducer(first, Redo()), Redo()) == state


def test_a_new_action_drops_the_future() -> None:
    """There is one line of states, and no other branch."""
    state = after(undoable(number), Put(value=1), Put(value=2), Undo(), Undo(), Put(value=5))
    assert state == Undoable(past=(0,), present=5, future=())


def test_an_action_that_changes_nothing_is_no_step() -> None:
    """Handled or not; the same object comes back, and the future stays."""
    reducer = undoable(number)
    state = after(reducer, Put(value=1), Put(value=2), Undo())
    for action in (Put(value=1), Action()):
        assert reducer(state, action) is state


@pytest.mark.parametrize(("index", "present"), [(0, 0), (1, 1), (2, 2), (3, 3), (9, 3)])
def test_undo_to_goes_back_to_a_past_state(index: int, present: int) -> None:
    """The others are in the future; a number that the past does not have changes nothing."""
    state = after(undoable(number), Put(value=1), Put(value=2), Put(value=3), UndoTo(index))
    assert (state.past, state.present, state.future) == (
        tuple(range(present)),
        present,
        tuple(range(present + 1, 4)),
    )


def test_undo_to_a_negative_number_is_refused() -> None:
    """When the action is made."""
    with pytest.raises(ValidationError):
        UndoTo(-1)
    assert UndoTo(3) == UndoTo(index=3) == Action.parse(UndoTo(3).serialize()) == pickle.loads(pickle.dumps(UndoTo(3)))


def test_the_oldest_states_are_dropped() -> None:
    """Beyond `limit`."""
    reducer = undoable(number, limit=2)
    assert after(reducer, *(Put(value=value) for value in range(1, 6))).past == (3, 4)


def test_actions_that_are_no_steps_change_the_present() -> None:
    """They leave past and future as they are; subclasses of a step are steps."""
    reducer = undoable(number, only=(Put,))
    state = after(reducer, Put(value=10), Nudge(), PutTwice(value=20), Undo())
    assert state == Undoable(past=(0,), present=11, future=(20,))
    nudged = reducer(state, Nudge())
    assert nudged == Undoable(past=(0,), present=12, future=(20,))
    assert reducer(nudged, Undo()) == Undoable(past=(), present=0, future=(12, 20))


def test_slices_actions_can_be_the_steps() -> None:
    """Each by its creator."""
    state = after(undoable(outline, only=[add]), add("a"), write("b"))
    assert (state.past, state.present) == (((),), ("ab",))


def test_steps_of_one_group_are_undone_as_one() -> None:
    """In a row; None is no group, and after an undo a group begins anew."""
    reducer = undoable(outline, group_by=lambda action: getattr(action, "word", None))
    state = after(
        reducer, add("-"), *(write(each, word="one") for each in "abc"), *(write(each, word="two") for each in "de")
    )
    assert state.past == ((), ("-",), ("-abc",))
    back = reducer(state, Undo())
    assert (back.present, back.future) == (("-abc",), (("-abcde",),))
    again = reducer(back, write("x", word="one"))
    assert again.past == ((), ("-",), ("-abc",))
    assert again.future == ()
    assert reducer(again, write("y", word="one")).past == again.past
    assert len(after(reducer, add("-"), write("a"), write("b")).past) == 3


@pytest.mark.parametrize(
    "group_by",
    [
        lambda action: action.value // 10,
        lambda action, state: state // 10,
        lambda action, state, history: (
            history.group if history.present // 10 == state // 10 and history.past else state // 10
        ),
    ],
)
def test_a_group_is_told_by_action_new_state_and_history(group_by: Callable[..., Any]) -> None:
    """It takes as many of them as it likes."""
    state = after(undoable(number, group_by=group_by), *(Put(value=value) for value in (10, 11, 12, 20, 21)))
    assert (state.past, state.present) == ((0, 12), 21)


def test_groups_that_cannot_be_compared_are_told_as_a_group_by_that_raises() -> None:
    """Arrays for example are equal element by element."""

    class Array:
        def __eq__(self, other: object) -> Any:
            return NotImplemented if other is None else Array()

        def __bool__(self) -> bool:
            raise ValueError("ambiguous")

        __hash__ = None  # pyright: ignore

    store = Store(undoable(outline, group_by=lambda action: Array()))
    store.dispatch(add("a"))
    with pytest.raises(ReducerError, match=r"group_by of undoable\(outline\) failed for 'outline/add': .*ambiguous"):
        store.dispatch(add("b"))
    assert store.state.present == ("a",)


def test_a_group_by_that_raises_is_named_with_its_place() -> None:
    """The state stays, and the store goes on."""

    def broken(action: Action) -> str:
        raise KeyError("word")

    store = Store(combine_reducers({"outline": undoable(outline, group_by=broken)}))
    with pytest.raises(
        ReducerError, match=r"group_by of undoable\(outline\) failed for 'outline/add': KeyError\('word'\)"
    ) as caught:
        store.dispatch(add("a"))
    assert isinstance(caught.value.__cause__, KeyError)
    assert store.state["outline"].present == ()
    store.dispatch(Undo())


def test_undo_can_be_meant_for_one_slice() -> None:
    """By the name of a `Slice`, by the name under which it is combined, or by a given one; without a name for all."""
    store = Store(
        combine_reducers(
            {"lines": undoable(outline), "number": undoable(number), "other": undoable(number, slice="third")}
        )
    )

    def undone(action: Action) -> list[str]:
        store.dispatch(add("a"))
        store.dispatch(Put(value=5))
        store.dispatch(action)
        names = [name for name, each in store.state.items() if each.future]
        store.dispatch(Redo())
        store.dispatch(UndoTo(0))
        return names

    assert undone(Undo(slice="outline")) == ["lines"]
    assert undone(Undo(slice="number")) == ["number"]
    assert undone(Undo(slice="third")) == ["other"]
    assert undone(Undo(slice="nobody")) == []
    assert undone(UndoTo(0, slice="number")) == ["number"]
    assert undone(Undo()) == ["lines", "number", "other"]


class Page(State):
    text: str = ""


class Book(State):
    page: Undoable[Page]
    count: Undoable[int]


page = Slice("page", initial=Page())


@page.action
def fill(state: Page, text: str) -> Page:
    return state.replace(text=text)


def test_it_is_a_slice_like_any_other() -> None:
    """Typed; a handler that is added later counts; it is not called for what it does not handle."""
    late = Reducer(0)
    store = Store(combine_reducers(Book, page=undoable(page), count=undoable(late)))
    store.dispatch(fill("one"))
    assert store.state.page.present.text == "one"
    late.on(Put)(lambda state, action: action.value)
    before = store.state.page
    store.dispatch(Put(value=3))
    assert store.state.count.present == 3
    assert store.state.page is before
    assert undoable(page).route(Put) is None


def test_a_plain_function_and_a_combined_reducer_can_be_undone() -> None:
    """Whatever reduces."""

    def plain(state: int | None, action: Action) -> int:
        return (state or 0) + (isinstance(action, Nudge))

    both = undoable(combine_reducers({"plain": plain, "number": number}))
    state = after(both, Nudge(), Put(value=7), Undo())
    assert dict(state.present) == {"plain": 1, "number": 1}
    assert [dict(each) for each in state.future] == [{"plain": 1, "number": 7}]


def test_a_state_from_before_is_taken_over() -> None:
    """A preloaded state that is no `Undoable` is the present."""
    store = Store(combine_reducers({"page": undoable(page)}), {"page": Page(text="old")})
    store.dispatch(fill("new"))
    assert store.state["page"] == Undoable(past=(Page(text="old"),), present=Page(text="new"))


async def test_the_past_is_read_back_as_what_it_was() -> None:
    """Saved by `persist`, with the types of the states."""
    storage = MemoryStorage()
    reducer = combine_reducers({"page": undoable(page), "lines": undoable(outline)})
    with Store(reducer) as store:
        persist(store, storage, key="book")
        for action in (fill("one"), fill("two"), add("a"), Undo()):
            store.dispatch(action)
        before = dict(store.state)
    with Store(reducer) as store:
        persist(store, storage, key="book")
        assert dict(store.state) == before
        assert type(store.state["page"].future[0]) is Page


def test_time_travel_and_undo_do_not_meet() -> None:
    """`History` is for developers: to it an undo is an action like any other."""
    with Store(undoable(number)) as store:
        history = History(store)
        for action in (Put(value=1), Undo()):
            store.dispatch(action)
        history.undo()
        assert store.state.present == 1
        history.redo()
        assert store.state.present == 0


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"limit": 0}, ValueError, "must be 1 or more, not 0"),
        ({"limit": "5"}, TypeError, "takes a number of states, not '5'"),
        ({"only": Put}, TypeError, r"takes a tuple of action classes"),
        ({"only": (5,)}, TypeError, r"undoable\(only=...\) takes action classes, not 5"),
        ({"only": "add"}, TypeError, r"undoable\(only=...\) takes a tuple of action classes.* not 'add'"),
        ({"only": ()}, TypeError, "got none"),
        ({"group_by": "word"}, TypeError, "takes a function of .* not 'word'"),
        ({"group_by": lambda a, b, c, d: 0}, TypeError, "cannot take them"),
        ({"group_by": lambda: 0}, TypeError, "cannot take them"),
    ],
)
def test_what_cannot_be_is_told_at_the_door(options: Any, error: type[Exception], said: str) -> None:
    """Each option by its name."""
    with pytest.raises(error, match=said):
        undoable(number, **options)


def test_what_is_no_reducer_is_refused() -> None:
    """As everywhere."""
    with pytest.raises(TypeError, match=r"The reducer of undoable\(\) must be a function"):
        undoable(5)  # pyright: ignore


def test_a_reducer_that_returns_none_is_named() -> None:
    """No state may be None unless the initial one is."""
    forgetful = Slice("forgetful", initial=1)

    @forgetful.action
    def forget(state: int) -> int:
        return None  # pyright: ignore

    reducer = undoable(forgetful)
    with pytest.raises(ReducerError, match=r"undoable\(forgetful\) returned None for 'forgetful/forget'"):
        after(reducer, forget())
    assert repr(reducer) == "<undoable(forgetful), limit: 100>"
