"""An epic at work: started, watched, restarted when it fails, stopped."""

import inspect
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeGuard, TypeVar

from reactivex import Observable, abc

from ...actions import Action
from .action_stream import ActionIndex, ActionStream, Owner
from .names import name_of
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
    """How often an epic that fails is started again.

    Attributes:
        restarts: how many restarts there are `within` so many seconds; one failure more and it stays stopped.
        within: in seconds.

    Examples:
        >>> Supervision(restarts=3, within=10.0).restarts
        3
    """

    restarts: int = 10
    within: float = 60.0

    def __post_init__(self) -> None:
        if self.restarts < 0 or self.within <= 0:
            msg = f"Supervision needs restarts >= 0 and within > 0 seconds, not {self.restarts} and {self.within}."
            raise ValueError(msg)


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
        self._arity = epic_arity(epic)
        self._epic = epic
        self._core = core
        self._supervision = supervision
        self._restarts: deque[float] = deque()
        self._ended = False
        self._done = False
        self._launching = False
        self._failed_early = False
        self._stream: abc.DisposableBase | None = None
        self._scheduler = EpicScheduler(core, self)
        actions = ActionStream(core.index, self)
        state = StateStream(core, self)
        self._arguments = (actions, state, dependencies)[: self._arity]

    def start(self) -> None:
        """Start the epic; and again, for as long as it fails before it is under way.

        Raises:
            TypeError: when it returns no Observable.
        """
        self._launching = True
        try:
            self._failed_early = True
            while self._failed_early and not self._ended:
                self._failed_early = False
                self._subscribe()
        finally:
            self._launching = False

    def _subscribe(self) -> None:
        try:
            source = self._epic(*self._arguments)
        except Exception as error:
            self.failed(error)
            return
        if not _is_observable(source):
            self._ended = True
            msg = f"The epic {self.name} returned {source!r:.100}. An epic returns an Observable of actions: is a 'return' missing?"
            raise TypeError(msg)
        try:
            stream = source.subscribe(self._emit, self.failed, self._completed, scheduler=self._scheduler)
        except Exception as error:
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
        if self._ended:
            return
        if self._done:
            self._report(error, f"A subscription of the epic {self.name} failed: {error!r}")
            return
        self._halt()
        if not self._may_restart(error):
            self._ended = True
        elif self._launching:
            self._failed_early = True
        else:
            self._start_again()

    def _start_again(self) -> None:
        try:
            self.start()
        except TypeError as error:
            self._report(error, str(error))

    def _report(self, error: BaseException, message: str) -> None:
        self._core.report(error, self.name, message, self._core.shown_action)

    def _may_restart(self, error: BaseException) -> bool:
        now = time.monotonic()
        while self._restarts and now - self._restarts[0] > self._supervision.within:
            self._restarts.popleft()
        restarts, within = self._supervision.restarts, self._supervision.within
        may = len(self._restarts) < restarts and not self._ended
        if may:
            self._restarts.append(now)
            message = f"The epic {self.name} failed and was started again: {error!r}"
        else:
            message = f"The epic {self.name} stays stopped, after {restarts} restarts within {within:g} s: {error!r}"
        self._report(error, message)
        return may

    def _halt(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.dispose()
        self._core.index.end_owned(self)  # what a subscription that failed half-way has left behind
        self._scheduler.cancel_all()

    def stop(self) -> None:
        """End the epic and the work that it has under way."""
        self._ended = True
        self._halt()


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
