"""The private names of Textual that the binding needs. Checked against textual 8."""

from typing import Any

from textual.message_pump import MessagePump


def fail(app: MessagePump, error: BaseException) -> None:
    """Let the app end as for an unhandled error in a handler; `Pilot` raises it."""
    handle: Any = getattr(app, "_handle_exception")  # noqa: B009 -- private
    handle(error)
