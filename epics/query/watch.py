"""Whoever watches a query, or waits for its answer."""

import asyncio
import concurrent.futures
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, Protocol, Self, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ...store import Store
from ...store.engine.event_loop import running_loop
from .door import Door, HasDoors, door_of
from .result import Result

T = TypeVar("T")


class Watchable(Protocol):
    """A query, as far as its watchers need it."""

    @property
    def api(self) -> HasDoors: ...
    def __call__(self, state: Any, /) -> Result[Any]: ...


class Watch(Generic[T]):
    """Keeps a query up to date for as long as it is open: a context manager, or `close()`.

    Iterate over it for each result: `async for result in user`. Who is slow gets the latest alone.
    """

    def __init__(self, store: Store[Any], query: Watchable, every: float | None) -> None:
        _check_seconds("every", every)
        self._store = store
        self._query = query
        self._door: Door = door_of(store, query.api)
        self._is_open = True
        self._iterations: set[Callable[[], None]] = set()
        self._door.watch(query, self, every)

    @property
    def result(self) -> Result[T]:
        """What is known now."""
        return self._query(self._store.state)

    async def answer(self) -> T:
        """The data, once they are fresh.

        Raises:
            ApiCallError: when the call failed, or the session ended.
        """
        return await wait_for(self._door.answer(self._query), None, self._give_up)

    def close(self) -> None:
        """Watch no more. A second call does nothing."""
        if self._is_open:
            self._is_open = False
            for end in list(self._iterations):
                end()
            self._door.release(self._query, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def __aiter__(self) -> AsyncIterator[Result[T]]:
        loop, news, latest = asyncio.get_running_loop(), asyncio.Event(), list[Result[T]]()
        ended = False

        def show(result: Result[T]) -> None:
            latest[:] = [result]
            wake()

        def end() -> None:
            nonlocal ended
            ended = True
            wake()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(news.set)

        self._iterations.add(end)
        watching = self._store.select(self._query).subscribe(show, on_completed=end)
        try:
            while self._is_open:
                await news.wait()
                news.clear()
                if latest:
                    yield latest.pop()
                if ended:
                    return
        finally:
            self._iterations.discard(end)
            watching.dispose()

    def _give_up(self, future: "concurrent.futures.Future[Any]") -> None:
        self._door.give_up(self._query, future)


def observe(store: Store[Any], query: Watchable) -> Observable[Any]:
    """The results of a query, which is watched while somebody is subscribed."""

    def subscribe(observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None) -> abc.DisposableBase:
        watch: Watch[Any] = Watch(store, query, None)
        selection = store.select(query).subscribe(observer, scheduler=scheduler)

        def end() -> None:
            selection.dispose()
            watch.close()

        return Disposable(end)

    return Observable(subscribe)


async def fetch(store: Store[Any], query: Watchable, timeout: float | None) -> Any:
    """The data of a query, asked for unless they are fresh."""
    _check_seconds("timeout", timeout)
    door = door_of(store, query.api)
    known = door.fresh(query)
    if known is not None:
        return known.data
    return await wait_for(door.fetch(query), timeout, lambda future: door.give_up(query, future))


async def wait_for(
    future: "concurrent.futures.Future[T]",
    timeout: float | None,
    give_up: Callable[["concurrent.futures.Future[T]"], None],
) -> T:
    if future.done():
        return future.result()
    waiting = asyncio.timeout(timeout)
    try:
        if timeout is None:
            return await _in_this_loop(future)
        async with waiting:
            return await _in_this_loop(future)
    except TimeoutError:
        if not waiting.expired():
            raise
        msg = f"No answer came within {timeout} s."
        raise TimeoutError(msg) from None
    finally:
        if not future.done() or future.cancelled():
            give_up(future)


async def _in_this_loop(future: "concurrent.futures.Future[T]") -> T:
    """As `asyncio.wrap_future`, without waking a loop that is awake: the one in which the answer came."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[None] = loop.create_future()

    def tell(_: object = None) -> None:
        if not told.done():
            told.set_result(None)

    def done(_: object) -> None:
        if running_loop() is loop:
            tell()
        elif not loop.is_closed():
            loop.call_soon_threadsafe(tell)

    future.add_done_callback(done)
    try:
        await told
    except asyncio.CancelledError:
        future.cancel()
        raise
    return future.result()


def _check_seconds(name: str, seconds: float | None) -> None:
    if seconds is not None and not seconds > 0:
        msg = f"{name} must be more than 0, in seconds, not {seconds!r}. Leave it out for none."
        raise ValueError(msg)
