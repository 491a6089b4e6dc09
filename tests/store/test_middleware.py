"""Middleware, thunks among them."""

import asyncio
import concurrent.futures
import logging
from typing import Any

import pytest
from reactivex import operators as ops

from rxdux import Action, Reducer, Store, StoreError, logger, of_type, thunk


class Add(Action):
    amount: int = 1


class Added(Action):
    pass


def make_counter() -> Reducer[int]:
    counter = Reducer(0)
    counter.on(Add)(lambda count, action: count + action.amount)
    return counter


def added_epic(actions: Any) -> Any:
    return actions.pipe(of_type(Add), ops.map(lambda _: Added()))


def test_the_first_middleware_is_the_outermost() -> None:
    """And dispatch returns what it returns."""
    order: list[str] = []

    def named(name: str) -> Any:
        def middleware(store: Store[int], action: Any, call_next: Any) -> Any:
            order.append(f"{name} before, {store.state}")
            result = call_next(action)
            order.append(f"{name} after, {store.state}")
            return (name, result)

        return middleware

    store = Store(make_counter(), middleware=[named("outer"), named("inner")])
    assert store.dispatch(Add()) == ("outer", ("inner", Add()))
    assert order == ["outer before, 0", "inner before, 0", "inner after, 1", "outer after, 1"]


def test_every_action_passes_the_whole_chain() -> None:
    """Those from epics and from middleware too."""
    seen: list[str] = []

    def watch(store: Store[int], action: Any, call_next: Any) -> Any:
        seen.append(action.type)
        if isinstance(action, Add) and action.amount == 1:
            store.dispatch(Add(amount=5))
        return call_next(action)

    store = Store(make_counter(), epics=[added_epic], middleware=[watch])
    store.dispatch(Add())
    assert store.state == 6
    assert seen == ["ADD", "ADD", "ADDED", "ADDED"]


def test_a_middleware_may_replace_or_swallow_an_action() -> None:
    """What it does not pass on did not happen."""

    def double(store: Store[int], action: Any, call_next: Any) -> Any:
        return call_next(Add(amount=action.amount * 2)) if action.amount else None

    store = Store(make_counter(), middleware=[double])
    store.dispatch(Add(amount=2))
    assert store.dispatch(Add(amount=0)) is None
    assert store.state == 4


def test_a_middleware_may_make_actions_of_what_is_none() -> None:
    """The error of a reducer reaches the caller all the same."""

    def parse(store: Store[int], action: Any, call_next: Any) -> Any:
        return call_next(Add.parse(action) if isinstance(action, dict) else action)

    store = Store(make_counter(), middleware=[parse])
    assert store.dispatch({"type": Add.type, "amount": 3}) == Add(amount=3)  # pyright: ignore
    assert store.state == 3
    with pytest.raises(TypeError, match="not a str"):
        store.dispatch("ADD")  # pyright: ignore


def test_a_thunk_gets_the_store() -> None:
    """Dispatch returns what it returns."""
    store = Store(make_counter(), middleware=[thunk])

    def add_twice(store: Store[int]) -> int:
        store.dispatch(Add())
        store.dispatch(Add())
        return store.state

    assert store.dispatch(add_twice) == 2
    with pytest.raises(TypeError, match="Did you mean an instance"):
        store.dispatch(Add)  # pyright: ignore


async def test_an_async_thunk_is_a_task() -> None:
    """On the running loop; idle waits for it."""
    async with Store(make_counter(), middleware=[thunk]) as store:

        async def add_later(store: Store[int]) -> str:
            await asyncio.sleep(0)
            store.dispatch(Add())
            return "added"

        task = store.dispatch(add_later)
        assert isinstance(task, asyncio.Task)
        assert store.state == 0
        await store.idle(20)
        assert store.state == 1
        assert await task == "added"


def test_an_async_thunk_without_a_loop_is_a_future() -> None:
    """The store's own loop runs it; an error that nobody asks for is reported."""
    errors: list[StoreError] = []
    with Store(make_counter(), middleware=[thunk], on_error=errors.append) as store:

        async def add_later(store: Store[int]) -> str:
            await asyncio.sleep(0)
            store.dispatch(Add())
            return "added"

        async def fail(store: Store[int]) -> None:
            raise ZeroDivisionError

        future: Any = store.dispatch(add_later)
        assert isinstance(future, concurrent.futures.Future)
        assert future.result(5) == "added"
        store.dispatch(fail)
        store.wait_idle(20)
        assert store.state == 1
    assert [type(error.__cause__) for error in errors] == [ZeroDivisionError]


async def test_close_cancels_thunks() -> None:
    """Nothing of a closed store is left running."""
    async with Store(make_counter(), middleware=[thunk]) as store:
        task = store.dispatch(lambda store: asyncio.sleep(60))
    assert task.cancelled()  # pyright: ignore


def test_the_logger_logs(caplog: pytest.LogCaptureFixture) -> None:
    """The action, how long it took, and failures."""
    caplog.set_level(logging.INFO, logger="rxdux.actions")
    counter = make_counter()

    @counter.on(Added)
    def _(count: int, action: Added) -> int:
        raise ZeroDivisionError

    store = Store(counter, middleware=[logger])
    store.dispatch(Add(amount=2))
    with pytest.raises(ZeroDivisionError):
        store.dispatch(Added())
    assert "ADD Add(amount=2) took" in caplog.text
    assert "ADDED Added() failed" in caplog.text
