"""The store: one state, its dispatch, and what runs beside it."""

from .engine import ActionStream, Epic, StateStream, Supervision
from .errors import StoreClosedError, StoreError
from .middleware import logger, thunk
from .selector import Selector, SelectorWarning, selector
from .store import Middleware, Store
from .subscription import Subscription
from .tools import (
    DevelopmentWarning,
    Entry,
    History,
    ImmutabilityError,
    Record,
    Recorder,
    immutability_check,
    serializability_check,
)

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
