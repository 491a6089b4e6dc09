"""What all tests share: a real server, stores that are closed again, and a log of actions."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rxdux import Action, ApiState, Login, RefreshPolicy, Store, StoreError, create_api_store
from rxdux.demo.server import DemoServer

from .closing import close_later
from .servers.devtools_server import devtools, devtools_command, devtools_server  # noqa: F401 -- fixtures
from .servers.fixtures import (  # noqa: F401 -- fixtures
    jwt_cookies,
    jwt_cookies_process,
    oauth_toolkit,
    oauth_toolkit_process,
    oauth_toolkit_with_grace,
    oauth_toolkit_with_grace_process,
    oidc_provider,
    oidc_provider_process,
    simplejwt,
    simplejwt_process,
)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell that runs the tests in the background; it is inherited
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays: to look for garbage among it, time and again, takes a sixth of the whole run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


PATIENCE = 20.0  # seconds that a test waits for a thing that should come at once


@pytest.fixture
def server() -> Iterator[DemoServer]:
    """The demo's server. Its tokens live long: tests expire them when they want to."""
    serving = DemoServer(token_life=600.0).start()
    yield serving
    close_later(serving.close)


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
