"""Textual on a store: apps, widgets and screens that show parts of its state. Needs the extra `textual`.

One subscription per app; any number of dispatches between two frames cost one update per changed value.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .app import Dispatch, StoreApp, StoreMixin
from .bind import bind
from .consumer import StoreConsumer, connect, from_store, on_state
from .slider import TimeSlider

if TYPE_CHECKING:
    from .inspector import Inspector
    from .pilot import wait_for_state

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


_LATE = {"Inspector": ".inspector", "wait_for_state": ".pilot"}


def __getattr__(name: str) -> Any:
    """Load what few need when it is asked for: the Inspector's trees and tabs, and what is for tests."""
    if name in _LATE:
        return getattr(import_module(_LATE[name], __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
