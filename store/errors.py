"""The errors of a store."""

from ..actions import Action, RxduxError


class StoreClosedError(RxduxError):
    """The store is closed: it takes no more actions, listeners or epics."""


class LoopError(RxduxError, RuntimeError):
    """The event loop that a store's asynchronous work runs on cannot be used, and why."""


class StoreError(RxduxError):
    """Something that the store runs went wrong, and nobody who called could be told.

    Attributes:
        source: the name of the listener, selector or epic.
        action: the action at work, None when there was none.
        __cause__: the original error.
    """

    def __init__(self, message: str, *, source: str, action: Action | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.action = action
