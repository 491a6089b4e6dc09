"""Looks at a store from outside: time travel, recording, checks for development. The engine knows none of it."""

from typing import TYPE_CHECKING

from ...lazy_names import hand_on

if TYPE_CHECKING:
    from .development import DevelopmentWarning, ImmutabilityError, immutability_check, serializability_check
    from .history import Entry, History
    from .recorder import Record, Recorder

__all__ = [
    "DevelopmentWarning",
    "Entry",
    "History",
    "ImmutabilityError",
    "Record",
    "Recorder",
    "immutability_check",
    "serializability_check",
]

hand_on(
    __name__,
    {
        ".development": "DevelopmentWarning ImmutabilityError immutability_check serializability_check",
        ".history": "Entry History",
        ".recorder": "Record Recorder",
    },
)
