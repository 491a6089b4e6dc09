"""The listeners of a store, and the round in which they are called."""

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeAlias, TypeVar

S = TypeVar("S")

Listener: TypeAlias = Callable[[S], object]
"""A *listener* is called with the state once for each dispatch."""

NO_LISTENERS: tuple[Any, ...] = ()


class Listeners(Generic[S]):
    """Listeners in the order in which they subscribed. A round runs over a snapshot of them."""

    __slots__ = ("_listeners", "_lock", "round")

    def __init__(self) -> None:
        self._listeners: dict[object, Listener[S]] = {}
        self._lock = RLock()  # reentrant: a garbage collection may unsubscribe right in here
        self.round: tuple[Listener[S], ...] | None = NO_LISTENERS  # None: they have changed

    def add(self, key: object, listener: Listener[S]) -> None:
        with self._lock:
            self._listeners[key] = listener
            self.round = None

    def remove(self, key: object) -> None:
        with self._lock:
            self._listeners.pop(key, None)
            self.round = None

    def clear(self) -> None:
        with self._lock:
            self._listeners.clear()
            self.round = NO_LISTENERS

    def start_round(self) -> tuple[Listener[S], ...]:
        with self._lock:
            self.round = tuple(self._listeners.values()) or NO_LISTENERS
            return self.round
