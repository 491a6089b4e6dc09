"""The store: one state, its dispatch, and what runs beside it."""

from typing import TYPE_CHECKING

from ..lazy_names import hand_on

if TYPE_CHECKING:
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

hand_on(
    __name__,
    {
        ".engine": "ActionStream Epic StateStream Supervision",
        ".errors": "StoreClosedError StoreError",
        ".middleware": "logger thunk",
        ".selector": "Selector SelectorWarning selector",
        ".store": "Middleware Store",
        ".subscription": "Subscription",
        ".tools": "DevelopmentWarning Entry History ImmutabilityError Record Recorder immutability_check serializability_check",
    },
)
