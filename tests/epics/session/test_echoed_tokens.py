"""A server, or an exception, that repeats a token: no error, log, state or export of a session shows it."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rxdux import (
    ApiCallError,
    FetchData,
    History,
    Login,
    PasswordBackend,
    RefreshToken,
    SessionRefused,
    TokenSet,
    create_api_store,
)
from rxdux.epics.session.known_secrets import KEPT, KnownSecrets
from rxdux.epics.session.shown_text import forms_of, secrets_in

from .conftest import Lab, sign_in

ISSUED = ["access-1", "refresh-1", "access-2", "refresh-2", "access-3", "refresh-3"]


async def test_no_token_that_the_session_has_had_is_in_an_error(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """The answer has all of them: in texts, names, lists, and as JSON within JSON; a form's password is in it too."""
    caplog.set_level(logging.DEBUG)

    def echo(request: Request, user: str | None) -> Response:
        headers = dict(request.headers)
        said = {"headers": headers, "body": request._body.decode(), "field": "taken", "code": f"no {ISSUED[0]}"}
        known = {token: [token, f"https://x.test/?t={token}", {"deep": json.dumps(token)}] for token in ISSUED}
        return JSONResponse({**said, **known}, 422)

    async with create_api_store(lab.url) as store:
        history = History(store)
        await sign_in(store)
        for _ in range(2):
            store.dispatch(RefreshToken())
            await store.idle(20)
        lab.instead = echo
        store.dispatch(FetchData(key="form", path="/form", method="POST", body={"word": SecretStr("hunter2-hunter2")}))
        await store.idle(20)
        error = store.state.data["form"].error
        assert error.data["headers"]["authorization"] == "Bearer ***"
        assert (error.data["field"], error.data["***"][1]) == ("taken", "https://x.test/?t=***")
        with pytest.raises(ApiCallError) as raised:
            await store.dependencies.api.get("/x", store.state.auth.tokens)
        shown = [repr(store.state), store.state.model_dump_json(), history.export(), repr(raised.value), caplog.text]
        shown += [repr(raised.value.error), repr(history.entries)]
    for secret in (*ISSUED, "hunter2"):
        assert [text for text in shown if secret in text] == []


async def test_a_redirect_with_a_token_in_it(lab: Lab) -> None:
    """Its address is said, and cut short, without it."""
    lab.instead = lambda *_: Response(status_code=302, headers={"Location": f"/{'x' * 190}?t=access-1"})
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        store.dispatch(FetchData(key="x", path="/x"))
        await store.idle(20)
        message = store.state.data["x"].error.message
    assert "redirects to /xxx" in message
    assert "access" not in message


class Careless(PasswordBackend):
    """Puts what it was given into the text of what it raises."""

    def authorize(self, request: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
        msg = f"{'x' * 990}\n{tokens!r} {tokens.access_token.get_secret_value()}"
        raise LookupError(msg)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        msg = f"no {tokens.refresh_token.get_secret_value() if tokens.refresh_token else ''} for access-1"
        raise SessionRefused(msg)


async def test_the_text_of_what_a_backend_raises_is_shown_without_tokens(lab: Lab) -> None:
    """Its type is said, and as much of its text as is left."""
    async with create_api_store(lab.url, backend=Careless()) as store:
        history = History(store)
        await sign_in(store)
        store.dispatch(FetchData(key="x", path="/x"))
        await store.idle(20)
        message = store.state.data["x"].error.message
        assert message.startswith("The request could not be made: LookupError: xxx")
        store.dispatch(RefreshToken())
        await store.idle(20)
        assert store.state.auth.error == "no *** for ***"
        assert [each for each in ISSUED if each[:-1] in message + history.export()] == []


async def test_what_is_nested_without_end_is_not_taken_in(lab: Lab) -> None:
    """Neither as data nor in an error: the error says so, and the history can still be written."""
    deep: Any = 1
    for _ in range(200):
        deep = {"a": [deep]}
    status = 200
    lab.instead = lambda *_: JSONResponse(deep, status)
    async with create_api_store(lab.url) as store:
        history = History(store)
        await sign_in(store)
        for status in (200, 422):
            store.dispatch(FetchData(key=str(status), path="/x"))
            await store.idle(20)
        errors = [store.state.data[key].error for key in ("200", "422")]
        assert [each.kind for each in errors] == ["invalid_response", "client"]
        assert {each.data for each in errors} == {None}
        assert all("nested deeper than 100" in each.message for each in errors)
        history.load(history.export())


def test_what_came_beside_the_tokens_is_secret_by_its_name() -> None:
    """An ID token and a cookie are, the user's name is not."""
    extra = {
        "id_token": "an-id-token",
        "user": {"name": "ada lovelace", "csrf": ["of-the-form"]},
        "token_type_x": "abcdef",
    }
    tokens = TokenSet(access_token="the-access", refresh_token="the-refresh", extra=extra)
    forms = forms_of(secrets_in([tokens, Login(username="ada", password="a word")]))
    assert {"the-access", "the-refresh", "an-id-token", "of-the-form", "a word", "a+word"} <= set(forms)
    assert not {"ada", "ada lovelace", "abcdef"} & set(forms)


def test_the_newest_tokens_are_remembered() -> None:
    """And not one more than so many."""
    known = KnownSecrets()
    for n in range(KEPT + 1):
        known.note(TokenSet(access_token=f"access-{n:03}"))
    assert known.hiding()([f"access-{n:03}" for n in (0, 1, KEPT)]) == ["access-000", "***", "***"]
