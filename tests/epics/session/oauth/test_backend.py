"""A session at an OAuth server: refresh, revocation, refusals, and that no secret shows."""

import logging
import threading
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from rxdux import FetchData, Login, LoginSuccess, Logout, RefreshFailure, RefreshPolicy, RefreshToken, SignIn
from rxdux.oauth import OAuthBackend

from ....conftest import PATIENCE
from ....servers.places import until
from .authority import OPENID, Answer, Authority
from .conftest import TOKENS, Opens

ISSUER = "https://id.example.com"
SERVICE: dict[str, Any] = {"flow": "service", "client_secret": "a-client-secret"}
PASSWORD: dict[str, Any] = {"flow": "password"}
ADA = Login(username="ada", password="love-lace")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"flow": "implicit"}, "flow must be one of device, browser, service, password, not 'implicit'."),
        ({"issuer": "id.example.com"}, "issuer must be an absolute URL"),
        ({"issuer": "https://ada:secret@id.example.com"}, "not 'id.example.com'"),
        ({"issuer": "https://id.example.com?a=b"}, "without user, query and fragment"),
        ({"client_id": ""}, "client_id must be the name"),
        ({"flow": "service"}, "flow='service' needs client_secret"),
        ({"auth_method": "client_secret_post"}, "auth_method='client_secret_post' needs client_secret."),
        ({"auth_method": "none", "client_secret": "x"}, "is for a program without client_secret"),
        ({"auth_method": "tls_client_auth", "client_secret": "x"}, "auth_method must be one of"),
        ({"auth_method": "private_key_jwt", "client_secret": "no key"}, "needs a private key as client_secret"),
        ({"auth_method": "private_key_jwt", "client_secret": '{"kty": "oct", "k": "AAAA"}'}, "needs a private key"),
        ({"endpoints": {"token": "https://x"}}, "endpoints takes"),
        ({"endpoints": {"token_endpoint": "/token"}}, "endpoints['token_endpoint']: it must be an absolute"),
        ({"redirect_uri": "https://app.example.com/callback"}, "redirect_uri must be on this machine"),
        ({"redirect_uri": "http://127.0.0.1:x/"}, "redirect_uri must be on this machine"),
        ({"patience": 0}, "patience must be more than 0"),
        ({"client_secret": "-----BEGIN PRIVATE KEY-----"}, "client_secret is a private key"),
        ({"parameters": {"state": "mine"}}, "'state' is not yours to give there"),
        ({"client": httpx.AsyncClient(auth=("a", "b"))}, "The client has an auth of its own"),
    ],
)
def test_what_cannot_work_is_told_at_the_door(options: dict[str, Any], words: str) -> None:
    """What was wrong, what came, what to do; and no secret."""
    with pytest.raises(ValueError, match=r".") as caught:
        OAuthBackend(**{"issuer": ISSUER, "client_id": "my-app", "flow": "device", **options})
    assert words in str(caught.value)
    assert "secret@" not in str(caught.value)


def test_its_repr_has_no_secret() -> None:
    """Nor has a `SecretStr` to be unpacked for it."""
    backend = OAuthBackend(issuer=ISSUER, client_id="my-app", client_secret=SecretStr("hush"), flow="service")
    assert repr(backend) == "<OAuthBackend 'service' of 'my-app' at https://id.example.com>"


async def test_an_action_that_does_not_fit_the_flow_is_told(opened: Opens) -> None:
    """A password is not left out in silence, and not looked for in vain."""
    for options, action, words in [
        ({"flow": "device"}, ADA, "signs in with SignIn(), not with LOGIN."),
        (PASSWORD, SignIn(), "signs in with Login(username=..., password=...), not with SIGN_IN."),
    ]:
        async with opened(**options) as session:
            session.store.dispatch(action)
            await session.settle()
            assert session.store.state.auth.error.endswith(words)


async def test_a_service_asks_anew_instead_of_refreshing(authority: Authority, opened: Opens) -> None:
    """It has no refresh token, and needs none."""
    authority.answer("/token", Answer({"access_token": "first"}), Answer({"access_token": "second"}))
    async with opened(**SERVICE, scope="people") as session:
        session.store.dispatch(SignIn())
        await session.settle()
        session.store.dispatch(RefreshToken())
        await session.settle()
        auth = session.store.state.auth
        assert (auth.status, auth.tokens.access_token.get_secret_value()) == ("signed_in", "second")
    assert authority.forms("/token") == [{"grant_type": "client_credentials", "scope": "people"}] * 2


