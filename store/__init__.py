"""The store: one state, its dispatch, and what runs beside it."""

from .action_stream import ActionStream
from .development import DevelopmentWarning, ImmutabilityError, immutability_check, serializability_check
from .errors import StoreClosedError, StoreError
from .history import Entry, History
from .middleware import Middleware, logger, thunk
from .recorder import Record, Recorder
from .selector import Selector, SelectorWarning, selector
from .state_stream import StateStream
from .store import Store
from .subscription import Subscription
from .supervision import Epic, Supervision

__all__ = [
    "ActionStream",
    "DevelopmentWarning",
    "Entry",
    "Epic",
    "History",
    "ImmutabilityError",
    "Middleware",
    "Record",
    "Recorder",
    "Selector",
    "SelectorWarning",
    "StateStream",
    "Store",
    "StoreClosedError",
    "StoreError",
    "Subscription",
    "Supervision",
    "immutability_check",
    "logger",
    "selector",
    "serializability_check",
    "thunk",
]
