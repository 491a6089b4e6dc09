"""The middleware of a store as one function, the first outermost."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

StoreT = TypeVar("StoreT")

CallNext: TypeAlias = Callable[[Any], Any]
"""Passes an action on: to the next middleware, or to the reducer."""

MiddlewareOf: TypeAlias = Callable[[StoreT, Any, CallNext], Any]
"""A middleware of one kind of store: `(store, action, call_next) -> result of dispatch`."""


def chain(store: StoreT, middleware: tuple[MiddlewareOf[StoreT], ...], innermost: CallNext) -> CallNext:
    """The function that sends an action through all middleware, the first one outermost."""
    call_next = innermost
    for each in reversed(middleware):
        call_next = _link(store, each, call_next)
    return call_next


def _link(store: StoreT, middleware: MiddlewareOf[StoreT], call_next: CallNext) -> CallNext:
    def link(action: Any) -> Any:
        return middleware(store, action, call_next)

    return link
