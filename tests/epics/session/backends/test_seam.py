"""The seam: whatever a backend does, the session around it keeps its promises."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from rxdux import (
    Action,
    ApiError,
    FetchData,
    Login,
    LoginFailure,
    LoginSuccess,
    Logout,
    PasswordBackend,
    RefreshFailure,
    RefreshPolicy,
    Session,
    SessionAuth,
    SessionRefused,
    SessionUnavailable,
    SignIn,
    TokenSet,
    create_api_store,
)

QUICK = RefreshPolicy(backoff_initial=0.001, backoff_max=0.002, cool_off=0)


class Progress(Action):
    step: int


class ByCode(SignIn):
    code: str


class Scripted:
    """A backend of no server: it issues what it is told to, and notes what it was asked."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.asked: list[str] = []
        self.instead: Callable[[], TokenSet] | None = None
        self.hold: asyncio.Event | None = None

    def issue(self) -> TokenSet:
        return TokenSet.model_validate(self.server.issuer.log_in("ada", "lovelace").tokens)

    async def answer(self, what: str) -> TokenSet:
        self.asked.append(what)
        if self.hold is not None:
            try:
                await self.hold.wait()
            except asyncio.CancelledError:
                self.asked.append("cancelled")
                raise
        return self.issue() if self.instead is None else self.instead()

    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        tell(Progress(step=1))
        await asyncio.to_thread(tell, Progress(step=2))
        return await self.answer(action.type)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        return await self.answer("refresh")

    async def revoke(self, tokens: TokenSet) -> None:
        self.asked.append("revoke")


def raising(error: Exception) -> Callable[[], TokenSet]:
    def instead() -> TokenSet:
        raise error

    return instead


async def test_a_backend_of_ones_own(server: Any, open_session: Any) -> None:
    """It signs in by an action of its own, tells its progress, is asked once for fifty fetches, and revokes at logout."""
    backend = Scripted(server)
    async with open_session(server, backend=backend, sign_in=False) as session:
        session.store.dispatch(ByCode(code="42"))
        await session.store.wait_for(lambda state: state.auth.status == "signed_in", 20)
        server.issuer.expire_access_tokens()
        for n in range(50):
            session.store.dispatch(FetchData(key=str(n), path="/me"))
        await session.settle()
        assert {each.status for each in session.store.state.data.values()} == {"success"}
        session.store.dispatch(Logout())
        await session.settle()
        assert session.types(ByCode, Progress, LoginSuccess) == ["BY_CODE", "PROGRESS", "PROGRESS", "LOGIN_SUCCESS"]
        assert backend.asked == ["BY_CODE", "refresh", "revoke"]


@pytest.mark.parametrize("action", [SignIn(), Login(username="ada", password="x")], ids=lambda action: action.type)
async def test_logout_cancels_a_sign_in(server: Any, open_session: Any, action: SignIn) -> None:
    """Whatever way it goes; nothing is left running, and nobody is signed in later."""
    backend = Scripted(server)
    backend.hold = asyncio.Event()
    async with open_session(server, backend=backend, sign_in=False) as session:
        session.store.dispatch(action)
        while not backend.asked:
            await asyncio.sleep(0.01)
        session.store.dispatch(Logout())
        await session.settle()
        assert backend.asked == [action.type, "cancelled"]
        assert session.store.state.auth.status == "signed_out"
        assert session.count(LoginSuccess) == session.count(LoginFailure) == 0


SIGN_IN: dict[str, tuple[Exception, str, str]] = {
    "in the backend's words": (SessionRefused("Ask your boss."), "unauthorized", "Ask your boss."),
    "a wrong password": (
        SessionRefused(code="invalid_grant"),
        "unauthorized",
        "The user name or the password is wrong.",
    ),
    "another code": (
        SessionRefused(code="invalid_scope"),
        "unauthorized",
        "The server did not accept the sign-in (invalid_scope).",
    ),
    "passing": (SessionUnavailable("Closed on Sundays."), "server", "Closed on Sundays."),
    "the network": (httpx.ConnectError("no"), "network", "The server cannot be reached. (ConnectError)"),
}


@pytest.mark.parametrize(("error", "kind", "words"), SIGN_IN.values(), ids=SIGN_IN)
async def test_a_sign_in_that_fails(server: Any, open_session: Any, error: Exception, kind: str, words: str) -> None:
    """Is told in words for a person."""
    backend = Scripted(server)
    backend.instead = raising(error)
    async with open_session(server, backend=backend, sign_in=False) as session:
        session.store.dispatch(Login(username="ada", password="x"))
        await session.settle()
        (failure,) = [action for action in session.log if isinstance(action, LoginFailure)]
        assert (failure.error.kind, failure.error.message) == (kind, words)
        assert session.store.state.auth.error == words


REFRESH: dict[str, tuple[Exception, int, bool, ApiError]] = {
    "refused": (
        SessionRefused(code="invalid_grant"),
        1,
        True,
        ApiError(kind="session_expired", message="Your session has ended. Please sign in again.", code="invalid_grant"),
    ),
    "unavailable": (
        SessionUnavailable("Later.", retry_after=0.001),
        4,
        False,
        ApiError(kind="server", message="Later.", retry_after=0.001),
    ),
    "the program is refused": (
        SessionUnavailable("No.", code="invalid_client"),
        1,
        False,
        ApiError(kind="server", message="No.", code="invalid_client"),
    ),
    "the network": (
        httpx.ReadTimeout("secret-in-its-text"),
        4,
        False,
        ApiError(kind="timeout", message="The server took too long to answer."),
    ),
}


