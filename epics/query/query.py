"""A query as a value: an action that asks, a selector that reads, and what can be awaited and watched."""

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar, cast

from pydantic import PlainSerializer, PlainValidator
from reactivex import Observable

from ...actions import Action, ApiError
from ...store import ActionStream, StateStream, Store
from .door import HasDoors
from .plain_text import text_of
from .result import IDLE, Pages, Result
from .then import then
from .watch import Watch, fetch, observe

T = TypeVar("T")


class QueryEndpoint(Protocol):
    """What a query knows of its endpoint."""

    @property
    def name(self) -> str: ...
    @property
    def api(self) -> HasDoors: ...


class EndpointAction(Action, defer_build=True):
    """An action whose class is made of an endpoint's function, and bears its name.

    Validators are built when they are first used: an import does not wait for those of every endpoint.
    """

    def __init_subclass__(cls, *, qualname: str | None = None, **config: Any) -> None:
        if qualname is not None:
            cls.__qualname__ = qualname  # before it is registered under it
        super().__init_subclass__(**config)


class AskedAction(EndpointAction):
    """What queries and mutations have in common: they belong to an endpoint."""

    endpoint: ClassVar[Any]

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the endpoint's function, by name."""
        return {name: self.__dict__[name] for name in type(self).__pydantic_fields__}

    @property
    def api(self) -> HasDoors:
        return self.endpoint.api


class Query(AskedAction, Generic[T], type="query/ask"):
    """A question to the server, as a value. Equal arguments make equal queries.

    Dispatched, it is fetched unless it is fresh, and kept for `keep_unused` seconds. Called with a state
    it gives the `Result` there, and fetches nothing: `store.select(get_user(7))`.

    See https://redux-toolkit.js.org/rtk-query/usage/queries
    """

    @cached_property
    def cache_key(self) -> str:
        """The name of its entry in the state, such as `get_user(id=7)`."""
        arguments = self.__dict__
        shown = ", ".join(f"{name}={text_of(arguments[name])}" for name in type(self).__pydantic_fields__)
        return f"{self.endpoint.name}({shown})"

    def __call__(self, state: Any) -> Result[T]:
        return self.api.find_state(state).entries.get(self.cache_key, IDLE)

    def watch(self, store: Store[Any], every: float | None = None) -> Watch[T]:
        """Fetch unless fresh, and keep it up to date until the watch is closed. From any thread.

        Args:
            every: seconds from an answer to the next call; None does not poll.

        Raises:
            TypeError: for a store without the api's slice or epic.
            ValueError: for an `every` that is not more than 0.
        """
        return Watch(store, self, every)

    def observe(self, store: Store[Any]) -> Observable[Result[T]]:
        """The results: the present one, then each that differs. It is watched while somebody is subscribed."""
        return observe(store, self)

    async def fetch(self, store: Store[Any], timeout: float | None = None) -> T:
        """The data; without a request when they are fresh. A call that nobody else awaits is cancelled with it.

        Raises:
            ApiCallError: when the call failed, or the session ended.
            TimeoutError: after `timeout` seconds.
        """
        return await fetch(store, self, timeout)

    def refetch(self) -> "Refetch":
        """The action that fetches though it be fresh."""
        return Refetch(query=self)

    def then(
        self,
        actions: ActionStream,
        state: StateStream[Any],
        project: Callable[[T], Action],
        otherwise: Callable[[ApiError], Action] | None = None,
    ) -> Observable[Action]:
        """For epics: ask, then one action of the data, or of the error; it always ends.

        Args:
            project: gives the action for the data.
            otherwise: gives the action for an error; by default there is none then.
        """
        return then(self, project, otherwise)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.cache_key == cast("Query[Any]", other).cache_key

    def __hash__(self) -> int:
        return hash(self.cache_key)

    def __repr__(self) -> str:
        return self.cache_key

    __str__ = __repr__


class InfiniteQuery(Query[Pages[T]], Generic[T], type="query/ask_pages"):
    """A query whose answer comes in pages."""

    def more(self, *, previous: bool = False) -> "More":
        """The action that fetches the next page, or the previous one; nothing where there is none."""
        return More(query=self, previous=previous)


def parsed_as(kind: type[AskedAction], word: str) -> PlainValidator:
    """Reads a query or a mutation that is a field of an action, also from the JSON of `SERIALIZED`."""

    def parsed(value: object) -> object:
        found = AskedAction.parse(cast("dict[str, Any]", value)) if isinstance(value, dict) else value
        if not isinstance(found, kind):
            msg = f"a {word} is wanted, or the action that asks for it, not a {type(found).__name__}"
            raise ValueError(msg)  # noqa: TRY004 -- pydantic tells it with its place
        return cast("object", found)

    return PlainValidator(parsed)


def _serialized(asked: AskedAction) -> dict[str, Any]:
    return asked.serialize()


SERIALIZED = PlainSerializer(_serialized)

AnyQuery = Annotated[Query[Any], parsed_as(Query, "query"), SERIALIZED]
"""A query as a field of an action; as JSON it is the action that asks it."""


class QueryAction(EndpointAction):
    """What happened to a query."""

    query: AnyQuery

    @property
    def key(self) -> str:
        return self.query.cache_key


class Refetch(QueryAction, type="query/refetch"):
    """Fetch, though it be fresh. It joins a call that is under way."""


class More(QueryAction, type="query/more"):
    """Fetch one page more of an infinite query."""

    previous: bool = False
