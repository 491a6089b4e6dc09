"""A mutation as a value: an action that changes something at the server, once."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar
from uuid import uuid4

from pydantic import Field

from ...reducers import produce
from ...store import Store
from .door import door_of
from .query import SERIALIZED, AskedAction, EndpointAction, Query, parsed_as
from .watch import wait_for

T = TypeVar("T")
D = TypeVar("D")


def _new_run_id() -> str:
    return uuid4().hex


class Mutation(AskedAction, Generic[T], type="query/mutate"):
    """A change at the server, as a value. Each one made is a run of its own, told by its `run_id`.

    See https://redux-toolkit.js.org/rtk-query/usage/mutations
    """

    run_id: str = Field(default_factory=_new_run_id)

    async def run(self, store: Store[Any]) -> T:
        """Dispatch it, and wait for its answer.

        Raises:
            ApiCallError: when it failed, or the session ended.
            Exception: what its optimistic patch raised; then it is not sent.
        """
        door = door_of(store, self.api)
        future = door.expect(self.run_id)
        try:
            store.dispatch(self)
            return await wait_for(future, None, lambda _: None)
        finally:
            door.forget(self.run_id, future)


class Patch:
    """Collects what a mutation changes at once, before the server has answered."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, Callable[[Any], Any]]] = []

    def __call__(self, query: Query[D], change: Callable[[D], D]) -> None:
        """Show what `change` makes of the data of this query."""
        if not isinstance(query, Query):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"A patch takes a query and a function of its data: patch(get_user(7), lambda user: ...), not {query!r:.100}."
            raise TypeError(msg)
        if not callable(change):
            msg = f"A patch takes a function of the data of {query}, not {change!r:.100}."
            raise TypeError(msg)
        self.changes.append((query.cache_key, change))

    def draft(self, query: Query[D], recipe: Callable[[D], object]) -> None:
        """Show what `recipe` makes of a draft of the data, as in `produce`."""
        self(query, lambda data: produce(data, recipe))


AnyMutation = Annotated[Mutation[Any], parsed_as(Mutation, "mutation"), SERIALIZED]
"""A mutation as a field of an action; as JSON it is the action that asks for it."""


class MutationAction(EndpointAction):
    """What happened to a mutation."""

    mutation: AnyMutation

    @property
    def run_id(self) -> str:
        return self.mutation.run_id
