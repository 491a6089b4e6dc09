"""Tools for development: the recorder and the checks."""

import asyncio
import re
import warnings
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from reactivex import operators as ops

from rxdux import (
    Action,
    DevelopmentWarning,
    ImmutabilityError,
    Record,
    Recorder,
    Reducer,
    State,
    Store,
    immutability_check,
    of_type,
    serializability_check,
)

WITHOUT_HASTE = 60.0  # seconds: a busy machine is no mistake of the app


class Add(Action):
    amount: Any = 1


class Added(Action):
    pass


class Careless(Action):
    pass


@dataclass(frozen=True)
class Box:
    items: list[int] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class AppState(State):
    box: Box
    total: Any = 0


def make_reducer() -> Reducer[AppState]:
    reducer = Reducer(AppState(box=Box(items=[1])))
    reducer.on(Add)(lambda state, action: state.replace(total=action.amount))

    @reducer.on(Careless)
    def _(state: AppState, action: Careless) -> AppState:
        state.box.items.append(2)
        return state

    return reducer


def test_a_recorder_keeps_actions_and_states() -> None:
    """In the order of the reducers, answers of epics and of listeners included."""
    counter = Reducer(0)
    counter.on(Add, Added)(lambda count, action: count + 1)
    store = Store(counter, epics=[lambda actions: actions.pipe(of_type(Add), ops.map(lambda _: Added()))])
    with Recorder(store) as recorder:
        store.dispatch(Add())
    store.dispatch(Add())
    assert recorder.records == [Record(Add(), 0, 1), Record(Added(), 1, 2)]
    assert recorder.actions == [Add(), Added()]
    assert recorder.of(Added) == [Added()]
    recorder.clear()
    assert recorder.records == []


def test_a_recorder_can_be_bounded() -> None:
    """It keeps the latest."""
    store = Store(Reducer(0))
    recorder = Recorder(store, limit=2)
    for amount in range(5):
        store.dispatch(Add(amount=amount))
    assert [action.amount for action in recorder.of(Add)] == [3, 4]
    with pytest.raises(ValueError, match="limit"):
        Recorder(store, limit=0)


def test_a_mutation_in_a_reducer_is_named() -> None:
    """With the path and the action."""
    store = Store(make_reducer(), middleware=[immutability_check(warn_after=WITHOUT_HASTE)])
    store.dispatch(Add())
    with pytest.raises(ImmutabilityError, match=r"at state\.box\.items, in the reducer of CARELESS"):
        store.dispatch(Careless())


@pytest.mark.parametrize(
    ("mutate", "path"),
    [
        (lambda state: state.box.items.append(5), r"state\.box\.items"),
        (lambda state: state.box.names.add("x"), r"state\.box\.names"),
        (lambda state: object.__setattr__(state.box, "items", []), r"state\.box"),
    ],
)
def test_a_mutation_between_dispatches_is_named(mutate: Any, path: str) -> None:
    """By a listener, or by anybody who has the state."""
    store = Store(make_reducer(), middleware=[immutability_check(warn_after=WITHOUT_HASTE)])
    store.dispatch(Add())
    mutate(store.state)
    with pytest.raises(ImmutabilityError, match=f"{path}, between two dispatches, before ADD"):
        store.dispatch(Add())


class Own:
    def __init__(self) -> None:
        self.inner: dict[str, Any] = {}


def hold_itself() -> list[Any]:
    ring: list[Any] = []
    ring.append([ring])
    return ring


def nest(levels: int) -> list[Any]:
    deep: list[Any] = []
    for _ in range(levels):
        deep = [deep]
    return deep


@pytest.mark.parametrize(
    ("part", "mutate", "path"),
    [
        (deque([[1]]), lambda part: part.append(2), ""),
        (deque([[1]]), lambda part: part[0].append(2), r"\[0\]"),
        (Own(), lambda part: setattr(part, "more", 1), ""),
        (Own(), lambda part: part.inner.update(a=1), r"\.inner"),
        (bytearray(b"x"), lambda part: part.append(2), ""),
        (hold_itself(), lambda part: part[0].append(2), r"\[0\]"),
        (nest(5_000), lambda part: part[0][0].append(2), r"\[0\]\[0\]"),
    ],
)
def test_whatever_can_be_changed_is_looked_at(part: Any, mutate: Any, path: str) -> None:
    """Any object, one that holds itself, and however deep."""
    reducer = Reducer({"part": part})
    reducer.on(Add)(lambda state, action: mutate(state["part"]) or state)
    store = Store(reducer, middleware=[immutability_check(warn_after=WITHOUT_HASTE)])
    store.dispatch(Added())
    with pytest.raises(ImmutabilityError, match=rf"at state\['part'\]{path}, in the reducer of ADD"):
        store.dispatch(Add())


def test_what_is_not_mutated_passes() -> None:
    """A new state is no mutation."""
    store = Store(make_reducer(), middleware=[immutability_check(warn_after=WITHOUT_HASTE)])
    for amount in range(3):
        store.dispatch(Add(amount=amount))
    assert store.state.total == 2