async def test_a_service_asks_ahead_of_the_expiry(authority: Authority, opened: Opens) -> None:
    """As others refresh: before anything fails."""
    short = {"access_token": "short", "expires_in": 0.4}
    ahead = RefreshPolicy(refresh_before_expiry=60)
    authority.answer("/token", Answer(short), Answer({"access_token": "long", "expires_in": 600}))
    async with opened(**SERVICE, policy=ahead) as session:
        session.store.dispatch(SignIn())
        await session.store.wait_for(lambda state: state.auth.refreshes == 1, PATIENCE)
        assert session.store.state.auth.tokens.access_token.get_secret_value() == "long"


async def test_a_session_without_refresh_token_ends_in_words(authority: Authority, opened: Opens) -> None:
    """Nobody is asked in vain."""
    authority.answer("/token", Answer({"access_token": "only"}))
    async with opened(**PASSWORD) as session:
        session.store.dispatch(ADA)
        await session.settle()
        session.store.dispatch(RefreshToken())
        await session.settle()
        assert session.store.state.auth.error == "Your session has ended. Please sign in again."
    assert len(authority.forms("/token")) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer({"error": "invalid_grant"}, 400), "The user name or the password is wrong."),
        (
            Answer({"error": "invalid_client", "error_description": "bad\tlove-lace\x07"}, 401),
            "The server does not accept this program. Check client_id, client_secret and auth_method. (invalid_client: bad ***)",
        ),
        (
            Answer({"error": "unauthorized_client"}, 400),
            "The server does not let this program sign in in this way. Check flow",
        ),
        (Answer({"error": "invalid_scope"}, 400), "The server does not grant this scope. Check scope. (invalid_scope)"),
        (Answer({**TOKENS, "token_type": "DPoP"}), "a token of type 'DPoP', which cannot be sent as Bearer"),
        (Answer({"token_type": "bearer"}), "without a usable access token"),
        (Answer({"access_token": "a b"}), "without a usable access token"),
        (Answer({"error": "invalid_grant"}), "The user name or the password is wrong."),
        (Answer(b"", 307, {"Location": "/elsewhere"}), "redirects a call, which is not followed"),
        (Answer(b"<html>", 403), "The answer is not that of an authorization server. (HTTP 403)"),
        (Answer({"error": "server_error"}, 500), "Please try again later. (server_error, HTTP 500)"),
        (Answer(b"[" * 100_000, 200), "The answer is not that of an authorization server."),
        (Answer(b"{" + b" " * 2_000_000 + b"}"), "more than 1048576 bytes"),
    ],
)
async def test_a_sign_in_that_fails_says_why(authority: Authority, opened: Opens, answer: Answer, words: str) -> None:
    """`invalid_client` never blames the password; what was sent is not repeated; nothing follows a redirect."""
    authority.answer("/token", answer)
    authority.answer("/elsewhere", Answer(TOKENS))
    async with opened(**PASSWORD) as session:
        session.store.dispatch(ADA)
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert words in session.store.state.auth.error
        assert session.store.state.auth.tokens is None
    assert authority.forms("/elsewhere") == []


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client"])
async def test_a_program_that_is_refused_keeps_its_session(authority: Authority, opened: Opens, error: str) -> None:
    """It is the program's fault: told once, and nobody has to sign in again."""
    authority.answer("/token", Answer(TOKENS), Answer({"error": error}, 401))
    async with opened(**PASSWORD) as session:
        session.store.dispatch(ADA)
        await session.settle()
        session.store.dispatch(RefreshToken())
        await session.settle()
        (failure,) = [action for action in session.log if isinstance(action, RefreshFailure)]
        assert (failure.permanent, failure.error.code) == (False, error)
        assert session.store.state.auth.status == "signed_in"
    assert len(authority.forms("/token")) == 2


async def test_logout_revokes_as_the_program(authority: Authority, opened: Opens) -> None:
    """With its own authentication, the refresh token first (RFC 7009, section 2.1)."""
    authority.describe(token_endpoint_auth_methods_supported=["client_secret_post"])
    async with opened(flow="password", client_secret="a-client-secret") as session:
        session.store.dispatch(ADA)
        await session.settle()
        session.store.dispatch(Logout())
        await session.settle()
        assert session.errors == []
    assert authority.forms("/revoke") == [
        {
            "client_id": "my-app",
            "client_secret": "a-client-secret",
            "token": "a-refresh-token",
            "token_type_hint": "refresh_token",
        }
    ]


