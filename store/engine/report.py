"""Where errors go that no caller can be told of."""

import logging
from collections.abc import Callable
from typing import TypeAlias

from ...actions import Action
from ..errors import StoreError

OnError: TypeAlias = Callable[[StoreError], object]

log = logging.getLogger("rxdux")


def log_error(error: StoreError) -> None:
    """The default `on_error`: an ERROR record with the traceback of the cause."""
    log.error("%s", error, exc_info=error.__cause__)


class Reporter:
    """Tells `on_error`; what that raises itself is logged."""

    def __init__(self, on_error: OnError | None) -> None:
        self._on_error = on_error or log_error

    def report(self, error: BaseException, source: str, message: str, action: Action | None = None) -> None:
        told = StoreError(message, source=source, action=action)
        told.__cause__ = error
        try:
            self._on_error(told)
        except Exception:
            log.exception("on_error itself failed, when it was told: %s", told)
