"""What is due later for a query: the next call while somebody watches, the end when nobody does."""

import math
import time
from collections.abc import Callable
from typing import Any

from reactivex import abc

from . import actions as its
from .decisions import poll_pause
from .requests import Surroundings
from .state import QueryState
from .wants import Want


class Due:
    """Has each query polled and removed in its time, by one timer each."""

    def __init__(
        self,
        around: Surroundings,
        read: Callable[[], QueryState],
        start: Callable[[Want], None],
        forget: Callable[[Want], bool],
    ) -> None:
        self._around = around
        self._read = read
        self._start = start
        self._forget = forget

    def look_after(self, want: Want) -> None:
        """Arm what is to be armed now."""
        if want.is_polled or want.poll is not None:
            self.arm_poll(want)
        self.arm_removal(want)

    # --- the next call ---------------------------------------------------------------------------

    def ask_when_to_poll(self, want: Want) -> None:
        """Let the endpoint say in how many seconds to ask again, if it decides about that."""
        if want.endpoint.poll_of is None:
            return
        try:
            seconds = want.endpoint.poll_of(self._read().result(want.key), **want.query.arguments)
        except Exception as error:
            seconds = None
            self._around.scheduler.report(error, f"The poll of {want.query} failed, and it is not polled: {error!r}")
        want.poll_in = seconds

    def arm_poll(self, want: Want) -> None:
        want.stop("poll")
        pause = self._poll_pause(want)
        if pause is None or want.running is not None or not want.watchers:
            return
        state = self._read()
        age = want.age(state.result(want.key).fetched_at)
        if age is None or not (state.online and state.focused):
            return
        if age >= pause:
            self._start(want)
        else:
            want.poll = self._later(pause - age, lambda: self._poll(want))

    def _poll_pause(self, want: Want) -> float | None:
        if want.endpoint.poll_of is not None:
            return want.poll_in
        every, record = want.every, self._read().records.get(want.key)
        return None if every is None else poll_pause(every, 0 if record is None else record.failures)

    def _poll(self, want: Want) -> None:
        want.poll = None
        state = self._read()
        if want.watchers and want.running is None and state.online and state.focused:
            self._start(want)

    # --- the end ---------------------------------------------------------------------------------

    def arm_removal(self, want: Want) -> None:
        """Have it removed when it was not used for long enough. Who uses it again does not touch the timer."""
        if want.is_used:
            return
        seconds = want.endpoint.keep_unused
        if want.kept_since is None:
            want.kept_since = time.monotonic()
        if seconds == 0:
            self._around.scheduler.post(lambda: self._remove(want))
        elif math.isfinite(seconds) and want.removal is None:
            want.removal = self._later(seconds, lambda: self._look_whether_to_remove(want))

    def _look_whether_to_remove(self, want: Want) -> None:
        want.removal = None
        if want.is_used or want.kept_since is None:
            return
        left = want.kept_since + want.endpoint.keep_unused - time.monotonic()
        if left > 0:
            want.removal = self._later(left, lambda: self._look_whether_to_remove(want))
        else:
            self._remove(want)

    def _remove(self, want: Want) -> None:
        if want.is_used or not self._forget(want):
            return
        want.stop_timers()
        if want.key in self._read().entries:
            self._around.emit(its.Removed(query=want.query))

    def _later(self, seconds: float, work: Callable[[], None]) -> abc.DisposableBase:
        def due(_scheduler: abc.SchedulerBase, _state: Any = None) -> None:
            work()

        return self._around.scheduler.schedule_relative(seconds, due)
