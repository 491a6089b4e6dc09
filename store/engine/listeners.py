"""The listeners of a store, and the round in which they are called."""

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

S = TypeVar("S")

Listener: TypeAlias = Callable[[S], object]
"""A *listener* is called with the state once for each dispatch."""

NO_LISTENERS: tuple[Any, ...] = ()


class HasRound(Protocol):
    """Who calls the listeners: it keeps their snapshot at hand."""

    round: tuple[Listener[Any], ...] | None


class Listeners(Generic[S]):
    """Listeners in the order in which they subscribed. A round runs over a snapshot of them."""

    __slots__ = ("_core", "_listeners", "_lock")

    def __init__(self, core: HasRound) -> None:
        self._core = core
        self._listeners: dict[object, Listener[S]] = {}
        self._lock = RLock()  # reentrant: a garbage collection may unsubscribe right in here

    def add(self, key: object, listener: Listener[S]) -> None:
        with self._lock:
            self._listeners[key] = listener
            self._core.round = None

    def remove(self, key: object) -> None:
        with self._lock:
            self._listeners.pop(key, None)
            self._core.round = None

    def clear(self) -> None:
        with self._lock:
            self._listeners.clear()
            self._core.round = NO_LISTENERS

    def start_round(self) -> tuple[Listener[S], ...]:
        """The listeners that there are; the same tuple until they change."""
        with self._lock:
            snapshot = self._core.round = tuple(self._listeners.values()) or NO_LISTENERS
            return snapshot
