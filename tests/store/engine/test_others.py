"""A state that is so because of others' actions, and who may refuse what would change it otherwise."""

from collections.abc import Callable
from typing import Any

import pytest
from reactivex import operators as ops

from rxdux import Action, ActionStream, History, Reducer, Slice, StateStream, Store
from rxdux.actions.internal import OthersActed
from rxdux.store.engine.replace import put

total = Slice("others-total", initial=0)


@total.action
def add(state: int, amount: int) -> int:
    return state + amount


class ForbiddenError(Exception):
    pass


class Keeper:
    """Sees `add`, refuses amounts below zero, and every other change."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def around(self, action_class: type[Action], reduce: Any) -> Any:
        if action_class is not add.action_class:
            return reduce

        def watch(state: int, action: Any) -> int:
            if action.amount < 0:
                raise ForbiddenError
            after = reduce(state, action)
            self.seen.append((state, after))
            return after

        return watch

    def check_reducer(self, reducer: Any) -> None:
        raise ForbiddenError

    def check_rewrite(self, what: str) -> None:
        raise ForbiddenError(what)


def act(store: Store[int], *amounts: int) -> None:
    """As another node would."""
    entries: list[tuple[Action, int, str]] = []
    state = store.core.state
    for amount in amounts:
        state += amount
        entries.append((add(amount), state, "shared:n1"))
    store.core.in_role(lambda _: put(store.core, state, OthersActed(entries=tuple(entries))))


def kept() -> tuple[Store[int], Keeper]:
    store, keeper = Store(total), Keeper()
    store.core.keepers = (keeper,)
    store.core.routes_changed()
    return store, keeper


class TestOthers:
    def test_listeners_and_state_streams_are_told_once_and_action_streams_nothing(self) -> None:
        """Listeners first, then the state streams, as for an action; epics see the state only."""
        told: list[Any] = []

        def epic(actions: ActionStream, state: StateStream[int]) -> Any:
            actions.subscribe(lambda action: told.append(action))
            state.pipe(ops.skip(1)).subscribe(lambda value: told.append(("stream", value)))
            return actions.pipe(ops.filter(lambda _: False))

        store = Store(total, epics=[epic])
        store.subscribe(lambda state: told.append(("listener", state)))
        store.select(lambda state: state).pipe(ops.skip(1)).subscribe(lambda value: told.append(("select", value)))
        store.actions.subscribe(lambda action: told.append(action))
        act(store, 1, 2)
        assert told == [("listener", 3), ("select", 3), ("stream", 3)]

    def test_history_has_an_entry_for_each(self) -> None:
        """With its state, and where it comes from; the next own one follows it."""
        store = Store(total)
        history = History(store, limit=4)
        store.dispatch(add(10))
        act(store, 1, 2)
        store.dispatch(add(5))
        assert [(each.action, each.state, each.source, each.before) for each in history.entries] == [
            (add(10), 10, None, None), (add(1), 11, "shared:n1", None), (add(2), 13, "shared:n1", None), (add(5), 18, None, None),
        ]  # fmt: skip
        act(store, 1, 1)
        assert [each.state for each in history.entries] == [13, 18, 19, 20]
        assert history.base == 11

    def test_time_travel_goes_on(self) -> None:
        """What others do is appended, and does not disturb what is shown; an own action ends it."""
        store = Store(total)
        history = History(store)
        heard: list[int] = []
        store.dispatch(add(1))
        store.dispatch(add(1))
        history.jump(0)
        store.subscribe(heard.append)
        act(store, 10)
        act(store, 10)
        assert (store.state, history.position, heard, len(history.entries)) == (1, 0, [], 4)
        history.redo()
        history.redo()
        assert (store.state, history.position) == (12, 2)
        store.dispatch(add(1))
        assert (store.state, history.is_travelling) == (23, False)

    def test_a_paused_history_records_none(self) -> None:
        """As for own actions; the next entry says what it follows."""
        store = Store(total)
        history = History(store)
        history.pause()
        act(store, 1)
        history.resume()
        store.dispatch(add(1))
        assert [(each.state, each.before) for each in history.entries] == [(2, 1)]


class TestKeeper:
    def test_it_sees_its_actions_as_they_are_reduced(self) -> None:
        """Through middleware too; other actions have no further cost."""
        store, keeper = kept()
        store.dispatch(add(1))
        store.dispatch(add(2))
        assert keeper.seen == [(0, 1), (1, 3)]

    def test_what_it_raises_reaches_the_dispatcher(self) -> None:
        """And nothing has changed: no listener, no epic saw it."""
        store, _ = kept()
        told: list[Any] = []
        store.subscribe(told.append)
        store.actions.subscribe(told.append)
        with pytest.raises(ForbiddenError):
            store.dispatch(add(-1))
        assert (store.state, told) == (0, [])

    @pytest.mark.parametrize(
        "rewriting",
        [lambda history: history.toggle(0), lambda history: history.rollback(), lambda history: history.load("[]")],
    )
    def test_it_may_refuse_another_past(self, rewriting: Callable[[History[int]], None]) -> None:
        """Looking at it, and forgetting it, are free."""
        store, _ = kept()
        history = History(store)
        store.dispatch(add(1))
        with pytest.raises(ForbiddenError):
            rewriting(history)
        history.undo()
        assert store.state == 0
        history.redo()
        history.commit()
        assert (store.state, history.entries) == (1, [])

    def test_it_may_refuse_another_reducer(self) -> None:
        """The old one stays."""
        store, _ = kept()
        with pytest.raises(ForbiddenError):
            store.replace_reducer(Reducer(5))
        store.dispatch(add(1))
        assert store.state == 1
