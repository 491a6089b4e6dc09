"""A part of the state as an Observable."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from reactivex import abc

S = TypeVar("S")
R = TypeVar("R")

_NOTHING: Any = object()


def is_same(one: object, other: object) -> bool:
    """Whether a value did not change: by identity, then by ==. What cannot be compared has changed."""
    if one is other:
        return True
    try:
        return bool(one == other)
    except Exception:
        return False


class Selection(Generic[S, R]):
    """One subscriber of `store.select(selector)`: a listener that passes on what differs."""

    def __init__(self, selector: Callable[[S], R], observer: abc.ObserverBase[R], name: str) -> None:
        self._selector = selector
        self._observer = observer
        self._last: R = _NOTHING
        self.__qualname__ = f"select({name})"

    def __call__(self, state: S) -> None:
        value = self._selector(state)
        if not is_same(value, self._last):
            self._last = value
            self._observer.on_next(value)
