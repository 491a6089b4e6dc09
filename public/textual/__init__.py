"""Textual on a store: apps, widgets and screens that show parts of its state. Needs the extra `textual`.

One subscription per app; any number of dispatches between two frames cost one update per changed value.
"""

from typing import TYPE_CHECKING

from ..lazy_names import hand_on
from .app import Dispatch, StoreApp, StoreMixin
from .bind import bind
from .consumer import StoreConsumer, connect, from_store, on_state
from .slider import TimeSlider

if TYPE_CHECKING:
    from ..store.tools.describe import describe
    from .inspector import Inspector
    from .pilot import wait_for_state
    from .queries import from_query

__all__ = [
    "Dispatch",
    "Inspector",
    "StoreApp",
    "StoreConsumer",
    "StoreMixin",
    "TimeSlider",
    "bind",
    "connect",
    "describe",
    "from_query",
    "from_store",
    "on_state",
    "wait_for_state",
]

# What few need: the Inspector's trees and tabs, what is for queries, and for tests.
hand_on(
    __name__,
    {
        ".inspector": "Inspector",
        "..store.tools.describe": "describe",
        ".queries": "from_query",
        ".pilot": "wait_for_state",
    },
)
