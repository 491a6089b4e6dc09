"""The scheduler that reactivex hands down an epic's chain: it carries the store's loop and counts its work."""

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from reactivex import abc, typing
from reactivex.disposable import Disposable, SingleAssignmentDisposable
from reactivex.scheduler import TimeoutScheduler
from reactivex.scheduler.periodicscheduler import PeriodicScheduler

from .event_loop import StoreLoop
from .names import name_of

T = TypeVar("T")
OnDone = Callable[[asyncio.Future[T]], None]


class Core(Protocol):
    """What the scheduler needs of a store."""

    loop: StoreLoop

    def post(self, work: Callable[[], None], owner: Any) -> None: ...
    def is_mine(self) -> bool: ...
    def count_work(self, change: int) -> None: ...


class TurnScheduler(PeriodicScheduler):
    """Runs what is due now at once, or after the piece that scheduled it: one piece at a time.

    What is due later goes to reactivex's own timer threads.
    """

    def __init__(self) -> None:
        super().__init__()
        self._due: deque[Callable[[], None]] = deque()
        self._at_work = False

    def schedule(self, action: abc.ScheduledAction[Any], state: Any = None) -> abc.DisposableBase:
        if self._at_work:
            return self._schedule_behind(action, state)
        self._at_work = True
        try:
            result = action(self, state)
            while self._due:
                self._due.popleft()()
        finally:
            self._at_work = False
            if self._due:
                self._due.clear()
        return NOTHING if result is None else result

    def _schedule_behind(self, action: abc.ScheduledAction[Any], state: Any) -> abc.DisposableBase:
        result = SingleAssignmentDisposable()

        def invoke() -> None:
            if not result.is_disposed:
                result.disposable = self.invoke_action(action, state)

        self._due.append(invoke)
        return result

    def schedule_relative(
        self, duetime: typing.RelativeTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        return TimeoutScheduler.singleton().schedule_relative(duetime, action, state)

    def schedule_absolute(
        self, duetime: typing.AbsoluteTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        return TimeoutScheduler.singleton().schedule_absolute(duetime, action, state)


NOTHING = Disposable()  # of what is over already


class EpicScheduler(TurnScheduler):
    """Runs an epic's scheduled work one piece at a time, never beside a reducer, a listener or another epic.

    What is due later is timed by the store's event loop. Timers are not work that `idle` waits for,
    tasks are.
    """

    def __init__(self, core: Core, owner: Any) -> None:
        super().__init__()
        self._core = core
        self._owner = owner
        self._running: set[abc.DisposableBase] = set()

    def schedule(self, action: abc.ScheduledAction[Any], state: Any = None) -> abc.DisposableBase:
        if self._core.is_mine():
            return super().schedule(action, state)
        result = SingleAssignmentDisposable()

        def run_in_turn() -> None:
            if not result.is_disposed:
                result.disposable = super(EpicScheduler, self).schedule(action, state)

        self._core.post(run_in_turn, self._owner)
        return result

    def schedule_relative(
        self, duetime: typing.RelativeTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        result = SingleAssignmentDisposable()
        timer: list[asyncio.TimerHandle] = []

        def invoke() -> None:
            if not result.is_disposed:
                self._running.discard(entry)
                result.disposable = self.invoke_action(action, state)

        def arm() -> None:
            if not entry.is_disposed:
                seconds = max(0.0, self.to_seconds(duetime))
                timer.append(self._core.loop.get().call_later(seconds, self._core.post, invoke, self._owner))

        def disarm() -> None:
            self._running.discard(entry)
            if timer:
                self._core.loop.call_if_open(timer[0].cancel)

        entry = Disposable(disarm)
        self._running.add(entry)
        self._core.loop.call(arm)
        return _Pair(entry, result)

    def schedule_absolute(
        self, duetime: typing.AbsoluteTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        return self.schedule_relative(self.to_datetime(duetime) - self.now, action, state)

    def start_task(self, function: Callable[[], Awaitable[T]], on_done: OnDone[T]) -> abc.DisposableBase:
        """Await `function()` on the store's loop; `on_done` gets the finished task, in turn with all else.

        Disposing cancels the task, and `on_done` is not called any more. `idle` waits for it either way.
        """
        task: list[asyncio.Future[T]] = []

        def begin() -> None:
            if entry.is_disposed:
                self._core.post(finish, self._owner)
                return
            started = start(function, self._core.loop.get())
            task.append(started)
            started.add_done_callback(lambda _: self._core.post(finish, self._owner))

        def finish() -> None:
            self._running.discard(entry)
            self._core.count_work(-1)
            if not entry.is_disposed:
                on_done(task[0])
            elif task and not task[0].cancelled():
                task[0].exception()  # the error of cancelled work is seen, and dropped

        def cancel() -> None:
            self._running.discard(entry)
            if task:
                self._core.loop.call_if_open(task[0].cancel)

        entry = Disposable(cancel)
        self._running.add(entry)
        self._core.count_work(+1)
        try:
            self._core.loop.call(begin)
        except BaseException:
            self._core.count_work(-1)
            raise
        return entry

    def cancel_all(self) -> None:
        """Cancel the tasks and timers that are still running."""
        self._due.clear()
        for entry in list(self._running):
            entry.dispose()


def start(function: Callable[[], Awaitable[T]], loop: asyncio.AbstractEventLoop) -> "asyncio.Future[T]":
    """Call the function now and await what it returns in a task of its own turn.

    The task is made directly, so that an eager task factory does not run it in the middle of a dispatch.
    """
    try:
        awaitable = function()
        if not inspect.isawaitable(awaitable):
            msg = (
                f"{name_of(function)} returned {awaitable!r:.100}, which cannot be awaited. Pass a coroutine function."
            )
            raise TypeError(msg)
    except Exception as error:
        failed: asyncio.Future[T] = loop.create_future()
        failed.set_exception(error)
        return failed
    coroutine: Coroutine[Any, Any, T] = awaitable if inspect.iscoroutine(awaitable) else _wait_for(awaitable)
    return asyncio.Task(coroutine, loop=loop)


async def _wait_for(awaitable: Awaitable[T]) -> T:
    return await awaitable


class _Pair(abc.DisposableBase):
    """A timer, and what its action left to dispose of."""

    def __init__(self, timer: abc.DisposableBase, result: abc.DisposableBase) -> None:
        self._timer = timer
        self._result = result

    def dispose(self) -> None:
        self._timer.dispose()
        self._result.dispose()
