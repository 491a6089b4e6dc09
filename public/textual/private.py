"""The private names of Textual that the binding needs. Checked against textual 8."""

from contextlib import AbstractContextManager
from typing import Any

from textual.message_pump import MessagePump
from textual.reactive import Reactive
from textual.screen import Screen
from textual.strip import Strip


def fail(app: MessagePump, error: BaseException) -> None:
    """Let the app end as for an unhandled error in a handler; `Pilot` raises it."""
    handle: Any = getattr(app, "_handle_exception")  # noqa: B009 -- private
    handle(error)


def context_of(node: MessagePump) -> AbstractContextManager[None]:
    """The context in which `self.app` and messages are those of the node."""
    context: Any = getattr(node, "_context")  # noqa: B009 -- private
    return context()


def reactives_of(node: object) -> dict[str, Reactive[Any]]:
    """The reactive attributes of a node's class and its bases, by name."""
    return getattr(type(node), "_reactives", {})


def lines_of(screen: Screen[Any]) -> list[Strip]:
    """What the screen shows, line by line."""
    compositor: Any = getattr(screen, "_compositor")  # noqa: B009 -- private
    return compositor.render_strips()
