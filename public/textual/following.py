"""Selectors that take the widget as well: what they give is read anew when one of its reactives changes."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from textual.dom import DOMNode
from textual.message_pump import MessagePump

from ..store import Selector, Subscription
from ..store.engine.look import is_same
from .private import reactives_of

R = TypeVar("R")

NodeSelector: TypeAlias = Callable[[Any], R] | Callable[[Any, Any], R]
"""A function of the state, or of the state and the widget that is to follow it."""

_NOTHING: Any = object()


def takes_node(selector: Callable[..., Any]) -> bool:
    """Whether a selector cannot do without a second argument."""
    if isinstance(selector, Selector):
        return False
    try:
        parameters = inspect.signature(selector).parameters.values()
    except ValueError:
        return False  # a built-in function that does not tell
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.kind in kinds and each.default is each.empty for each in parameters) > 1


def of_state(selector: NodeSelector[R], node: Any) -> Callable[[Any], R]:
    """A selector as a function of the state alone."""
    function: Callable[..., R] = selector
    if not takes_node(function):
        return function

    @functools.wraps(function)
    def select(state: Any) -> R:
        return function(state, node)

    return select


class Following:
    """A connection of a node to what its own selector gives, for as long as both are there.

    A change of a reactive connects it anew: the selector may read other slices from then on.

    Args:
        connect: connects a function of the state, and tells the present value at once.
    """

    def __init__(
        self,
        connect: Callable[[Callable[[Any], R], Callable[[R], object]], Subscription],
        node: MessagePump,
        selector: Callable[[Any, Any], R],
        callback: Callable[[R], object],
    ) -> None:
        self._connect = connect
        self._node = node
        self._select = of_state(selector, node)
        self._callback = callback
        self._last: Any = _NOTHING
        self._is_connecting = False
        self._is_stale = True
        self._is_over = False
        self._subscription: Subscription | None = None
        self.look()
        if isinstance(node, DOMNode):
            for name in reactives_of(node):
                node.watch(node, name, self.look, init=False)

    def look(self) -> None:
        """Read anew; what is changed on the way is read after that."""
        self._is_stale = True
        if self._is_connecting or self._is_over:
            return
        self._is_connecting = True
        try:
            while self._is_stale and not self._is_over:
                self._is_stale = False
                if self._subscription is not None:
                    self._subscription.unsubscribe()
                self._subscription = self._connect(self._select, self._show)
        finally:
            self._is_connecting = False

    def _show(self, value: Any) -> object:
        if is_same(value, self._last):
            return None
        self._last = value
        return self._callback(value)

    def end(self) -> None:
        self._is_over = True
        if self._subscription is not None:
            self._subscription.unsubscribe()
