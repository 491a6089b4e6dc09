"""The scheduler that reactivex hands down an epic's chain: it carries the store's loop and counts its work."""

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import Context, copy_context
from functools import partial
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from reactivex import abc, typing
from reactivex.disposable import Disposable, SingleAssignmentDisposable
from reactivex.scheduler import TimeoutScheduler
from reactivex.scheduler.periodicscheduler import PeriodicScheduler

from .action_stream import ActionIndex, Owner
from .contexts import ContextMemory
from .direct import CURRENT_THREAD, NOTHING
from .event_loop import StoreLoop, running_loop
from .idle import Quiet
from .names import name_of
from .report import USER_ERRORS

T = TypeVar("T")
OnDone = Callable[[asyncio.Future[T]], None]


class Core(Protocol):
    """What the scheduler needs of a store."""

    index: ActionIndex
    loop: StoreLoop
    quiet: Quiet
    tracers: dict[object, None]

    def post(self, work: Callable[[], None], owner: Any) -> None: ...
    def is_mine(self) -> bool: ...
    def turn(self) -> object: ...
    def report(self, error: BaseException, source: str, message: str, action: Any = None) -> None: ...


class TurnScheduler(PeriodicScheduler):
    """Runs what is due now at once, or after the piece that scheduled it: one piece at a time.

    What is due later goes to reactivex's own timer threads.
    """

    tracers: Mapping[object, None] = MappingProxyType({})  # who wants to know what actions come of

    def __init__(self) -> None:
        super().__init__()
        self._due: deque[Callable[[], None]] | None = None  # made where something is
        self._at_work: object = None  # in which turn

    def turn(self) -> object:
        """What stays the same while one piece is at work, and is another after an interrupt."""
        return self

    def schedule(self, action: abc.ScheduledAction[Any], state: Any = None) -> abc.DisposableBase:
        if self._at_work is self.turn():
            return self._schedule_behind(action, state)
        if not CURRENT_THREAD.schedule_required():  # somebody is subscribing, and gets what he can dispose of first
            scheduled = self._schedule_behind(action, state)
            CURRENT_THREAD.schedule(self._run_due)
            return scheduled
        given: list[abc.DisposableBase | None] = []
        self.in_turn(lambda: given.append(action(self, state)))
        return NOTHING if given[0] is None else given[0]

    def _run_due(self, _scheduler: abc.SchedulerBase, _state: Any = None) -> None:
        self.in_turn(_nothing)

    def in_turn(self, work: Callable[[], object]) -> None:
        """Do it, and then what was scheduled meanwhile."""
        turn = self.turn()
        if self._at_work is turn:
            work()
            return
        try:
            self._at_work = turn
            work()
            while self._due:
                self._due.popleft()()
        except Exception:
            self._due = None  # they belong to what has failed
            raise
        finally:
            self._at_work = None

    def _schedule_behind(self, action: abc.ScheduledAction[Any], state: Any) -> abc.DisposableBase:
        result = SingleAssignmentDisposable()

        def invoke() -> None:
            if not result.is_disposed:
                result.disposable = self.invoke_action(action, state)

        if self._due is None:
            self._due = deque()
        self._due.append(partial(copy_context().run, invoke) if self.tracers else invoke)
        return result

    def schedule_relative(
        self, duetime: typing.RelativeTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        return TimeoutScheduler.singleton().schedule_relative(duetime, action, state)

    def schedule_absolute(
        self, duetime: typing.AbsoluteTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        return TimeoutScheduler.singleton().schedule_absolute(duetime, action, state)


def _nothing() -> None:
    pass


class EpicScheduler(TurnScheduler):
    """Runs an epic's scheduled work one piece at a time, never beside a reducer, a listener or another epic.

    What is due later is timed by the store's event loop. Timers are not work that `idle` waits for,
    tasks are.
    """

    def __init__(self, core: Core, owner: Owner) -> None:
        super().__init__()
        self._core = core
        self._owner = owner
        self.tracers = core.tracers
        self._running: dict[abc.DisposableBase, None] = {}  # a set takes three times as much

    @property
    def core(self) -> Core:
        """The store that the epic is in."""
        return self._core

    def turn(self) -> object:
        return self._core.turn()

    def post(self, work: Callable[[], None]) -> None:
        """Have `work` done in its turn, after what is queued already."""
        self._core.post(work, self._owner)

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
            if entry in self._running:
                result.disposable = self.invoke_action(action, state)
                self._running.pop(entry, None)  # at the end: after an interrupt it is done again

        def arm() -> None:
            if not entry.is_disposed:
                seconds = max(0.0, self.to_seconds(duetime))
                timer.append(self._core.loop.get().call_later(seconds, self._core.post, invoke, self._owner))

        def disarm() -> None:
            self._running.pop(entry, None)
            if timer:
                self._core.loop.call_if_open(timer[0].cancel)

        if self._owner.memory is None:  # the timer itself has the context of the first value
            self._core.index.remember(self._owner, ContextMemory())
        entry = Disposable(disarm)
        self._running[entry] = None
        self._core.loop.call(arm)
        return _Pair(entry, result)

    def schedule_absolute(
        self, duetime: typing.AbsoluteTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        return self.schedule_relative(self.to_datetime(duetime) - self.now, action, state)

    def start_task(
        self, function: Callable[[], Awaitable[T]], on_done: OnDone[T], *, is_work: bool = True
    ) -> abc.DisposableBase:
        """Await `function()` on the store's loop; `on_done` gets the finished task, in turn with all else.

        Disposing cancels the task, and `on_done` is not called any more. `idle` waits for it either way,
        unless it is no work: what runs for as long as somebody looks, such as a websocket.
        """
        effect = Effect(self._core, self._owner, self._running, function, on_done)
        try:
            self._running[effect] = None
            if is_work:
                self._core.quiet.begin(effect)
            self._core.loop.call(effect.begin)
        except BaseException:
            self._running.pop(effect, None)
            self._core.quiet.end(effect)
            raise
        return effect

    def context_of(self, value: Any) -> Context | None:
        """The context in which this action was shown to the epic; None where it need not be asked for."""
        memory = self._owner.memory
        return None if memory is None else memory.context_of(value)

    @property
    def has_work(self) -> bool:
        """Whether tasks or timers are still running."""
        return bool(self._running)

    def report(self, error: BaseException, message: str) -> None:
        """Tell `on_error` what the epic has dealt with itself, and lives on after."""
        self._core.report(error, self._owner.name, message)

    def cancel_all(self) -> None:
        """Cancel the tasks and timers that are still running."""
        self._due = None
        for entry in list(self._running):
            entry.dispose()


class Effect(abc.DisposableBase, Generic[T]):
    """One awaited call of an epic, from its start to the turn in which its result is handed on."""

    __slots__ = ("_core", "_function", "_on_done", "_owner", "_running", "_task")

    def __init__(
        self,
        core: Core,
        owner: Owner,
        running: dict[abc.DisposableBase, None],
        function: Callable[[], Awaitable[T]],
        on_done: OnDone[T],
    ) -> None:
        self._core = core
        self._owner = owner
        self._running = running  # those of its epic: one that is not in it is disposed of, or done
        self._function = function
        self._on_done = on_done
        self._task: asyncio.Future[T] | None = None

    def begin(self) -> None:
        """Call and await, on the store's loop."""
        loop = running_loop()
        if self not in self._running or loop is None:
            self._core.post(self._finish, self._owner)
            return
        try:
            self._task = start(self._function, loop)
        except BaseException:
            self.dispose()
            self._core.post(self._finish, self._owner)
            raise
        self._task.add_done_callback(self._done)

    def _done(self, _: object) -> None:
        self._core.post(self._finish, self._owner)

    def _finish(self) -> None:
        self._core.quiet.end(self)
        task = self._task
        if self in self._running:
            if task is not None:
                self._on_done(task)
            self._running.pop(self, None)  # at the end: after an interrupt it is done again
        elif task is not None and task.done() and not task.cancelled():
            task.exception()  # the error of cancelled work is seen, and dropped

    def dispose(self) -> None:
        self._running.pop(self, None)
        if self._task is not None and not self._task.done():
            self._core.loop.call_if_open(self._task.cancel)


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
    except (*USER_ERRORS, SystemExit) as error:  # as if the coroutine had raised it
        failed: asyncio.Future[T] = loop.create_future()
        failed.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)
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
