"""A coroutine function as an Observable: the way from epics to asyncio."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ...store.engine.direct import Direct
from ...store.engine.event_loop import running_loop
from ...store.engine.scheduler import EpicScheduler, start

T = TypeVar("T")


def from_async(function: Callable[[], Awaitable[T]]) -> Observable[T]:
    """A cold Observable of one awaited call: every subscription calls again, unsubscribing cancels the task.

    Inside an epic it runs on the loop that the store was made in, or on the store's own loop; `idle`
    waits for it. Outside a store it runs on the running loop.

    Args:
        function: a coroutine function without arguments, or a function that returns an awaitable.

    Raises:
        TypeError: for what cannot be called, such as a coroutine: it could be awaited only once.

    Examples:
        >>> import asyncio
        >>> async def answer():
        ...     return 42
        >>> async def main():
        ...     return await from_async(answer)
        >>> asyncio.run(main())
        42
    """
    if not callable(function):
        hint = " Pass the function, without calling it." if inspect.isawaitable(function) else ""
        msg = f"from_async takes a coroutine function without arguments, not {function!r:.100}.{hint}"
        raise TypeError(msg)

    return _Call(function)


class _Call(Direct[T]):
    """Awaited outside a store, it is the task itself: `await` needs no subscription between."""

    def __init__(self, function: Callable[[], Awaitable[T]]) -> None:
        self._function = function

    def _subscribe_core(
        self, observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        if isinstance(scheduler, EpicScheduler):
            return scheduler.start_task(self._function, partial(_finish, observer))
        return _start_outside_a_store(self._function, partial(_finish, observer))

    def __await__(self) -> Generator[Any, None, T]:
        loop = running_loop()
        return super().__await__() if loop is None else start(self._function, loop).__await__()


def _finish(observer: abc.ObserverBase[Any], task: "asyncio.Future[Any]") -> None:
    if task.cancelled():
        observer.on_error(cancelled())
    elif (error := task.exception()) is not None:
        observer.on_error(error)  # pyright: ignore[reportArgumentType] -- SystemExit and its like are errors too
    else:
        observer.on_next(task.result())
        observer.on_completed()


def cancelled() -> Any:
    return asyncio.CancelledError("The task was cancelled from outside.")


def _start_outside_a_store(
    function: Callable[[], Awaitable[T]], finish: Callable[["asyncio.Future[T]"], None]
) -> abc.DisposableBase:
    loop = running_loop()
    if loop is None:
        msg = "from_async was subscribed outside a store and without a running event loop. Subscribe in an epic, or in a coroutine."
        raise RuntimeError(msg)
    task = start(function, loop)
    subscription = Disposable(lambda: _cancel(task))
    task.add_done_callback(lambda done: None if subscription.is_disposed else finish(done))
    return subscription


def _cancel(task: "asyncio.Future[Any]") -> None:
    task.cancel()
