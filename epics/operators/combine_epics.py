"""One epic out of many."""

from collections.abc import Callable
from typing import Any

import reactivex as rx
from reactivex import Observable

from ...actions import Action
from ...store import ActionStream, Epic, StateStream
from ...store.engine.names import name_of
from ...store.engine.supervision import epic_arity


def combine_epics(*epics: Epic[Any, Any]) -> Callable[[ActionStream, StateStream[Any], Any], Observable[Action]]:
    """An epic that does what all of these do. A store supervises each of them on its own.

    Raises:
        TypeError: for one of wrong arity.

    See https://redux-observable.js.org/docs/api/combineEpics.html

    Examples:
        >>> import reactivex as rx
        >>> def ping_epic(actions): return rx.empty()
        >>> def pong_epic(actions): return rx.empty()
        >>> combine_epics(ping_epic, pong_epic).__name__
        'combine_epics(ping_epic, pong_epic)'
    """
    arities = [epic_arity(epic) for epic in epics]

    def combined(actions: ActionStream, state: StateStream[Any], dependencies: Any) -> Observable[Action]:
        arguments = (actions, state, dependencies)
        parts: list[Callable[..., Observable[Action]]] = list(epics)
        return rx.merge(*(part(*arguments[:arity]) for part, arity in zip(parts, arities, strict=True)))

    combined.__name__ = combined.__qualname__ = f"combine_epics({', '.join(name_of(epic) for epic in epics)})"
    combined.combined_epics = epics  # pyright: ignore[reportFunctionMemberAccess] -- read by the store
    return combined
