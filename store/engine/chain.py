"""The middleware of a store as one function, the first outermost."""

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from ...reducers.does_not_run import check_runs
from .names import name_of

StoreT = TypeVar("StoreT")

CallNext: TypeAlias = Callable[[Any], Any]
"""Passes an action on: to the next middleware, or to the reducer."""

MiddlewareOf: TypeAlias = Callable[[StoreT, Any, CallNext], Any]
"""A middleware of one kind of store: `(store, action, call_next) -> result of dispatch`."""


def checked(middleware: Any) -> tuple[MiddlewareOf[Any], ...]:
    """Middleware as it was given to a store.

    Raises:
        TypeError: for what is no middleware, saying what it has to be.
    """
    if not hasattr(middleware, "__iter__"):
        msg = f"Store(middleware=...) takes a list of functions, as in middleware=[thunk], not {middleware!r:.100}."
        raise TypeError(msg)
    links = tuple(middleware)
    for each in links:
        if not callable(each):
            msg = f"A middleware is a function of (store, action, call_next), not {each!r:.100}."
            raise TypeError(msg)
        check_runs(f"The middleware {name_of(each)}", each)
        _check_arity(each)
    return links


def _check_arity(middleware: Any) -> None:
    try:
        signature = inspect.signature(middleware)
    except ValueError:
        return  # a built-in function that does not tell
    try:
        signature.bind(None, None, None)
    except TypeError:
        msg = (
            f"The middleware {name_of(middleware)}{signature} cannot be called with (store, action, call_next). "
            "It is one function here, and not three in each other as in Redux."
        )
        raise TypeError(msg) from None


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
