"""Keeps the state of a store as it is, whatever is dispatched."""

from collections.abc import Callable
from typing import Any

from ...actions import Action
from ...actions.internal import InternalAction
from ...reducers import ReducerFn
from ..engine.core import Core


def lock_state(core: Core[Any]) -> Callable[[], None]:
    """Keep actions from the reducers, until what it returns is called."""
    lock = _Lock()
    core.keepers = (*core.keepers, lock)
    core.routes_changed()

    def unlock() -> None:
        core.keepers = tuple(each for each in core.keepers if each is not lock)
        core.routes_changed()

    return unlock


class _Lock:
    def around(self, action_class: type[Action], reduce: ReducerFn[Any] | None) -> ReducerFn[Any] | None:
        return reduce if issubclass(action_class, InternalAction) else None

    def check_reducer(self, reducer: ReducerFn[Any]) -> None:
        """Another reducer may take over."""

    def check_rewrite(self, what: str) -> None:
        """Travel goes on."""
