"""The store: one state, its dispatch, and what runs beside it."""

from .action_stream import ActionStream
from .errors import StoreClosedError, StoreError
from .middleware import Middleware, logger, thunk
from .selector import Selector, SelectorWarning, selector
from .state_stream import StateStream
from .store import Store
from .subscription import Subscription
from .supervision import Epic, Supervision

__all__ = [
    "ActionStream",
    "Epic",
    "Middleware",
    "Selector",
    "SelectorWarning",
    "StateStream",
    "Store",
    "StoreClosedError",
    "StoreError",
    "Subscription",
    "Supervision",
    "logger",
    "selector",
    "thunk",
]
