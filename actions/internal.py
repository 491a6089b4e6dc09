"""The actions that a store makes itself. Only plain function reducers see the first two."""

from typing import Any

from .action import Action


class InternalAction(Action, type="@@rxdux", defer_build=True):
    """What they have in common: no handler, middleware or epic sees them."""


class Init(InternalAction, type="@@rxdux/INIT"):
    """Asks a reducer for its initial state."""


class Replace(InternalAction, type="@@rxdux/REPLACE"):
    """Tells a reducer that it takes over the state of another."""


class OthersActed(InternalAction, type="@@rxdux/OTHERS_ACTED"):
    """Says that the state is another because of actions that were dispatched elsewhere.

    `entries` are of (action, state after it, where it comes from).
    """

    entries: tuple[tuple[Action, Any, str], ...]
