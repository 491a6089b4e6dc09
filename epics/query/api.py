"""An api: the endpoints of a server, a slice of the state, and the epic that does the work."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar

from reactivex import Observable

from ...actions import Action, LoginSuccess, Logout, RefreshFailure, SignIn
from ...reducers import Reducer
from ...store import ActionStream, StateStream
from ...store.slice_format import Format
from . import actions as its
from . import entries, layers, session
from .call import Call
from .door import Doors
from .endpoint import Endpoint, InfiniteEndpoint, MutationEndpoint, QueryEndpoint, check_patience
from .epic import epic_of
from .mutation import Mutation, MutationAction
from .place import Place
from .query import QueryAction
from .saved import QueryFormat
from .state import QueryState
from .tag import Tag

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A", bound=Action)


class _Inherited(float):
    """A number of seconds that an endpoint has from its api."""


_INHERITED = _Inherited()

Function = Callable[Concatenate[Call, P], Awaitable[T]]


class Api(Reducer[QueryState]):
    """The endpoints of a server. It is a reducer, so a slice like any other; `epic` does its work.

    Args:
        name: of the slice, and the first half of its actions' types.
        stale_after: seconds for which data are fresh; None for as long as nobody invalidates them.
        keep_unused: seconds for which data are kept that nobody watches.

    Raises:
        ValueError: for negative seconds.

    See https://redux-toolkit.js.org/rtk-query/api/createApi

    Examples:
        >>> from rxdux import Store
        >>> api = Api("api")
        >>> @api.query()
        ... async def get_sum(call: Call, a: int, b: int) -> int:
        ...     return a + b
        >>> with Store(api, epics=[api.epic]) as store:
        ...     with get_sum(1, 2).watch(store) as watch:
        ...         store.wait_idle(5)
        ...         watch.result.data
        3
    """

    def __init__(self, name: str, *, stale_after: float | None = None, keep_unused: float = 60.0) -> None:
        if not isinstance(name, str) or not name.isidentifier():  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"An api takes the name of its slice, such as Api('api'), not {name!r:.100}."
            raise TypeError(msg)
        check_patience("stale_after", stale_after)
        check_patience("keep_unused", keep_unused)
        super().__init__(QueryState(name))
        self.name = name
        self.stale_after = stale_after
        self.keep_unused = keep_unused
        self.endpoints: dict[str, Endpoint] = {}
        self.doors = Doors()
        self.find_state = Place(name).find
        self.epic: Callable[[ActionStream, StateStream[Any], Any], Observable[Action]] = epic_of(self)
        self._handle_actions()

    # --- endpoints -------------------------------------------------------------------------------

    def query(
        self,
        *,
        provides: Iterable[Tag[Any]] = (),
        stale_after: float | None = _INHERITED,
        keep_unused: float = _INHERITED,
        every: float | None = None,
        session: bool = True,
    ) -> Callable[[Function[P, T]], QueryEndpoint[P, T]]:
        """Decorate a coroutine function that asks the server: its arguments are the query, its annotation is the schema.

        Args:
            provides: what the answer is about; of a tag of a model also each one that is found in it.
            stale_after: seconds for which data are fresh; by default those of the api.
            keep_unused: seconds for which data are kept that nobody watches; `math.inf` for ever.
            every: seconds from an answer to the next call, while watched.
            session: False for data that are the same for all users: they are kept when the session ends.

        Raises:
            TypeError: for what is no endpoint's function, and for what are no tags.
            ValueError: for an endpoint of a name that the api has, and for negative seconds.
        """

        def decorate(function: Function[P, T]) -> QueryEndpoint[P, T]:
            return self._add(
                QueryEndpoint(
                    self,
                    function,
                    provides=provides,
                    stale_after=self._seconds(stale_after, self.stale_after),
                    keep_unused=self._seconds(keep_unused, self.keep_unused) or 0.0,
                    every=every,
                    session=session,
                )
            )

        return decorate

    def infinite(
        self,
        *,
        max_pages: int | None = None,
        provides: Iterable[Tag[Any]] = (),
        stale_after: float | None = _INHERITED,
        keep_unused: float = _INHERITED,
        every: float | None = None,
        session: bool = True,
    ) -> Callable[[Callable[Concatenate[Call, Any, P], Awaitable[T]]], InfiniteEndpoint[P, T]]:
        """Decorate a coroutine function that asks for one page: its second parameter is the page, None for the first.

        Args:
            max_pages: how many are kept; by default all.

        Raises:
            TypeError: as `query`.
            ValueError: as `query`, and for `max_pages` below 1.
        """

        def decorate(function: Callable[Concatenate[Call, Any, P], Awaitable[T]]) -> InfiniteEndpoint[P, T]:
            return self._add(
                InfiniteEndpoint(
                    self,
                    function,
                    max_pages=max_pages,
                    provides=provides,
                    stale_after=self._seconds(stale_after, self.stale_after),
                    keep_unused=self._seconds(keep_unused, self.keep_unused) or 0.0,
                    every=every,
                    session=session,
                )
            )

        return decorate

    def mutation(
        self,
        *,
        invalidates: Iterable[Tag[Any]] = (),
        updates: Iterable[Tag[Any]] = (),
        scope: str | None = None,
        offline: bool = False,
    ) -> Callable[[Function[P, T]], MutationEndpoint[P, T]]:
        """Decorate a coroutine function that changes something at the server.

        Args:
            invalidates: what is old when it has succeeded.
            updates: tags of models: each one in the answer takes the place of the one with its id.
            scope: mutations of one scope run one after the other.
            offline: whether it waits for a network where there is none.

        Raises:
            TypeError: for what is no endpoint's function, and for what are no tags of that kind.
            ValueError: for an endpoint of a name that the api has.
        """

        def decorate(function: Function[P, T]) -> MutationEndpoint[P, T]:
            return self._add(
                MutationEndpoint(self, function, invalidates=invalidates, updates=updates, scope=scope, offline=offline)
            )

        return decorate

    def _add(self, endpoint: "E") -> "E":
        older = self.endpoints.get(endpoint.name)
        is_redefined = older is not None and _is_redefined(older, endpoint)
        if older is not None and not is_redefined:
            msg = f"The api {self.name!r} has an endpoint {endpoint.name!r} already: {older!r}. Give one of them another name."
            raise ValueError(msg)
        self.endpoints[endpoint.name] = endpoint
        return endpoint

    @staticmethod
    def _seconds(given: float | None, inherited: float | None) -> float | None:
        return inherited if given is _INHERITED else given

    def slice_format(self, name: str) -> Format:
        """How the slice is saved: only endpoints know the types of their data."""
        return QueryFormat(name, self)

    # --- the reducer -----------------------------------------------------------------------------

    def _handle_actions(self) -> None:
        self.on(its.Started)(self._own(entries.started))
        self.on(its.Succeeded)(self._own(entries.succeeded))
        self.on(its.Failed)(self._own(entries.failed))
        self.on(its.Cancelled)(self._own(entries.cancelled))
        self.on(its.Removed)(self._own(lambda state, action: entries.removed(state, action.key)))
        self.on(its.Streamed)(self._own(entries.streamed))
        self.on(its.Seeded)(self._own(entries.seeded))
        self.on(its.Invalidate)(lambda state, action: entries.invalidated(state, action.tags))
        self.on(Mutation)(self._begin)
        self.on(its.MutationSucceeded)(self._own(lambda state, action: layers.done(state, action.run_id, action.data)))
        self.on(its.MutationFailed)(self._own(lambda state, action: layers.failed(state, action.run_id, action.error)))
        self.on(its.MutationPaused)(self._own(lambda state, action: layers.waiting(state, action.run_id, "paused")))
        self.on(its.MutationResumed)(self._own(lambda state, action: layers.waiting(state, action.run_id, "loading")))
        self.on(its.Online)(lambda state, _: state if state.online else state.replace(online=True))
        self.on(its.Offline)(lambda state, _: state.replace(online=False) if state.online else state)
        self.on(its.Focused)(lambda state, _: state if state.focused else state.replace(focused=True))
        self.on(its.Blurred)(lambda state, _: state.replace(focused=False) if state.focused else state)
        self.on(SignIn, LoginSuccess, Logout, RefreshFailure)(session.session_changed)

    def _own(self, change: Callable[[QueryState, Any], QueryState]) -> Callable[[QueryState, Any], QueryState]:
        """The change, for what concerns this api; another one in the store has its own."""

        def reduce(state: QueryState, action: QueryAction | MutationAction) -> QueryState:
            asked = action.query if isinstance(action, QueryAction) else action.mutation
            return change(state, action) if asked.api is self else state

        return reduce

    def _begin(self, state: QueryState, action: Mutation[Any]) -> QueryState:
        return layers.begun(state, action) if action.api is self else state

    def __repr__(self) -> str:
        return f"Api({self.name!r}, endpoints={list(self.endpoints)})"


E = TypeVar("E", bound=Endpoint)


def _is_redefined(older: Endpoint, newer: Endpoint) -> bool:
    """A reloaded module or a notebook cell run again replaces its endpoints."""
    return (older.__module__, older.__qualname__) == (newer.__module__, newer.__qualname__)
