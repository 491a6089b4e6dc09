"""The two actions that a store dispatches itself. Only plain function reducers see them."""

from .action import Action


class InternalAction(Action, type="@@rxdux"):
    """What both have in common: no handler, middleware or epic sees them."""


class Init(InternalAction, type="@@rxdux/INIT"):
    """Asks a reducer for its initial state."""


class Replace(InternalAction, type="@@rxdux/REPLACE"):
    """Tells a reducer that it takes over the state of another."""
