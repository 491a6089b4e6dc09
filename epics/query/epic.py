"""The epic of an api: it connects the actions with the work."""

import concurrent.futures
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable

from ...actions import Action, LoginSuccess, Logout, RefreshFailure, SignIn
from ...store import ActionStream, StateStream
from ...store.engine.scheduler import EpicScheduler
from ..operators.of_type import of_type
from ..session.errors import ApiCallError
from ..session.one_session import AUTH
from . import actions as its
from .door import HasDoors
from .mutation import Mutation, MutationAction
from .mutations import MutationWork
from .queries import QueryWork
from .query import More, Query, QueryAction, Refetch
from .requests import Surroundings
from .result import Result
from .state import QueryState

CONCERNED: tuple[type[Action], ...] = (
    Query,
    Mutation,
    QueryAction,
    MutationAction,
    its.Invalidate,
    its.Online,
    its.Offline,
    its.Focused,
    its.Blurred,
)
Ways = dict[type[Action], Callable[[Any], None]]
"""What to do for actions of a class."""

SESSION = (SignIn, LoginSuccess, Logout, RefreshFailure)


class Work:
    """What an api does in one store."""

    def __init__(self, api: HasDoors, around: Surroundings) -> None:
        self._api = api
        self._around = around
        self._queries = QueryWork(around, self._read)
        self._mutations = MutationWork(around, self._read)
        self._dropped = self._read().dropped
        self._restorations = self._read().restorations
        self._ways: Ways = {
            **self._ways_of_queries(),
            **self._ways_of_mutations(),
            its.Online: lambda _: self._online(),
        }

    def _read(self) -> QueryState:
        return self._api.find_state(self._around.state.value)

    # --- the door, from any thread ---------------------------------------------------------------

    def watch(self, query: Query[Any], watcher: object, every: float | None) -> None:
        self._in_turn(lambda: self._queries.watch(query, watcher, every))

    def release(self, query: Query[Any], watcher: object) -> None:
        self._in_turn(lambda: self._queries.release(query, watcher))

    def fresh(self, query: Query[Any]) -> Result[Any] | None:
        return self._queries.fresh(query)

    def fetch(self, query: Query[Any]) -> "concurrent.futures.Future[Any]":
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self._in_turn(lambda: self._queries.fetch(query, future))
        return future

    def answer(self, query: Query[Any]) -> "concurrent.futures.Future[Any]":
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self._in_turn(lambda: self._queries.answer(query, future))
        return future

    def give_up(self, query: Query[Any], future: "concurrent.futures.Future[Any]") -> None:
        self._in_turn(lambda: self._queries.give_up(query, future))

    def expect(self, run_id: str) -> "concurrent.futures.Future[Any]":
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self._mutations.awaiters.setdefault(run_id, []).append(future)
        return future

    def forget(self, run_id: str, future: "concurrent.futures.Future[Any]") -> None:
        awaiters = self._mutations.awaiters.get(run_id, [])
        if future in awaiters:
            awaiters.remove(future)
            if not awaiters:
                self._mutations.awaiters.pop(run_id, None)

    def _in_turn(self, work: Callable[[], None]) -> None:
        self._around.scheduler.post(lambda: self._guarded(work))

    def _guarded(self, work: Callable[[], None]) -> None:
        """A mistake in one piece of work must not end the work on all others."""
        try:
            work()
        except Exception as error:
            self._around.scheduler.report(error, f"The api {self._api.name!r} failed: {error!r}")

    # --- actions, after the reducers -------------------------------------------------------------

    def see(self, action: Action) -> None:
        self.look_at_restored()
        way = self._ways.get(_kind_of(type(action)))
        if way is not None:
            self._guarded(lambda: way(action))

    def _ways_of_queries(self) -> "Ways":
        queries = self._queries
        return {
            Query: self._own(_itself, queries.prefetch),
            Refetch: self._own(_query_of, lambda action: queries.refetch(action.query)),
            More: self._own(_query_of, queries.more),
            its.Succeeded: self._own(_query_of, queries.settled),
            its.Failed: self._own(_query_of, queries.settled),
            its.Seeded: self._own(_query_of, lambda action: queries.seeded(action.query)),
            its.Invalidate: lambda action: queries.invalidated(action.tags),
            its.Focused: lambda _: queries.looked_at_again(),
            its.Offline: lambda _: queries.stop_polls(),
            its.Blurred: lambda _: queries.stop_polls(),
        }

    def _ways_of_mutations(self) -> "Ways":
        mutations = self._mutations

        def failed(action: its.MutationFailed) -> None:
            mutations.settled(action.mutation, None, ApiCallError(action.error))

        return {
            Mutation: self._own(_itself, mutations.asked),
            its.MutationSucceeded: self._own(
                _mutation_of, lambda action: mutations.settled(action.mutation, action.data, None)
            ),
            its.MutationFailed: self._own(_mutation_of, failed),
            its.MutationPaused: self._own(_mutation_of, lambda action: mutations.paused(action.mutation)),
            its.MutationResumed: self._own(_mutation_of, lambda action: mutations.resumed(action.mutation)),
        }

    def _own(self, asked_in: Callable[[Any], Any], do: Callable[[Any], None]) -> Callable[[Any], None]:
        """The same, for what concerns this api; another one in the store has its own."""

        def see_own(action: Any) -> None:
            if asked_in(action).api is self._api:
                do(action)

        return see_own

    def _online(self) -> None:
        self._queries.looked_at_again()
        self._mutations.online()

    def see_session(self, action: Action) -> None:
        def look() -> None:
            dropped = self._read().dropped
            if dropped != self._dropped:
                self._dropped = dropped
                self._queries.session_ended()
                self._mutations.session_ended()
            if isinstance(action, LoginSuccess) and action.session == AUTH:
                self._queries.session_began()

        self._guarded(look)

    def look_at_restored(self) -> None:
        """See to what a storage has put into the state since the store was made."""
        restorations = self._read().restorations
        if restorations == self._restorations:
            return
        self._restorations = restorations
        self._guarded(self._queries.adopt_restored)
        self._guarded(self._mutations.restored)

    def end(self) -> None:
        self._queries.end()
        self._mutations.end()


