"""A server, and stores on it."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rxdux import (
    Action,
    AuthState,
    Login,
    RefreshPolicy,
    State,
    Store,
    StoreError,
    auth_reducer,
    combine_reducers,
    create_api_store,
)
from rxdux.query import Api, QueryState

from .backend import Backend

PATIENCE = 20.0


class AppState(State):
    auth: AuthState
    api: QueryState


@pytest.fixture
def backend() -> Iterator[Backend]:
    with Backend() as serving:
        yield serving


class Session:
    """A store, the actions that it saw, and the errors that it reported."""

    def __init__(self, store: Store[AppState]) -> None:
        self.store = store
        self.log: list[Action] = []
        self.errors: list[StoreError] = []
        store.actions.subscribe(self.log.append)

    @property
    def types(self) -> list[str]:
        return [action.type for action in self.log]

    async def settle(self) -> None:
        await self.store.idle(PATIENCE)

    async def sign_in(self, username: str = "ada") -> None:
        self.store.dispatch(Login(username=username, password="secret"))
        await self.store.wait_for(lambda state: state.auth.status == "signed_in", PATIENCE)
        await self.settle()

    def result(self, query: Any) -> Any:
        return query(self.store.state)


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for something that no store tells of, such as what a server has noticed."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)


@pytest.fixture
def open_store() -> Callable[..., Any]:
    """Opens a store on a server, with an api; it fails the test on errors that nobody expected, and on what is left."""

    @asynccontextmanager
    async def opened(backend: Backend, api: Api, *, may_fail: bool = False, **options: Any) -> AsyncIterator[Session]:
        errors: list[StoreError] = []
        options.setdefault("policy", RefreshPolicy(backoff_initial=0.01, backoff_max=0.02))
        options.setdefault("reducer", combine_reducers(AppState, auth=auth_reducer, api=api))
        epics = (api.epic, *options.pop("epics", ()))
        async with create_api_store(backend.url, epics=epics, on_error=errors.append, **options) as store:
            session = Session(store)
            session.errors = errors
            yield session
        assert may_fail or not errors
        await until(lambda: asyncio.all_tasks() == {asyncio.current_task()}, 5)

    return opened


def new_api(name: str = "api", **options: Any) -> Api:
    options.setdefault("keep_unused", math.inf)
    return Api(name, **options)