@pytest.mark.parametrize("name", REFRESH)
async def test_a_refresh_that_fails(server: Any, open_session: Any, name: str) -> None:
    """What is final ends the session; what may pass is asked again, and keeps the tokens."""
    error, calls, permanent, told = REFRESH[name]
    backend = Scripted(server)
    async with open_session(server, backend=backend, policy=QUICK) as session:
        server.issuer.expire_access_tokens()
        backend.instead = raising(error)
        session.store.dispatch(FetchData(key="me", path="/me"))
        await session.settle()
        (failure,) = [action for action in session.log if isinstance(action, RefreshFailure)]
        assert (failure.permanent, failure.error) == (permanent, told)
        assert backend.asked.count("refresh") == calls
        assert session.store.state.auth.status == ("signed_out" if permanent else "signed_in")


async def test_a_mistake_in_a_backend(server: Any, open_session: Any) -> None:
    """Its place is told, its text is not: that might be a secret. No fetch is left loading."""
    backend = Scripted(server)
    async with open_session(server, backend=backend, policy=QUICK) as session:
        server.issuer.expire_access_tokens()
        backend.instead = raising(KeyError("the-secret"))
        session.store.dispatch(FetchData(key="me", path="/me"))
        await session.settle()
        message = session.store.state.data["me"].error.message
        assert message.startswith("The backend failed: KeyError at test_seam.py:")
        assert "secret" not in message
        assert session.store.state.auth.status == "signed_in"


class WithCookies(Scripted):
    def authorize(self, request: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
        return {"X-Session": f"{request.method} {tokens.access_token.get_secret_value()}"}


async def test_a_backend_says_how_requests_are_authorised(server: Any) -> None:
    """Those of the API client and of SessionAuth, anew for each replay."""
    seen: list[tuple[str | None, str | None]] = []

    def api(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers.get("x-session"), request.headers.get("authorization")))
        return httpx.Response(200 if len(seen) in (2, 3) else 401, json={})

    class Numbered(WithCookies):
        def issue(self) -> TokenSet:
            return TokenSet(access_token=f"token-{len(self.asked)}", refresh_token="r", token_type="DPoP")

    backend = Numbered(server)
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(api)) as client,
        create_api_store("http://api.test", client=client, backend=backend) as store,
        httpx.AsyncClient(transport=httpx.MockTransport(api), auth=SessionAuth(store)) as other,
    ):
        store.dispatch(SignIn())
        await store.idle(20)
        store.dispatch(FetchData(key="x", path="/x"))
        await store.idle(20)
        assert (await other.get("http://api.test/x")).status_code == 200
    assert seen == [("GET token-1", None), ("GET token-2", None), ("GET token-2", None)]


async def test_a_token_of_another_type_is_never_sent_as_bearer(server: Any) -> None:
    """Neither when it is issued, nor when it comes from elsewhere; the error says what to do."""
    sent: list[httpx.Request] = []

    def api(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    backend = Scripted(server)
    proof = TokenSet(access_token="a", token_type="DPoP")
    backend.instead = lambda: proof
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(api)) as client,
        create_api_store("http://api.test", client=client, backend=backend) as store,
    ):
        store.dispatch(SignIn())
        await store.idle(20)
        assert "'DPoP'" in store.state.auth.error
        assert "authorize" in store.state.auth.error
        store.dispatch(LoginSuccess(tokens=proof))
        store.dispatch(FetchData(key="x", path="/x"))
        await store.idle(20)
        assert "authorize" in store.state.data["x"].error.message
    assert sent == []


async def test_a_failed_revocation_is_reported(server: Any) -> None:
    """To on_error, and the user is signed out all the same."""

    class Stubborn(Scripted):
        async def revoke(self, tokens: TokenSet) -> None:
            raise SessionUnavailable("No revocations today.")

    reported: list[Exception] = []
    async with create_api_store(server.url, backend=Stubborn(server), on_error=reported.append) as store:
        for _ in range(15):
            store.dispatch(SignIn())
            await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
            store.dispatch(Logout())
            await store.idle(20)
        assert store.state.auth.status == "signed_out"
    assert len(reported) == 15
    assert str(reported[0]).endswith("could not be revoked: No revocations today.")


def test_paths_go_into_the_backend(server: Any) -> None:
    """They would be ignored beside one."""
    with pytest.raises(ValueError, match="go into the backend"):
        create_api_store(server.url, backend=Scripted(server), token_path="/oauth/token")


def test_a_client_with_an_auth_of_its_own_is_refused(server: Any) -> None:
    """It would go in place of the session's token."""
    with pytest.raises(ValueError, match="auth of its own"):
        create_api_store(server.url, client=httpx.AsyncClient(auth=("ada", "lovelace")))


def test_a_backend_of_one_server_is_not_given_to_another() -> None:
    """It would send the passwords of one to the other; the same server, and a URL of its own, are well."""
    backend = PasswordBackend()
    create_api_store("https://a.test", backend=backend)
    create_api_store("https://a.test", backend=backend)
    with pytest.raises(ValueError, match=r"speaks to https://a.test already.*Make a PasswordBackend for each session"):
        Session("billing", "https://b.test", backend=backend)
    shared = PasswordBackend(base_url="https://id.test")
    create_api_store("https://a.test", backend=shared)
    Session("billing", "https://b.test", backend=shared)
