"""Where errors go that no caller can be told of."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeAlias

from ...actions import Action
from ..errors import StoreError

OnError: TypeAlias = Callable[[StoreError], object]

USER_ERRORS = (Exception, asyncio.CancelledError)
"""What code that a store runs may raise, and nobody else is to suffer from.

asyncio's CancelledError is none of the others' business either: it would cancel the task that happens to dispatch.
KeyboardInterrupt, SystemExit and the like are meant for the program, and go up.
"""

DEEPEST = 1000
"""How many rounds may run inside each other before listeners are said to dispatch at each other for ever."""

DEEP = 10
"""From so many on a RecursionError is taken for that as well."""

log = logging.getLogger("rxdux")


def log_error(error: StoreError) -> None:
    """The default `on_error`: an ERROR record with the traceback of the cause."""
    log.error("%s", error, exc_info=error.__cause__)


def not_cancelled(error: BaseException, what: str) -> BaseException:
    """An error as its caller may get it: a CancelledError would cancel the caller's own task."""
    if not isinstance(error, asyncio.CancelledError):
        return error
    told = StoreError(f"{what} raised {error!r}. It is an error here: nobody has cancelled the caller.", source=what)
    told.__cause__ = error
    return told


class EndlessRoundsError(RecursionError):
    """Listeners dispatch at each other, each in the round that the other began, and would never end."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def __str__(self) -> str:
        return (
            f"Listeners dispatch at each other for ever: {', '.join(self.names)}. Each dispatch calls all listeners "
            "again: let a listener dispatch only when something that it looks at has changed, or make it an epic."
        )


class HasDepth(Protocol):
    """Who knows how many rounds of listeners run inside the first one."""

    depth: int


def check_endless(error: BaseException, nesting: HasDepth) -> None:
    """Raise on what says that listeners dispatch at each other for ever: whoever goes on after it makes it last so long.

    Raises:
        EndlessRoundsError: for that, and for a RecursionError in rounds so deep.
    """
    if isinstance(error, EndlessRoundsError):
        raise error
    if isinstance(error, RecursionError) and nesting.depth >= DEEP:
        raise EndlessRoundsError from None


class Reporter:
    """Tells `on_error`; what that raises itself is logged."""

    def __init__(self, on_error: OnError | None, nesting: HasDepth) -> None:
        self._on_error = on_error or log_error
        self._nesting = nesting

    def report(self, error: BaseException, source: str, message: str, action: Action | None = None) -> None:
        told = StoreError(message, source=source, action=action)
        told.__cause__ = error
        try:
            self._on_error(told)
        except USER_ERRORS as failure:
            check_endless(failure, self._nesting)
            log.exception("on_error itself failed, when it was told: %s", told)
