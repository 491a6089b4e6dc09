"""A scripted authorization server, and stores that sign in there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from rxdux import (
    AuthState,
    DataState,
    RefreshPolicy,
    State,
    StoreError,
    auth_reducer,
    combine_reducers,
    create_api_store,
    data_reducer,
)
from rxdux.oauth import OAuthBackend, SignInState, sign_in_reducer

from ....conftest import PATIENCE, Session
from .authority import Answer, Authority

Opens = Callable[..., AbstractAsyncContextManager[Session]]

TOKENS = {
    "access_token": "an-access-token",
    "refresh_token": "a-refresh-token",
    "token_type": "bearer",
    "expires_in": 600,
}


class AppState(State):
    auth: AuthState
    data: DataState
    sign_in: SignInState


@pytest.fixture
def authority() -> Iterator[Authority]:
    with Authority().serving() as serving:
        serving.answer("/token", Answer(TOKENS))
        serving.answer("/revoke", Answer({}))
        serving.answer(
            "/device",
            Answer(
                {
                    "device_code": "a-device-code",
                    "user_code": "WDJB-MJHT",
                    "verification_uri": f"{serving.url}/enter",
                    "verification_uri_complete": f"{serving.url}/enter?code=WDJB-MJHT",
                    "expires_in": 300,
                    "interval": 0.1,
                }
            ),
        )
        yield serving


@pytest.fixture
def opened(authority: Authority) -> Opens:
    """Opens a store with an `OAuthBackend`, signed out; afterwards nothing of it is left, no task and no complaint."""

    @asynccontextmanager
    async def opens(policy: RefreshPolicy | None = None, **options: Any) -> AsyncIterator[Session]:
        backend = OAuthBackend(**{"issuer": authority.url, "client_id": "my-app", "flow": "device", **options})
        reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, sign_in=sign_in_reducer)
        errors: list[StoreError] = []
        complaints: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
        async with create_api_store(
            authority.url, backend=backend, policy=policy, reducer=reducer, on_error=errors.append
        ) as store:
            session = Session(store)
            session.errors = errors
            yield session
        async with asyncio.timeout(PATIENCE):
            while asyncio.all_tasks() != {asyncio.current_task()}:
                await asyncio.sleep(0)  # httpx leaves an answer that is too long to the garbage collector
        assert complaints == []

    return opens
