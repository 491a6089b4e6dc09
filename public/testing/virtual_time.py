"""Virtual time: an event loop whose clock jumps to what is due next, and reactivex's scheduler on it."""

import asyncio
import selectors
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from reactivex import abc, typing
from reactivex.disposable import CompositeDisposable, SingleAssignmentDisposable
from reactivex.internal.constants import UTC_ZERO

from ..store.engine.scheduler import TurnScheduler
from .marbles import MICROSECOND, microseconds

NANOSECOND = 1e-9  # seconds: too little to be seen
PATIENCE = 10.0  # seconds of real time that a coroutine has for what is not in virtual time


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs until nothing is left to do. It never waits for its clock: that is set to the time of what is next.

    Args:
        may_go_on: asked before the clock is set to a time, in seconds.
    """

    def __init__(self, may_go_on: Callable[[float], bool]) -> None:
        self._virtual_now = 0.0
        self._may_go_on = may_go_on
        self._errors: list[BaseException] = []
        self._asked_for: dict[int, int] = {}
        super().__init__(_JumpingSelector(self))
        self.set_exception_handler(lambda loop, context: self._errors.append(_error_in(context)))

    def time(self) -> float:
        return self._virtual_now

    def call_at(self, when: float, *rest: Any, **context: Any) -> asyncio.TimerHandle:
        """As of any loop; and what is due in the same microsecond comes in the order in which it was asked for."""
        time = microseconds(when)
        place = self._asked_for[time] = self._asked_for.get(time, -1) + 1
        return super().call_at(time * MICROSECOND + place * NANOSECOND, *rest, **context)

    def run(self) -> None:
        """Run until nothing is left to do, or time may not go on.

        Raises:
            TimeoutError: when a coroutine waits for what is not in virtual time, and it does not come.
            BaseException: what a callback of the loop raised.
        """
        self.run_forever()
        if self._errors:
            raise self._errors[0]

    def end(self) -> None:
        """Cancel what is left, and close."""
        self._may_go_on = _always
        try:
            self.run_until_complete(self._cancel_what_is_left())
        finally:
            self.close()

    async def _cancel_what_is_left(self) -> None:
        left = asyncio.all_tasks(self) - {asyncio.current_task(self)}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.shutdown_asyncgens()
        await self.shutdown_default_executor()

    def nothing_is_ready(self, timeout: float | None) -> float | None:
        """What to do where a loop would sleep: how long to wait in real time for what comes from outside."""
        if timeout is not None:
            if self._may_go_on(self._virtual_now + timeout):
                self._virtual_now += timeout
            else:
                self.stop()
            return 0.0
        if asyncio.all_tasks(self):
            return PATIENCE
        self.stop()
        return 0.0

    def names_of_tasks(self) -> list[str]:
        """The coroutines that are under way."""
        return sorted(_name_of(task) for task in asyncio.all_tasks(self))

    def nothing_came(self) -> None:
        msg = (
            f"Not in virtual time: {', '.join(self.names_of_tasks())} waits for what did not come within {PATIENCE:g} s of real time. "
            "Give the epic dependencies that answer by themselves, or test it in a real store."
        )
        self._errors.append(TimeoutError(msg))
        self.stop()


def _always(time: float) -> bool:
    return True


def _error_in(context: dict[str, Any]) -> BaseException:
    error = context.get("exception")
    return error if error is not None else RuntimeError(context.get("message"))


def _name_of(task: "asyncio.Task[Any]") -> str:
    return f"the coroutine {getattr(task.get_coro(), '__qualname__', task.get_name())}"


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for nothing but for what comes from outside of virtual time."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        patience = self._loop.nothing_is_ready(timeout)
        if patience:
            ready = super().select(patience)
            if not ready:
                self._loop.nothing_came()
        return ready


class Timer(abc.DisposableBase):
    """Something that is due at a time, in microseconds."""

    def __init__(self, time: int, name: str) -> None:
        self.time = time
        self.name = name
        self.handle: asyncio.TimerHandle | None = None

    def dispose(self) -> None:
        if self.handle is not None:
            self.handle.cancel()


class VirtualScheduler(TurnScheduler):
    """What is due now runs at once, as in a store; what is due later when the loop's clock comes to it."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop
        self._timers: dict[Timer, None] = {}

    @property
    def now(self) -> datetime:
        return UTC_ZERO + timedelta(microseconds=self.time)

    @property
    def time(self) -> int:
        """Microseconds since the beginning."""
        return microseconds(self._loop.time())

    @property
    def armed(self) -> list[Timer]:
        """The timers that are still to come, the next first."""
        left = [timer for timer in self._timers if timer.handle is not None and not timer.handle.cancelled()]
        return sorted(left, key=lambda timer: timer.time)

    def at(self, time: int, name: str, run: Callable[[], object]) -> Timer:
        """Run something at a time, in microseconds."""
        timer = Timer(time, name)
        self._timers[timer] = None

        def ring() -> None:
            del self._timers[timer]
            run()

        timer.handle = self._loop.call_at(time * MICROSECOND, ring)
        return timer

    def schedule_relative(
        self, duetime: typing.RelativeTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        result = SingleAssignmentDisposable()

        def invoke() -> None:
            result.disposable = self.invoke_action(action, state)

        later = max(0, microseconds(self.to_seconds(duetime)))
        timer = self.at(self.time + later, _operator_that_asks(), invoke)
        return CompositeDisposable(timer, result)

    def schedule_absolute(
        self, duetime: typing.AbsoluteTime, action: abc.ScheduledAction[Any], state: Any = None
    ) -> abc.DisposableBase:
        return self.schedule_relative(self.to_datetime(duetime) - self.now, action, state)


def _operator_that_asks() -> str:
    """The operator of reactivex on whose behalf something is timed."""
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        module = str(frame.f_globals.get("__name__"))
        if module.startswith(("reactivex.operators._", "reactivex.observable.")):
            return module.rpartition(".")[2].strip("_")
        frame = frame.f_back
    return "timer"
