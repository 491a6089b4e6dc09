"""Which context an action was dispatched in, for values that an operator holds back.

reactivex's `delay` and its like keep values in a list, and hand several of them on from one timer, in the
context of the first. What starts work for such a value asks here for the context of its own.
"""

import weakref
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any


class ContextMemory:
    """The contexts of the actions that an epic has been shown, for as long as somebody holds them."""

    def __init__(self) -> None:
        self._contexts: dict[int, tuple[weakref.ref[Any], Context]] = {}

    def noting(self, on_next: Callable[[Any], None]) -> Callable[[Any], None]:
        """The same function, which notes the context of each value first."""

        def note(value: Any) -> None:
            key = id(value)
            self._contexts[key] = weakref.ref(value, lambda _: self._forget(key)), copy_context()
            on_next(value)

        return note

    def _forget(self, key: int) -> None:
        self._contexts.pop(key, None)

    def context_of(self, value: Any) -> Context | None:
        """The context in which this very object was shown; None where that is not known."""
        noted = self._contexts.get(id(value))
        return noted[1].copy() if noted is not None and noted[0]() is value else None
