"""What to say of something that was dispatched and is no action."""

import inspect
from collections.abc import Mapping
from typing import Any

from ...actions import Action
from ...actions.internal import InternalAction
from ...reducers import ActionCreator


def refusal(value: Any) -> str:
    """The kind of thing that came, and the likely mistake.

    Examples:
        >>> refusal({"type": "ADD"})
        "Actions must be instances of rxdux.Action, not a plain dict. Make it an action: Action.parse({'type': ...})."
    """
    kind, advice = _diagnosis(value)
    return f"Actions must be instances of rxdux.Action, not {kind}. {advice}"


def _diagnosis(value: Any) -> tuple[str, str]:
    kind_name: str = type(value).__name__
    name: str = getattr(value, "__name__", kind_name)
    if isinstance(value, InternalAction):
        return f"the internal {value.type}", "The store dispatches it itself; use replace_reducer."
    if isinstance(value, type):
        known = issubclass(value, Action)
        return (
            f"the class {name}",
            f"Did you mean an instance, {name}(...)?"
            if known
            else "Derive it from rxdux.Action, and dispatch an instance.",
        )
    if isinstance(value, ActionCreator):
        return f"the action creator {name}", f"Did you mean to call it: {name}(...)?"
    if inspect.isawaitable(value):
        return f"the coroutine {name}" if inspect.iscoroutine(value) else f"an awaitable {name}", (
            "Dispatch its result, use from_async in an epic, or pass the coroutine function to the thunk middleware."
        )
    if isinstance(value, Mapping):
        return f"a plain {kind_name}", "Make it an action: Action.parse({'type': ...})."
    if callable(value):
        return (
            f"the function {name}",
            "To dispatch functions add the middleware rxdux.thunk: Store(..., middleware=[thunk]).",
        )
    return f"a {kind_name}", "Define a class that derives from rxdux.Action, and dispatch an instance of it."