@pytest.mark.parametrize(
    "answer", [Answer({"error": "unsupported_token_type"}, 400), Answer(b"", 503), Answer(status=0)]
)
async def test_a_revocation_that_fails_is_reported(authority: Authority, opened: Opens, answer: Answer) -> None:
    """The user is signed out all the same."""
    authority.answer("/revoke", answer)
    async with opened(**SERVICE) as session:
        session.store.dispatch(SignIn())
        await session.settle()
        session.store.dispatch(Logout())
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        (error,) = session.errors
        assert "could not be revoked" in str(error)
        assert "a-refresh-token" not in f"{error!r} {error.__cause__!r}"


async def test_a_server_without_revocation_is_not_told(authority: Authority, opened: Opens) -> None:
    """Its tokens die of age, and nobody is bothered with that."""
    authority.describe(revocation_endpoint=None)
    async with opened(**SERVICE) as session:
        session.store.dispatch(SignIn())
        await session.settle()
        session.store.dispatch(Logout())
        await session.settle()
        assert session.errors == []


async def test_logout_while_the_tokens_are_on_their_way(authority: Authority, opened: Opens) -> None:
    """The server has issued them already: they are revoked, and nobody is signed in."""
    held = threading.Event()
    authority.answer("/token", Answer(TOKENS, held=held))
    async with opened(**PASSWORD) as session:
        session.store.dispatch(ADA)
        await until(lambda: len(authority.forms("/token")) == 1)
        session.store.dispatch(Logout())
        held.set()
        await until(lambda: len(authority.forms("/revoke")) == 1)
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert session.types() == ["LOGIN", "LOGOUT"]
    assert authority.forms("/revoke")[0]["token"] == "a-refresh-token"


@pytest.mark.parametrize(
    ("options", "action", "path"),
    [
        ({"flow": "device"}, SignIn(), OPENID),
        ({"flow": "device"}, SignIn(), "/device"),
        ({"flow": "device"}, SignIn(), "/token"),
        ({"flow": "browser"}, SignIn(), OPENID),
        (SERVICE, SignIn(), OPENID),
        (SERVICE, SignIn(), "/token"),
        (PASSWORD, ADA, OPENID),
    ],
)
async def test_logout_in_the_middle_of_any_call(
    authority: Authority, opened: Opens, options: dict[str, Any], action: SignIn, path: str
) -> None:
    """Nobody comes in, nothing is asked afterwards but to revoke, and the next sign-in works."""
    held = threading.Event()
    (answer,) = authority.answers(path)
    authority.answer(path, replace(answer, held=held), answer)
    async with opened(**options) as session:
        session.store.dispatch(action)
        await until(lambda: path in [each.path for each in authority.asked])
        asked = len(authority.asked)
        session.store.dispatch(Logout())
        held.set()
        await session.settle()
        assert session.count(LoginSuccess) == 0
        assert session.store.state.auth.status == "signed_out"
        assert {each.path for each in authority.asked[asked:]} <= {"/revoke"}
        session.store.dispatch(action)
        await session.store.wait_for(lambda state: state.auth.status == "signed_in" or state.sign_in.url, PATIENCE)


async def test_no_secret_is_in_any_log(authority: Authority, opened: Opens, caplog: pytest.LogCaptureFixture) -> None:
    """Not at the finest level of any library, not in an action, not in the state, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    secrets = ["a-client-secret", "love-lace", "an-access-token", "a-refresh-token"]
    async with opened(flow="password", client_secret="a-client-secret") as session:
        session.store.dispatch(ADA)
        await session.settle()
        repeated = {"error": "invalid_grant", "error_description": "love-lace a-client-secret"}
        authority.answer("/token", Answer(repeated, 400))
        repeated = {"error": "invalid_token", "error_description": "a-refresh-token a-client-secret"}
        authority.answer("/revoke", Answer(repeated, 400))
        session.store.dispatch(FetchData(key="people", path="/people"))
        session.store.dispatch(Logout())
        await session.settle()
        session.store.dispatch(ADA)
        await session.settle()
        shown = [repr(session.log), repr(session.store.state), repr(session.errors), caplog.text]
        shown += [str(error.__cause__) for error in session.errors]
    assert caplog.text
    assert not [secret for secret in secrets for text in shown if secret in text]
