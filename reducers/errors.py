"""The error of a reducer that does what a reducer must not do."""

from ..actions import RxduxError


class ReducerError(RxduxError):
    """A reducer returned None, or called the store that called it."""
