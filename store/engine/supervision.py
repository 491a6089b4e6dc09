"""An epic at work: started, watched, restarted when it fails, stopped."""

import asyncio
import inspect
import math
import random
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeGuard, TypeVar

from reactivex import Observable, abc

from ...actions import Action
from ..errors import LoopError
from .action_stream import ActionIndex, ActionStream, Owner
from .contexts import ContextMemory
from .direct import Envelope
from .names import name_of
from .report import USER_ERRORS
from .scheduler import Core, EpicScheduler
from .state_stream import StateStream

S = TypeVar("S")
D = TypeVar("D")

Epic: TypeAlias = (
    Callable[[ActionStream], Observable[Action]]
    | Callable[[ActionStream, StateStream[S]], Observable[Action]]
    | Callable[[ActionStream, StateStream[S], D], Observable[Action]]
)
"""An *epic*: a function from the stream of actions to a stream of actions, which the store dispatches.

It takes the action stream; the action stream and the state stream; or these and the dependencies.
See https://redux-observable.js.org/docs/basics/Epics.html
"""


@dataclass(frozen=True)
class Supervision:
    """How often, and how soon, an epic that fails is started again.

    The first restart comes at once, the next after a pause, which doubles with each further one.

    Attributes:
        restarts: how many restarts there are `within` so many seconds; one failure more and it stays stopped.
        within: in seconds.
        backoff_initial: the pause before the second restart, in seconds, give or take a fifth.
        backoff_max: the longest pause, in seconds.

    Raises:
        ValueError: for what cannot be, such as a negative pause.

    Examples:
        >>> supervision = Supervision(restarts=3, within=10.0)
        >>> [supervision.pause(made) for made in range(4)]
        [0.0, 0.1, 0.2, 0.4]
    """

    restarts: int = 10
    within: float = 60.0
    backoff_initial: float = 0.1
    backoff_max: float = 5.0

    def __post_init__(self) -> None:
        if self.restarts < 0 or not self.within > 0:
            msg = f"Supervision needs restarts >= 0 and within > 0 seconds, not {self.restarts} and {self.within}."
            raise ValueError(msg)
        if not 0 <= self.backoff_initial <= self.backoff_max < math.inf:
            msg = (
                "Supervision needs 0 <= backoff_initial <= backoff_max, in seconds, "
                f"not {self.backoff_initial} and {self.backoff_max}."
            )
            raise ValueError(msg)

    def pause(self, made: int) -> float:
        """The seconds before a restart, after so many restarts within the time; without the jitter."""
        return 0.0 if made == 0 else min(self.backoff_max, self.backoff_initial * 2.0 ** min(made - 1, 64))


class EpicCore(Core, Protocol):
    """What an epic needs of its store."""

    index: ActionIndex
    shown_action: Action | None

    @property
    def shown_state(self) -> Any: ...
    @property
    def state(self) -> Any: ...
    def guard(self, name: str) -> None: ...
    def emit(self, action: Any, owner: Owner) -> None: ...
    def report(self, error: BaseException, source: str, message: str, action: Action | None = None) -> None: ...


