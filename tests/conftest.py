"""What all tests share: a real server, stores that are closed again, and a log of actions."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rxdux import Action, ApiState, Login, RefreshPolicy, Store, StoreError, create_api_store
from rxdux.demo.server import DemoServer

PATIENCE = 20.0  # seconds that a test waits for a thing that should come at once


@pytest.fixture
def server() -> Iterator[DemoServer]:
    """The demo's server. Its tokens live long: tests expire them when they want to."""
    with DemoServer(token_life=600.0) as serving:
        yield serving


class Session:
    """A signed-in store, the actions that it saw, and the errors that it reported."""

    def __init__(self, store: Store[ApiState]) -> None:
        self.store = store
        self.log: list[Action] = []
        self.errors: list[StoreError] = []
        store.actions.subscribe(self.log.append)

    def types(self, *classes: type[Action]) -> list[str]:
        return [action.type for action in self.log if not classes or isinstance(action, classes)]

    def count(self, cls: type[Action]) -> int:
        return sum(isinstance(action, cls) for action in self.log)

    async def sign_in(self, username: str = "ada", password: str = "lovelace") -> None:
        self.store.dispatch(Login(username=username, password=password))
        await self.store.wait_for(lambda state: state.auth.status == "signed_in", PATIENCE)
        await self.settle()

    async def settle(self) -> None:
        await self.store.idle(PATIENCE)


@pytest.fixture
def patience() -> float:
    return PATIENCE


@pytest.fixture
def quick() -> RefreshPolicy:
    """A policy that does not wait long between retries."""
    return RefreshPolicy(backoff_initial=0.01, backoff_max=0.02)


@pytest.fixture
def open_session(quick: RefreshPolicy) -> Callable[..., Any]:
    """Opens a store on a server, signed in, with an empty log and an empty count."""

    @asynccontextmanager
    async def opened(server: DemoServer, *, sign_in: bool = True, **options: Any) -> AsyncIterator[Session]:
        errors: list[StoreError] = []
        options.setdefault("policy", quick)
        async with create_api_store(server.url, on_error=errors.append, **options) as store:
            session = Session(store)
            session.errors = errors
            if sign_in:
                await session.sign_in()
                session.log.clear()
                server.api.count.clear()
            yield session
        assert not errors
        assert asyncio.all_tasks() == {asyncio.current_task()}

    return opened
