"""The engine of a store: takes actions one at a time, from any thread, and shows each to reducers, listeners and epics."""

from .action_stream import ActionStream
from .state_stream import StateStream
from .supervision import Epic, Supervision

__all__ = ["ActionStream", "Epic", "StateStream", "Supervision"]
