"""Textual on a store: apps, widgets and screens that show parts of its state. Needs the extra `textual`.

One subscription per app; any number of dispatches between two frames cost one update per changed value.
"""

from typing import TYPE_CHECKING, Any

from .app import Dispatch, StoreApp, StoreMixin
from .bind import bind
from .consumer import StoreConsumer, connect, from_store, on_state
from .pilot import wait_for_state
from .slider import TimeSlider

if TYPE_CHECKING:
    from .inspector import Inspector

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


def __getattr__(name: str) -> Any:
    """Load the Inspector when it is asked for: its trees and tabs take their time."""
    if name == "Inspector":
        from .inspector import Inspector  # noqa: PLC0415 -- that is the point

        return Inspector
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
