"""Waiting for a store: until it is at rest, or in a certain state."""

import asyncio
import concurrent.futures
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..errors import StoreClosedError
from .core import Core
from .state_stream import StateStream

S = TypeVar("S")
T = TypeVar("T")


class Waiting(Generic[S]):
    """Who waits for a store, from any event loop and any thread."""

    def __init__(self, core: Core[S]) -> None:
        self._core = core
        self._waiters: dict[concurrent.futures.Future[S], None] = {}

    async def idle(self, timeout: float | None) -> None:
        await _wait(self._rest(), timeout, self._busy)

    def block_until_idle(self, timeout: float | None) -> None:
        if self._core.loop.is_running_here() or self._core.is_mine():
            msg = "store.wait_idle() would block the thread that has the work to do. Use 'await store.idle()'."
            raise RuntimeError(msg)
        try:
            self._rest().result(timeout)
        except TimeoutError:
            raise TimeoutError(self._busy(timeout)) from None

    def _rest(self) -> "concurrent.futures.Future[None]":
        future = self._core.quiet.waiter()
        self._core.look_for_rest()
        return future

    def _busy(self, timeout: float | None) -> str:
        in_flight = self._core.quiet.in_flight
        return f"The store is not idle after {timeout} s: {in_flight} pieces of epic work are in flight."

    async def state(self, predicate: Callable[[S], object], timeout: float | None) -> S:
        future: concurrent.futures.Future[S] = concurrent.futures.Future()

        def look(state: S) -> None:
            if future.done():
                return
            try:
                if predicate(state):
                    future.set_result(state)
            except concurrent.futures.InvalidStateError:
                pass  # given up in this moment, by another thread
            except Exception as error:
                future.set_exception(error)

        self._waiters[future] = None
        watching = StateStream(self._core, self._core.app).subscribe(look)
        try:
            if self._core.closed:
                _give_up(future)
            return await _wait(future, timeout, _no_such_state)
        finally:
            self._waiters.pop(future, None)
            watching.dispose()

    def end(self) -> None:
        """No more states will come."""
        for future in list(self._waiters):
            _give_up(future)


def _give_up(future: "concurrent.futures.Future[Any]") -> None:
    if not future.done():
        future.set_exception(StoreClosedError("The store was closed before such a state came."))


def _no_such_state(timeout: float | None) -> str:
    return f"No such state came within {timeout} s."


async def _wait(
    future: "concurrent.futures.Future[T]", timeout: float | None, words: Callable[[float | None], str]
) -> T:
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), timeout)
    except TimeoutError:
        if future.done() and not future.cancelled():
            raise  # the predicate's own
        raise TimeoutError(words(timeout)) from None
