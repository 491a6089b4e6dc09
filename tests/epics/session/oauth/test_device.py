"""Sign-in by device code: what the server may say, and what comes of it."""

import time
from typing import Any

import pytest

from rxdux import (
    AuthState,
    DataState,
    LoginFailure,
    LoginSuccess,
    Logout,
    Session,
    SignIn,
    State,
    auth_reducer,
    combine_reducers,
    create_api_store,
    data_reducer,
)
from rxdux.oauth import (
    DeviceCodeIssued,
    DevicePolled,
    OAuthBackend,
    SignInState,
    sign_in_reducer,
    sign_in_reducer_of,
)

from .authority import Answer, Authority
from .conftest import TOKENS, Opens

PENDING = Answer({"error": "authorization_pending"}, 400)
SLOW_DOWN = Answer({"error": "slow_down"}, 400)
GONE = Answer(status=0)


async def test_the_code_is_shown_and_asked_about(authority: Authority, opened: Opens, patience: float) -> None:
    """The state has what a screen needs; each question counts; afterwards it is empty again."""
    authority.answer("/token", PENDING, PENDING, Answer(TOKENS))
    async with opened(scope="openid", parameters={"audience": "people"}) as session:
        session.store.dispatch(SignIn())
        shown = await session.store.wait_for(lambda state: state.sign_in.user_code and state.sign_in, patience)
        assert isinstance(shown.sign_in, SignInState)
        assert shown.sign_in.user_code == "WDJB-MJHT"
        assert shown.sign_in.verification_uri == f"{authority.url}/enter"
        assert shown.sign_in.verification_uri_complete == f"{authority.url}/enter?code=WDJB-MJHT"
        assert shown.sign_in.interval == 0.1
        await session.settle()
        assert session.types() == [
            "SIGN_IN",
            "DEVICE_CODE_ISSUED",
            "DEVICE_POLLED",
            "DEVICE_POLLED",
            "LOGIN_SUCCESS",
        ]
        assert session.store.state.auth.status == "signed_in"
        assert session.store.state.sign_in == SignInState()
    assert authority.forms("/device") == [{"client_id": "my-app", "scope": "openid", "audience": "people"}]
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    assert authority.forms("/token")[0] == {
        "client_id": "my-app",
        "grant_type": grant,
        "device_code": "a-device-code",
    }


async def test_slow_down_adds_five_seconds(authority: Authority, opened: Opens, patience: float) -> None:
    """For this question and all that follow (RFC 8628, section 3.5)."""
    authority.answer("/token", SLOW_DOWN)
    async with opened() as session:
        session.store.dispatch(SignIn())
        state = await session.store.wait_for(lambda state: state.sign_in.polls == 1 and state, patience)
        assert state.sign_in.interval == pytest.approx(5.1)
        session.store.dispatch(Logout())
    assert len(authority.forms("/token")) == 1


async def test_a_network_that_goes_away_is_waited_for(authority: Authority, opened: Opens, patience: float) -> None:
    """The pause doubles, and is as before once the server is back (RFC 8628, section 3.5)."""
    authority.answer("/token", GONE, Answer(b"<html>", 502), PENDING, Answer(TOKENS))
    async with opened() as session:
        session.store.dispatch(SignIn())
        await session.store.wait_for(lambda state: state.auth.status == "signed_in", patience)
        polls = [action for action in session.log if isinstance(action, DevicePolled)]
        assert [(poll.answer, poll.interval) for poll in polls] == [
            ("unavailable", 0.2),
            ("unavailable", 0.4),
            ("authorization_pending", 0.1),
        ]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "The sign-in was declined. (access_denied)"),
        ("expired_token", "The code has expired. Please start again. (expired_token)"),
        (
            "invalid_client",
            "The server does not accept this program. Check client_id, client_secret and auth_method. (invalid_client)",
        ),
    ],
)
async def test_a_refusal_ends_it_in_words(authority: Authority, opened: Opens, error: str, words: str) -> None:
    """No question follows."""
    authority.answer("/token", PENDING, Answer({"error": error}, 400))
    async with opened() as session:
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert session.store.state.auth.error == words
        assert session.store.state.sign_in == SignInState()
    assert len(authority.forms("/token")) == 2


async def test_a_code_that_expires_ends_it(authority: Authority, opened: Opens) -> None:
    """The server need not say so."""
    authority.answer("/token", PENDING)
    authority.answer(
        "/device",
        Answer(
            {
                "device_code": "d",
                "user_code": "u",
                "verification_uri": authority.url,
                "expires_in": 0.25,
                "interval": 0.1,
            }
        ),
    )
    async with opened() as session:
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.store.state.auth.error == "The code has expired. Please start again."
    assert 1 <= len(authority.forms("/token")) <= 3