def test_what_cannot_be_serialised_is_named_once() -> None:
    """In the action and in the state, with the path."""
    store = Store(make_reducer(), middleware=[serializability_check(warn_after=WITHOUT_HASTE)])
    lock = asyncio.Event()
    with pytest.warns(DevelopmentWarning) as warned:
        store.dispatch(Add(amount={"deep": [lock]}))
    store.dispatch(Add(amount={"deep": [lock]}))
    words = [str(each.message).partition(" cannot")[0] for each in warned]
    assert words == [
        "A Event in the action ADD at .amount['deep'][0]",
        "A Event in the state at .total['deep'][0]",
    ]


def test_plain_values_pass() -> None:
    """All that JSON has, and what pydantic writes."""
    from datetime import UTC, datetime

    store = Store(make_reducer(), middleware=[serializability_check(warn_after=WITHOUT_HASTE)])
    store.dispatch(Add(amount={"a": [1, 2.5, None, True, "x", datetime.now(UTC)], "b": {"c": (1,)}}))
    store.dispatch(
        Add(amount=[uuid4(), Decimal("1.5"), timedelta(1), PurePath("x"), deque([1]), {1}, b"\xff", SecretStr("x")])
    )


@pytest.mark.parametrize(
    ("amount", "place"),
    [
        (iter([1]), "A list_iterator in the (action ADD at .amount|state at .total)"),
        ({object()}, "A set in the (action ADD at .amount|state at .total)"),
        (hold_itself(), r"A list in the (action ADD at .amount|state at .total)\[0\]\[0\]"),
        (
            {"deep": nest(5_000), "x": print},
            r"A builtin_function_or_method in the (action ADD at .amount|state at .total)\['x'\]",
        ),
    ],
)
def test_what_json_has_no_word_for_is_named_wherever_it_is(amount: Any, place: str) -> None:
    """In a set, read once, in itself, beside what is nested deep."""
    store = Store(make_reducer(), middleware=[serializability_check(warn_after=WITHOUT_HASTE)])
    with pytest.warns(DevelopmentWarning, match=place):
        store.dispatch(Add(amount=amount))


@pytest.mark.parametrize("check", [immutability_check, serializability_check])
def test_a_slow_check_says_so(check: Any) -> None:
    """It is meant for development."""
    store = Store(make_reducer(), middleware=[check(warn_after=-1.0)])
    with pytest.warns(DevelopmentWarning, match="It is meant for development"):
        store.dispatch(Add())


@pytest.mark.parametrize(
    "paths",
    [
        ["box.items"],
        ["state.box.items"],
        ["box"],
        [".box.items"],
        ["state['box']['items']"],
        [re.compile("items$")],
        ["other", "box"],
    ],
)
def test_a_path_can_be_left_alone(paths: Any) -> None:
    """And what is below; the rest is looked at."""
    store = Store(make_reducer(), middleware=[immutability_check(ignore_paths=paths)])
    store.dispatch(Careless())
    store.state.box.items.append(7)
    store.dispatch(Add(amount={}))
    store.state.total["x"] = 1
    with pytest.raises(ImmutabilityError, match=r"at state\.total,"):
        store.dispatch(Add())


@pytest.mark.parametrize("action", [Careless, "CARELESS", Action])
def test_an_action_can_be_left_alone(action: Any) -> None:
    """What its reducer does is not blamed on the next one."""
    store = Store(make_reducer(), middleware=[immutability_check(ignore_actions=(action,))])
    store.dispatch(Careless())
    store.dispatch(Add())
    store.state.box.items.append(7)
    with pytest.raises(ImmutabilityError, match="between two dispatches"):
        store.dispatch(Careless())


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"ignore_actions": [Add]}, ["the state at .total['deep'][0]"]),
        ({"ignore_paths": ["amount"]}, ["the state at .total['deep'][0]"]),
        ({"ignore_paths": ["action.amount.deep"]}, ["the state at .total['deep'][0]"]),
        ({"ignore_paths": ["state.total"]}, ["the action ADD at .amount['deep'][0]"]),
        (
            {"ignore_paths": ["state.amount", "action.total"]},
            ["the action ADD at .amount['deep'][0]", "the state at .total['deep'][0]"],
        ),
        ({"ignore_paths": [re.compile(r"deep\.0")]}, []),
    ],
)
def test_what_need_not_be_serialised_can_be_left_alone(options: Any, found: list[str]) -> None:
    """In actions and in the state, each by its root or in both."""
    store = Store(make_reducer(), middleware=[serializability_check(**options)])
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        store.dispatch(Add(amount={"deep": [object()]}))
    assert [str(each.message).partition(" in ")[2].partition(" cannot")[0] for each in warned] == found


@pytest.mark.parametrize("check", [immutability_check, serializability_check])
@pytest.mark.parametrize(
    "options",
    [
        {"ignore_actions": Add},
        {"ignore_actions": "ADD"},
        {"ignore_actions": [5]},
        {"ignore_paths": "box"},
        {"ignore_paths": [5]},
        {"ignore_paths": 5},
    ],
)
def test_what_cannot_be_ignored_is_named(check: Any, options: Any) -> None:
    """When the middleware is made."""
    with pytest.raises(TypeError, match=rf"{check.__name__}\({next(iter(options))}=...\) takes"):
        check(**options)
