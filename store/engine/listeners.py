"""The listeners of a store, and the rounds in which they are called."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from ...actions import Action
from ..errors import StoreError
from .names import name_of
from .report import USER_ERRORS, EndlessRoundsError, check_endless, log_error

S = TypeVar("S")

Listener: TypeAlias = Callable[[S], object]
"""A *listener* is called with the state once for each dispatch."""

NO_LISTENERS: tuple[Any, ...] = ()


class HasRound(Protocol):
    """Who calls the listeners: it keeps their snapshot at hand."""

    round: tuple[Listener[Any], ...] | None
    depth: int
    view: tuple[Any] | None

    @property
    def state(self) -> Any: ...

    @property
    def report(self) -> Callable[[BaseException, str, str, Action | None], None]: ...


class Listeners(Generic[S]):
    """Listeners in the order in which they subscribed. A round runs over a snapshot of them.

    Without a lock: each step is atomic by itself, and who made a snapshot while something changed makes it anew.
    """

    __slots__ = ("_core", "_listeners", "_version")

    def __init__(self, core: HasRound) -> None:
        self._core = core
        self._listeners: dict[object, Listener[S]] = {}
        self._version = object()

    def add(self, key: object, listener: Listener[S]) -> None:
        self._listeners[key] = listener
        self._changed()

    def remove(self, key: object) -> None:
        self._listeners.pop(key, None)
        self._changed()

    def clear(self) -> None:
        self._listeners.clear()
        self._changed()

    def _changed(self) -> None:
        self._version = object()
        self._core.round = None

    def snapshot(self) -> tuple[Listener[S], ...]:
        """The listeners that there are; the same tuple until they change."""
        while True:
            version = self._version
            snapshot = self._core.round = tuple(self._listeners.values()) or NO_LISTENERS
            if version is self._version:
                return snapshot
            self._core.round = None

    def call(self, round: Iterator[Listener[S]], action: Action | None) -> None:
        """Call those that the round still has before it, each with the state as it is by then."""
        core = self._core
        for listener in round:
            try:
                listener(core.state)
            except USER_ERRORS as error:
                self._failed(listener, error, action)

    def tell(self) -> None:
        """Call all with the state that is shown now, and came of no action."""
        for listener in self.snapshot():
            try:
                view = self._core.view
                listener(self._core.state if view is None else view[0])  # where a listener has dispatched, the present
            except USER_ERRORS as error:
                self._failed(listener, error, None)

    def _failed(self, listener: Listener[S], error: BaseException, action: Action | None) -> None:
        name = name_of(listener)
        try:
            check_endless(error, self._core)
            self._core.report(error, name, f"The listener {name} failed: {error!r}", action)
        except EndlessRoundsError as endless:
            if endless is not error and not isinstance(error, RecursionError):
                endless.names["on_error"] = None  # it dispatches, and what fails is called again by that
            endless.names[name] = None
            if self._core.depth:
                raise  # the rounds inside the first one are given up
            told = StoreError(str(endless), source=name, action=action)
            told.__cause__ = endless
        else:
            return
        if "on_error" in told.__cause__.names:
            log_error(told)
        else:
            self._core.report(told.__cause__, name, str(told), action)