class EpicRun:
    """One epic of one store, from its start to its end."""

    def __init__(
        self, core: EpicCore, epic: Callable[..., Any], order: int, dependencies: Any, supervision: Supervision
    ) -> None:
        self.name = name_of(epic)
        self.order = order
        self.memory: ContextMemory | None = None
        self._arity = epic_arity(epic)
        self.epic = epic
        self._core = core
        self._supervision = supervision
        self._restarts: list[float] = []
        self._ended = False
        self._done = False
        self._launching = False
        self._failed_early = False
        self.has_started = False
        self._stream: abc.DisposableBase | None = None
        self._failing: BaseException | None = None  # while it is dealt with
        self._counted: BaseException | None = None  # the last one that cost a restart
        self._context = copy_context()
        self._pause: Pause | None = None
        self._scheduler = EpicScheduler(core, self)
        actions = ActionStream(core.index, self)
        state = StateStream(core, self)
        self._arguments = (actions, state, dependencies)[: self._arity]

    def start(self) -> None:
        """Start the epic; and again, while it fails before it is under way and need not pause first.

        Raises:
            TypeError: when it returns no Observable.
        """
        self._pause = None
        self._halt()  # what a start that was interrupted has left behind
        try:
            self._launching = self._failed_early = True
            while self._failed_early and not self._ended and self._pause is None:
                self._failed_early = False
                self._subscribe()
        finally:
            self._launching = False
        self.has_started = True

    def _subscribe(self) -> None:
        try:
            source = self.epic(*self._arguments)
        except USER_ERRORS as error:
            self.failed(error)
            return
        if not _is_observable(source):
            self._ended = True
            msg = f"The epic {self.name} returned {source!r:.100}. An epic returns an Observable of actions: is a 'return' missing?"
            raise TypeError(msg)
        try:
            envelope: Envelope[Any] = Envelope(self._emit, self.failed, self._completed)
            stream = envelope.around(source, self._scheduler)
        except USER_ERRORS as error:
            self.failed(error)
            return
        if self._ended or self._failed_early:
            stream.dispose()
        else:
            self._stream = stream

    def _emit(self, action: Any) -> None:
        if not self._ended:
            self._core.emit(action, self)

    def _completed(self) -> None:
        """The epic is done. What it has subscribed to by itself goes on, until it is stopped."""
        self._done = True
        self._stream = None

    def failed(self, error: BaseException) -> None:
        """Report the error, and start again if it has not failed too often."""
        self._failing = error
        if self._ended:
            pass
        elif self._done:
            self._report(error, f"A subscription of the epic {self.name} failed: {error!r}")
        else:
            self._halt()
            if isinstance(error, LoopError):
                self._restart_on_no_loop(error)
            else:
                self._restart(error)
        self._failing = None

    def go_on(self) -> None:
        """Restart, where an interrupt came in the middle of that."""
        error, self._failing = self._failing, None
        if error is not None:
            self.failed(error)

    def _restart(self, error: BaseException) -> None:
        now = time.monotonic()
        while self._restarts and now - self._restarts[0] > self._supervision.within:
            self._restarts.pop(0)
        if self._counted is not error:
            self._restarts.append(now)
            self._counted = error
        made, allowed = len(self._restarts) - 1, self._supervision.restarts
        if made >= allowed:
            self._ended = True
            within = self._supervision.within
            message = f"The epic {self.name} stays stopped, after {allowed} restarts within {within:g} s: {error!r}"
            self._report(error, message)
            return
        pause = self._supervision.pause(made)
        if pause:
            pause = min(pause * random.uniform(0.8, 1.2), self._supervision.backoff_max)
            self._report(error, f"The epic {self.name} failed, and is started again in {pause:.1f} s: {error!r}")
            if not self._ended:
                self._start_after(pause)
            return
        self._report(error, f"The epic {self.name} failed and was started again: {error!r}")
        self._start_now()

    def _restart_on_no_loop(self, error: LoopError) -> None:
        """It is no fault of the epic that there is no loop: it goes on with what needs none."""
        self._report(error, f"The epic {self.name} could not do its asynchronous work: {error}")
        if self._launching:
            self._ended = True  # it needs the loop to begin with
        else:
            self._start_now()

    def forked(self) -> None:
        """Begin anew in a new process: tasks and timers under way have stayed in the old one."""
        if self._scheduler.has_work and not self._ended:
            self._halt()
            error = LoopError(
                "The process forked while work was in flight. The work goes on in the other process only."
            )
            self._report(error, f"The epic {self.name} begins anew in a new process: {error}")
            self._start_now()

    def _start_now(self) -> None:
        if self._launching:
            self._failed_early = True
            return
        try:
            self._context.copy().run(self.start)  # not that of the action at which it failed
        except TypeError as error:
            self._report(error, str(error))

    def _start_after(self, seconds: float) -> None:
        self._failed_early = self._launching
        try:
            self._pause = Pause(self._core, self, seconds, self._start_now)
        except LoopError:
            self._start_now()  # without a loop nothing can tell the time

    def _report(self, error: BaseException, message: str) -> None:
        self._core.report(error, self.name, message, self._core.shown_action)

    def _halt(self) -> None:
        if self._stream is not None:
            self._stream.dispose()
            self._stream = None
        self._core.index.end_owned(self)  # what a subscription that failed half-way has left behind
        self._scheduler.cancel_all()

    def stop(self) -> None:
        """End the epic and the work that it has under way."""
        self._ended = True
        if self._pause is not None:
            self._pause.end()
        self._halt()


class Pause:
    """The time before an epic is started again. The store is not at rest meanwhile."""

    def __init__(self, core: EpicCore, owner: Owner, seconds: float, start: Callable[[], None]) -> None:
        self._core = core
        self._owner = owner
        self._start = start
        self._is_over = False
        self._timer: asyncio.TimerHandle | None = None

        def arm() -> None:
            if not self._is_over:
                self._timer = core.loop.get().call_later(seconds, core.post, self._go_on, owner)

        try:
            core.quiet.begin(self)
            core.loop.call(arm)
        except BaseException:
            core.quiet.end(self)
            raise

    def _go_on(self) -> None:
        if not self._is_over:
            self._start()
            self._is_over = True  # at the end: after an interrupt it is done again
        self._core.quiet.end(self)

    def end(self) -> None:
        self._is_over = True
        self._core.quiet.end(self)
        if self._timer is not None:
            self._core.loop.call_if_open(self._timer.cancel)


def _is_observable(source: Any) -> TypeGuard[Observable[Any]]:
    return isinstance(source, Observable)


def epic_arity(epic: Any) -> int:
    """How many of (actions, state, dependencies) an epic takes.

    A parameter with a default other than None is the epic's own, as in `lambda actions, i=i: ...`.

    Raises:
        TypeError: for what cannot be called with one, two or three positional arguments.
    """
    if not callable(epic):
        msg = f"An epic is a function of the action stream, not {epic!r:.100}."
        raise TypeError(msg)
    if inspect.iscoroutinefunction(epic):
        msg = f"The epic {name_of(epic)} is a coroutine function. An epic returns an Observable: use from_async inside it."
        raise TypeError(msg)
    taken = 0
    for parameter in inspect.signature(epic).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            taken = 3
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            is_its_own = parameter.default is not parameter.empty and (parameter.default is not None or taken == 3)
            if is_its_own:
                break
            taken += 1
        elif parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            taken = 0
            break
    if not 1 <= taken <= 3:
        msg = f"The epic {name_of(epic)}{inspect.signature(epic)} must take one to three positional parameters: actions, state, dependencies."
        raise TypeError(msg)
    return taken


def parts_of(epic: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """The epics that a combined epic was made of, however deep; else the epic itself."""
    parts: tuple[Callable[..., Any], ...] | None = getattr(epic, "combined_epics", None)
    if parts is None:
        return (epic,)
    return tuple(each for part in parts for each in parts_of(part))
