"""Waiting for a store: until it is at rest, or in a certain state."""

import asyncio
import concurrent.futures
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..errors import StoreClosedError
from .core import Core
from .names import name_of
from .report import USER_ERRORS, not_cancelled
from .state_stream import StateStream

S = TypeVar("S")
T = TypeVar("T")

LOOK_AGAIN = 1.0  # seconds after which who waits without end looks again whether it goes on

AT_MOST = 500  # characters of a state in a message


class Waiting(Generic[S]):
    """Who waits for a store, from any event loop and any thread."""

    def __init__(self, core: Core[S]) -> None:
        self._core = core
        self._waiters: dict[concurrent.futures.Future[S], None] = {}

    async def idle(self, timeout: float | None) -> None:
        future = self._rest()
        try:
            if timeout is None:
                wrapped = asyncio.wrap_future(future)
                while not wrapped.done():
                    self._check_progress(future)
                    await asyncio.wait([wrapped], timeout=LOOK_AGAIN)
                return
            await _wait(future, timeout, self._busy)
        finally:
            self._core.quiet.give_up(future)

    def block_until_idle(self, timeout: float | None) -> None:
        if self._core.loop.is_running_here() or self._core.is_mine():
            msg = "store.wait_idle() would block the thread that has the work to do. Use 'await store.idle()'."
            raise RuntimeError(msg)
        future = self._rest()
        try:
            while timeout is None and not future.done():
                self._check_progress(future)
                concurrent.futures.wait([future], LOOK_AGAIN)
            future.result(timeout)
        except TimeoutError:
            raise TimeoutError(self._busy(timeout)) from None
        finally:
            self._core.quiet.give_up(future)

    def _check_progress(self, future: "concurrent.futures.Future[None]") -> None:
        """Refuse to wait without end for what does not go on."""
        standstill = self._core.loop.standstill()
        if standstill is not None and not future.done():
            msg = f"The store would never be idle: {self._in_flight()}. {standstill}"
            raise RuntimeError(msg)

    def _rest(self) -> "concurrent.futures.Future[None]":
        future = self._core.quiet.waiter()
        self._core.look_for_rest()
        return future

    def _busy(self, timeout: float | None) -> str:
        words = f"The store is not idle after {timeout} s: {self._in_flight()}."
        standstill = self._core.loop.standstill()
        return words if standstill is None else f"{words} {standstill}"

    def _in_flight(self) -> str:
        return f"{self._core.quiet.in_flight} pieces of epic work are in flight"

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
            except USER_ERRORS as error:
                future.set_exception(not_cancelled(error, f"The predicate {name_of(predicate)}"))

        self._waiters[future] = None
        self._core.help()  # what an interrupt has left
        watching = StateStream(self._core, self._core.app).subscribe(look)
        try:
            if self._core.closed:
                _give_up(future)
            return await _wait(future, timeout, self._no_such_state)
        finally:
            self._waiters.pop(future, None)
            watching.dispose()

    def _no_such_state(self, timeout: float | None) -> str:
        return f"No such state came within {timeout} s. The last one: {shown(self._core.state)}"

    def end(self) -> None:
        """No more states will come."""
        for future in list(self._waiters):
            _give_up(future)


def shown(state: object) -> str:
    """A state in words; secrets are masked by their own classes.

    Examples:
        >>> from pydantic import SecretStr
        >>> shown({"token": SecretStr("hunter2")}), len(shown("x" * 10_000))
        ("{'token': SecretStr('**********')}", 500)
    """
    try:
        words = repr(state)
    except Exception as error:
        words = f"a {type(state).__name__} whose repr failed with {type(error).__name__}"
    return words if len(words) <= AT_MOST else f"{words[: AT_MOST - 1]}…"


def _give_up(future: "concurrent.futures.Future[Any]") -> None:
    if not future.done():
        future.set_exception(StoreClosedError("The store was closed before such a state came."))


async def _wait(
    future: "concurrent.futures.Future[T]", timeout: float | None, words: Callable[[float | None], str]
) -> T:
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), timeout)
    except TimeoutError:
        if future.done() and not future.cancelled():
            raise  # the predicate's own
        raise TimeoutError(words(timeout)) from None
