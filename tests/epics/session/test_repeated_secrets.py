"""A server that repeats what it was sent: its words are shown, cleaned, and without the secrets in them."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rxdux import Action, Login, PasswordBackend, RefreshToken, SessionRefused, SessionUnavailable, create_api_store
from rxdux.epics.session.shown_text import secrets_in
from rxdux.oauth import OAuthBackend

from .conftest import Lab

PASSWORD, PROGRAM = "hunter 2&more", "program-secret"
GIVEN = Login(username="ada", password=PASSWORD)


def password(lab: Lab) -> PasswordBackend:
    return PasswordBackend("/echo", client_id="me", client_secret=PROGRAM)


def oauth(lab: Lab) -> OAuthBackend:
    return OAuthBackend(
        issuer=lab.url,
        client_id="me",
        client_secret=PROGRAM,
        auth_method="client_secret_basic",
        flow="password",
        endpoints={"token_endpoint": f"{lab.url}/echo"},
    )


def echo(request: Request, user: str | None) -> Response:
    """The form as it came, and the program's secret in the clear, with what a terminal would obey before it."""
    basic = base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode()
    form = request._body.decode().partition("&")[2]
    return JSONResponse({"error": f"{form} {basic}"[-99:], "error_description": f"\x1b[2J{form}\n{basic}"}, 400)


@pytest.mark.parametrize("make", [password, oauth])
async def test_no_secret_of_a_call_is_shown(lab: Lab, make: Callable[[Lab], Any]) -> None:
    """Neither in an action, nor in the state: not the password, the refresh token or the program's secret."""
    lab.instead = echo
    seen: list[str] = []

    def note(action: Action) -> None:
        seen.append(f"{action!r} {action.serialize()}")

    async with create_api_store(lab.url, backend=make(lab)) as store:
        store.actions.subscribe(note)
        store.dispatch(GIVEN)
        await store.wait_for(lambda state: state.auth.status == "signed_out", 20)
        assert "***" in store.state.auth.error
        tokens = {"access_token": "access-token-1", "refresh_token": "refresh/token+1"}
        lab.instead = lambda *_: JSONResponse(tokens)
        store.dispatch(GIVEN)
        await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
        lab.instead = echo
        store.dispatch(RefreshToken())
        await store.wait_for(lambda state: state.auth.status == "signed_out", 20)
        seen.append(store.state.auth.error)
        await store.idle(20)
    for secret in (PASSWORD, "hunter", PROGRAM, "refresh/token+1", "refresh%2Ftoken", "\x1b", "\n"):
        assert [each for each in seen if secret in each] == []


@pytest.mark.parametrize("kind", [SessionRefused, SessionUnavailable])
async def test_the_words_of_a_backend_are_cleaned(lab: Lab, kind: Any) -> None:
    """Whatever it puts into them."""

    class Careless(PasswordBackend):
        async def sign_in(self, action: Any, tell: Any) -> Any:
            word = action.password.get_secret_value()
            raise kind(f"No\x1b[2J {word} {'x' * 5000}", code=f"no {word}")

    async with create_api_store(lab.url, backend=Careless()) as store:
        store.dispatch(GIVEN)
        await store.wait_for(lambda state: state.auth.status == "signed_out", 20)
        assert store.state.auth.error.startswith("No [2J *** xxx")
        assert len(store.state.auth.error) < 1100


def test_what_is_secret_in_a_header() -> None:
    """As it is, and in the form that it stands for."""
    basic = base64.b64encode(b"me:a%20word").decode()
    found = {each.get_secret_value() for each in secrets_in({"Authorization": SecretStr(f"Basic {basic}")})}
    assert found == {f"Basic {basic}", basic, "a%20word", "a word"}
    assert {each.get_secret_value() for each in secrets_in([SecretStr("Bearer t-1")])} == {"Bearer t-1", "t-1"}
