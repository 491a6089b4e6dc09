"""rxdux.oauth at django-oauth-toolkit, which describes itself by RFC 8414 alone, and not its device endpoint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import rxdux
from rxdux import (
    AuthState,
    DataState,
    FetchData,
    FetchSuccess,
    Login,
    Logout,
    RefreshToken,
    SignIn,
    State,
    StoreError,
    auth_reducer,
    combine_reducers,
    create_api_store,
    data_reducer,
)
from rxdux.oauth import OAuthBackend, SignInState, sign_in_reducer

from ..conftest import PATIENCE, Session
from .running import RunningServer

pytestmark = pytest.mark.slow

SECRET = "a secret: 100 % & more+"


class AppState(State):
    auth: AuthState
    data: DataState
    sign_in: SignInState


@asynccontextmanager
async def opened(server: RunningServer, **options: Any) -> AsyncIterator[Session]:
    device = {"device_authorization_endpoint": f"{server.url}/o/device-authorization/"}
    backend = OAuthBackend(issuer=server.url, endpoints=device, **options)
    reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, sign_in=sign_in_reducer)
    errors: list[StoreError] = []
    async with create_api_store(server.url, backend=backend, reducer=reducer, on_error=errors.append) as store:
        session = Session(store)
        session.errors = errors
        yield session


async def fetch_fifty_with_an_expired_token(session: Session, server: RunningServer) -> None:
    server.expire()
    for n in range(50):
        session.store.dispatch(FetchData(key=f"people {n}", path="/people"))
    await session.settle()
    assert session.count(FetchSuccess) == 50
    assert server.counts["refresh"] == 1


@pytest.mark.parametrize("auth_method", ["client_secret_basic", "client_secret_post"])
async def test_a_confidential_program_with_a_password(oauth_toolkit: RunningServer, auth_method: Any) -> None:
    """In, fifty expired fetches, one refresh, out with a revocation."""
    async with opened(
        oauth_toolkit, client_id="confidential", client_secret=SECRET, flow="password", auth_method=auth_method
    ) as session:
        session.store.dispatch(Login(username="ada", password="lovelace"))
        await session.settle()
        await fetch_fifty_with_an_expired_token(session, oauth_toolkit)
        session.store.dispatch(Logout())
        await session.settle()
        assert oauth_toolkit.counts["revoke"] == 1
        assert session.errors == []


async def test_a_service_asks_anew(oauth_toolkit: RunningServer) -> None:
    """One call for each token."""
    async with opened(oauth_toolkit, client_id="service", client_secret=SECRET, flow="service") as session:
        session.store.dispatch(SignIn())
        await session.settle()
        session.store.dispatch(RefreshToken())
        await session.settle()
        assert session.store.state.auth.status == "signed_in"
        assert oauth_toolkit.counts == {"service": 2}


async def test_a_device_comes_in(oauth_toolkit: RunningServer) -> None:
    """Once the user has said yes; then all is as with other sessions."""
    async with opened(oauth_toolkit, client_id="device", flow="device") as session:
        session.store.dispatch(SignIn())
        state = await session.store.wait_for(lambda state: state.sign_in.polls and state, PATIENCE)
        oauth_toolkit.answer(state.sign_in.user_code, "authorized")
        await session.store.wait_for(lambda state: state.auth.status == "signed_in", PATIENCE)
        await fetch_fifty_with_an_expired_token(session, oauth_toolkit)


async def test_a_device_is_declined(oauth_toolkit: RunningServer) -> None:
    """Told in words, and not asked about again."""
    async with opened(oauth_toolkit, client_id="device", flow="device") as session:
        session.store.dispatch(SignIn())
        state = await session.store.wait_for(lambda state: state.sign_in.user_code and state, PATIENCE)
        oauth_toolkit.answer(state.sign_in.user_code, "denied")
        await session.store.wait_for(lambda state: state.auth.status == "signed_out", PATIENCE)
        assert session.store.state.auth.error.startswith("The sign-in was declined.")


async def test_a_revocation_that_the_server_refuses_is_reported(oauth_toolkit: RunningServer) -> None:
    """It does not know the program; the user is signed out all the same, and no token is in the report."""
    async with opened(oauth_toolkit, client_id="confidential", client_secret=SECRET, flow="password") as session:
        session.store.dispatch(Login(username="ada", password="lovelace"))
        await session.settle()
        tokens = session.store.state.auth.tokens
    async with opened(oauth_toolkit, client_id="confidential", client_secret="wrong", flow="password") as session:
        session.store.dispatch(rxdux.LoginSuccess(tokens=tokens))
        session.store.dispatch(Logout())
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        (error,) = session.errors
        assert "invalid_client" in str(error)
        assert tokens.refresh_token.get_secret_value() not in f"{error!r} {error.__cause__!r}"
