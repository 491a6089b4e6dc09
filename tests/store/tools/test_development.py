"""Tools for development: the recorder and the checks."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
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
    store = Store(make_reducer(), middleware=[immutability_check()])
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
    store = Store(make_reducer(), middleware=[immutability_check()])
    store.dispatch(Add())
    mutate(store.state)
    with pytest.raises(ImmutabilityError, match=f"{path}, between two dispatches, before ADD"):
        store.dispatch(Add())


def test_what_is_not_mutated_passes() -> None:
    """A new state is no mutation."""
    store = Store(make_reducer(), middleware=[immutability_check()])
    for amount in range(3):
        store.dispatch(Add(amount=amount))
    assert store.state.total == 2


def test_what_cannot_be_serialised_is_named_once() -> None:
    """In the action and in the state, with the path."""
    store = Store(make_reducer(), middleware=[serializability_check()])
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

    store = Store(make_reducer(), middleware=[serializability_check()])
    store.dispatch(Add(amount={"a": [1, 2.5, None, True, "x", datetime.now(UTC)], "b": {"c": (1,)}}))


@pytest.mark.parametrize("check", [immutability_check, serializability_check])
def test_a_slow_check_says_so(check: Any) -> None:
    """It is meant for development."""
    store = Store(make_reducer(), middleware=[check(warn_after=-1.0)])
    with pytest.warns(DevelopmentWarning, match="It is meant for development"):
        store.dispatch(Add())