async def test_logout_stops_the_questions(authority: Authority, opened: Opens, patience: float) -> None:
    """And the sign-in after it has a code of its own."""
    authority.answer("/token", PENDING)
    async with opened() as session:
        session.store.dispatch(SignIn())
        await session.store.wait_for(lambda state: state.sign_in.polls == 2, patience)
        session.store.dispatch(Logout())
        await session.settle()
        asked = len(authority.forms("/token"))
        assert session.store.state.sign_in == SignInState()
        assert session.count(LoginFailure) == 0
        authority.answer("/token", Answer(TOKENS))
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.count(LoginSuccess) == 1
        assert len(authority.forms("/token")) == asked + 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"device_code": None}, "it lacks a usable device_code."),
        ({"user_code": ""}, "it lacks a usable user_code."),
        ({"verification_uri": "javascript:alert(1)"}, "it lacks a usable verification_uri."),
        ({"verification_uri": "https://id.test/\u202edevice"}, "it lacks a usable verification_uri."),
    ],
)
async def test_an_answer_that_makes_no_sense_is_told(
    authority: Authority, opened: Opens, change: dict[str, Any], words: str
) -> None:
    """Nothing of it is shown to the user."""
    usable = {"device_code": "d", "user_code": "u", "verification_uri": authority.url, "expires_in": 60}
    authority.answer("/device", Answer({**usable, **change}))
    async with opened() as session:
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.store.state.auth.error.endswith(words)
        assert session.count(DeviceCodeIssued) == 0


async def test_a_code_for_a_terminal_has_no_control_characters(
    authority: Authority, opened: Opens, patience: float
) -> None:
    """Nor is Google's older name of the address a hindrance; without an interval it is 5 s; an address too much is left out."""
    answer = {"device_code": "d", "user_code": "AB\x1b[31mCD\n", "verification_url": authority.url, "expires_in": "60"}
    authority.answer("/device", Answer({**answer, "verification_uri_complete": "file:///etc/passwd"}))
    async with opened() as session:
        session.store.dispatch(SignIn())
        state = await session.store.wait_for(lambda state: state.sign_in.user_code and state, patience)
        assert state.sign_in.user_code == "AB [31mCD"
        assert (state.sign_in.verification_uri, state.sign_in.interval) == (authority.url, 5.0)
        assert state.sign_in.verification_uri_complete is None
        assert 50 < state.sign_in.expires_at - time.time() <= 60
        session.store.dispatch(Logout())


async def test_a_server_without_this_flow_is_told(authority: Authority, opened: Opens) -> None:
    """By the name that its metadata lacks."""
    authority.describe(device_authorization_endpoint=None)
    async with opened() as session:
        session.store.dispatch(SignIn())
        await session.settle()
        assert "device_authorization_endpoint" in session.store.state.auth.error


class TwoSessions(State):
    auth: AuthState
    data: DataState
    sign_in: SignInState
    billing: AuthState
    billing_sign_in: SignInState


async def test_two_sessions_sign_in_beside_each_other(authority: Authority, patience: float) -> None:
    """Each shows its own code, and Logout of one leaves the other waiting."""
    authority.answer("/token", PENDING)
    billing = Session("billing", authority.url, backend=device_backend(authority))
    reducer = combine_reducers(
        TwoSessions,
        auth=auth_reducer,
        data=data_reducer,
        sign_in=sign_in_reducer,
        billing=billing.reducer,
        billing_sign_in=sign_in_reducer_of("billing"),
    )
    async with create_api_store(
        authority.url, backend=device_backend(authority), reducer=reducer, epics=billing.epics
    ) as store:
        store.dispatch(SignIn(session="billing"))
        await store.wait_for(lambda state: state.billing_sign_in.polls, patience)
        assert store.state.sign_in == SignInState()
        store.dispatch(SignIn())
        await store.wait_for(lambda state: state.sign_in.polls, patience)
        store.dispatch(Logout())
        polls = store.state.billing_sign_in.polls
        await store.wait_for(lambda state: state.billing_sign_in.polls > polls, patience)
        assert store.state.sign_in == SignInState()
        authority.answer("/token", Answer(TOKENS))
        await store.wait_for(lambda state: state.billing.status == "signed_in", patience)
        assert (store.state.auth.status, store.state.billing_sign_in) == ("signed_out", SignInState())


def device_backend(authority: Authority) -> OAuthBackend:
    return OAuthBackend(issuer=authority.url, client_id="my-app", flow="device")
