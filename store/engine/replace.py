"""Puts another reducer or another state in place: what comes of no action, or of the internal ones."""

from collections.abc import Callable
from threading import get_ident
from typing import Any, TypeVar

from ...actions.internal import InternalAction, Replace
from ...reducers import ReducerFn
from ...reducers.reducer import check_callable, is_routed
from .core import REDUCING, Core

S = TypeVar("S")


def use(core: Core[S], reducer: ReducerFn[S], state: S | None, action: InternalAction) -> None:
    """Let a reducer take over, with the state that it makes of the given one."""
    phase, owner = core.phase, core.owner
    core.phase, core.owner = REDUCING, get_ident()
    try:
        new = reducer(state, action)  # pyright: ignore[reportArgumentType] -- None asks for the initial state
        if new is None:
            core.check_none(reducer, action)
    finally:
        core.phase, core.owner = phase, owner
    core.reducer = reducer
    core.state = core.shown_state = new
    core.view = None
    if is_routed(reducer):
        reducer.add_dependent(core)
    core.routes_changed()


def replace_reducer(core: Core[S], reducer: ReducerFn[S]) -> None:
    """Let another reducer take over, with the state that there is."""
    core.guard("replace_reducer")
    core.check_open("replace_reducer")
    check_callable("The reducer", reducer)
    _replace(core, lambda action: use(core, reducer, core.state, action))


def replace_state(core: Core[S], state: S) -> None:
    """Go on from another state, such as a saved one. Epics see it."""
    core.guard("state")
    core.check_open("state")
    _replace(core, lambda action: use(core, core.reducer, state, action))


def _replace(core: Core[S], use: Callable[[Replace], None]) -> None:
    def replace(action: Any) -> None:
        use(action)
        core.outbox.append((action, core.state, None))
        core.notify(action)

    core.in_role(replace, Replace())


def travel(core: Core[S], view: S) -> None:
    """Show listeners another state than the present one. Epics see nothing of it, and the next action ends it."""
    core.check_open("state")

    def show(_: Any) -> None:
        core.view = (view,)
        core.routes_changed()  # so that the next action does not go unnoticed
        core.tell(view)

    core.in_role(show)


def rewrite(core: Core[S], state: S) -> None:
    """Put another state in the place of the present one, and tell the listeners; epics see it with the next action."""
    core.check_open("state")

    def put(_: Any) -> None:
        core.view = None
        core.state = state
        core.tell(state)

    core.in_role(put)