SEEN: tuple[type[Action], ...] = (
    *(Refetch, More, its.Succeeded, its.Failed, its.Seeded, QueryAction, Query),
    *(its.MutationSucceeded, its.MutationFailed, its.MutationPaused, its.MutationResumed, MutationAction, Mutation),
)
"""What classes of actions are dealt with as, the most specific first."""


@lru_cache(maxsize=1024)
def _kind_of(cls: type[Action]) -> type[Action]:
    return next((each for each in SEEN if issubclass(cls, each)), cls)


def _itself(action: Any) -> Any:
    return action


def _query_of(action: QueryAction) -> Query[Any]:
    return action.query


def _mutation_of(action: MutationAction) -> Mutation[Any]:
    return action.mutation


def epic_of(api: HasDoors) -> Callable[[ActionStream, StateStream[Any], Any], Observable[Action]]:
    """The epic that does an api's work in a store."""

    def epic(actions: ActionStream, state: StateStream[Any], dependencies: Any) -> Observable[Action]:
        def subscribe(
            observer: abc.ObserverBase[Action], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            if not isinstance(scheduler, EpicScheduler):
                msg = f"The epic of the api {api.name!r} needs a store: not virtual time. Endpoints are plain functions: test those."
                raise TypeError(msg)
            work = Work(api, Surroundings(actions, state, dependencies, scheduler, observer.on_next))
            api.doors.open(scheduler.core, work)
            restored = scheduler.schedule_relative(0.0, lambda _scheduler, _state: work.look_at_restored())

            def end() -> None:
                api.doors.close(scheduler.core, work)
                work.end()

            return CompositeDisposable(
                actions.pipe(of_type(*CONCERNED)).subscribe(work.see),
                actions.pipe(of_type(*SESSION)).subscribe(work.see_session),
                restored,
                Disposable(end),
            )

        return Observable(subscribe)

    epic.__name__ = epic.__qualname__ = f"{api.name}.epic"
    epic.needs_store = True  # pyright: ignore[reportFunctionMemberAccess] -- read by who writes tests
    return epic
