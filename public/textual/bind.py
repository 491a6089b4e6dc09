"""Widgets as they are, bound to parts of the store's state."""

from collections.abc import Callable
from typing import Any, TypeVar

from textual.widget import Widget

from .consumer import connect
from .following import NodeSelector

W = TypeVar("W", bound=Widget)


def bind(widget: W, **parts: NodeSelector[Any]) -> W:
    """Bind methods or attributes of a widget to selectors; it gives the widget back.

    A method is called with the value, an attribute is set to it: when the widget is mounted, and
    whenever the value differs, once a frame. The binding ends when the widget is unmounted.

    Args:
        widget: any widget; its class need not know of stores.
        parts: names of methods or attributes, each with a function of the state, or of the state and the widget,
            which is asked anew when one of the widget's reactives changes.

    Raises:
        AttributeError: for a name that the widget does not have.
        TypeError: for what is no function of the state.

    Examples:
        ```python
        def compose(self):
            yield bind(Digits(), update=lambda state: f"{state.total}")
            yield bind(ProgressBar(total=100), progress=lambda state: state.percent)
        ```
    """
    for name, selector in parts.items():
        if not hasattr(type(widget), name):
            msg = f"{type(widget).__name__} has no method and no attribute {name!r} to bind."
            raise AttributeError(msg)
        if not callable(selector):
            msg = f"bind({name}=...) takes a function of the state, not {selector!r:.100}."
            raise TypeError(msg)
    widget.call_later(_connect, widget, parts)
    return widget


def _connect(widget: Widget, parts: dict[str, NodeSelector[Any]]) -> None:
    for name, selector in parts.items():
        connect(widget, selector, _applier(widget, name))


def _applier(widget: Widget, name: str) -> Callable[[Any], object]:
    if callable(getattr(widget, name)):
        return getattr(widget, name)
    return lambda value: setattr(widget, name, value)
