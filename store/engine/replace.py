"""Puts another reducer or another state in place: what comes of no action, or of the internal ones."""

from collections.abc import Callable
from typing import Any, TypeVar

from ...actions.internal import Init, InternalAction, OthersActed, Replace
from ...reducers import ReducerFn
from ...reducers.reducer import check_callable, is_routed
from .core import Core
from .work import EPICS, REDUCING

S = TypeVar("S")


def begin(core: Core[S], state: S | None) -> None:
    """Have the store's first state: the given one as the reducer takes it, or the reducer's own."""
    core.state = core.shown_state = _reduce(core, core.reducer, state, Init())
    _watch(core, core.reducer)


def _reduce(core: Core[S], reducer: ReducerFn[S], state: S | None, action: InternalAction) -> S:
    phase, core.phase = core.phase, REDUCING
    try:
        new = reducer(state, action)  # pyright: ignore[reportArgumentType] -- None asks for the initial state
        if new is None:
            core.check_none(reducer, action)
        return new
    finally:
        core.phase = phase


def _watch(core: Core[S], reducer: ReducerFn[S]) -> None:
    """Have handlers that are added later count."""
    if is_routed(reducer):
        reducer.add_dependent(core)


def replace_reducer(core: Core[S], reducer: ReducerFn[S]) -> None:
    """Let another reducer take over, with the state that there is."""
    core.guard("replace_reducer")
    core.check_open("replace_reducer")
    check_callable("The reducer", reducer)
    for keeper in core.keepers:
        keeper.check_reducer(reducer)

    def replace(action: Any) -> None:
        core.phase = EPICS
        core.replace(reducer, action, _reduce(core, reducer, core.state, action))
        _watch(core, reducer)

    core.in_role(replace, Replace())


def change_state(core: Core[S], change: Callable[[S], S]) -> None:
    """Go on from another state, such as a saved one, that is made of the present one in its turn. Epics see it."""
    core.guard("state")
    core.check_open("state")

    def replace(action: Any) -> None:
        core.phase = EPICS
        core.replace(core.reducer, action, _reduce(core, core.reducer, change(core.state), action))

    core.in_role(replace, Replace())


def put(core: Core[S], state: S, entries: OthersActed) -> None:
    """Go on from a state that is so because of others' actions. The caller has the role.

    Listeners and state streams are told once, action streams nothing. Time travel goes on: nothing else is shown then.
    """
    if core.view is None:
        core.commit(entries, state)
    else:
        core.commit_unseen(entries, state)


def check_rewrite(core: Core[Any], what: str) -> None:
    """Refuse to put another past in place where a keeper will not have it."""
    for keeper in core.keepers:
        keeper.check_rewrite(what)


def travel(core: Core[S], view: S) -> None:
    """Show listeners another state than the present one. Epics see nothing of it, and the next action ends it."""
    core.check_open("state")

    def show(_: Any) -> None:
        core.view = (view,)
        core.routes_changed()  # so that the next action does not go unnoticed
        core.listeners.tell()

    core.in_role(show)


def rewrite(core: Core[S], state: S) -> None:
    """Put another state in the place of the present one, and tell the listeners; epics see it with the next action."""
    core.check_open("state")

    def put(_: Any) -> None:
        core.view = None
        core.commit(None, state)

    core.in_role(put)
