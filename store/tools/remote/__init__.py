"""Shows a store to the Redux DevTools, and does what they ask."""

from .link import Link, connect

__all__ = ["Link", "connect"]
