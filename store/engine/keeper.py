"""Who answers for slices beside their reducers, such as for those that are shared with other processes."""

from typing import Any, Protocol, TypeVar

from ...actions import Action
from ...reducers import ReducerFn

S = TypeVar("S")


class Keeper(Protocol[S]):
    """Sees the actions of its slices as they are reduced, and may refuse what would change them otherwise."""

    def around(self, action_class: type[Action], reduce: ReducerFn[S] | None) -> ReducerFn[S] | None:
        """What is to reduce actions of this class: the same function, or one that calls it. What it raises reaches the dispatcher."""
        ...

    def check_reducer(self, reducer: ReducerFn[Any]) -> None:
        """Raise if this reducer must not take over."""
        ...

    def check_rewrite(self, what: str) -> None:
        """Raise if `what` must not put another past in the place of the present one."""
        ...
