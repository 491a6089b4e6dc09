"""What an endpoint's function calls the server with."""

from collections.abc import Callable
from typing import Any, TypeVar

from .door import door_in
from .query import Query
from .requests import Sender
from .watch import wait_for

T = TypeVar("T")


class Call:
    """One call of an endpoint. Its requests go out in the session, are refreshed and retried as those of `FetchData`.

    Attributes:
        tags: the keys of what the queries are about that were asked on the way.
    """

    def __init__(self, sender: Sender, check_circle: Callable[[Query[Any]], None]) -> None:
        self._sender = sender
        self._check_circle = check_circle
        self.tags: dict[str, None] = {}

    @property
    def deps(self) -> Any:
        """The dependencies of the store."""
        return self._sender.around.dependencies

    async def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        """GET a path below the base URL; the parsed JSON of the answer, None for an empty one.

        Raises:
            ApiCallError: for any other answer than success, and for none.
        """
        return await self._sender.send("GET", path, params, None)

    async def post(self, path: str, json: Any = None, *, params: dict[str, Any] | None = None) -> Any:
        """POST JSON to a path. As `get`, without retries."""
        return await self._sender.send("POST", path, params, json)

    async def put(self, path: str, json: Any = None, *, params: dict[str, Any] | None = None) -> Any:
        """PUT JSON to a path. As `post`."""
        return await self._sender.send("PUT", path, params, json)

    async def patch(self, path: str, json: Any = None, *, params: dict[str, Any] | None = None) -> Any:
        """PATCH a path with JSON. As `post`."""
        return await self._sender.send("PATCH", path, params, json)

    async def delete(self, path: str, params: dict[str, Any] | None = None, *, json: Any = None) -> Any:
        """DELETE a path. As `post`."""
        return await self._sender.send("DELETE", path, params, json)

    async def query(self, query: Query[T]) -> T:
        """The data of another query: cached, shared, and what they are about this answer is about as well.

        Raises:
            ApiCallError: when its call failed.
            TypeError: for what is no query, or for one that waits for this one.
        """
        if not isinstance(query, Query):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"call.query takes a query, such as get_user(7), not {query!r:.100}."
            raise TypeError(msg)
        self._check_circle(query)
        core = self._sender.around.scheduler.core
        door = door_in(core, query.api)
        known = door.fresh(query)
        if known is None:
            data: T = await wait_for(door.fetch(query), None, lambda future: door.give_up(query, future))
        else:
            data = known.data
        state = query.api.find_state(self._sender.around.state.value)
        record = state.records.get(query.cache_key)
        self.tags.update(dict.fromkeys(() if record is None else record.tags))
        return data
