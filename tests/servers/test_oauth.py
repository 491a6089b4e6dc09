"""All ways in that OAuth 2 has, and the ways out, at npm's oidc-provider."""

import asyncio
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
    LoginFailure,
    Logout,
    State,
    auth_reducer,
    combine_reducers,
    create_api_store,
    data_reducer,
)

from ..conftest import PATIENCE, Session
from .browser import Browser
from .running import RunningServer

oauth = pytest.importorskip("rxdux.oauth", reason="there is no rxdux.oauth yet")

METHODS = {
    "public": None,
    "public-jwt": None,
    "basic": "client_secret_basic",
    "post": "client_secret_post",
    "key-jwt": "private_key_jwt",
}
SCOPE = "openid offline_access people"


class AppState(State):
    auth: AuthState
    data: DataState
    sign_in: Any


@asynccontextmanager
async def opened(server: RunningServer, flow: str, client_id: str = "public", **more: Any) -> AsyncIterator[Session]:
    """A store of this flow, signed out."""
    options: dict[str, Any] = {
        "issuer": server.url,
        "client_id": client_id,
        "client_secret": server.facts["secrets"][client_id],
        "flow": flow,
        "scope": "people" if flow == "service" else SCOPE,
        **more,
    }
    if METHODS[client_id] is not None:
        options["auth_method"] = METHODS[client_id]
    reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, sign_in=oauth.sign_in_reducer)
    async with create_api_store(server.url, backend=oauth.OAuthBackend(**options), reducer=reducer) as store:
        yield Session(store)


async def go_to_the_browser(session: Session, act: str = "approve") -> None:
    """What the user does while the program waits: opens the address that is shown, and says yes or no."""
    shown = await session.store.wait_for(address_shown, PATIENCE)
    with Browser() as browser:
        await asyncio.to_thread(getattr(browser, act), address_shown(shown))


def address_shown(state: AppState) -> str | None:
    return state.sign_in.verification_uri_complete or state.sign_in.url


async def sign_in(session: Session, flow: str) -> None:
    store = session.store
    store.dispatch(Login(username="ada", password="lovelace") if flow == "password" else rxdux.SignIn())
    if flow in ("device", "browser"):
        await go_to_the_browser(session)
    await store.wait_for(lambda state: state.auth.status == "signed_in", PATIENCE)
    await session.settle()


QUICK = {"device-public", "browser-public-jwt", "password-basic", "device-post", "browser-key-jwt"}
"""Each flow and each kind of client; the slow tests have each with each."""
WAYS = [
    pytest.param(flow, client_id, id=name, marks=() if name in QUICK else pytest.mark.slow)
    for flow in ("device", "browser", "password")
    for client_id in METHODS
    for name in [f"{flow}-{client_id}"]
]


@pytest.mark.parametrize(("flow", "client_id"), WAYS)
async def test_a_user_comes_in_and_goes_out(oidc_provider: RunningServer, flow: str, client_id: str) -> None:
    """By each flow, as each kind of client: fifty expired fetches cause one refresh, and logout revokes."""
    async with opened(oidc_provider, flow, client_id) as session:
        await sign_in(session, flow)
        oidc_provider.expire()
        for n in range(50):
            session.store.dispatch(FetchData(key=f"people {n}", path="/people"))
        await session.settle()
        assert session.count(FetchSuccess) == 50
        assert session.store.state.data["people 0"].data["for"] == "ada"
        counts = oidc_provider.counts
        assert (counts["login"], counts["refresh"]) == (1, 1)
        session.store.dispatch(Logout())
        await session.settle()
        assert oidc_provider.counts["revoke"] >= 1
        assert session.store.state.auth.status == "signed_out"


@pytest.mark.parametrize("client_id", ["basic", "post", "key-jwt"])
async def test_a_service_asks_anew(oidc_provider: RunningServer, client_id: str) -> None:
    """Client credentials bring no refresh token: fifty expired fetches cause one further token request."""
    async with opened(oidc_provider, "service", client_id) as session:
        await sign_in(session, "service")
        oidc_provider.expire()
        for n in range(50):
            session.store.dispatch(FetchData(key=f"people {n}", path="/people"))
        await session.settle()
        assert session.count(FetchSuccess) == 50
        assert session.store.state.data["people 0"].data["for"] == client_id
        assert oidc_provider.counts["service"] == 2


@pytest.mark.parametrize("flow", ["device", "browser"])
async def test_the_user_says_no(oidc_provider: RunningServer, flow: str) -> None:
    """Signed out, in words, and nothing is left running."""
    async with opened(oidc_provider, flow) as session:
        session.store.dispatch(rxdux.SignIn())
        await go_to_the_browser(session, "refuse")
        await session.store.wait_for(lambda state: state.auth.status == "signed_out", PATIENCE)
        await session.settle()
        assert session.store.state.auth.error
        assert session.count(LoginFailure) == 1


@pytest.mark.parametrize("client_id", ["basic", "post"])
async def test_a_wrong_client_secret_does_not_blame_the_password(oidc_provider: RunningServer, client_id: str) -> None:
    """It is the program's fault, and told so."""
    async with opened(oidc_provider, "password", client_id, client_secret="wrong") as session:
        session.store.dispatch(Login(username="ada", password="lovelace"))
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert "password" not in session.store.state.auth.error


@pytest.mark.parametrize("flow", ["device", "browser"])
async def test_logout_ends_a_sign_in_that_is_under_way(oidc_provider: RunningServer, flow: str) -> None:
    """Nobody is signed in later, whatever the user does in the browser."""
    async with opened(oidc_provider, flow) as session:
        session.store.dispatch(rxdux.SignIn())
        await session.store.wait_for(address_shown, PATIENCE)
        session.store.dispatch(Logout())
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert "login" not in oidc_provider.counts
