"""Textual on a store: apps, widgets and screens that show parts of its state. Needs the extra `textual`.

One subscription per app; any number of dispatches between two frames cost one update per changed value.
"""

from .app import Dispatch, StoreApp, StoreMixin
from .bind import bind
from .consumer import StoreConsumer, connect, from_store, on_state
from .inspector import Inspector
from .pilot import wait_for_state
from .slider import TimeSlider

__all__ = [
    "Dispatch",
    "Inspector",
    "StoreApp",
    "StoreConsumer",
    "StoreMixin",
    "TimeSlider",
    "bind",
    "connect",
    "from_store",
    "on_state",
    "wait_for_state",
]
